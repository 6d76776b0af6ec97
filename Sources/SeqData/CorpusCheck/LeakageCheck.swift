import SeqFiles

/// Finds pairs and sources of a held-out corpus that are also in the training corpus, exact after
/// normalisation of case and space.
struct LeakageCheck {
    private var lines: [Int] = []
    private var sources: [UInt64] = []
    private var pairs: [UInt64] = []
    /// The first line of training with this hash, counted from 1; 0 for none.
    private var seenSources: [UInt64: Int] = [:]
    private var seenPairs: [UInt64: Int] = [:]

    private static func pair(_ source: UInt64, _ target: UInt64) -> UInt64 {
        SplitMix64.mixed(source ^ SplitMix64.mixed(target))
    }

    /// Adds a pair of the held-out corpus.
    mutating func add(source: UInt64, target: UInt64, line: Int) {
        let pair = Self.pair(source, target)
        lines.append(line)
        sources.append(source)
        pairs.append(pair)
        seenSources[source] = 0
        seenPairs[pair] = 0
    }

    /// Takes note of a pair of the training corpus.
    mutating func see(source: UInt64, target: UInt64, line: Int) {
        guard let seen = seenSources[source] else { return }
        if seen == 0 { seenSources[source] = line }
        let pair = Self.pair(source, target)
        if seenPairs[pair] == 0 { seenPairs[pair] = line }
    }

    /// The lines of the held-out corpus, counted from 1, that training has seen, with the first line of
    /// it that has them.
    func leaked() -> (pairs: [(line: Int, training: Int)], sources: [(line: Int, training: Int)]) {
        func found(_ hashes: [UInt64], _ seen: [UInt64: Int]) -> [(line: Int, training: Int)] {
            zip(lines, hashes).compactMap { line, hash in
                seen[hash].flatMap { $0 > 0 ? (line, $0) : nil }
            }
        }
        return (found(pairs, seenPairs), found(sources, seenSources))
    }
}

/// What a held-out corpus shares with the training corpus; case and white space do not count.
public struct LeakageSummary: Encodable, Hashable, Sendable {
    /// Held-out pairs that are pairs of the training corpus.
    public var pairs: Int
    /// Held-out pairs whose sources are sources of the training corpus.
    public var sources: Int
}
