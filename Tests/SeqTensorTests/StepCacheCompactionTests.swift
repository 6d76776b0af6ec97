import SeqTensor
import TestSupport
import Testing

/// What a cache gives up as hypotheses come and go.
struct StepCacheCompactionTests {
    static let (heads, width) = (2, 8)

    /// Appends a step of `rows` rows to two slots.
    private func append(_ cache: inout StepCache, rows: Int, seed: Int) -> Tensor {
        let all = Self.heads * Self.width
        let projected = Tensor.draw([rows, 3 * all], seed: UInt64(seed))
        for slot in 0..<2 { cache.append(projected.columns(all..<3 * all), to: slot) }
        return projected
    }

    /// Eight hypotheses that all continue one of them share their past.
    @Test func `what no hypothesis descends from is given up`() {
        var cache = StepCache()
        for step in 0..<64 {
            _ = append(&cache, rows: 8, seed: step)
            cache = cache.gatheringRows(Array(repeating: Int32(step % 8), count: 8))
        }
        let perRow = 2 * 2 * Self.heads * Self.width * 4
        // One row of each step but of the last ones, of which there are eight.
        #expect(cache.bytes >= 64 * perRow)
        #expect(cache.bytes <= (64 + 8 * 8) * perRow)
        let first = cache.bytes
        cache = cache.gatheringRows([3])
        #expect(cache.bytes <= first)
    }

    @Test func `finished sources leave nothing behind`() {
        var cache = StepCache()
        var rows = 32
        for step in 0..<96 {
            _ = append(&cache, rows: rows, seed: step)
            if step % 24 == 23 { rows /= 2 }
            cache = cache.gatheringRows((0..<rows).map(Int32.init))
        }
        let perRow = 2 * 2 * Self.heads * Self.width * 4
        #expect(cache.bytes <= 96 * rows * perRow * 4 / 3 + 8 * 32 * perRow)
    }

    /// Random genealogies: attention equals that over each hypothesis's own history, bit by bit.
    @Test(arguments: 0..<6) func `attention does not see it`(_ seed: Int) {
        var generator = RandomGenerator(seed: UInt64(seed))
        var cache = StepCache()
        var rows = 6
        var histories: [[Tensor]] = Array(repeating: [], count: rows)
        for step in 0..<40 {
            let projected = append(&cache, rows: rows, seed: 100 * seed + step)
            for row in 0..<rows { histories[row].append(projected.rows(row..<row + 1)) }
            let context = cache.attention(projected, slot: 1, heads: Self.heads)
            for row in 0..<rows {
                let history = Tensor.concatenatingRows(histories[row])
                let whole = selfAttention(
                    history, layout: SequenceLayout(lengths: [history.rows]), heads: Self.heads,
                    isCausal: true)
                #expect(
                    identical(
                        context.rows(row..<row + 1), whole.rows(step..<step + 1)),
                    "step \(step), row \(row)")
            }
            let next = Int.random(in: 3...7, using: &generator)
            let parents = (0..<next).map { _ in
                Int32.random(in: 0..<Int32(rows), using: &generator)
            }
            cache = cache.gatheringRows(parents)
            histories = parents.map { histories[Int($0)] }
            rows = next
        }
    }
}
