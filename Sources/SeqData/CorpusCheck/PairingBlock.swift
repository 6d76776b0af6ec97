#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Lines that stand together in a corpus, and how far targets stand from their sources among them.
struct PairingBlock {
    /// Lines whose targets stand elsewhere.
    struct Segment: Hashable {
        /// The source lines, counted from 0 in the corpus.
        var lines: Range<Int>
        /// Source line n belongs to target line n + offset.
        var offset: Int
        /// Which of these lines are meant.
        var extent = Extent.all

        enum Extent: Hashable {
            /// All of them.
            case all
            /// Some; the others belong to the target of the same number.
            case some
            /// Some; the others belong to the target as far on the other side.
            case exchanged
        }
    }

    /// The first line, counted from 0.
    let start: Int
    private var source = LineWords()
    private var target = LineWords()
    private var lengths: (source: [Float], target: [Float]) = ([], [])

    static let leastLines = 40
    /// How far away targets are looked for.
    private static let largestOffset = 2_500
    /// How many standard deviations an offset must stand out from the others.
    private static let significance = 7.0
    /// The cost of a change of offset along the lines, in nats.
    private static let cost = 15.0

    init(start: Int) { self.start = start }

    var count: Int { source.count }

    mutating func add(_ source: String, _ target: String) {
        self.source.add(source)
        self.target.add(target)
        lengths.source.append(log(Float(1 + source.utf8.count)))
        lengths.target.append(log(Float(1 + target.utf8.count)))
    }

    /// The segments that do not belong to the targets of the same numbers, and whether words show that
    /// many lines do belong to them.
    func result() -> (segments: [Segment], agrees: Bool) {
        guard count >= Self.leastLines else { return ([], false) }
        let largest = min(Self.largestOffset, count / 2)
        let links = LineLinks(source: source.links(), target: target.links(), largest: largest)
        var votes = [Float](repeating: 0, count: 2 * largest + 1)
        links.meetings { offset, _, _, weight in votes[offset + largest] += weight }
        let peaks = Peaks(votes, largest: largest)
        let agrees = peaks[0] > Self.significance
        let candidates = peaks.above(Self.significance).filter { $0 != 0 && !isSameText(at: $0) }
        if !candidates.isEmpty {
            return (segments(links, candidates: Array(candidates.prefix(8))), agrees)
        }
        // Words say nothing, of either: lengths may.
        guard peaks[0] < 4, let offset = LengthLag(lengths.source, lengths.target).offset(),
            !isSameText(at: offset)
        else { return ([], agrees) }
        return ([Segment(lines: start..<start + count, offset: offset)], agrees)
    }

    /// Whether targets are only the sources of other lines, as in poems and dialogues.
    private func isSameText(at offset: Int) -> Bool {
        let lines = max(0, -offset)..<min(count, count - offset)
        let same = lines.count { source.texts[$0] == target.texts[$0 + offset] }
        let straight = source.texts.indices.count { source.texts[$0] == target.texts[$0] }
        return same * 2 > lines.count && straight * 10 < count
    }

    /// The course of offsets along the lines that links speak for.
    private func segments(_ links: LineLinks, candidates: [Int]) -> [Segment] {
        let offsets = [0] + candidates
        var supported = offsets.map { _ in [Bool](repeating: false, count: count) }
        // What any other offset has by chance.
        let controls = Set((1...40).map { ($0 * 61 + 17) % links.largest }).subtracting(offsets)
        var chance = 0
        var place = [Int](repeating: -1, count: 2 * links.largest + 1)
        for (index, offset) in offsets.enumerated() { place[offset + links.largest] = index }
        for control in controls { place[control + links.largest] = offsets.count }
        links.meetings { offset, first, second, _ in
            let index = place[offset + links.largest]
            guard index >= 0 else { return }
            if index == offsets.count {
                chance += 2
            } else {
                supported[index][first] = true
                supported[index][second] = true
            }
        }
        let random = max(
            0.5 / Double(count), min(0.3, Double(chance) / Double(max(1, controls.count) * count)))
        let shares = supported.map { own in Double(own.count { $0 }) / Double(count) }
        let most = min(0.95, max(shares.max() ?? 0, 2 * random, 0.05))
        let (yes, no) = (log(most / random), log((1 - most) / (1 - random)))
        let found = course(supported.map { own in own.map { $0 ? yes : no } })
        let moved = found.compactMap { part -> Segment? in
            guard part.state > 0 else { return nil }
            let (own, straight) = counts(supported[part.state], supported[0], part.lines)
            guard Double(own) > 8 + 2 * Double(straight) else { return nil }
            var segment = Segment(
                lines: start + part.lines.lowerBound..<start + part.lines.upperBound,
                offset: offsets[part.state])
            if let opposite = offsets.firstIndex(of: -segment.offset) {
                let (others, _) = counts(supported[opposite], supported[part.state], part.lines)
                if others * 2 > own { segment.extent = .exchanged }
            }
            return segment
        }
        if !moved.isEmpty { return moved }
        // Where single lines are moved among others that are not, no course has changed.
        for (index, offset) in offsets.enumerated().dropFirst() {
            let (own, straight) = counts(supported[index], supported[0], 0..<count)
            if own > 20, own * 2 > straight {
                return [Segment(lines: start..<start + count, offset: offset, extent: .some)]
            }
        }
        return []
    }

    /// The lines that only the one offset explains, and those that only the other does.
    private func counts(_ one: [Bool], _ other: [Bool], _ lines: Range<Int>) -> (Int, Int) {
        (lines.count { one[$0] && !other[$0] }, lines.count { other[$0] && !one[$0] })
    }

    /// The likeliest states of the lines, each change of which has a cost (Viterbi 1967).
    private func course(_ gains: [[Double]]) -> [(state: Int, lines: Range<Int>)] {
        var scores = gains.indices.map { $0 == 0 ? 0 : -Self.cost / 2 }
        // From which state each line has come.
        var origins = gains.map { _ in [UInt8](repeating: 0, count: count) }
        for line in 0..<count {
            let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
            let threshold = scores[best] - Self.cost
            for state in scores.indices {
                let changes = scores[state] < threshold
                origins[state][line] = UInt8(changes ? best : state)
                scores[state] = max(scores[state], threshold) + gains[state][line]
            }
        }
        var state = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        var parts: [(state: Int, lines: Range<Int>)] = []
        var end = count
        for line in stride(from: count - 1, through: 0, by: -1) {
            let origin = Int(origins[state][line])
            guard origin != state || line == 0 else { continue }
            parts.append((state, line..<end))
            (state, end) = (origin, line)
        }
        return parts.reversed()
    }
}

/// How far the votes for each offset stand out from those for the others.
private struct Peaks {
    private let scores: [Double]
    private let largest: Int

    init(_ votes: [Float], largest: Int) {
        // The highest are what is looked for: they say nothing of chance.
        let sorted = votes.sorted().dropLast(max(4, votes.count / 50))
        let mean = sorted.reduce(0) { $0 + Double($1) } / Double(max(1, sorted.count))
        let squares = sorted.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        let deviation = max((squares / Double(max(1, sorted.count))).squareRoot(), 0.05)
        scores = votes.map { (Double($0) - mean) / deviation }
        self.largest = largest
    }

    subscript(offset: Int) -> Double { scores[offset + largest] }

    /// The offsets that stand out, the highest first.
    func above(_ limit: Double) -> [Int] {
        scores.indices.filter { scores[$0] > limit }.sorted { scores[$0] > scores[$1] }
            .map { $0 - largest }
    }
}
