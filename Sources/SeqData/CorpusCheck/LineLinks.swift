import SeqFiles

/// The rare words of the lines of one side, by their hashes.
struct LineWords {
    private(set) var count = 0
    private var words: [(word: UInt32, line: UInt32)] = []
    /// A hash of all words of a line, to know lines that are the same.
    private(set) var texts: [UInt64] = []

    /// The words of a line that are looked at, so that one endless line does not decide.
    private static let most = 64

    /// Adds the words of a line and each pair of neighbours.
    ///
    /// Of lines of one or two words, which hardly ever come again, it adds pieces too. A character of a script
    /// without spaces is a word.
    mutating func add(_ text: String) {
        let line = UInt32(count)
        count += 1
        var own: [UInt32] = []
        var pieces: [UInt32] = []
        var (word, last, length) = (UInt64(0), UInt64(0), 0)
        var (first, second) = (UInt32(0), UInt32(0))
        var (number, whole) = (0, UInt64(0))
        func hashed(_ value: UInt64) -> UInt32 {
            UInt32(truncatingIfNeeded: SplitMix64.mixed(value))
        }
        func end() {
            guard length > 0 else { return }
            own.append(hashed(word))
            if last != 0 { own.append(hashed(last &* 31 &+ word)) }
            whole = SplitMix64.mixed(whole &+ word)
            last = word
            number += 1
            (word, length, first, second) = (0, 0, 0, 0)
        }
        for scalar in text.unicodeScalars {
            guard number < Self.most else { break }
            let value = CaseTable.lowercased(scalar.value)
            guard LineFeatures.isWordCharacter(scalar), !Self.isSeparator(value) else {
                end()
                continue
            }
            if Self.standsAlone(value) { end() }
            word = (word ^ UInt64(value)) &* 0x100_0000_01B3 &+ 1
            length += 1
            if length > 2, number < 3 {
                pieces.append(hashed(UInt64(first) << 42 ^ UInt64(second) << 21 ^ UInt64(value)))
            }
            (first, second) = (second, value)
            if Self.standsAlone(value) { end() }
        }
        end()
        if number <= 2 { own += pieces }
        texts.append(whole)
        for word in Set(own) { words.append((word, line)) }
    }

    private static func isSeparator(_ value: UInt32) -> Bool {
        switch value {
        case 0x80...0xBF, 0x2000...0x206F, 0x3000...0x303F, 0xFF00...0xFF0F, 0xFF1A...0xFF20: true
        default: false
        }
    }

    private static func standsAlone(_ value: UInt32) -> Bool {
        switch value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x30FF, 0x3400...0x9FFF,
            0x20000...0x3FFFF:
            true
        default: false
        }
    }

    /// Pairs of lines that share a word, by their distance and the first of them; the rarest words first,
    /// until there are about 15 pairs for each line.
    func links() -> [UInt64] {
        let sorted = words.map { UInt64($0.word) << 32 | UInt64($0.line) }.sorted()
        var groups = [[Range<Int>]](repeating: [], count: 65)
        var start = 0
        for index in 1..<max(1, sorted.count + 1) where !sorted.isEmpty {
            if index < sorted.count, sorted[index] >> 32 == sorted[start] >> 32 { continue }
            if (2...64).contains(index - start) { groups[index - start].append(start..<index) }
            start = index
        }
        var links: [UInt64] = []
        for (size, ranges) in groups.enumerated() where !ranges.isEmpty {
            let more = ranges.count * size * (size - 1) / 2
            if !links.isEmpty, links.count + more > 15 * count { break }
            for range in ranges {
                for first in range {
                    for second in first + 1..<range.upperBound {
                        let (one, other) = (
                            sorted[first] & 0xFFFF_FFFF, sorted[second] & 0xFFFF_FFFF
                        )
                        links.append((other - one) << 32 | one)
                    }
                }
            }
        }
        links.sort()
        var unique: [UInt64] = []
        unique.reserveCapacity(links.count)
        for link in links where link != unique.last { unique.append(link) }
        return unique
    }
}

/// Where pairs of lines that share words on one side meet such pairs on the other side.
///
/// Two sources that share a rare word have targets that share one, whatever the languages: when source
/// lines i and j share a word, and target lines i+d and j+d do, that speaks for d being how far targets
/// stand from their sources. Nothing of the languages need be known or learnt for it. In a corpus whose
/// neighbours resemble each other the true distance still stands out, because it alone keeps the distances
/// of far pairs.
struct LineLinks {
    let source: [UInt64]
    let target: [UInt64]
    let largest: Int

    /// The products of the numbers of links of one distance above which they are left out: they are of
    /// text that repeats itself.
    private static let mostProduct = 4_000_000

    /// Tells of each two links that meet: how far the target stands from the source, the two source
    /// lines, and a weight that is low where links of the distance are many.
    func meetings(_ body: (_ offset: Int, _ first: Int, _ second: Int, _ weight: Float) -> Void) {
        var (left, right) = (0, 0)
        while left < source.count, right < target.count {
            let gap = source[left] >> 32
            let other = target[right] >> 32
            if gap < other {
                left += 1
                continue
            }
            if other < gap {
                right += 1
                continue
            }
            var (leftEnd, rightEnd) = (left, right)
            while leftEnd < source.count, source[leftEnd] >> 32 == gap { leftEnd += 1 }
            while rightEnd < target.count, target[rightEnd] >> 32 == gap { rightEnd += 1 }
            let product = (leftEnd - left) * (rightEnd - right)
            if product <= Self.mostProduct {
                let weight = 1 / Float(product).squareRoot()
                var low = right
                for index in left..<leftEnd {
                    let line = Int(source[index] & 0xFFFF_FFFF)
                    while low < rightEnd, Int(target[low] & 0xFFFF_FFFF) < line - largest {
                        low += 1
                    }
                    var next = low
                    while next < rightEnd {
                        let offset = Int(target[next] & 0xFFFF_FFFF) - line
                        if offset > largest { break }
                        body(offset, line, line + Int(gap), weight)
                        next += 1
                    }
                }
            }
            (left, right) = (leftEnd, rightEnd)
        }
    }
}
