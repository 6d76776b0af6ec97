import SeqTensor
import TestSupport
import Testing

/// The fused LSTM against differences, against its composition, and in other batches.
struct LSTMOperationTests {
    static let lengths = [3, 1, 5, 3, 2]
    static let features = 4
    static let hidden = 3

    /// Input, then input, recurrent and bias of each direction, then hidden and cell of each direction.
    static func variables(
        _ lengths: [Int], directions: Int, hasInitial: Bool, seed: UInt64 = 1
    ) -> [Tensor] {
        var seed = seed * 100
        func draw(_ shape: [Int]) -> Tensor {
            seed += 1
            return .draw(shape, seed: seed)
        }
        var result = [draw([lengths.reduce(0, +), features])]
        for _ in 0..<directions {
            result += [
                draw([features, 4 * hidden]), draw([hidden, 4 * hidden]), draw([4 * hidden]),
            ]
        }
        if hasInitial {
            for _ in 0..<(2 * directions) { result.append(draw([lengths.count, hidden])) }
        }
        return result
    }

    /// The output and the final states, hidden and cell of each direction.
    static func fused(_ v: [Tensor], _ layout: SequenceLayout, directions: Int) -> [Tensor] {
        let weights = (0..<directions).map {
            LSTMWeights(input: v[3 * $0 + 1], recurrent: v[3 * $0 + 2], bias: v[3 * $0 + 3])
        }
        let first = 1 + 3 * directions
        let initial: [LSTMState]? =
            v.count == first
            ? nil
            : (0..<directions).map {
                LSTMState(hidden: v[first + 2 * $0], cell: v[first + 2 * $0 + 1])
            }
        let (output, final) = lstmLayer(
            Sequences(v[0], layout: layout), forward: weights[0],
            backward: directions == 2 ? weights[1] : nil, initial: initial)
        return [output.steps] + final.flatMap { [$0.hidden, $0.cell] }
    }

    /// The same out of products and cells, sequence by sequence.
    static func composed(_ v: [Tensor], _ layout: SequenceLayout, directions: Int) -> [Tensor] {
        let first = 1 + 3 * directions
        var sides: [Tensor] = []
        var finals: [Tensor] = []
        for direction in 0..<directions {
            let (input, recurrent, bias) = (
                v[3 * direction + 1], v[3 * direction + 2], v[3 * direction + 3]
            )
            var outputs: [Tensor] = []
            var states: [LSTMState] = []
            for sequence in layout.lengths.indices {
                var state =
                    v.count == first
                    ? LSTMState(hidden: .zeros([1, hidden]), cell: .zeros([1, hidden]))
                    : LSTMState(
                        hidden: v[first + 2 * direction].rows(sequence..<sequence + 1),
                        cell: v[first + 2 * direction + 1].rows(sequence..<sequence + 1))
                var rows = Array(layout.rows(of: sequence))
                if direction == 1 { rows.reverse() }
                var steps: [Tensor] = []
                for row in rows {
                    let gates = affine(
                        [(v[0].rows(row..<row + 1), input), (state.hidden, recurrent)], bias: bias)
                    state = lstmCell(gates, cell: state.cell)
                    steps.append(state.hidden)
                }
                outputs += direction == 1 ? steps.reversed() : steps
                states.append(state)
            }
            sides.append(.concatenatingRows(outputs))
            finals.append(.concatenatingRows(states.map(\.hidden)))
            finals.append(.concatenatingRows(states.map(\.cell)))
        }
        return [.concatenatingColumns(sides)] + finals
    }

    @Test func cell() {
        let report = checkGradient(of: [.draw([3, 8], seed: 1), .draw([3, 2], seed: 2)]) { v in
            let state = lstmCell(v[0], cell: v[1])
            return [state.hidden, state.cell]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    @Test func cellOfWhichOnePartIsUsed() {
        let variables: [Tensor] = [.draw([3, 8], seed: 1), .draw([3, 2], seed: 2)]
        let hidden = checkGradient(of: variables) { [lstmCell($0[0], cell: $0[1]).hidden] }
        #expect(hidden.error < 1e-3, "\(hidden)")
        let cell = checkGradient(of: variables) { [lstmCell($0[0], cell: $0[1]).cell] }
        #expect(cell.error < 1e-3, "\(cell)")
    }

    @Test(arguments: [1, 2], [false, true])
    func layerGradient(_ directions: Int, _ hasInitial: Bool) {
        let layout = SequenceLayout(lengths: Self.lengths)
        let report = checkGradient(
            of: Self.variables(Self.lengths, directions: directions, hasInitial: hasInitial),
            storing: [1, 2]
        ) { Self.fused($0, layout, directions: directions) }
        #expect(report.error < 1e-3, "\(report)")
    }

    /// Only the final state matters, as for an encoder without attention.
    @Test func gradientThroughTheFinalCellAlone() {
        let layout = SequenceLayout(lengths: Self.lengths)
        let report = checkGradient(
            of: Self.variables(Self.lengths, directions: 2, hasInitial: true)
        ) { [Self.fused($0, layout, directions: 2)[2]] }
        #expect(report.error < 1e-3, "\(report)")
    }

    /// A sequence without steps ends in the state it began with.
    @Test(arguments: [[0, 3, 0, 2], [2, 0], [0, 0]]) func sequencesWithoutSteps(_ lengths: [Int]) {
        let layout = SequenceLayout(lengths: lengths)
        let variables = Self.variables(lengths, directions: 2, hasInitial: true)
        let found = Self.fused(variables, layout, directions: 2)
        for (sequence, length) in lengths.enumerated() where length == 0 {
            for part in 0..<4 {
                #expect(
                    identical(
                        found[1 + part].rows(sequence..<sequence + 1),
                        variables[7 + part].rows(sequence..<sequence + 1)))
            }
        }
        let report = checkGradient(of: variables) { Self.fused($0, layout, directions: 2) }
        #expect(report.error < 1e-3, "\(report)")
        let fresh = Self.fused(Array(variables.prefix(7)), layout, directions: 2)
        #expect(fresh[1].isFinite && fresh[0].shape == [lengths.reduce(0, +), 6])
    }

    @Test func emptyBatch() {
        let layout = SequenceLayout(lengths: [])
        let variables = Self.variables([], directions: 2, hasInitial: false)
        let (value, gradients) = valueAndGradient(of: variables) {
            Self.fused(variables, layout, directions: 2)[0].sum()
        }
        #expect(value.item == 0 && gradients.allSatisfy { $0.sumOfSquares == 0 })
    }

    @Test(arguments: [1, 2], [false, true])
    func fusedAgainstComposition(_ directions: Int, _ hasInitial: Bool) {
        let layout = SequenceLayout(lengths: [7, 2, 9, 1, 4, 4])
        let variables = Self.variables(
            layout.lengths, directions: directions, hasInitial: hasInitial)
        let weightings = Self.fused(variables, layout, directions: directions).enumerated().map {
            Tensor.draw($1.shape, seed: 50 + UInt64($0))
        }
        func run(
            _ function: ([Tensor], SequenceLayout, Int) -> [Tensor]
        ) -> (outputs: [Tensor], gradients: [Tensor]) {
            var outputs: [Tensor] = []
            let (_, gradients) = valueAndGradient(of: variables) {
                outputs = function(variables, layout, directions)
                return zip(outputs, weightings).map { ($0 * $1).sum() }.sum()
            }
            return (outputs, gradients)
        }
        let fused = run { Self.fused($0, $1, directions: $2) }
        let composed = run { Self.composed($0, $1, directions: $2) }
        for (a, b) in zip(fused.outputs + fused.gradients, composed.outputs + composed.gradients) {
            #expect(distance(a, b) < 5e-6)
        }
    }

    /// What a sequence gets does not depend on the others, to the bit.
    @Test(arguments: Precision.allCases) func batchComposition(_ precision: Precision) {
        let lengths = (0..<70).map { 1 + ($0 * 7) % 11 }
        let layout = SequenceLayout(lengths: lengths)
        var variables = Self.variables(lengths, directions: 2, hasInitial: true)
        for index in 1...6 { variables[index] = variables[index].stored }
        Precision.$current.withValue(precision) {
            let all = Self.fused(variables, layout, directions: 2)
            for chosen in [[0], [69], [5, 3], [10, 40, 2, 69, 11, 12, 13], Array(20..<60)] {
                var part = variables
                let rows = chosen.flatMap { layout.rows(of: $0).map(Int32.init) }
                part[0] = variables[0].gatheringRows(rows)
                for index in 7..<11 {
                    part[index] = variables[index].gatheringRows(chosen.map(Int32.init))
                }
                let found = Self.fused(
                    part, SequenceLayout(lengths: chosen.map { lengths[$0] }), directions: 2)
                #expect(identical(found[0], all[0].gatheringRows(rows)), "\(chosen)")
                for index in 1..<5 {
                    #expect(
                        identical(found[index], all[index].gatheringRows(chosen.map(Int32.init))))
                }
            }
        }
    }

    @Test func scheduleVisitsEveryRowOnce() {
        let layout = SequenceLayout(lengths: [2, 0, 5, 5, 1])
        for shards in 1...7 {
            for isReversed in [false, true] {
                let schedule = layout.schedule(shards: shards, isReversed: isReversed)
                #expect(schedule.rows.sorted() == Array(0..<13))
                #expect(schedule.sequences.sorted() == Array(0..<5))
                #expect(schedule.shards == min(shards, 5))
                for (row, packed) in schedule.packedRows.enumerated() {
                    #expect(schedule.rows[Int(packed)] == Int32(row))
                }
            }
        }
        let schedule = layout.schedule()
        #expect(schedule.sequences == [2, 3, 0, 4, 1])
        #expect(schedule.timeSteps == [0..<4, 4..<7, 7..<9, 9..<11, 11..<13])
        #expect(schedule.rows.prefix(4) == [2, 7, 0, 12])
        #expect(layout.schedule(isReversed: true).rows.prefix(4) == [6, 11, 1, 12])
        #expect(layout.schedule() === schedule)
    }

    @Test func layoutsCountRows() {
        let layout = SequenceLayout(lengths: [2, 1, 3])
        #expect(layout.batch == 3 && layout.steps == 6 && layout.starts == [0, 2, 3, 6])
        #expect(layout.reversedRows == [1, 0, 2, 5, 4, 3])
        #expect(layout.sequenceOfRow == [0, 0, 1, 2, 2, 2] && layout.rows(of: 1) == 2..<3)
        let tokens = TokenSequences([[4, 5], [], [6]])
        #expect(tokens.tokens == [4, 5, 6] && tokens.layout.lengths == [2, 0, 1])
    }
}
