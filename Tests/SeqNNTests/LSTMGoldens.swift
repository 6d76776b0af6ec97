import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Stacks of LSTM cells against values and gradients of PyTorch.
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
        let lstm = try RecurrentStack(
            RecurrentConfiguration(), inputs: 13, hidden: isBidirectional ? 38 : 19,
            layers: isStacked ? 2 : 1, bidirectionalLayers: isBidirectional ? 2 : 0, in: scope)
        try scope.checkEverythingWasUsed()
        #expect(lstm.outputs == (isBidirectional ? 38 : 19))
        let keys = lstm.layers.indices.map { layer in
            (isBidirectional ? ["forward", "backward"] : ["forward"]).map {
                "layers.\(layer).\($0)"
            }
        }
        let initial: [[RecurrentState]]? =
            hasInitial
            ? try keys.map {
                try $0.map {
                    RecurrentState([
                        try golden("input.\($0).initial_hidden"),
                        try golden("input.\($0).initial_cell"),
                    ])
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
                variables.append(("\(key).initial_cell", state.tensors[1]))
            }
        }
        var outputs: [(String, Tensor)] = []
        let (_, gradients) = try valueAndGradient(of: variables.map(\.1)) {
            var current = input
            for (index, cells) in lstm.layers.enumerated() {
                let (output, final) = cells[0].layer(
                    current, backward: cells.count > 1 ? cells[1] : nil, initial: initial?[index])
                current = output
                for (key, state) in zip(keys[index], final) {
                    outputs.append(("\(key).final_hidden", state.hidden))
                    outputs.append(("\(key).final_cell", state.tensors[1]))
                }
            }
            outputs.append(("y", current.steps))
            var dropout = Dropout.none
            if initial == nil {
                #expect(identical(lstm(input, dropout: &dropout).output.steps, current.steps))
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
    @Test(arguments: RecurrentConfiguration.Connection.allCases)
    func stepAgainstTheWholeSequence(_ connection: RecurrentConfiguration.Connection) throws {
        let scope = ParameterScope(
            initialization: Initialization(kind: .uniform, range: 0.5),
            generator: RandomGenerator(seed: 1))
        var configuration = RecurrentConfiguration()
        configuration.connection = connection
        let lstm = try RecurrentStack(configuration, inputs: 5, hidden: 6, layers: 3, in: scope)
        let layout = SequenceLayout(lengths: [4, 4])
        let steps = Tensor.draw([8, 5], seed: 2)
        let initial = (0..<3).map {
            RecurrentState([
                .draw([2, 6], seed: 10 + UInt64($0)), .draw([2, 6], seed: 20 + UInt64($0)),
            ])
        }
        var none = Dropout.none
        let (output, final) = lstm(
            Sequences(steps, layout: layout), initial: initial, dropout: &none)
        var state = lstm.start(initial, dropout: &none)
        for time in 0..<4 {
            let input = steps.gatheringRows([Int32(time), Int32(4 + time)])
            let top = lstm.step(
                input, projected: lstm.projected(input), state: &state, dropout: &none)
            let expected = output.steps.gatheringRows([Int32(time), Int32(4 + time)])
            #expect(distance(top, expected) < 1e-6)
        }
        for (state, expected) in zip(state.layers, final) {
            for (part, whole) in zip(state.tensors, expected.tensors) {
                #expect(distance(part, whole) < 1e-6)
            }
        }
    }

    /// Dropout acts between layers, not before the first or after the last.
    @Test(arguments: [false, true]) func dropoutBetweenLayers(_ isVariational: Bool) throws {
        func run(layers: Int, rate: Float) throws -> Tensor {
            let scope = ParameterScope(
                initialization: Initialization(), generator: RandomGenerator(seed: 1))
            var configuration = RecurrentConfiguration()
            configuration.hasVariationalDropout = isVariational
            let lstm = try RecurrentStack(
                configuration, inputs: 4, hidden: 4, layers: layers, in: scope)
            var dropout = Dropout(rate: rate, generator: RandomGenerator(seed: 2))
            let input = Sequences(.draw([5, 4], seed: 3), layout: SequenceLayout(lengths: [5]))
            return lstm(input, dropout: &dropout).output.steps
        }
        #expect(identical(try run(layers: 1, rate: 0.5), try run(layers: 1, rate: 0)))
        #expect(distance(try run(layers: 2, rate: 0.5), try run(layers: 2, rate: 0)) > 1e-4)
    }

    /// One mask for all steps of a sequence, another for another sequence.
    @Test func variationalMasks() {
        var dropout = Dropout(rate: 0.5, generator: RandomGenerator(seed: 5))
        let ones = Tensor(repeating: 1, shape: [6, 32])
        let input = Sequences(ones, layout: SequenceLayout(lengths: [4, 2]))
        let dropped = dropout(input, isVariational: true).steps
        for row in 1..<4 { #expect(identical(dropped.rows(row..<row + 1), dropped.rows(0..<1))) }
        #expect(identical(dropped.rows(4..<5), dropped.rows(5..<6)))
        #expect(!identical(dropped.rows(0..<1), dropped.rows(4..<5)))
        #expect(dropped.values.allSatisfy { $0 == 0 || $0 == 2 })
    }

    /// Zoneout keeps elements of the state in training, and their mean otherwise (Krueger and others 2017).
    @Test func zoneout() throws {
        var configuration = RecurrentConfiguration()
        configuration.zoneout = 0.375
        let scope = ParameterScope(
            initialization: Initialization(), generator: RandomGenerator(seed: 1))
        let stack = try RecurrentStack(configuration, inputs: 3, hidden: 64, layers: 1, in: scope)
        let plain = try RecurrentStack(
            RecurrentConfiguration(), inputs: 3, hidden: 64, layers: 1,
            in: ParameterScope(
                initialization: Initialization(), generator: RandomGenerator(seed: 1)))
        let input = Sequences(.draw([1, 3], seed: 3), layout: SequenceLayout(lengths: [1]))
        let before = [RecurrentState([.draw([1, 64], seed: 4), .draw([1, 64], seed: 5)])]
        var none = Dropout.none
        let next = plain(input, initial: before, dropout: &none).output.steps.values
        let mean = stack(input, initial: before, dropout: &none).output.steps.values
        var random = Dropout(rate: 0, generator: RandomGenerator(seed: 6))
        let drawn = stack(input, initial: before, dropout: &random).output.steps.values
        var kept = 0
        for (index, old) in before[0].hidden.values.enumerated() {
            #expect(abs(mean[index] - (0.375 * old + 0.625 * next[index])) < 1e-6)
            if abs(drawn[index] - old) < 1e-6 { kept += 1 }
            #expect(min(abs(drawn[index] - old), abs(drawn[index] - next[index])) < 1e-6)
        }
        #expect((14...35).contains(kept))
    }
}
