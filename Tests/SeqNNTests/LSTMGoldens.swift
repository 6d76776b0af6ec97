import SeqNN
import SeqTensor
import TestSupport
import Testing

/// The LSTM module against values and gradients of PyTorch.
struct LSTMGoldens {
    @Test(arguments: ["unidirectional", "bidirectional", "stacked_bidirectional"], [true, false])
    func layers(_ kind: String, _ hasInitial: Bool) throws {
        let golden = try Golden("lstm_\(kind)\(hasInitial ? "" : "_zero_state")")
        let prefix = "parameter."
        let names = golden.file.names.filter { $0.hasPrefix(prefix) }
        let scope = ParameterScope(
            checkpoint: try checkpoint(
                try names.map {
                    let name = String($0.dropFirst(prefix.count))
                    return (
                        name.replacing("hidden_weight", with: "recurrent_weight"), try golden($0)
                    )
                }))
        let isStacked = kind.hasPrefix("stacked")
        let isBidirectional = kind != "unidirectional"
        let lstm = try LSTM(
            inputs: 13, hidden: 19, layers: isStacked ? 2 : 1, isBidirectional: isBidirectional,
            in: scope)
        try scope.checkEverythingWasUsed()
        #expect(lstm.outputs == (isBidirectional ? 38 : 19))
        let keys = lstm.layers.indices.map { layer in
            (isBidirectional ? ["forward", "backward"] : ["forward"]).map {
                "layers.\(layer).\($0)"
            }
        }
        let initial: [[LSTMState]]? =
            hasInitial
            ? try keys.map {
                try $0.map {
                    LSTMState(
                        hidden: try golden("input.\($0).initial_hidden"),
                        cell: try golden("input.\($0).initial_cell"))
                }
            } : nil
        let input = Sequences(try golden("input.x"), layout: try golden.layout("input.lengths"))
        var variables = [("x", input.steps)]
        for parameter in scope.parameters {
            variables.append(
                (
                    parameter.name.replacing("recurrent_weight", with: "hidden_weight"),
                    parameter.value
                )
            )
        }
        for (layer, states) in zip(keys, initial ?? []) {
            for (key, state) in zip(layer, states) {
                variables.append(("\(key).initial_hidden", state.hidden))
                variables.append(("\(key).initial_cell", state.cell))
            }
        }
        var outputs: [(String, Tensor)] = []
        let (_, gradients) = try valueAndGradient(of: variables.map(\.1)) {
            var dropout = Dropout.none
            let (output, final) = lstm(input, initial: initial, dropout: &dropout)
            outputs = [("y", output.steps)]
            for (layer, states) in zip(keys, final) {
                for (key, state) in zip(layer, states) {
                    outputs.append(("\(key).final_hidden", state.hidden))
                    outputs.append(("\(key).final_cell", state.cell))
                }
            }
            return try outputs.map { ($1 * (try golden.weighting($0))).sum() }.sum()
        }
        for (name, output) in outputs {
            #expect(distance(output, try golden("output.\(name)")) < 1e-6, "\(name)")
        }
        for ((name, _), gradient) in zip(variables, gradients) {
            #expect(distance(gradient, try golden("gradient.\(name)")) < 2e-6, "\(name)")
        }
        let stored = golden.file.names.filter { $0.hasPrefix("gradient.") }
        #expect(stored.count == variables.count)
    }

    /// One step of a stack is the whole-sequence form at one step.
    @Test func stepAgainstTheWholeSequence() throws {
        let scope = ParameterScope(
            initialization: Initialization(kind: .uniform, range: 0.5),
            generator: RandomGenerator(seed: 1))
        let lstm = try LSTM(inputs: 5, hidden: 6, layers: 3, in: scope)
        let layout = SequenceLayout(lengths: [4, 4])
        let steps = Tensor.draw([8, 5], seed: 2)
        let initial = (0..<3).map {
            LSTMState(
                hidden: .draw([2, 6], seed: 10 + UInt64($0)),
                cell: .draw([2, 6], seed: 20 + UInt64($0)))
        }
        var none = Dropout.none
        let (output, final) = lstm(
            Sequences(steps, layout: layout), initial: initial.map { [$0] }, dropout: &none)
        var states = initial
        for time in 0..<4 {
            let input = steps.gatheringRows([Int32(time), Int32(4 + time)])
            let top = lstm.step(input, states: &states, dropout: &none)
            let expected = output.steps.gatheringRows([Int32(time), Int32(4 + time)])
            #expect(distance(top, expected) < 1e-6)
        }
        for (state, expected) in zip(states, final) {
            #expect(distance(state.hidden, expected[0].hidden) < 1e-6)
            #expect(distance(state.cell, expected[0].cell) < 1e-6)
        }
    }

    /// Dropout acts between layers, not before the first or after the last.
    @Test func dropoutBetweenLayers() throws {
        func run(layers: Int, rate: Float) throws -> Tensor {
            let scope = ParameterScope(
                initialization: Initialization(), generator: RandomGenerator(seed: 1))
            let lstm = try LSTM(inputs: 4, hidden: 4, layers: layers, in: scope)
            var dropout = Dropout(rate: rate, generator: RandomGenerator(seed: 2))
            let input = Sequences(.draw([5, 4], seed: 3), layout: SequenceLayout(lengths: [5]))
            return lstm(input, dropout: &dropout).output.steps
        }
        #expect(identical(try run(layers: 1, rate: 0.5), try run(layers: 1, rate: 0)))
        #expect(distance(try run(layers: 2, rate: 0.5), try run(layers: 2, rate: 0)) > 1e-4)
    }
}
