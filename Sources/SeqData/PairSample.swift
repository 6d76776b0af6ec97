/// Pairs drawn from a stream, each with the same probability (Vitter 1985, algorithm R).
public struct PairSample: Sendable {
    /// A pair of texts and its line, counted from 1.
    public struct Pair: Sendable, Hashable {
        /// The line.
        public var line: Int
        /// The source.
        public var source: String
        /// The target.
        public var target: String
    }

    /// The pairs, in the order of their lines.
    public var pairs: [Pair] { drawn.sorted { $0.line < $1.line } }
    /// The number of pairs that the sample was drawn from.
    public private(set) var seen = 0

    private var drawn: [Pair] = []
    private let capacity: Int
    private var generator: SplitMix64

    init(capacity: Int, seed: UInt64) {
        self.capacity = capacity
        generator = SplitMix64(seed: seed)
    }

    mutating func add(_ source: String, _ target: String, line: Int) {
        seen += 1
        if drawn.count < capacity {
            drawn.append(Pair(line: line, source: source, target: target))
            return
        }
        let place = Int(generator.next(below: UInt64(seen)))
        guard place < capacity else { return }
        drawn[place] = Pair(line: line, source: source, target: target)
    }
}
