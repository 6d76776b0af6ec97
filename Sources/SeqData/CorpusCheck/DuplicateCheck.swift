/// Counts pairs, sources and targets that occur more than once, after normalisation of case and space.
///
/// Lines are known by hashes of 64 bits: 20 bytes a pair.
struct DuplicateCheck {
    private var sources: [UInt64] = []
    private var targets: [UInt64] = []

    mutating func add(source: UInt64, target: UInt64) {
        sources.append(source)
        targets.append(target)
    }

    /// Lines that are the same.
    struct Group {
        /// The first of the lines, counted from 0.
        var line: Int
        var count: Int
    }

    /// What the corpus repeats.
    struct Result {
        var summary = DuplicateSummary()
        /// The most frequent ones, most frequent first.
        var pairs: [Group] = []
        var sources: [Group] = []
        var targets: [Group] = []
        /// The sources with the most different targets.
        var ambiguous: [Group] = []
    }

    /// The most groups of a kind that are named.
    private static let most = 5

    func result() -> Result {
        var result = Result()
        var order = (0..<Int32(sources.count)).map { $0 }
        order.sort { left, right in
            let (a, b) = (Int(left), Int(right))
            if sources[a] != sources[b] { return sources[a] < sources[b] }
            return targets[a] != targets[b] ? targets[a] < targets[b] : a < b
        }
        var differentTargets = 0
        var pairStart = 0
        var sourceStart = 0
        for end in order.indices {
            let isLast = end + 1 == order.count
            let (this, next) = (Int(order[end]), isLast ? 0 : Int(order[end + 1]))
            let endsSource = isLast || sources[this] != sources[next]
            if endsSource || targets[this] != targets[next] {
                let count = end + 1 - pairStart
                result.summary.pairs += count - 1
                keep(order[pairStart], count, in: &result.pairs)
                differentTargets += 1
                pairStart = end + 1
            }
            guard endsSource else { continue }
            let count = end + 1 - sourceStart
            // The first line of the source is not that of its first target.
            let first = order[sourceStart...end].min() ?? 0
            result.summary.sources += count - 1
            result.summary.ambiguousSources += differentTargets > 1 ? 1 : 0
            result.summary.mostTargets = max(result.summary.mostTargets, differentTargets)
            keep(first, count, in: &result.sources)
            keep(first, differentTargets, in: &result.ambiguous)
            differentTargets = 0
            sourceStart = end + 1
        }
        order.sort { left, right in
            let (a, b) = (Int(left), Int(right))
            return targets[a] != targets[b] ? targets[a] < targets[b] : a < b
        }
        var start = 0
        for end in order.indices {
            let isLast = end + 1 == order.count
            guard isLast || targets[Int(order[end])] != targets[Int(order[end + 1])] else {
                continue
            }
            result.summary.targets += end - start
            keep(order[start], end + 1 - start, in: &result.targets)
            start = end + 1
        }
        result.summary.differentTargets = targets.count - result.summary.targets
        return result
    }

    private func keep(_ line: Int32, _ count: Int, in groups: inout [Group]) {
        guard count > 1, groups.count < Self.most || count > (groups.last?.count ?? 0) else {
            return
        }
        groups.append(Group(line: Int(line), count: count))
        groups.sort { ($0.count, $1.line) > ($1.count, $0.line) }
        if groups.count > Self.most { groups.removeLast() }
    }
}

/// How much a corpus repeats itself; case and white space do not count.
public struct DuplicateSummary: Encodable, Hashable, Sendable {
    /// Pairs that have occurred before.
    public var pairs = 0
    /// Sources that have occurred before.
    public var sources = 0
    /// Targets that have occurred before.
    public var targets = 0
    /// The number of different targets.
    public var differentTargets = 0
    /// Different sources that have several different targets.
    public var ambiguousSources = 0
    /// The most different targets of a source.
    public var mostTargets = 0
}
