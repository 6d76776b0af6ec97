import SeqTensor
import TestSupport
import Testing

/// Means, maxima and joined pairs of the steps of ragged sequences.
struct PoolingOperationTests {
    static let lengths = [3, 0, 1, 8, 5, 2]
    static let layout = SequenceLayout(lengths: lengths)

    /// Numbers no two of which are close, so that differences do not change which is largest.
    static func distinct(_ shape: [Int]) -> Tensor {
        let count = shape.reduce(1, *)
        return Tensor((0..<count).map { Float($0 * 37 % count) * 0.2 - 4 }, shape: shape)
    }

    private static func values(_ steps: Tensor, _ layout: SequenceLayout) -> [Tensor] {
        let input = Sequences(steps, layout: layout)
        return [
            input.means(), input.maxima(), input.maximaPooled(width: 2, stride: 2).steps,
            input.maximaPooled(width: 3, stride: 2).steps,
            input.maximaPooled(width: 4, stride: 1).steps,
            input.maximaPooled(width: 2, stride: 3).steps, input.pairsJoined().steps,
        ]
    }

    @Test(arguments: 0..<7) func gradient(_ which: Int) {
        let steps = Self.distinct([Self.layout.steps, 5])
        let report = checkGradient(of: [steps], elements: 95) {
            [Self.values($0[0], Self.layout)[which]]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    @Test func againstLoops() {
        let steps = Self.distinct([Self.layout.steps, 5])
        let found = Self.values(steps, Self.layout)
        func row(_ sequence: Int, _ range: Range<Int>, _ join: ([Float]) -> Float) -> [Float] {
            let first = Self.layout.rows(of: sequence).lowerBound
            let rows = range.clamped(to: 0..<Self.lengths[sequence])
            return (0..<5).map { column in
                rows.isEmpty ? 0 : join(rows.map { steps.values[(first + $0) * 5 + column] })
            }
        }
        func largest(_ values: [Float]) -> Float { values.max() ?? .nan }
        func expect(_ tensor: Tensor, _ rows: [[Float]]) {
            #expect(tensor.shape == [rows.count, 5])
            #expect(distance(tensor, Tensor(Array(rows.joined()), shape: tensor.shape)) < 1e-6)
        }
        let sequences = Self.lengths.indices
        expect(
            found[0], sequences.map { row($0, 0..<99) { $0.reduce(0, +) / Float($0.count) } })
        expect(found[1], sequences.map { row($0, 0..<99, largest) })
        for (index, (width, stride)) in [(2, 2), (3, 2), (4, 1), (2, 3)].enumerated() {
            expect(
                found[2 + index],
                sequences.flatMap { sequence in
                    Swift.stride(from: 0, to: Self.lengths[sequence], by: stride).map {
                        row(sequence, $0..<($0 + width), largest)
                    }
                })
        }
        let pairs = Sequences(steps, layout: Self.layout).pairsJoined()
        #expect(pairs.layout.lengths == [2, 0, 1, 4, 3, 1])
        expect(
            pairs.steps.reshaped([-1, 5]),
            sequences.flatMap { sequence in
                (0..<((Self.lengths[sequence] + 1) / 2 * 2)).map {
                    row(sequence, $0..<($0 + 1), largest)
                }
            })
    }

    /// Of equal numbers the first is the largest and has all of the gradient.
    @Test func ties() {
        let steps = Tensor([1, 1, 1, 2, 2], shape: [5, 1])
        let (value, gradients) = valueAndGradient(of: [steps]) {
            Sequences(steps, layout: SequenceLayout(lengths: [5])).maxima().sum()
        }
        #expect(value.item == 2 && gradients[0].values == [0, 0, 0, 1, 0])
    }

    /// What a sequence gets does not depend on the others, to the bit.
    @Test func batchComposition() {
        let lengths = (0..<60).map { ($0 * 7) % 19 }
        let layout = SequenceLayout(lengths: lengths)
        let steps = Tensor.draw([layout.steps, 33], seed: 1)
        let all = Self.values(steps, layout)
        let layouts = [1, 1, 2, 2, 1, 3, 2].enumerated().map { index, stride in
            index < 2
                ? SequenceLayout(lengths: lengths.map { _ in 1 })
                : SequenceLayout(lengths: lengths.map { ($0 + stride - 1) / stride })
        }
        for sequence in lengths.indices {
            let alone = Self.values(
                steps.rows(layout.rows(of: sequence)), SequenceLayout(lengths: [lengths[sequence]]))
            for (index, found) in alone.enumerated() {
                #expect(identical(found, all[index].rows(layouts[index].rows(of: sequence))))
            }
        }
    }

    @Test func emptyBatch() {
        for lengths in [[], [0], [0, 0]] {
            let layout = SequenceLayout(lengths: lengths)
            let steps = Tensor.zeros([0, 5])
            let (value, gradients) = valueAndGradient(of: [steps]) {
                Self.values(steps, layout).map { $0.sum() }.sum()
            }
            #expect(value.item == 0 && gradients[0].shape == [0, 5])
            #expect(Self.values(steps, layout)[0].shape == [lengths.count, 5])
        }
    }
}
