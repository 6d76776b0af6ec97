import SeqTensor
import TestSupport
import Testing

/// The fused recurrent layers but the LSTM, and their cells, against differences, against their
/// composition, and in other batches.
struct RecurrentOperationTests {
    static let lengths = [3, 1, 5, 3, 2]
    static let features = 4
    static let hidden = 3

    /// Input, then the weights of each direction, then the initial state of each.
    static func variables(
        _ kind: Kind, _ lengths: [Int], directions: Int, hasInitial: Bool
    ) -> [Tensor] {
        var result: [Tensor] = [.draw([lengths.reduce(0, +), features], seed: 1)]
        for direction in 0..<UInt64(directions) {
            result += kind.weights(seed: 10 + 10 * direction)
        }
        if hasInitial {
            for part in 0..<UInt64(directions * kind.stateCount) {
                result.append(.draw([lengths.count, hidden], seed: 50 + part))
            }
        }
        return result
    }

    /// The weights and the initial states among the variables.
    static func parts(
        _ kind: Kind, _ v: [Tensor], directions: Int
    ) -> (weights: [[Tensor]], initial: [[Tensor]]?) {
        let count = kind.shapes.count
        let weights = (0..<directions).map { Array(v[(1 + $0 * count)..<(1 + ($0 + 1) * count)]) }
        let rest = Array(v[(1 + directions * count)...])
        if rest.isEmpty { return (weights, nil) }
        let parts = kind.stateCount
        return (weights, (0..<directions).map { Array(rest[($0 * parts)..<(($0 + 1) * parts)]) })
    }

    static func fused(
        _ kind: Kind, _ v: [Tensor], _ layout: SequenceLayout, directions: Int
    ) -> [Tensor] {
        let (weights, initial) = parts(kind, v, directions: directions)
        return kind.fused(Sequences(v[0], layout: layout), weights, initial)
    }

    /// The same out of small operations, sequence by sequence.
    static func composed(
        _ kind: Kind, _ v: [Tensor], _ layout: SequenceLayout, directions: Int
    ) -> [Tensor] {
        let (weights, initial) = parts(kind, v, directions: directions)
        var sides: [Tensor] = []
        var finals: [Tensor] = []
        for (direction, w) in weights.enumerated() {
            var outputs: [Tensor] = []
            var states: [[Tensor]] = []
            for sequence in layout.lengths.indices {
                var state =
                    initial?[direction].map { $0.rows(sequence..<sequence + 1) }
                    ?? Array(repeating: .zeros([1, hidden]), count: kind.stateCount)
                var rows = Array(layout.rows(of: sequence))
                if direction == 1 { rows.reverse() }
                var steps: [Tensor] = []
                for row in rows {
                    let share = affine([(v[0].rows(row..<row + 1), w[0])], bias: w[1])
                    state = kind.composed(share, state, w)
                    steps.append(state[0])
                }
                outputs += direction == 1 ? steps.reversed() : steps
                states.append(state)
            }
            sides.append(.concatenatingRows(outputs))
            for part in 0..<kind.stateCount {
                finals.append(.concatenatingRows(states.map { $0[part] }))
            }
        }
        return [.concatenatingColumns(sides)] + finals
    }

    /// Values and gradients of a weighted sum of all results.
    static func differentiated(
        _ variables: [Tensor], _ function: ([Tensor]) -> [Tensor]
    ) -> [Tensor] {
        var outputs: [Tensor] = []
        let (_, gradients) = valueAndGradient(of: variables) {
            outputs = function(variables)
            return outputs.enumerated().map {
                ($1 * Tensor.draw($1.shape, seed: 90 + UInt64($0))).sum()
            }.sum()
        }
        return outputs + gradients
    }

    /// Share, state and weights of a cell.
    static func cellVariables(_ kind: Kind, rows: Int) -> [Tensor] {
        let states = (0..<UInt64(kind.stateCount)).map {
            Tensor.draw([rows, hidden], seed: 5 + $0)
        }
        return [.draw([rows, kind.gates * hidden], seed: 4)] + states
            + kind.weights(seed: 20).dropFirst(2)
    }

    static func splitCell(
        _ kind: Kind, _ v: [Tensor]
    ) -> (share: Tensor, state: [Tensor], weights: [Tensor]) {
        let first = 1 + kind.stateCount
        // Input weight and bias are in the share already.
        return (v[0], Array(v[1..<first]), [v[0], v[0]] + v[first...])
    }

    @Test(arguments: Kind.allCases) func cellAgainstItsComposition(_ kind: Kind) {
        let variables = Self.cellVariables(kind, rows: 7)
        let fused = Self.differentiated(variables) { v in
            let (share, state, weights) = Self.splitCell(kind, v)
            return kind.cell(share, state, weights)
        }
        let composed = Self.differentiated(variables) { v in
            let (share, state, weights) = Self.splitCell(kind, v)
            return kind.composed(share, state, weights)
        }
        for (a, b) in zip(fused, composed) { #expect(distance(a, b) < 2e-6) }
    }

    @Test(arguments: Kind.allCases.filter { $0 != .rnnReLU }) func cellGradient(_ kind: Kind) {
        let report = checkGradient(of: Self.cellVariables(kind, rows: 3), storing: [2, 3]) { v in
            let (share, state, weights) = Self.splitCell(kind, v)
            return kind.cell(share, state, weights)
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    /// A cell whose hidden state, or whose cell, nobody looks at.
    @Test func sruCellOfWhichOnePartIsUsed() {
        let variables = Self.cellVariables(.sru, rows: 3)
        for part in 0..<2 {
            let report = checkGradient(of: variables) { v in
                let (share, state, weights) = Self.splitCell(.sru, v)
                return [Kind.sru.cell(share, state, weights)[part]]
            }
            #expect(report.error < 1e-3, "\(report)")
        }
    }

    /// The hidden state enters the products through a mask, and the update without it.
    @Test(arguments: [Kind.gru, .gruOriginal]) func maskedState(_ kind: Kind) {
        let variables = Self.cellVariables(kind, rows: 4) + [.draw([4, Self.hidden], seed: 70)]
        let size = Self.hidden
        let fused = Self.differentiated(variables) { v in
            let (share, state, weights) = Self.splitCell(kind, Array(v.dropLast()))
            return [
                gruCell(
                    share, hidden: state[0], recurrence: kind.recurrence(weights), mask: v.last)
            ]
        }
        let composed = Self.differentiated(variables) { v in
            let (share, state, w) = Self.splitCell(kind, Array(v.dropLast()))
            let entering = state[0] * v[v.count - 1]
            let u = affine([(entering, w[2])])
            let sum = share.columns(0..<2 * size) + u.columns(0..<2 * size)
            let (r, z) = (sum.sigmoid().columns(0..<size), sum.sigmoid().columns(size..<2 * size))
            let recurrent =
                kind == .gru
                ? r * (u.columns(2 * size..<3 * size) + w[3]) : (r * entering).matmul(w[3])
            let n = (share.columns(2 * size..<3 * size) + recurrent).tanh()
            return [n + z * (state[0] - n)]
        }
        for (a, b) in zip(fused, composed) { #expect(distance(a, b) < 2e-6) }
    }

    @Test(arguments: Kind.allCases, [(1, false), (1, true), (2, false), (2, true)])
    func layerGradient(_ kind: Kind, _ form: (directions: Int, hasInitial: Bool)) {
        let layout = SequenceLayout(lengths: Self.lengths)
        let report = checkGradient(
            of: Self.variables(
                kind, Self.lengths, directions: form.directions, hasInitial: form.hasInitial),
            elements: 12, storing: kind == .sru ? [1] : [1, 3]
        ) { Self.fused(kind, $0, layout, directions: form.directions) }
        #expect(report.error < 1e-3, "\(report)")
    }

    /// Only the final state matters, as for an encoder without attention.
    @Test(arguments: Kind.allCases) func gradientThroughTheFinalStateAlone(_ kind: Kind) {
        let layout = SequenceLayout(lengths: Self.lengths)
        let variables = Self.variables(kind, Self.lengths, directions: 2, hasInitial: true)
        let last = 2 * kind.stateCount
        let fused = Self.differentiated(variables) {
            [Self.fused(kind, $0, layout, directions: 2)[last]]
        }
        let composed = Self.differentiated(variables) {
            [Self.composed(kind, $0, layout, directions: 2)[last]]
        }
        for (a, b) in zip(fused, composed) { #expect(distance(a, b) < 5e-6) }
    }

    @Test(arguments: Kind.allCases, [(1, false), (1, true), (2, false), (2, true)])
    func layerAgainstItsComposition(_ kind: Kind, _ form: (directions: Int, hasInitial: Bool)) {
        let layout = SequenceLayout(lengths: [7, 2, 9, 1, 4, 4])
        let variables = Self.variables(
            kind, layout.lengths, directions: form.directions, hasInitial: form.hasInitial)
        let fused = Self.differentiated(variables) {
            Self.fused(kind, $0, layout, directions: form.directions)
        }
        let composed = Self.differentiated(variables) {
            Self.composed(kind, $0, layout, directions: form.directions)
        }
        for (a, b) in zip(fused, composed) { #expect(distance(a, b) < 5e-6) }
    }

    /// A sequence without steps ends in the state it began with.
    @Test(arguments: Kind.allCases, [[0, 3, 0, 2], [2, 0], [0, 0]])
    func sequencesWithoutSteps(_ kind: Kind, _ lengths: [Int]) {
        let layout = SequenceLayout(lengths: lengths)
        let variables = Self.variables(kind, lengths, directions: 2, hasInitial: true)
        let found = Self.fused(kind, variables, layout, directions: 2)
        let states = variables.suffix(2 * kind.stateCount)
        for (sequence, length) in lengths.enumerated() where length == 0 {
            for (final, initial) in zip(found.dropFirst(), states) {
                let row = sequence..<sequence + 1
                #expect(identical(final.rows(row), initial.rows(row)))
            }
        }
        let report = checkGradient(of: variables, elements: 12) {
            Self.fused(kind, $0, layout, directions: 2)
        }
        #expect(report.error < 1e-3, "\(report)")
        let fresh = Self.fused(kind, variables.dropLast(states.count), layout, directions: 2)
        #expect(fresh.allSatisfy { $0.isFinite })
        #expect(fresh[0].shape == [lengths.reduce(0, +), 2 * Self.hidden])
    }

    @Test(arguments: Kind.allCases) func emptyBatch(_ kind: Kind) {
        let layout = SequenceLayout(lengths: [])
        let variables = Self.variables(kind, [], directions: 2, hasInitial: false)
        let (value, gradients) = valueAndGradient(of: variables) {
            Self.fused(kind, variables, layout, directions: 2)[0].sum()
        }
        #expect(value.item == 0 && gradients.allSatisfy { $0.sumOfSquares == 0 })
    }

    /// What a sequence gets, and the gradient of its input and state, does not depend on the others, to
    /// the bit.
    @Test(arguments: Kind.allCases, Precision.allCases)
    func batchComposition(_ kind: Kind, _ precision: Precision) {
        let lengths = (0..<70).map { 1 + ($0 * 7) % 11 }
        let layout = SequenceLayout(lengths: lengths)
        let states = 2 * kind.stateCount
        var variables = Self.variables(kind, lengths, directions: 2, hasInitial: true)
        for index in 1..<variables.count - states { variables[index] = variables[index].stored }
        /// Outputs and finals, then the gradients of input and initial states for a loss that weights
        /// every element alike.
        func run(_ variables: [Tensor], _ layout: SequenceLayout) -> [Tensor] {
            var outputs: [Tensor] = []
            let inputs = [variables[0]] + variables.suffix(states)
            let (_, gradients) = valueAndGradient(of: inputs) {
                outputs = Self.fused(kind, variables, layout, directions: 2)
                return outputs.map { $0.squared().sum() }.sum()
            }
            return outputs + gradients
        }
        Precision.$current.withValue(precision) {
            let all = run(variables, layout)
            for chosen in [[0], [69], [5, 3], [10, 40, 2, 69, 11, 12, 13], Array(20..<60)] {
                let rows = chosen.flatMap { layout.rows(of: $0).map(Int32.init) }
                let sequences = chosen.map(Int32.init)
                var part = variables
                part[0] = variables[0].gatheringRows(rows)
                for index in variables.count - states..<variables.count {
                    part[index] = variables[index].gatheringRows(sequences)
                }
                let found = run(part, SequenceLayout(lengths: chosen.map { lengths[$0] }))
                for (a, b) in zip(found, all) {
                    let isOfSteps = b.rows == layout.steps
                    #expect(
                        identical(a, b.gatheringRows(isOfSteps ? rows : sequences)), "\(chosen)")
                }
            }
        }
    }

    /// Rows of a cell do not depend on the others, to the bit.
    @Test(arguments: Kind.allCases) func rowsOfACell(_ kind: Kind) {
        let variables = Self.cellVariables(kind, rows: 90)
        func run(_ rows: [Int32]) -> [Tensor] {
            let (share, state, weights) = Self.splitCell(kind, variables)
            return kind.cell(
                share.gatheringRows(rows), state.map { $0.gatheringRows(rows) },
                weights.map(\.stored))
        }
        let all = run((0..<90).map { $0 })
        for chosen: [Int32] in [[3], [89, 1], [4, 5, 6, 80, 33]] {
            for (a, b) in zip(run(chosen), all) { #expect(identical(a, b.gatheringRows(chosen))) }
        }
    }

    /// Results to the bit, gradients but for the order of sums over rows.
    @Test func oneThreadAndSeveralAgree() async {
        await #expect(processExitsWith: .success) {
            func results(_ kind: Kind) -> [Tensor] {
                let lengths = (0..<40).map { 1 + $0 % 9 }
                let layout = SequenceLayout(lengths: lengths)
                let variables = RecurrentOperationTests.variables(
                    kind, lengths, directions: 2, hasInitial: true)
                return RecurrentOperationTests.differentiated(variables) {
                    RecurrentOperationTests.fused(kind, $0, layout, directions: 2)
                }
            }
            for kind in Kind.allCases {
                ThreadTeam.count = 1
                let alone = results(kind)
                for threads in [2, 3] {
                    ThreadTeam.count = threads
                    for (index, (a, b)) in zip(alone, results(kind)).enumerated() {
                        let isOutput = index <= 2 * kind.stateCount
                        #expect(
                            isOutput ? identical(a, b) : distance(a, b) < 2e-5,
                            "\(kind): result \(index), \(threads) threads")
                    }
                }
            }
        }
    }
}
