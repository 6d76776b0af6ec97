import SeqFiles
import SeqModels
import SeqData
import SeqDecoding
import SeqNN
import SeqTensor

/// Estimates what a run needs in memory before its first update, and how large its batches may be.
///
/// What a pass over a batch needs is measured on parts of it and grows in a straight line with its
/// tokens, as all its sequences lie one after the other. What stays from pass to pass is counted or, as
/// the program and the data, measured. Passes of the estimate change no parameter and draw from a
/// generator of their own.
struct MemoryPlan {
    let gradient: BatchGradient
    let optimizer: any Optimizer
    /// Bytes of moving averages.
    let averages: Int
    /// The limit in bytes, if the configuration has one.
    let limit: Int?

    /// What waits in the pool beside the tensors of a pass: up to half of the most that was in use, which
    /// batches of many sizes reach after some dozens of updates.
    private static let spareShare = 0.5

    /// The number of batches among which the largest is looked for: an epoch of millions would take minutes
    /// to walk, and lengths are limited anyway.
    private static let examined = 5000

    /// The most target tokens of a batch that is as large as memory allows.
    private static let largestBatch = 1e9

    /// The memory of passes over some pairs, as a line over their tokens.
    private struct Growth {
        var fixed: Double
        var perToken: Double

        func bytes(_ tokens: Int) -> Double { fixed + perToken * Double(tokens) }
    }

    /// What the run needs.
    ///
    /// - Parameters:
    ///   - batches: those of an epoch, of which the first thousands are looked at.
    ///   - size: the size that the batches were cut to.
    /// - Throws: a ``Seq2SeqError`` when it is more than the limit.
    func estimate(_ batches: EpochBatches, size: Int) throws -> MemoryEstimate {
        let estimate = try estimate(of: batches)
        guard estimate.total > estimate.limit else { return estimate }
        let need =
            "about \(ByteCount(estimate.total)), \(ByteCount(estimate.activations)) of it for the largest batch"
        let reason =
            limit == nil
            ? "training needs \(need), but \(ByteCount(estimate.limit)) are free"
            : "training.memory is \(ByteCount(estimate.limit)), but training needs \(need)"
        let activations = Double(estimate.activations) * (1 + MemoryPlan.spareShare)
        let rest = Double(estimate.limit - estimate.total) + activations
        guard rest > 0.05 * activations else {
            throw Seq2SeqError(
                .badConfiguration, reason: reason,
                remedy:
                    "choose a smaller model, or an optimizer that remembers less, such as adafactor or sgd"
            )
        }
        throw Seq2SeqError(
            .badConfiguration, reason: reason,
            remedy:
                "set training.batch.size to \(max(1, Int(Double(size) * rest / activations * 0.95))) and training.accumulation higher instead, or lower data.maximum_length"
        )
    }

    private func estimate(of batches: EpochBatches) throws -> MemoryEstimate {
        let bytes = MemoryLayout<Float>.stride
        let largest = try largest(of: batches)
        // The first pass makes what all later ones use.
        try measure(Array((largest.first ?? []).prefix(1)))
        var estimate = MemoryEstimate()
        for batch in largest {
            let growth = try growth(of: batch).bytes(tokens(batch))
            estimate.activations = max(estimate.activations, Int(growth))
        }
        MemoryPool.trim()
        estimate.parameters = gradient.buffer.count * bytes
        estimate.gradients = gradient.buffer.gradientCount * bytes
        estimate.optimizer = optimizer.state.reduce(0) { $0 + $1.tensor.count } * bytes
        estimate.averages = averages
        estimate.packedWeights = MemoryPool.packedWeights
        let known = estimate.total - estimate.activations
        estimate.others = max(0, ProcessMemory.resident - known)
        estimate.spare = Int(Double(estimate.activations) * MemoryPlan.spareShare)
        estimate.limit = limit ?? ProcessMemory.available
        return estimate
    }

    /// The largest size of batches, in target tokens, with which the run keeps within its limit.
    ///
    /// It has two digits that are not 0, so that it hardly depends on the chances of a measurement.
    func batchSize(sampler: (Int) throws -> BatchSampler) throws -> Int {
        var size = 2000
        // The second time corrects what the line over tokens left out.
        for _ in 0..<2 {
            let found = try estimate(of: sampler(size).batches(epoch: 1))
            let activations = Double(found.activations) * (1 + MemoryPlan.spareShare)
            let rest = 0.9 * Double(found.limit) - (Double(found.total) - activations)
            let fitting = Double(size) * rest / max(1, activations)
            size = Int(min(max(1, fitting), MemoryPlan.largestBatch))
        }
        var digits = 1
        while size >= 100 * digits { digits *= 10 }
        return size - size % digits
    }

    // MARK: Measurement

    private func tokens(_ indices: [Int]) throws -> Int {
        try indices.reduce(0) { sum, index in
            let (source, target) = try lengths(index)
            return sum + source + target
        }
    }

    private func lengths(_ index: Int) throws -> (source: Int, target: Int) {
        let (source, target) = try gradient.data.train.lengths(of: index)
        return (source + 1, target)
    }

    /// The batches that are the largest in some respect: tokens, pairs of a source and a target token,
    /// pairs of tokens of one side.
    private func largest(of batches: EpochBatches) throws -> [[Int]] {
        var best: [(batch: [Int], value: Int)] = Array(repeating: ([], -1), count: 3)
        var batches = batches
        for _ in 0..<MemoryPlan.examined {
            guard let batch = try batches.next() else { break }
            var values = [0, 0, 0]
            for pair in batch {
                let (source, target) = try lengths(pair)
                values[0] += source + target
                values[1] += source * target
                values[2] += source * source + target * target
            }
            for (place, value) in values.enumerated() where value > best[place].value {
                best[place] = (batch, value)
            }
        }
        return Set(best.map(\.batch)).sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// How memory grows with the pairs of a batch, measured on a sixteenth and a quarter of it, or on less if
    /// it is so large that these might not fit.
    private func growth(of batch: [Int]) throws -> Growth {
        func part(_ divisor: Int) -> [Int] {
            stride(from: 0, to: batch.count, by: divisor).map { batch[$0] }
        }
        let divisor = max(16, try tokens(batch) / 2000)
        let (small, large) = (part(divisor), part(batch.count > 4 ? divisor / 4 : 1))
        let (smallTokens, largeTokens) = (try tokens(small), try tokens(large))
        let (smallBytes, largeBytes) = (Double(try measure(small)), Double(try measure(large)))
        guard largeTokens > smallTokens, largeBytes > smallBytes else {
            return Growth(fixed: 0, perToken: largeBytes / Double(max(1, largeTokens)))
        }
        let slope = (largeBytes - smallBytes) / Double(largeTokens - smallTokens)
        return Growth(fixed: largeBytes - slope * Double(largeTokens), perToken: slope)
    }

    /// The most bytes of tensors that a pass over some pairs has at once.
    @discardableResult
    private func measure(_ indices: [Int]) throws -> Int {
        guard !indices.isEmpty else { return 0 }
        MemoryPool.trim()
        let before = MemoryPool.statistics.used
        var dropout = Dropout(
            rate: gradient.configuration.model.dropout,
            generator: RandomGenerator(seed: gradient.configuration.seed).split("estimate"))
        let pairs = try gradient.pairs(indices, step: 0)
        try gradient.checkSize(pairs)
        _ = gradient(
            of: pairs, among: LossTotals(pairs.pairs, labelOutputs: gradient.model.heads.count),
            accumulates: false, dropout: &dropout)
        return MemoryPool.statistics.mostUsed - before
    }
}
