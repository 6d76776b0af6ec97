import SeqFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What of a line is kept to compare it with the other side: eight bytes a pair, so that a corpus of
/// millions of lines fits.
struct LineSignature {
    /// The length on a logarithmic scale; 0 for an empty line.
    var length: UInt8
    var endMark: UInt8
    /// A short hash of the numbers; 0 when there are none.
    var numbers: UInt16

    init(_ features: LineFeatures) {
        let scaled = (log(Double(1 + features.characters)) * Self.steps).rounded()
        length = UInt8(min(255, scaled))
        endMark = features.endMark.rawValue
        numbers = features.numbers == 0 ? 0 : UInt16(1 + features.numbers % 65_535)
    }

    /// Steps of the scale for a factor of e.
    static let steps = 23.0

    /// The natural logarithm of the length.
    var logLength: Double { Double(length) / Self.steps }
}

/// Measures how well the sides of pairs agree, compared with lines that are paired at random.
///
/// Translations of long lines are long (Gale & Church 1993), numbers are kept, and questions stay
/// questions. Where none of this is so, lines do not belong together.
struct AlignmentCheck {
    private(set) var source: [LineSignature] = []
    private(set) var target: [LineSignature] = []

    mutating func addSource(_ features: LineFeatures) { source.append(LineSignature(features)) }
    mutating func addTarget(_ features: LineFeatures) { target.append(LineSignature(features)) }

    /// Agreement of the pairs of lines that stand in `range`, and of as many random ones.
    func agreement(in range: Range<Int>? = nil, seed: UInt64) -> PairAgreement {
        let range = range ?? 0..<min(source.count, target.count)
        var generator = SplitMix64(seed: seed)
        var found = PairAgreement()
        for index in range {
            found.add(source[index], target[index])
            let other = range.lowerBound + Int(generator.next(below: UInt64(range.count)))
            found.addRandom(source[index], target[other])
        }
        return found
    }

    /// The pairs whose ratio of lengths, target to source, is far from the usual one.
    ///
    /// The logarithms of ratios are compared with their median; far is four deviations, estimated
    /// from the median absolute deviation, and at least a factor of three.
    func ratio() -> (summary: RatioSummary, outliers: [Int]) {
        let count = min(source.count, target.count)
        // The difference of two logarithmic lengths has 511 values.
        var counts = [Int](repeating: 0, count: 511)
        var total = 0
        func difference(_ index: Int) -> Int? {
            guard source[index].length > 0, target[index].length > 0 else { return nil }
            return Int(target[index].length) - Int(source[index].length)
        }
        for index in 0..<count {
            guard let difference = difference(index) else { continue }
            counts[difference + 255] += 1
            total += 1
        }
        func quantile(_ share: Double, _ counts: [Int]) -> Int {
            var rest = Int((share * Double(total)).rounded(.up))
            return counts.firstIndex {
                rest -= $0
                return rest <= 0
            } ?? 0
        }
        guard total > 0 else { return (RatioSummary(), []) }
        let median = quantile(0.5, counts) - 255
        var deviations = [Int](repeating: 0, count: 511)
        for (index, count) in counts.enumerated() where count > 0 {
            deviations[min(510, abs(index - 255 - median))] += count
        }
        let deviation = 1.4826 * Double(quantile(0.5, deviations))
        let limit = max(4 * deviation, log(3) * LineSignature.steps)
        let outliers = (0..<count).filter { index in
            guard let difference = difference(index) else { return false }
            // Among short lines every ratio occurs.
            let longer = max(source[index].logLength, target[index].logLength)
            return abs(Double(difference - median)) > limit && longer > log(16)
        }
        func ratio(_ share: Double) -> Double {
            exp(Double(quantile(share, counts) - 255) / LineSignature.steps)
        }
        let summary = RatioSummary(
            median: ratio(0.5), p1: ratio(0.01), p99: ratio(0.99), outliers: outliers.count)
        return (summary, outliers)
    }
}

/// The ratios of the lengths of pairs in characters, target to source.
public struct RatioSummary: Encodable, Hashable, Sendable {
    /// The median.
    public var median = 0.0
    /// What one pair of a hundred is below.
    public var p1 = 0.0
    /// What one pair of a hundred is above.
    public var p99 = 0.0
    /// The number of pairs far from the median.
    public var outliers = 0
}

/// How the sides of pairs agree, and how those of random pairs do.
struct PairAgreement {
    private var lengths = Correlation()
    private var randomLengths = Correlation()
    private var marks = Share()
    private var randomMarks = Share()
    private var numbers = Share()
    private var randomNumbers = Share()

    private struct Share {
        var hits = 0
        var count = 0
        var value: Double { count > 0 ? Double(hits) / Double(count) : 0 }

        mutating func add(_ isHit: Bool) {
            count += 1
            if isHit { hits += 1 }
        }
    }

    mutating func add(_ source: LineSignature, _ target: LineSignature) {
        Self.add(source, target, &lengths, &marks, &numbers)
    }

    mutating func addRandom(_ source: LineSignature, _ target: LineSignature) {
        Self.add(source, target, &randomLengths, &randomMarks, &randomNumbers)
    }

    private static func add(
        _ source: LineSignature, _ target: LineSignature, _ lengths: inout Correlation,
        _ marks: inout Share, _ numbers: inout Share
    ) {
        guard source.length > 0, target.length > 0 else { return }
        lengths.add(source.logLength, target.logLength)
        marks.add(source.endMark == target.endMark)
        if source.numbers != 0 || target.numbers != 0 {
            numbers.add(source.numbers == target.numbers)
        }
    }

    /// The number of pairs compared.
    var count: Int { lengths.count }

    /// How many standard errors the agreement is above that of random pairs, by its best measure; nil
    /// when lines differ too little to tell.
    var significance: Double? {
        func distance(_ share: Share, _ random: Share) -> Double? {
            let pooled = (share.value + random.value) / 2
            let error =
                pooled * (1 - pooled)
                * (1 / Double(max(1, share.count)) + 1 / Double(max(1, random.count)))
            return share.count >= 20 && error > 0
                ? (share.value - random.value) / error.squareRoot() : nil
        }
        let measures = [
            lengths.value.map { $0 * Double(lengths.count).squareRoot() },
            distance(marks, randomMarks), distance(numbers, randomNumbers),
        ]
        return measures.compactMap { $0 }.max()
    }

    var summary: AgreementSummary {
        AgreementSummary(
            lengthCorrelation: lengths.value, randomLengthCorrelation: randomLengths.value,
            endMarks: marks.value, randomEndMarks: randomMarks.value, withNumbers: numbers.count,
            numbers: numbers.value, randomNumbers: randomNumbers.value)
    }
}

/// How the sides of the pairs of a corpus agree, and how those of random pairs do.
public struct AgreementSummary: Encodable, Hashable, Sendable {
    /// The correlation of the logarithms of the lengths in characters; nil when one side has lines of
    /// one length only.
    public var lengthCorrelation: Double?
    /// The same of random pairs.
    public var randomLengthCorrelation: Double?
    /// The share of pairs that end with the same mark, or both without.
    public var endMarks: Double
    /// The same of random pairs.
    public var randomEndMarks: Double
    /// The number of pairs with a number on a side.
    public var withNumbers: Int
    /// The share of those whose sides have the same numbers.
    public var numbers: Double
    /// The same of random pairs.
    public var randomNumbers: Double
}

/// The correlation of two series of numbers (Pearson).
struct Correlation {
    private(set) var count = 0
    private var (sumX, sumY, sumXX, sumYY, sumXY) = (0.0, 0.0, 0.0, 0.0, 0.0)

    mutating func add(_ x: Double, _ y: Double) {
        count += 1
        sumX += x
        sumY += y
        sumXX += x * x
        sumYY += y * y
        sumXY += x * y
    }

    /// The correlation; nil when a series does not vary.
    var value: Double? {
        let n = Double(count)
        let (varianceX, varianceY) = (sumXX - sumX * sumX / n, sumYY - sumY * sumY / n)
        guard count >= 2, varianceX > 1e-9 * n, varianceY > 1e-9 * n else { return nil }
        return (sumXY - sumX * sumY / n) / (varianceX * varianceY).squareRoot()
    }
}
