import SeqFiles

/// Says which pairs of a corpus make up each batch of an epoch.
///
/// The batches of an epoch are a function of the lengths, the configuration, the seed and the number
/// of the epoch alone, the same on every platform: a resumed run asks for the same epoch again and
/// goes on where it stopped. Nothing is kept a pair, except in the mode `sorted`: an order is
/// computed, and lengths are asked for when a batch needs them.
public struct BatchSampler: Sendable {
    /// The number of tokens of the two sides of a pair, the target's end symbol included.
    public typealias Lengths = @Sendable (_ pair: Int) throws -> (source: Int, target: Int)

    /// How the pairs are put together.
    public let configuration: BatchingConfiguration
    /// The seed of all epochs.
    public let seed: UInt64
    /// How the corpora share an epoch.
    public let mixture: CorpusMixture

    fileprivate let lengths: Lengths

    /// Creates a sampler.
    ///
    /// - Parameters:
    ///   - mixture: How the corpora share an epoch.
    ///   - configuration: How the pairs are put together.
    ///   - seed: Where the random order starts from.
    ///   - lengths: The lengths of a pair, given its number counted through all corpora.
    /// - Throws: ``Seq2SeqError`` when the configuration makes no sense.
    public init(
        mixture: CorpusMixture,
        configuration: BatchingConfiguration = BatchingConfiguration(),
        seed: UInt64 = 1,
        lengths: @escaping Lengths
    ) throws {
        try configuration.validate()
        self.mixture = mixture
        self.configuration = configuration
        self.seed = seed
        self.lengths = lengths
    }

    /// Creates a sampler of one corpus whose lengths are in memory.
    ///
    /// - Parameters:
    ///   - sourceLengths: The number of tokens of each source.
    ///   - targetLengths: The number of tokens of each target, end symbol included.
    ///   - configuration: How the pairs are put together.
    ///   - seed: Where the random order starts from.
    /// - Throws: ``Seq2SeqError`` when the configuration makes no sense.
    public init(
        sourceLengths: [Int],
        targetLengths: [Int],
        configuration: BatchingConfiguration = BatchingConfiguration(),
        seed: UInt64 = 1
    ) throws {
        precondition(
            sourceLengths.count == targetLengths.count,
            "\(sourceLengths.count) source lengths, \(targetLengths.count) target lengths")
        try self.init(
            mixture: CorpusMixture(count: sourceLengths.count), configuration: configuration,
            seed: seed, lengths: { (sourceLengths[$0], targetLengths[$0]) })
    }

    /// Returns the batches of an epoch, or what is left of it.
    ///
    /// - Parameters:
    ///   - epoch: The number of the epoch, counted from 1.
    ///   - start: The number of batches to leave out.
    /// - Throws: What asking for lengths throws.
    public func batches(epoch: Int, from start: Int = 0) throws -> EpochBatches {
        var batches = EpochBatches(self, epoch: epoch)
        try batches.skip(start)
        return batches
    }

    /// Returns the number of batches of an epoch.
    ///
    /// With batches counted in tokens this takes a pass over all lengths.
    public func batchCount(epoch: Int) throws -> Int {
        guard configuration.unit == .tokens else {
            return mixture.count / configuration.size
                + (mixture.count % configuration.size > 0 ? 1 : 0)
        }
        var batches = EpochBatches(self, epoch: epoch)
        return try batches.skip(.max)
    }
}

/// The batches of an epoch, one after the other.
public struct EpochBatches {
    private struct Entry {
        var target: UInt32
        var source: UInt32
        var pair: Int
    }

    private let sampler: BatchSampler
    private let epoch: Int
    /// The most of the unit in a pool.
    private let poolLimit: Int
    private var position = 0
    private var poolNumber = 0
    private var pool: [Entry] = []
    /// Where the batches of the pool stand in it, the last one first.
    private var cuts: [Range<Int>] = []

    init(_ sampler: BatchSampler, epoch: Int) {
        self.sampler = sampler
        self.epoch = epoch
        let configuration = sampler.configuration
        let (limit, isFull) = configuration.size.multipliedReportingOverflow(
            by: configuration.bucket)
        poolLimit =
            switch configuration.mode {
            case .unsorted: configuration.size
            case .pooled: isFull ? .max : limit
            case .sorted: .max
            }
    }

    /// Returns the numbers of the pairs of the next batch, `nil` after the last.
    ///
    /// - Throws: What asking for lengths throws.
    public mutating func next() throws -> [Int]? {
        if cuts.isEmpty { try fillPool() }
        return cuts.popLast().map { pool[$0].map(\.pair) }
    }

    /// Leaves out up to `count` batches; returns how many there were.
    @discardableResult
    mutating func skip(_ count: Int) throws -> Int {
        var skipped = skipPools(count)
        while skipped < count {
            if cuts.isEmpty { try fillPool() }
            if cuts.isEmpty { break }
            let dropped = min(count - skipped, cuts.count)
            cuts.removeLast(dropped)
            skipped += dropped
        }
        return skipped
    }

    /// Leaves out whole pools whose size is known without their lengths.
    private mutating func skipPools(_ count: Int) -> Int {
        let configuration = sampler.configuration
        guard configuration.unit == .sentences, poolLimit < sampler.mixture.count else { return 0 }
        let batches = configuration.mode == .pooled ? configuration.bucket : 1
        let pools = min(count / batches, sampler.mixture.count / poolLimit)
        poolNumber = pools
        position = pools * poolLimit
        return pools * batches
    }

    private mutating func fillPool() throws {
        let configuration = sampler.configuration
        pool.removeAll(keepingCapacity: true)
        var size = 0
        while position < sampler.mixture.count {
            let pair = sampler.mixture.pair(
                at: position, epoch: epoch, seed: configuration.shuffle ? sampler.seed : nil)
            let lengths = try sampler.lengths(pair)
            let cost = configuration.unit == .tokens ? lengths.target : 1
            if !pool.isEmpty && cost > poolLimit - size { break }
            size += cost
            position += 1
            pool.append(
                Entry(
                    target: UInt32(clamping: lengths.target),
                    source: UInt32(clamping: lengths.source), pair: pair))
        }
        if configuration.mode != .unsorted {
            // The target comes first since the output layer and the decoder are the larger part of the
            // work. The sort is stable: pairs alike in both keep their random order.
            pool.sort { ($0.target, $0.source) < ($1.target, $1.source) }
        }
        cutPool()
        if configuration.shuffle {
            var generator = SplitMix64(
                seed: SplitMix64.mixed(sampler.seed &+ UInt64(poolNumber)),
                stream: UInt64(bitPattern: Int64(epoch)))
            generator.shuffle(&cuts)
        }
        poolNumber += 1
    }

    /// Cuts the pool into runs of at most `size` sentences or target tokens, and of at least one pair.
    private mutating func cutPool() {
        let configuration = sampler.configuration
        var start = 0
        var size = 0
        for (position, entry) in pool.enumerated() {
            let cost = configuration.unit == .tokens ? Int(entry.target) : 1
            if position > start && cost > configuration.size - size {
                cuts.append(start..<position)
                start = position
                size = 0
            }
            size += cost
        }
        if start < pool.count { cuts.append(start..<pool.count) }
        cuts.reverse()
    }
}
