import SeqTensor
import Synchronization
import TestSupport
import Testing

/// One thread and two give the same, and the memory pool stops growing.
///
/// Both are settings of the whole process, so these tests run in processes of their own.
struct ThreadTests {
    /// What must not change by a bit.
    static func exactResults() -> [Tensor] {
        let x = Tensor.draw([300, 517], seed: 1)
        let y = Tensor.draw([300, 517], seed: 2)
        let w = Tensor.draw([517, 600], seed: 3, scale: 0.1).stored
        let row = Tensor.draw([517], seed: 4)
        var generator = RandomGenerator(seed: 5)
        var results = [
            x + y, x * y, x / (y + 3), x * 0.3, x + row, x.tanh(), x.sigmoid(), x.gelu(), x.exp(),
            x.softmax(), x.logSoftmax(), x.layerNormalized(gain: row, bias: row),
            x.dropout(0.3, using: &generator), .uniform(-1..<1, shape: [70_001], using: &generator),
            x.sum(), Tensor(Float(x.sumOfSquares)), x.sumOfRows(), x.sumOfColumns(),
            x.gatheringRows((0..<500).map { Int32($0 * 7 % 300) }), Tensor(x.logSumExp()),
            Tensor(x.topK(7).values), affine([(x, w)], bias: Tensor.draw([600], seed: 6)),
            Precision.$current.withValue(.bfloat16) { affine([(x, w)]) },
        ]
        let (_, gradients) = valueAndGradient(of: [x, row]) {
            var generator = RandomGenerator(seed: 8)
            let z = x.dropout(0.3, using: &generator).gatheringRows([3, 3, 9, 3, 299])
            return z.layerNormalized(gain: row, bias: row).tanh().logSoftmax().sum()
        }
        results += gradients
        let lengths = (0..<40).map { 1 + $0 % 9 }
        let layout = SequenceLayout(lengths: lengths)
        let steps = Sequences(.draw([layout.steps, 32], seed: 10), layout: layout)
        let weights = LSTMWeights(
            input: .draw([32, 96], seed: 11).stored, recurrent: .draw([24, 96], seed: 12).stored,
            bias: .draw([96], seed: 13))
        let (output, final) = lstmLayer(steps, forward: weights, backward: weights)
        results += [output.steps] + final.flatMap { [$0.hidden, $0.cell] }
        let attention = AttentionLayout(memory: layout, queries: layout)
        let (_, attended) = valueAndGradient(of: [output.steps, steps.steps, row.rows(0..<48)]) {
            attend(
                output.steps, keys: output.steps, values: steps.steps, layout: attention,
                score: .concat(v: row.rows(0..<48))
            ).context.squared().sum()
        }
        return results + attended
    }

    /// Sums that are cut at other places.
    static func closeResults() -> [Tensor] {
        let x = Tensor.draw([700, 130], seed: 1)
        let w = Tensor.draw([130, 257], seed: 2, scale: 0.2)
        let targets = (0..<700).map { Int32($0 * 5 % 257) }
        let variables = [x, w]
        let (value, gradients) = valueAndGradient(of: variables) {
            linearCrossEntropy(x, weight: w, bias: nil, targets: targets, scale: 0.01).objective
                + x.matmul(w).tanh().mean()
        }
        let layout = SequenceLayout(lengths: (0..<70).map { 1 + $0 % 19 })
        let lstm: [Tensor] = [
            .draw([layout.steps, 130], seed: 3), .draw([130, 128], seed: 4, scale: 0.2),
            .draw([32, 128], seed: 5, scale: 0.2), .draw([128], seed: 6),
        ]
        let (_, more) = valueAndGradient(of: lstm) {
            let weights = LSTMWeights(input: lstm[1], recurrent: lstm[2], bias: lstm[3])
            let input = Sequences(lstm[0], layout: layout)
            return lstmLayer(input, forward: weights).output.steps.squared().sum()
        }
        return [value] + gradients + more
    }

    @Test func oneThreadAndSeveralAgree() async {
        await #expect(processExitsWith: .success) {
            ThreadTeam.count = 1
            #expect(ThreadTeam.count == 1)
            let (exact, close) = (ThreadTests.exactResults(), ThreadTests.closeResults())
            for threads in [2, 3] {
                ThreadTeam.count = threads
                for (index, (a, b)) in zip(exact, ThreadTests.exactResults()).enumerated() {
                    #expect(identical(a, b), "result \(index), \(threads) threads")
                }
                for (index, (a, b)) in zip(close, ThreadTests.closeResults()).enumerated() {
                    #expect(distance(a, b) < 2e-5, "result \(index), \(threads) threads")
                }
            }
            ThreadTeam.count = 0
            #expect(ThreadTeam.count >= 1)
        }
    }

    @Test func theTeamMayBeUsedFromManyTasks() async {
        let expected = Self.exactResults()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    zip(Self.exactResults(), expected).allSatisfy { identical($0, $1) }
                }
            }
            for await isEqual in group { #expect(isEqual) }
        }
    }

    @Test(arguments: [0, 1, 2, 1000]) func forEachVisitsEveryIndexOnce(_ count: Int) {
        let visits = Visits(count)
        ThreadTeam.forEach(count) { index in
            // Kernels inside run on the calling thread.
            visits.add(index, Int(Tensor(repeating: 1, shape: [5]).sum().item) / 5)
        }
        #expect(visits.counts == [Int](repeating: 1, count: count))
    }

    @Test func aRepeatedStepTakesNoMemoryFromTheSystem() async {
        await #expect(processExitsWith: .success) {
            let table = Tensor.draw([50, 40], seed: 1).stored
            let weights: [Tensor] = [
                .draw([40, 120], seed: 2).stored, .draw([30, 120], seed: 3).stored,
                .draw([120], seed: 4), .draw([30, 50], seed: 5).stored,
            ]
            let variables = [table] + weights
            let gradients = variables.map { Tensor.zeros($0.shape) }
            func step(_ number: Int) {
                let layout = SequenceLayout(lengths: (0..<20).map { 1 + ($0 * 3) % 11 })
                let tokens = (0..<Int32(layout.steps)).map { $0 * 7 % 50 }
                _ = valueAndGradient(of: variables, into: gradients) {
                    var generator = RandomGenerator(seed: UInt64(number))
                    let embedded = table.gatheringRows(tokens).dropout(0.2, using: &generator)
                    let lstm = LSTMWeights(
                        input: weights[0], recurrent: weights[1], bias: weights[2])
                    let output = lstmLayer(Sequences(embedded, layout: layout), forward: lstm)
                        .output
                    let attention = AttentionLayout(memory: layout, queries: layout)
                    let context = attend(
                        output.steps, keys: output.steps, values: output.steps, layout: attention,
                        score: .dot(scale: 1)
                    ).context
                    return linearCrossEntropy(
                        (context + output.steps).tanh(), weight: weights[3], bias: nil,
                        targets: tokens
                    ).objective
                }
            }
            for number in 0..<5 { step(number) }
            let before = MemoryPool.statistics
            for number in 0..<20 { step(number) }
            let after = MemoryPool.statistics
            #expect(after.systemAllocations == before.systemAllocations)
            #expect(
                after.used == before.used && after.used + after.free == before.used + before.free)
            #expect(after.peak >= after.used + after.free)
            MemoryPool.trim()
            #expect(MemoryPool.statistics.free == 0 && MemoryPool.statistics.used == after.used)
            step(0)
        }
    }

    @Test func blocksOfAllSizesComeBack() async {
        await #expect(processExitsWith: .success) {
            for count in [0, 1, 127, 128, 129, 1000, 65_536, 1_000_000, 3_000_000] {
                let before = MemoryPool.statistics.used
                do {
                    let tensor = Tensor(repeating: 2, shape: [count])
                    #expect(MemoryPool.statistics.used >= before + 4 * count)
                    #expect(tensor.values.allSatisfy { $0 == 2 })
                }
                #expect(MemoryPool.statistics.used == before)
            }
        }
    }
}

/// Counts from several threads.
final class Visits: Sendable {
    private let storage: Mutex<[Int]>

    init(_ count: Int) { storage = Mutex([Int](repeating: 0, count: count)) }

    var counts: [Int] { storage.withLock { $0 } }

    func add(_ index: Int, _ amount: Int) { storage.withLock { $0[index] += amount } }
}
