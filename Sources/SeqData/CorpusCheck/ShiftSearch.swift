import SeqFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Finds where one side of a corpus is shifted against the other, as a missing or an additional line
/// does to all lines that follow.
///
/// Each source line is compared with the target line of the same number and those up to
/// ``largestShift`` away. The log-likelihood ratio of "belong together" to "have nothing to do with each
/// other" adds up what lengths (a bivariate normal distribution of their logarithms), end marks and
/// numbers say. The likeliest course of shifts along the corpus, each change of which has a cost, is
/// found by dynamic programming (Viterbi 1967); having nothing to do with each other is one of its states.
struct ShiftSearch {
    /// Lines of the corpus that do not belong to the target lines of the same numbers.
    struct Segment: Hashable {
        /// The source lines, counted from 0.
        var lines: Range<Int>
        /// Source line n belongs to target line n + shift; nil when it belongs to none near it.
        var shift: Int?
    }

    static let largestShift = 5
    private static let shifts = Array(-largestShift...largestShift)
    /// The cost of a change of shift: e²⁰ times the likelihood must speak for it.
    private static let cost = 20.0
    /// A segment is reported when it is better explained than by no shift by so many standard errors.
    private static let significance = 5.0
    private static let leastLines = 20
    private static let leastUnrelatedLines = 200

    private let source: [LineSignature]
    private let target: [LineSignature]
    private let seed: UInt64

    init(_ check: AlignmentCheck, seed: UInt64) {
        source = check.source
        target = check.target
        self.seed = seed
    }

    /// Returns the segments with a shift, and those whose lines belong to none near them.
    func segments() -> [Segment] {
        guard min(source.count, target.count) >= Self.leastLines else { return [] }
        // The first round knows nothing but that one shift may be better than the others overall.
        let initial = [Segment(lines: source.indices, shift: bestOverall())]
        var evidence = Evidence(source, target, initial, seed: seed)
        let first = path(evidence)
        evidence = Evidence(source, target, first, seed: seed)
        return path(evidence).filter { isCertain($0, evidence) }.reduce(into: []) { merged, next in
            // A stretch that says nothing, as one of equal lengths, does not end a shift.
            if let last = merged.last, last.shift == next.shift,
                (next.lines.lowerBound - last.lines.upperBound) * 10
                    < last.lines.count + next.lines.count
            {
                merged[merged.count - 1].lines = last.lines.lowerBound..<next.lines.upperBound
            } else {
                merged.append(next)
            }
        }
    }

    private func bestOverall() -> Int {
        func correlation(_ shift: Int) -> Double {
            var correlation = Correlation()
            for index in source.indices {
                guard let (source, target) = pair(index, shift) else { continue }
                correlation.add(source.logLength, target.logLength)
            }
            return correlation.value ?? 0
        }
        let found = Self.shifts.map { (shift: $0, correlation: correlation($0)) }
        return found.max {
            ($0.correlation, -abs($0.shift)) < ($1.correlation, -abs($1.shift))
        }?.shift ?? 0
    }

    /// The two lines that a shift pairs; nil where there is none, or one is empty.
    private func pair(_ index: Int, _ shift: Int) -> (LineSignature, LineSignature)? {
        let other = index + shift
        guard target.indices.contains(other), source[index].length > 0, target[other].length > 0
        else { return nil }
        return (source[index], target[other])
    }

    /// The likeliest course of shifts.
    private func path(_ evidence: Evidence) -> [Segment] {
        // Where the course so far of each state has changed last, and what came before.
        struct Course {
            var score: Double
            var start: Int
            var parent: Int
        }
        struct Node {
            var state: Int
            var start: Int
            var parent: Int
        }
        let unrelated = Self.shifts.count
        var nodes: [Node] = []
        var courses = (0...unrelated).map { state in
            Course(
                score: state == Self.largestShift ? 0 : -Self.cost, start: 0, parent: -1)
        }
        // The node of the best course, once another one has branched off it.
        var branched: (state: Int, start: Int, node: Int)?
        for index in source.indices {
            var best = 0
            for state in courses.indices where courses[state].score > courses[best].score {
                best = state
            }
            let threshold = courses[best].score - Self.cost
            for state in courses.indices {
                if courses[state].score < threshold {
                    if branched?.state != best || branched?.start != courses[best].start {
                        nodes.append(
                            Node(
                                state: best, start: courses[best].start,
                                parent: courses[best].parent))
                        branched = (best, courses[best].start, nodes.count - 1)
                    }
                    courses[state] = Course(
                        score: threshold, start: index, parent: branched?.node ?? -1)
                }
                if state < unrelated, let (source, target) = pair(index, Self.shifts[state]) {
                    courses[state].score += evidence.ratio(source, target)
                }
            }
        }
        var end = source.count
        var state = courses.indices.max { courses[$0].score < courses[$1].score } ?? 0
        var (start, parent) = (courses[state].start, courses[state].parent)
        var segments: [Segment] = []
        while true {
            if start < end {
                segments.append(
                    Segment(
                        lines: start..<end, shift: state < unrelated ? Self.shifts[state] : nil))
            }
            guard parent >= 0 else { return segments.reversed() }
            (state, end) = (nodes[parent].state, start)
            (start, parent) = (nodes[parent].start, nodes[parent].parent)
        }
    }

    private func isCertain(_ segment: Segment, _ evidence: Evidence) -> Bool {
        guard let shift = segment.shift else {
            let lines = segment.lines.clamped(to: target.indices)
            guard lines.count >= Self.leastUnrelatedLines else { return false }
            var found = PairAgreement()
            var generator = SplitMix64(seed: seed)
            for index in lines {
                found.add(source[index], target[index])
                let other = lines.lowerBound + Int(generator.next(below: UInt64(lines.count)))
                found.addRandom(source[index], target[other])
            }
            return found.significance.map { $0 < 3 } ?? false
        }
        guard shift != 0, segment.lines.count >= Self.leastLines else { return false }
        var (count, sum, squares) = (0.0, 0.0, 0.0)
        for index in segment.lines {
            guard let shifted = pair(index, shift) else { continue }
            let straight = pair(index, 0).map { evidence.ratio($0.0, $0.1) } ?? 0
            let gain = evidence.ratio(shifted.0, shifted.1) - straight
            count += 1
            sum += gain
            squares += gain * gain
        }
        let variance = max(squares / count - (sum / count) * (sum / count), 1e-6)
        return sum > Self.cost && sum / (variance * count).squareRoot() > Self.significance
    }
}

/// What lengths, end marks and numbers of two lines say about whether they belong together.
private struct Evidence {
    private let correlation: Double
    /// 1 - correlation², and what its logarithm adds for every pair.
    private let rest: Double
    private let offset: Double
    /// Lengths of the logarithmic scale in standard deviations from the mean.
    private let sourceLengths: [Double]
    private let targetLengths: [Double]
    private let marks: [Double]
    private let numbers: [Double]

    private static let markCount = LineFeatures.EndMark.allCases.count
    /// What one measure can say at most, so that odd lines do not decide.
    private static let most = 3.0

    /// Learns from the pairs that `segments` make, compared with random ones.
    init(
        _ source: [LineSignature], _ target: [LineSignature], _ segments: [ShiftSearch.Segment],
        seed: UInt64
    ) {
        var generator = SplitMix64(seed: seed)
        var correlation = Correlation()
        var (sourceScale, targetScale) = (Scale(), Scale())
        let markCount = Self.markCount
        var pairMarks = [Double](repeating: 0.5, count: markCount * markCount)
        var randomMarks = pairMarks
        var pairNumbers = [Double](repeating: 0.5, count: 4)
        var randomNumbers = pairNumbers
        for segment in segments {
            guard let shift = segment.shift else { continue }
            for index in segment.lines where target.indices.contains(index + shift) {
                let (source, target, random) = (
                    source[index], target[index + shift],
                    target[Int(generator.next(below: UInt64(target.count)))]
                )
                guard source.length > 0, target.length > 0, random.length > 0 else { continue }
                correlation.add(source.logLength, target.logLength)
                sourceScale.add(source.logLength)
                targetScale.add(target.logLength)
                pairMarks[Self.marks(source, target)] += 1
                randomMarks[Self.marks(source, random)] += 1
                pairNumbers[Self.numbers(source, target)] += 1
                randomNumbers[Self.numbers(source, random)] += 1
            }
        }
        let r = min(max(correlation.value ?? 0, 0), 0.98)
        self.correlation = r
        rest = 1 - r * r
        offset = -0.5 * log(rest)
        sourceLengths = sourceScale.standardized
        targetLengths = targetScale.standardized
        // A cell that hardly occurs says nothing: both counts are smoothed alike.
        func ratios(_ pairs: [Double], _ random: [Double]) -> [Double] {
            zip(pairs, random).map { max(-Self.most, min(Self.most, log(($0 + 5) / ($1 + 5)))) }
        }
        marks = ratios(pairMarks, randomMarks)
        numbers = ratios(pairNumbers, randomNumbers)
    }

    /// The mean and deviation of logarithmic lengths.
    private struct Scale {
        var (count, sum, squares) = (0.0, 0.0, 0.0)

        mutating func add(_ value: Double) {
            count += 1
            sum += value
            squares += value * value
        }

        var standardized: [Double] {
            guard count > 0 else { return [Double](repeating: 0, count: 256) }
            let mean = sum / count
            let deviation = max(squares / count - mean * mean, 1e-9).squareRoot()
            return (0..<256).map {
                max(-3, min(3, (Double($0) / LineSignature.steps - mean) / deviation))
            }
        }
    }

    private static func marks(_ source: LineSignature, _ target: LineSignature) -> Int {
        Int(source.endMark) * markCount + Int(target.endMark)
    }

    private static func numbers(_ source: LineSignature, _ target: LineSignature) -> Int {
        switch (source.numbers, target.numbers) {
        case (0, 0): 0
        case (0, _), (_, 0): 1
        case let (first, second): first == second ? 2 : 3
        }
    }

    /// The log-likelihood ratio of belonging together to chance.
    func ratio(_ source: LineSignature, _ target: LineSignature) -> Double {
        let (x, y, r) = (
            sourceLengths[Int(source.length)], targetLengths[Int(target.length)], correlation
        )
        let lengths = offset + (2 * r * x * y - r * r * (x * x + y * y)) / (2 * rest)
        return max(-Self.most, min(Self.most, lengths))
            + marks[Self.marks(source, target)] + numbers[Self.numbers(source, target)]
    }
}
