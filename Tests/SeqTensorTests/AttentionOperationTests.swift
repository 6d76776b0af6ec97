import SeqTensor
import TestSupport
import Testing

/// Attention over ragged memory against differences and against its composition.
struct AttentionOperationTests {
    static let memory = SequenceLayout(lengths: [3, 0, 1, 4])
    static let queries = SequenceLayout(lengths: [2, 2, 1, 3])

    /// Queries, keys, values, v.
    static func variables(_ layout: AttentionLayout) -> [Tensor] {
        [
            .draw([layout.queryCount, 5], seed: 1), .draw([layout.memory.steps, 5], seed: 2),
            .draw([layout.memory.steps, 3], seed: 3), .draw([5], seed: 4),
        ]
    }

    static func score(_ isConcat: Bool, _ v: Tensor) -> AttentionScore {
        isConcat ? .concat(v: v) : .dot(scale: 0.8)
    }

    /// Contexts and weights query by query out of small operations.
    static func composed(
        _ v: [Tensor], _ layout: AttentionLayout, sequences: [Int32], isConcat: Bool
    )
        -> (context: Tensor, weights: Tensor)
    {
        var contexts: [Tensor] = []
        var weights: [Tensor] = []
        for (row, sequence) in sequences.enumerated() {
            let rows = layout.memory.rows(of: Int(sequence))
            if rows.isEmpty {
                contexts.append(.zeros([1, v[2].rowWidth]))
                continue
            }
            let query = v[0].rows(row..<row + 1)
            let keys = v[1].rows(rows)
            let scores =
                isConcat
                ? ((query + keys).tanh() * v[3]).sumOfColumns()
                : (keys * query).sumOfColumns() * 0.8
            let weight = scores.reshaped([1, -1]).softmax()
            contexts.append(weight.matmul(v[2].rows(rows)))
            weights.append(weight.reshaped([-1]))
        }
        return (.concatenatingRows(contexts), .concatenatingRows(weights))
    }

    @Test(arguments: [false, true]) func gradient(_ isConcat: Bool) {
        let layout = AttentionLayout(memory: Self.memory, queries: Self.queries)
        let variables = Self.variables(layout)
        let both = checkGradient(of: variables) { v in
            let (context, weights) = attend(
                v[0], keys: v[1], values: v[2], layout: layout, score: Self.score(isConcat, v[3]))
            return [context, weights]
        }
        #expect(both.error < 1e-3, "\(both)")
        let weightsAlone = checkGradient(of: variables) { v in
            [
                attend(
                    v[0], keys: v[1], values: v[2], layout: layout,
                    score: Self.score(isConcat, v[3])
                ).weights
            ]
        }
        #expect(weightsAlone.error < 1e-3, "\(weightsAlone)")
    }

    /// One tensor as queries, keys and values.
    @Test(arguments: [false, true]) func gradientOfSelfAttention(_ isConcat: Bool) {
        let steps = SequenceLayout(lengths: [3, 2])
        let layout = AttentionLayout(memory: steps, queries: steps)
        let report = checkGradient(of: [.draw([5, 4], seed: 1), .draw([4], seed: 2)]) { v in
            [
                attend(
                    v[0], keys: v[0], values: v[0], layout: layout,
                    score: Self.score(isConcat, v[1])
                ).context
            ]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    @Test(arguments: [false, true]) func fusedAgainstComposition(_ isConcat: Bool) {
        let sequences: [Int32] = [3, 0, 2, 0, 3, 3, 1]
        let layout = AttentionLayout(memory: Self.memory, sequenceOfQuery: sequences)
        let variables = Self.variables(layout)
        let weighting = Tensor.draw([7, 3], seed: 7)
        let weightWeighting = Tensor.draw([3 * 4 + 2 * 3 + 1], seed: 8)
        func run(_ function: () -> (context: Tensor, weights: Tensor)) -> [Tensor] {
            var outputs: [Tensor] = []
            let (_, gradients) = valueAndGradient(of: variables) {
                let (context, weights) = function()
                outputs = [context, weights]
                return (context * weighting).sum() + (weights * weightWeighting).sum()
            }
            return outputs + gradients
        }
        let fused = run {
            attend(
                variables[0], keys: variables[1], values: variables[2], layout: layout,
                score: Self.score(isConcat, variables[3]))
        }
        let composed = run {
            Self.composed(variables, layout, sequences: sequences, isConcat: isConcat)
        }
        for (a, b) in zip(fused, composed) { #expect(distance(a, b) < 2e-6) }
    }

    @Test func weightsSumToOneAndEmptyMemoryGivesZeros() {
        let layout = AttentionLayout(memory: Self.memory, queries: Self.queries)
        let v = Self.variables(layout)
        let (context, weights) = attend(
            v[0] * 30, keys: v[1] * 30, values: v[2], layout: layout, score: .dot(scale: 1))
        for query in 0..<layout.queryCount {
            let range = Int(layout.weightStarts[query])..<Int(layout.weightStarts[query + 1])
            let sum = weights.values[range].reduce(0, +)
            #expect(range.isEmpty ? sum == 0 : abs(sum - 1) < 1e-6)
        }
        #expect(context.rows(2..<4).values == [Float](repeating: 0, count: 6))
        #expect(context.isFinite)
    }

    @Test func nothingToAttend() {
        let layout = AttentionLayout(memory: SequenceLayout(lengths: []), sequenceOfQuery: [])
        let empty = Tensor.zeros([0, 4])
        let (context, weights) = attend(
            empty, keys: empty, values: empty, layout: layout, score: .dot(scale: 1))
        #expect(context.shape == [0, 4] && weights.shape == [0])
    }
}
