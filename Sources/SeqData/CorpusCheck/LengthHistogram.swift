/// How many lines have which length.
public struct LengthHistogram: Encodable, Hashable, Sendable {
    /// The number of lines of each length; the last one also counts all that are longer.
    private var counts: [Int] = []
    /// The number of lines.
    public private(set) var lines = 0
    /// The sum of all lengths.
    public private(set) var total = 0
    /// The largest length.
    public private(set) var maximum = 0

    private static let longest = 1 << 16

    /// Creates the histogram of no lines.
    public init() {}

    /// Counts a line.
    public mutating func add(_ length: Int) {
        let index = min(length, Self.longest)
        if index >= counts.count {
            counts.append(contentsOf: repeatElement(0, count: index + 1 - counts.count))
        }
        counts[index] += 1
        lines += 1
        total += length
        maximum = max(maximum, length)
    }

    /// The mean length.
    public var mean: Double { lines > 0 ? Double(total) / Double(lines) : 0 }

    /// Returns the length that a share of the lines does not exceed.
    public func quantile(_ share: Double) -> Int {
        var rest = Int((share * Double(lines)).rounded(.up))
        for (length, count) in counts.enumerated() {
            rest -= count
            if rest <= 0 { return length }
        }
        return maximum
    }

    /// Returns the number of lines that are longer than `limit`.
    public func count(above limit: Int) -> Int {
        counts.dropFirst(limit + 1).reduce(0, +)
    }

    /// Lines whose lengths are from `first` to `last`.
    public struct Bin: Codable, Hashable, Sendable {
        /// The least length.
        public var first: Int
        /// The largest length.
        public var last: Int
        /// The number of lines.
        public var lines: Int
    }

    /// The histogram in bins that grow with the length: 0, 1, 2, 3–4, 5–8, 9–16 and so on, as a table
    /// for people.
    public var bins: [Bin] {
        var bins: [Bin] = []
        var first = 0
        while first < counts.count {
            let last = first < 3 ? first : 2 * (first - 1)
            let lines = counts[first...min(last, counts.count - 1)].reduce(0, +)
            bins.append(Bin(first: first, last: min(last, maximum), lines: lines))
            first = last + 1
        }
        if !bins.isEmpty { bins[bins.count - 1].last = maximum }
        return bins
    }

    private enum CodingKeys: String, CodingKey {
        case lines, total, maximum, mean, median, p90, p99, bins, counts
    }

    /// Encodes the figures for people and programs, not every count.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(lines, forKey: .lines)
        try container.encode(total, forKey: .total)
        try container.encode(maximum, forKey: .maximum)
        try container.encode(mean, forKey: .mean)
        try container.encode(quantile(0.5), forKey: .median)
        try container.encode(quantile(0.9), forKey: .p90)
        try container.encode(quantile(0.99), forKey: .p99)
        try container.encode(bins, forKey: .bins)
    }
}
