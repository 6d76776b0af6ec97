import SeqFiles
package import SeqModels
import SeqTensor
import SeqText

/// Cuts what is computed together into batches that keep within a limit of memory.
package struct MemoryBatches {
    /// What one member of a batch takes.
    package struct Cost {
        /// In bytes.
        package var bytes: Double
        /// Weights of attention at one time, which are counted in 32 bits.
        package var weights: Double

        /// Collects the numbers.
        package init(bytes: Double, weights: Double) {
            self.bytes = bytes
            self.weights = weights
        }
    }

    /// The most members of a batch.
    package var most: Int
    /// The bytes that a batch may take.
    package var limit: Double

    /// Creates a rule.
    package init(most: Int, limit: Double) {
        self.most = most
        self.limit = limit
    }

    /// The share of what a batch may have that one member takes; above 1 it does not even fit alone.
    package func share(_ cost: Cost) -> Double {
        max(cost.bytes / limit, cost.weights / Double(Int32.max))
    }

    /// Neighbours in `order` together, as many as fit and at least one.
    package func cut(_ order: some Sequence<Int>, _ cost: (Int) -> Cost) -> [[Int]] {
        var batches: [[Int]] = []
        var filled = 0.0
        for index in order {
            let share = share(cost(index))
            if let last = batches.last, last.count < most, filled + share <= 1 {
                batches[batches.count - 1].append(index)
                filled += share
            } else {
                batches.append([index])
                filled = share
            }
        }
        return batches
    }
}

extension TranslationModel {
    /// What the search for the output of a source of so many tokens takes.
    func searchCost(
        source length: Int, rows: Int, options: DecodingOptions, keepsAlignments: Bool
    ) -> MemoryBatches.Cost {
        MemoryBatches.Cost(
            bytes: searchBytes(
                source: length, rows: rows, steps: options.maximumLength(source: length),
                keepsWeights: keepsAlignments),
            weights: Double(rows) * (Double(length) + 1))
    }

    /// What scoring a pair takes.
    package func scoringCost(source: Int, target: Int) -> MemoryBatches.Cost {
        MemoryBatches.Cost(
            bytes: scoringBytes(source: source, target: target),
            weights: (Double(source) + 1) * (Double(target) + 1))
    }
}

extension Translator {
    /// The bytes that the search for the output of a source takes at most, beside the model.
    ///
    /// - Parameter length: the tokens of the source.
    public func searchBytes(source length: Int) -> Int { Int(clamping: cost(length).bytes) }

    /// Refuses a text that cannot be translated within ``DecodingOptions/memory``.
    ///
    /// - Throws: a ``Seq2SeqError`` of kind `badData` that tells what it would take.
    public func checkFits(_ text: String) throws {
        let limit = try options.memoryLimit()
        // No text has more tokens than bytes, but for a mark at its begin.
        if fits(text.utf8.count + 1, limit) { return }
        try checkFits(source: folder.source.encode(text).count)
    }

    /// Refuses a source of so many tokens that cannot be translated within ``DecodingOptions/memory``.
    public func checkFits(source length: Int) throws {
        let limit = try options.memoryLimit()
        guard !fits(length, limit) else { return }
        throw Seq2SeqError(
            .badData,
            reason:
                "\(length) tokens: a search with a beam of \(options.beamSize) and up to \(options.maximumLength(source: length)) tokens of output would take \(ByteCount(searchBytes(source: length))), more than the \(ByteCount(limit)) that it may",
            remedy: "split the text, allow more memory, or lower the beam size")
    }

    /// Refuses a pair of texts that cannot be scored within ``DecodingOptions/memory``.
    ///
    /// - Throws: a ``Seq2SeqError`` of kind `badData` that tells what it would take.
    public func checkFits(source: String, target: String) throws {
        let rough = folder.model.scoringCost(
            source: source.utf8.count + 1, target: target.utf8.count + 1)
        let limit = Double(try options.memoryLimit())
        if MemoryBatches(most: 1, limit: limit).share(rough) <= 1 { return }
        try checkScoringFits(
            source: folder.source.encode(source).count, target: folder.target.encode(target).count)
    }

    /// Refuses a pair of so many tokens that cannot be scored within ``DecodingOptions/memory``.
    func checkScoringFits(source: Int, target: Int) throws {
        let limit = try options.memoryLimit()
        let cost = folder.model.scoringCost(source: source, target: target)
        guard MemoryBatches(most: 1, limit: Double(limit)).share(cost) > 1 else { return }
        throw Seq2SeqError(
            .badData,
            reason:
                "\(source) and \(target) tokens: scoring would take \(ByteCount(Int(clamping: cost.bytes))), more than the \(ByteCount(limit)) that it may",
            remedy: "split the pair, or allow more memory")
    }

    private func fits(_ length: Int, _ limit: Int) -> Bool {
        MemoryBatches(most: 1, limit: Double(limit)).share(cost(length)) <= 1
    }

    func cost(_ length: Int) -> MemoryBatches.Cost {
        folder.model.searchCost(
            source: length, rows: options.beamSize, options: options,
            keepsAlignments: keepsAlignments || unknownReplacement != nil)
    }

    /// Does `work` on batches of neighbours in `order`, several batches at once where they fit side by side
    /// and one after the other where they do not.
    ///
    /// - Parameters:
    ///   - order: the smallest first.
    ///   - most: the most members of a batch.
    ///   - fixed: the bytes that a batch takes beside its members.
    ///   - cost: what a member takes.
    ///   - work: what is done with a batch.
    func forEachBatch(
        _ order: [Int], most: Int, fixed: Double = 0, _ cost: (Int) -> MemoryBatches.Cost,
        _ work: @escaping @Sendable ([Int]) -> Void
    ) throws {
        let limit = Double(try options.memoryLimit())
        let threads = Double(ThreadTeam.count)
        let beside = MemoryBatches(most: most, limit: max(1, limit / threads - fixed))
        let fits = order.filter { beside.share(cost($0)) <= 1 }
        // The longest first, so that threads finish together.
        let queue = Array(beside.cut(fits, cost).reversed())
        // One batch uses the whole team inside its products; several are shared out to the threads.
        if queue.count == 1 {
            work(queue[0])
        } else {
            ThreadTeam.forEach(queue.count) { work(queue[$0]) }
        }
        guard fits.count < order.count else { return }
        MemoryPool.trim()
        let alone = MemoryBatches(most: most, limit: max(1, limit - fixed))
        for batch in alone.cut(order.filter { beside.share(cost($0)) > 1 }, cost) { work(batch) }
    }
}

extension Int {
    /// The number without its fraction, or the nearest that there is.
    init(clamping number: Double) {
        self = number < 9e18 ? Int(Swift.max(number, 0)) : .max
    }
}
