/// SplitMix64 (Steele, Lea and Flood 2014): random numbers that depend on the seed alone.
struct FuzzGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// A number from 0 up to, but not including, `bound`.
    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<max(bound, 1), using: &self) }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }
}

/// Ways to damage what a program reads.
enum Mutation {
    /// Values that have broken readers of numbers, words and paths.
    static let values = [
        "", "0", "-1", "1", "010", "1:30", "0x1F", "1e3", "1e308", "1e999", "-1e-320", ".inf",
        "-.inf",
        ".nan", "inf", "nan", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
        "4611686018427387904", "18446744073709551616", "99999999999999999999999", "1.5", "true",
        "yes",
        "null", "~", "[]", "{}", "[1, 2", "{a: b}", "'", "\"", "\\", "#", "a #b", "&a", "*a", "<<",
        "!!int x",
        "!!binary x", "- x", "? x", "| ", "---", "%YAML 9", "\t", "\u{0}", "\u{FEFF}", "\u{202E}",
        "ﷺ",
        "e\u{301}", "/dev/zero", "/dev/null", "/", ".", "..", "~/x", "no such file", "config.yaml",
        String(repeating: "x", count: 5000), String(repeating: "[", count: 3000),
    ]

    /// Bytes with one to four random damages.
    static func damaged(_ bytes: [UInt8], _ random: inout FuzzGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0...random.below(4) { damage(&bytes, &random) }
        return bytes
    }

    private static func damage(_ bytes: inout [UInt8], _ random: inout FuzzGenerator) {
        guard !bytes.isEmpty else {
            bytes = (0..<random.below(40)).map { _ in UInt8(random.below(256)) }
            return
        }
        let place = random.below(bytes.count)
        let end = min(bytes.count, place + 1 + random.below(16))
        switch random.below(11) {
        case 0, 1, 2: bytes[place] ^= 1 << UInt8(random.below(8))
        case 3:
            bytes[place] = random.pick([0, 0x0A, 0x0D, 0x22, 0x2D, 0x39, 0x7F, 0x80, 0xC0, 0xFF])
        case 4: bytes.removeLast(bytes.count - place)
        case 5: bytes.removeSubrange(place..<end)
        case 6: bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count))
        case 7:
            bytes.replaceSubrange(place..<end, with: [UInt8](repeating: 0xFF, count: end - place))
        case 8:
            bytes.append(contentsOf: (0..<random.below(64)).map { _ in UInt8(random.below(256)) })
        case 9: bytes.insert(contentsOf: Array(random.pick(values).utf8), at: place)
        default: replaceNumber(in: &bytes, from: place, &random)
        }
    }

    /// Puts one of ``values`` in the place of the next run of digits.
    private static func replaceNumber(
        in bytes: inout [UInt8], from place: Int, _ random: inout FuzzGenerator
    ) {
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        guard let first = bytes[place...].firstIndex(where: isDigit) else { return }
        let end = bytes[first...].firstIndex { !isDigit($0) } ?? bytes.count
        bytes.replaceSubrange(first..<end, with: Array(random.pick(values).utf8))
    }

    /// Text whose lines or words are exchanged, doubled, lost or given another value.
    static func rewritten(_ text: String, _ random: inout FuzzGenerator) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for _ in 0...random.below(3) {
            let place = random.below(lines.count)
            switch random.below(5) {
            case 0: lines[place] = withOtherValue(lines[place], &random)
            case 1: lines.insert(lines[random.below(lines.count)], at: place)
            case 2 where lines.count > 1: lines.remove(at: place)
            case 3: lines.swapAt(place, random.below(lines.count))
            default: lines[place] = withOtherValue(lines[place], &random)
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func withOtherValue(_ line: String, _ random: inout FuzzGenerator) -> String {
        let value = random.pick(values)
        guard let colon = line.lastIndex(of: ":") else { return line + value }
        return "\(line[..<colon]): \(value)"
    }
}
