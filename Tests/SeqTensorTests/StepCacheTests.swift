import SeqTensor
import TestSupport
import Testing

/// Attention step by step over a cache against causal attention over whole sequences.
struct StepCacheTests {
    static let (heads, width) = (2, 11)

    /// Runs the steps of `projected` sequences of one length, `reorder` changing the rows between two.
    private static func step(
        _ cache: inout StepCache, _ projected: Tensor, slots: Int = 1
    ) -> Tensor {
        let all = heads * width
        var context = Tensor.zeros([0, all])
        for slot in 0..<slots {
            cache.append(projected.columns(all..<3 * all), to: slot)
            context = cache.attention(projected, slot: slot, heads: heads)
        }
        return context
    }

    @Test func stepsEqualTheWholeBitwise() {
        let (batch, length) = (3, 37)
        let layout = SequenceLayout(lengths: Array(repeating: length, count: batch))
        let projected = Tensor.draw([batch * length, 3 * Self.heads * Self.width], seed: 1)
        let whole = selfAttention(projected, layout: layout, heads: Self.heads, isCausal: true)
        var cache = StepCache()
        for time in 0..<length {
            let rows = (0..<batch).map { Int32($0 * length + time) }
            let context = Self.step(&cache, projected.gatheringRows(rows), slots: 2)
            #expect(identical(context, whole.gatheringRows(rows)), "step \(time)")
        }
        #expect(cache.steps == length)
    }

    /// Reorders, repeats and drops hypotheses, then compares each survivor with its own history.
    @Test func survivorsRememberTheirOwnHistory() {
        let plans: [[Int32]] = [
            [0, 0, 0, 1], [2, 1, 3, 3, 0], [4, 4, 0], [1, 0, 2, 1], [3, 2],
        ]
        var cache = StepCache()
        var histories: [[Tensor]] = [[], []]
        for (time, plan) in plans.enumerated() {
            let projected = Tensor.draw(
                [histories.count, 3 * Self.heads * Self.width], seed: UInt64(time))
            _ = Self.step(&cache, projected)
            for row in histories.indices { histories[row].append(projected.rows(row..<row + 1)) }
            cache = cache.gatheringRows(plan)
            histories = plan.map { histories[Int($0)] }
            #expect(cache.rows == plan.count)
        }
        cache = cache.prefix(1)
        histories = Array(histories.prefix(1))
        let last = Tensor.draw([1, 3 * Self.heads * Self.width], seed: 99)
        let context = Self.step(&cache, last)
        let history = Tensor.concatenatingRows(histories[0] + [last])
        let whole = selfAttention(
            history, layout: SequenceLayout(lengths: [history.rows]), heads: Self.heads,
            isCausal: true)
        #expect(identical(context, whole.rows(history.rows - 1..<history.rows)))
        for (step, row) in histories[0].enumerated() {
            let all = Self.heads * Self.width
            #expect(identical(cache.tensor(0, step: step), row.columns(all..<3 * all)))
        }
    }

    @Test func anEmptyCacheHasNoRowsToReorder() {
        let cache = StepCache()
        #expect(cache.gatheringRows([0, 1]).steps == 0)
        #expect(cache.prefix(1).rows == 0)
    }
}
