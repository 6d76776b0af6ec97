import SeqFiles

/// Elements drawn uniformly from a stream of unknown length, in the order of the stream (algorithm R of
/// Vitter 1985).
public struct ReservoirSample<Element> {
    private var drawn: [(number: Int, element: Element)] = []
    /// The number of elements that the sample was drawn from.
    public private(set) var seen = 0
    private var generator: SplitMix64
    private let size: Int

    /// Creates an empty sample.
    ///
    /// - Parameters:
    ///   - size: The most elements to keep.
    ///   - seed: Where the draws start from.
    public init(size: Int, seed: UInt64) {
        precondition(size >= 0, "a sample of \(size)")
        self.size = size
        generator = SplitMix64(seed: seed)
    }

    /// Takes the next element of the stream.
    public mutating func add(_ element: Element) {
        if seen < size {
            drawn.append((seen, element))
        } else {
            let slot = Int(generator.next(below: UInt64(seen + 1)))
            if slot < size { drawn[slot] = (seen, element) }
        }
        seen += 1
    }

    /// The elements drawn.
    public var elements: [Element] {
        drawn.sorted { $0.number < $1.number }.map(\.element)
    }
}

extension ReservoirSample: Sendable where Element: Sendable {}
