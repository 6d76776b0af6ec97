/// Says which pairs of a corpus make up each batch of an epoch.
///
/// The batches of an epoch are a function of the lengths, the configuration, the seed and the number
/// of the epoch alone, the same on every platform: a resumed run asks for the same epoch again and
/// goes on where it stopped.
public struct BatchSampler: Sendable {
    /// How the pairs are put together.
    public let configuration: BatchingConfiguration
    /// The seed of all epochs.
    public let seed: UInt64

    private let sourceLengths: [Int]
    private let targetLengths: [Int]

    /// Creates a sampler.
    ///
    /// - Parameters:
    ///   - sourceLengths: The number of tokens of each source.
    ///   - targetLengths: The number of tokens of each target, end symbol included.
    ///   - configuration: How the pairs are put together.
    ///   - seed: Where the random order starts from.
    /// - Throws: ``DataError`` when the configuration makes no sense.
    public init(
        sourceLengths: [Int],
        targetLengths: [Int],
        configuration: BatchingConfiguration = BatchingConfiguration(),
        seed: UInt64 = 1
    ) throws {
        precondition(
            sourceLengths.count == targetLengths.count,
            "\(sourceLengths.count) source lengths, \(targetLengths.count) target lengths")
        try configuration.validate()
        self.sourceLengths = sourceLengths
        self.targetLengths = targetLengths
        self.configuration = configuration
        self.seed = seed
    }

    /// Creates a sampler of a corpus whose targets carry their end symbol.
    public init(
        corpus: EncodedCorpus,
        configuration: BatchingConfiguration = BatchingConfiguration(),
        seed: UInt64 = 1
    ) throws {
        try self.init(
            sourceLengths: corpus.source.lengths, targetLengths: corpus.target.lengths,
            configuration: configuration, seed: seed)
    }

    /// Returns the batches of an epoch: indices of pairs, each pair in exactly one batch.
    ///
    /// Complexity: O(n log n) in the number of pairs.
    ///
    /// - Parameter epoch: The number of the epoch, from 0 or 1 as the caller likes.
    public func batches(epoch: Int) -> [[Int]] {
        var generator = SplitMix64(seed: seed, stream: UInt64(bitPattern: Int64(epoch)))
        var order = Array(sourceLengths.indices)
        if configuration.shuffle { generator.shuffle(&order) }

        var batches: [[Int]] = []
        switch configuration.mode {
        case .unsorted:
            appendBatches(of: order, to: &batches)
        case .sorted:
            sortByLength(&order)
            appendBatches(of: order, to: &batches)
        case .pooled:
            let (limit, isFull) = configuration.size.multipliedReportingOverflow(
                by: configuration.bucket)
            for pool in cut(order, limit: isFull ? .max : limit) {
                var pool = Array(pool)
                sortByLength(&pool)
                appendBatches(of: pool, to: &batches)
            }
        }
        if configuration.shuffle { generator.shuffle(&batches) }
        return batches
    }

    private func appendBatches(of order: [Int], to batches: inout [[Int]]) {
        for batch in cut(order, limit: configuration.size) { batches.append(Array(batch)) }
    }

    /// Cuts `order` into runs of at most `limit` sentences or target tokens, and of at least one pair.
    private func cut(_ order: [Int], limit: Int) -> [ArraySlice<Int>] {
        var runs: [ArraySlice<Int>] = []
        var start = 0
        var size = 0
        for (position, index) in order.enumerated() {
            let cost = configuration.unit == .tokens ? targetLengths[index] : 1
            if position > start && cost > limit - size {
                runs.append(order[start..<position])
                start = position
                size = 0
            }
            size += cost
        }
        if start < order.count { runs.append(order[start...]) }
        return runs
    }

    /// Sorts by target length, then source length; pairs alike in both keep their (random) order.
    ///
    /// The target comes first since the output layer and the decoder are the larger part of the work.
    private func sortByLength(_ order: inout [Int]) {
        struct Entry {
            var target: Int
            var source: Int
            var position: Int
            var index: Int
        }
        let entries = order.enumerated().map { position, index in
            Entry(
                target: targetLengths[index], source: sourceLengths[index],
                position: position, index: index)
        }
        order = entries.sorted {
            ($0.target, $0.source, $0.position) < ($1.target, $1.source, $1.position)
        }.map(\.index)
    }
}
