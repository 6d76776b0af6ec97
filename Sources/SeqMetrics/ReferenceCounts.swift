/// The smallest and largest number of references that a segment has.
public struct ReferenceCounts: MetricStatistics, Hashable {
    /// The numbers; `nil` when there is no segment.
    public private(set) var range: ClosedRange<Int>?

    /// Creates the counts of no segment.
    init() {}

    /// Creates the counts of one segment.
    init(_ count: Int) { range = count...count }

    /// Adds the counts of further segments.
    public static func += (left: inout Self, right: Self) {
        guard let counts = right.range else { return }
        left.range =
            min(
                left.range?.lowerBound ?? counts.lowerBound, counts.lowerBound)...max(
                left.range?.upperBound ?? counts.upperBound, counts.upperBound)
    }
}

extension ReferenceCounts: CustomStringConvertible {
    /// The number as sacreBLEU's signatures have it: `var` when segments differ in it.
    public var description: String {
        guard let range else { return "0" }
        return range.count == 1 ? "\(range.lowerBound)" : "var"
    }
}
