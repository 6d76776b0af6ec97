import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Every recurrent cell against PyTorch or the paper's formulas, and its layer against its step.
struct RecurrentCellTests {
    /// Goldens that scripts/goldens/recurrent_cells.py makes.
    static let goldens = [
        "rnn_tanh_unidirectional", "rnn_tanh_bidirectional", "rnn_relu_unidirectional",
        "rnn_relu_bidirectional", "gru_unidirectional", "gru_bidirectional",
        "gru_original_bidirectional", "layer_norm_lstm_bidirectional",
        "layer_norm_gru_bidirectional", "sru_bidirectional", "deep_transition_gru_bidirectional",
    ]

    @Test(arguments: goldens, [false, true])
    func golden(_ name: String, _ isStepwise: Bool) throws {
        let golden = try Golden("cell_\(name)")
        let scope = ParameterScope(
            checkpoint: try checkpoint(
                try golden.file.names.filter { $0.hasPrefix("parameter.") }.map {
                    (String($0.dropFirst("parameter.".count)), try golden($0))
                }))
        let ways = name.hasSuffix("_bidirectional") ? ["forward", "backward"] : ["forward"]
        let kind = name.replacing(/_(bi|uni)directional$/, with: "")
        let cells = try ways.map {
            try Self.cell(kind, inputs: 13, hidden: 19, in: scope.scope($0))
        }
        try scope.checkEverythingWasUsed()
        let initial = try ways.map { way in
            RecurrentState(
                try (0..<cells[0].stateCount).map { try golden("input.\(way).initial.\($0)") })
        }
        let input = Sequences(try golden("input.x"), layout: try golden.layout("input.lengths"))
        var variables = [("x", input.steps)] + scope.parameters.map { ($0.name, $0.value) }
        for (way, state) in zip(ways, initial) {
            for (part, tensor) in state.tensors.enumerated() {
                variables.append(("\(way).initial.\(part)", tensor))
            }
        }
        var outputs: [(String, Tensor)] = []
        let (_, gradients) = try valueAndGradient(of: variables.map(\.1)) {
            let (output, final) = Self.run(cells, input, initial, isStepwise: isStepwise)
            outputs = [("y", output.steps)]
            for (way, state) in zip(ways, final) {
                for (part, tensor) in state.tensors.enumerated() {
                    outputs.append(("\(way).final.\(part)", tensor))
                }
            }
            return try outputs.map { ($1 * (try golden.weighting($0))).sum() }.sum()
        }
        for (name, output) in outputs {
            #expect(distance(output, try golden("output.\(name)")) < 1e-6, "\(name)")
        }
        for ((name, _), gradient) in zip(variables, gradients) {
            #expect(distance(gradient, try golden("gradient.\(name)")) < 3e-6, "\(name)")
        }
        let stored = golden.file.names.filter { $0.hasPrefix("gradient.") }
        #expect(stored.count == variables.count)
    }

    static func cell(
        _ name: String, inputs: Int, hidden: Int, in scope: ParameterScope
    ) throws -> any RecurrentCell {
        if name == "deep_transition_gru" {
            return try DeepTransitionCell(.gru, inputs: inputs, hidden: hidden, depth: 2, in: scope)
        }
        let kind = try #require(RecurrentCellKind(rawValue: name))
        return try kind.cell(inputs: inputs, hidden: hidden, in: scope)
    }

    static func run(
        _ cells: [any RecurrentCell], _ input: Sequences, _ initial: [RecurrentState]?,
        isStepwise: Bool
    ) -> (output: Sequences, final: [RecurrentState]) {
        let backward = cells.dropFirst().first
        guard isStepwise else {
            return cells[0].layer(input, backward: backward, initial: initial)
        }
        var none = Dropout.none
        return cells[0].stepwiseLayer(input, backward: backward, initial: initial, dropout: &none)
    }

    static func freshScope() -> ParameterScope {
        ParameterScope(
            initialization: Initialization(kind: .uniform, range: 0.5),
            generator: RandomGenerator(seed: 1))
    }

    /// All kinds, and transitions over two and three cells.
    static func makeCells(_ inputs: Int, _ hidden: Int) throws -> [(String, [any RecurrentCell])] {
        let scope = freshScope()
        var result: [(String, [any RecurrentCell])] = []
        for kind in RecurrentCellKind.allCases {
            let part = scope.scope(kind.rawValue)
            result.append(
                (
                    kind.rawValue,
                    try ["forward", "backward"].map {
                        try kind.cell(inputs: inputs, hidden: hidden, in: part.scope($0))
                    }
                ))
            guard kind.seesHiddenState else { continue }
            for depth in 2...3 {
                let name = "\(kind.rawValue) of depth \(depth)"
                result.append(
                    (
                        name,
                        try ["forward", "backward"].map {
                            try DeepTransitionCell(
                                kind, inputs: inputs, hidden: hidden, depth: depth,
                                in: scope.scope(name).scope($0))
                        }
                    ))
            }
        }
        return result
    }

    static func states(_ cell: any RecurrentCell, rows: Int, seed: UInt64) -> RecurrentState {
        RecurrentState(
            (0..<UInt64(cell.stateCount)).map { .draw([rows, cell.hidden], seed: seed + $0) })
    }

    /// Values and gradients of input, states and parameters.
    static func differentiated(
        _ cells: [any RecurrentCell], _ input: Sequences, _ initial: [RecurrentState]?,
        parameters: [Parameter], isStepwise: Bool
    ) -> [Tensor] {
        var outputs: [Tensor] = []
        let variables =
            [input.steps] + (initial ?? []).flatMap(\.tensors) + parameters.map(\.value)
        let (_, gradients) = valueAndGradient(of: variables) {
            let (output, final) = run(cells, input, initial, isStepwise: isStepwise)
            outputs = [output.steps] + final.flatMap(\.tensors)
            return outputs.enumerated().map {
                ($1 * Tensor.draw($1.shape, seed: 70 + UInt64($0))).sum()
            }.sum()
        }
        return outputs + gradients
    }

    @Test(arguments: RecurrentCellKind.allCases, [1, 2])
    func fusedLayerAgainstItsSteps(_ kind: RecurrentCellKind, _ directions: Int) throws {
        let scope = Self.freshScope()
        let cells = try (0..<directions).map {
            try kind.cell(inputs: 5, hidden: 6, in: scope.scope("\($0)"))
        }
        for lengths in [[4, 1, 6, 0, 3], [2], []] {
            let layout = SequenceLayout(lengths: lengths)
            let input = Sequences(.draw([layout.steps, 5], seed: 2), layout: layout)
            let states = cells.enumerated().map {
                Self.states($1, rows: lengths.count, seed: 20 + 10 * UInt64($0))
            }
            for initial in [nil, states] {
                let (fused, stepwise) = (
                    Self.differentiated(
                        cells, input, initial, parameters: scope.parameters, isStepwise: false),
                    Self.differentiated(
                        cells, input, initial, parameters: scope.parameters, isStepwise: true)
                )
                for (a, b) in zip(fused, stepwise) { #expect(distance(a, b) < 5e-6, "\(lengths)") }
            }
        }
    }

    /// What a sequence gets does not depend on the others, to the bit.
    @Test(arguments: Precision.allCases) func batchComposition(_ precision: Precision) throws {
        let lengths = (0..<40).map { 1 + ($0 * 7) % 6 }
        let layout = SequenceLayout(lengths: lengths)
        let steps = Tensor.draw([layout.steps, 5], seed: 2)
        for (name, cells) in try Self.makeCells(5, 6) {
            Precision.$current.withValue(precision) {
                let initial = cells.enumerated().map {
                    Self.states($1, rows: 40, seed: 20 + 10 * UInt64($0))
                }
                let all = Self.run(
                    cells, Sequences(steps, layout: layout), initial, isStepwise: false)
                for chosen in [[0], [39], [5, 3], Array(10..<37)] {
                    let sequences = chosen.map(Int32.init)
                    let rows = chosen.flatMap { layout.rows(of: $0).map(Int32.init) }
                    let part = Sequences(
                        steps.gatheringRows(rows),
                        layout: SequenceLayout(lengths: chosen.map { lengths[$0] }))
                    let found = Self.run(
                        cells, part, initial.map { $0.gatheringRows(sequences) }, isStepwise: false)
                    #expect(
                        identical(found.output.steps, all.output.steps.gatheringRows(rows)),
                        "\(name)")
                    for (a, b) in zip(found.final, all.final) {
                        for (x, y) in zip(a.tensors, b.gatheringRows(sequences).tensors) {
                            #expect(identical(x, y), "\(name)")
                        }
                    }
                }
            }
        }
    }

    /// Finite differences of two steps, with a further input and with a mask on the state; normalised
    /// layers of few elements bend too much for them.
    @Test func stepGradient() throws {
        let (inputs, width, rows) = (3, 2, 3)
        for (name, cells) in try Self.makeCells(inputs, 9) where !name.hasPrefix("rnn_relu") {
            let cell = cells[0]
            let variables =
                [
                    Tensor.draw([rows, inputs], seed: 1), .draw([rows, width], seed: 2),
                    .draw([width, cell.projectedWidth], seed: 3),
                    .draw([rows, cell.hidden], seed: 4),
                ] + Self.states(cell, rows: rows, seed: 5).tensors
            let report = checkGradient(of: variables, elements: 12, step: 0.005) { v in
                let projected = cell.projected(v[0])
                let extra = [(input: v[1], weight: v[2])]
                let first = cell.step(
                    projected, extra: extra, state: RecurrentState(Array(v[4...])), mask: nil)
                return cell.step(projected, extra: [], state: first, mask: v[3]).tensors
            }
            #expect(report.error < 2e-3, "\(name): \(report)")
        }
    }

    /// Further inputs are as good as more columns of the input.
    @Test(arguments: RecurrentCellKind.allCases)
    func furtherInputsAddToTheInput(_ kind: RecurrentCellKind) throws {
        let scope = Self.freshScope()
        let cell = try kind.cell(inputs: 7, hidden: 4, in: scope)
        let weight = try #require(scope.parameters.first { $0.name == "input_weight" }).value
        let input = Tensor.draw([3, 7], seed: 1)
        let state = Self.states(cell, rows: 3, seed: 2)
        let whole = cell.step(cell.projected(input), extra: [], state: state, mask: nil)
        var parts = scope.parameters.map { ($0.name, $0.value) }
        parts.removeAll { $0.0 == "input_weight" }
        parts.append(("input_weight", weight.rows(0..<5)))
        let narrow = try kind.cell(
            inputs: 5, hidden: 4,
            in: ParameterScope(checkpoint: try checkpoint(parts)))
        let divided = narrow.step(
            narrow.projected(input.columns(0..<5)),
            extra: [
                (input.columns(5..<6), weight.rows(5..<6)),
                (input.columns(6..<7), weight.rows(6..<7)),
            ], state: state, mask: nil)
        for (a, b) in zip(whole.tensors, divided.tensors) { #expect(distance(a, b) < 1e-6) }
    }

    /// A cell without inputs does what one does whose inputs are zero.
    @Test(arguments: RecurrentCellKind.allCases)
    func cellsWithoutInputs(_ kind: RecurrentCellKind) throws {
        let scope = Self.freshScope()
        let cell = try kind.cell(inputs: 5, hidden: 4, in: scope)
        let others = scope.parameters.filter { $0.name != "input_weight" }
        let rest = ParameterScope(checkpoint: try checkpoint(others.map { ($0.name, $0.value) }))
        let without = try kind.cell(inputs: 0, hidden: 4, in: rest)
        try rest.checkEverythingWasUsed()
        #expect(rest.parameters.count == scope.parameters.count - 1)
        let state = Self.states(cell, rows: 3, seed: 2)
        let expected = cell.step(
            cell.projected(.zeros([3, 5])), extra: [], state: state, mask: nil)
        let found = without.step(
            without.projected(.zeros([3, 0])), extra: [], state: state, mask: nil)
        for (a, b) in zip(expected.tensors, found.tensors) { #expect(distance(a, b) < 1e-6) }
    }

    /// A mask of ones changes nothing, one of zeros takes the state out of the products.
    @Test(arguments: RecurrentCellKind.allCases) func masks(_ kind: RecurrentCellKind) throws {
        let cell = try kind.cell(inputs: 5, hidden: 4, in: Self.freshScope())
        let state = Self.states(cell, rows: 3, seed: 2)
        let projected = cell.projected(.draw([3, 5], seed: 1))
        let plain = cell.step(projected, extra: [], state: state, mask: nil)
        let ones = cell.step(
            projected, extra: [], state: state, mask: Tensor(repeating: 1, shape: [3, 4]))
        for (a, b) in zip(plain.tensors, ones.tensors) { #expect(identical(a, b)) }
        let zeros = cell.step(projected, extra: [], state: state, mask: .zeros([3, 4]))
        var forgotten = state
        forgotten.tensors[0] = .zeros([3, 4])
        let fresh = cell.step(projected, extra: [], state: forgotten, mask: nil)
        switch kind {
        case .gru, .gruOriginal, .layerNormGRU:
            // h' = (1 - z) ⊙ n + z ⊙ h: the update gate still sees the state.
            let update = (zeros.hidden - fresh.hidden) / state.hidden
            #expect(update.values.allSatisfy { $0 > 0 && $0 < 1 })
        case .rnnTanh, .rnnReLU, .lstm, .layerNormLSTM, .sru:
            for (a, b) in zip(zeros.tensors, fresh.tensors) { #expect(identical(a, b)) }
        }
    }

    @Test func kindsAreNamedAsInConfigurations() {
        #expect(
            RecurrentCellKind.allCases.map(\.rawValue) == [
                "rnn_tanh", "rnn_relu", "lstm", "gru", "gru_original", "layer_norm_lstm",
                "layer_norm_gru", "sru",
            ])
        #expect(RecurrentCellKind.allCases.filter { !$0.seesHiddenState } == [.sru])
    }

    /// The weight of a ReLU network starts orthogonal where asked for, as one block.
    @Test func recurrentWeightsStartOrthogonal() throws {
        let scope = ParameterScope(
            initialization: Initialization(kind: .orthogonal), generator: RandomGenerator(seed: 3))
        _ = try RecurrentCellKind.rnnReLU.cell(inputs: 3, hidden: 8, in: scope)
        let weight = try #require(scope.parameters.first { $0.name == "recurrent_weight" }).value
        let product = weight.transposed().matmul(weight)
        let identity = Tensor((0..<64).map { $0 % 9 == 0 ? 1 : 0 }, shape: [8, 8])
        #expect(distance(product, identity) < 1e-5)
    }
}
