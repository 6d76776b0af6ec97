import SeqFiles

/// Lines that were counted, and the first of them.
struct LineTally {
    private(set) var count = 0
    private(set) var first: [Int] = []

    /// The lines that are named at most.
    static let most = 5

    mutating func add(_ line: Int) {
        count += 1
        if first.count < Self.most { first.append(line) }
    }
}

/// What is found out about a side of a corpus, line by line.
struct SideExamination {
    let path: String
    private(set) var lines = 0
    private(set) var characters = LengthHistogram()
    private(set) var words = LengthHistogram()
    private(set) var scripts: [Script: LineTally] = [:]
    private(set) var profile = CharacterProfile()
    private var hasByteOrderMark = false
    private var carriageReturns = LineTally()
    private var invalid = LineTally()
    private var firstInvalid = ""
    private var oddLines = [LineTally](repeating: LineTally(), count: 7)

    init(path: String) { self.path = path }

    /// Takes the bytes of the next line and returns its text, repaired if need be, with its features.
    mutating func examine(_ bytes: [UInt8]) -> (text: String, features: LineFeatures) {
        lines += 1
        var bytes = bytes[...]
        if lines == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            hasByteOrderMark = true
            bytes = bytes.dropFirst(3)
        }
        if bytes.last == UInt8(ascii: "\r") {
            carriageReturns.add(lines)
            bytes = bytes.dropLast()
        }
        let valid = String(validating: bytes, as: UTF8.self)
        let text = valid ?? String(decoding: bytes, as: UTF8.self)
        let features = LineFeatures(text)
        if valid == nil {
            if invalid.count == 0 {
                let offset = bytes.withUnsafeBufferPointer { offsetOfInvalidUTF8(in: $0) }
                let byte = bytes[bytes.startIndex + offset]
                firstInvalid =
                    "0x\(String(byte, radix: 16, uppercase: true)) at byte \(offset + 1) of line \(lines)"
            }
            invalid.add(lines)
        } else if !features.oddities.isEmpty {
            for bit in oddLines.indices where features.oddities.rawValue & 1 << bit != 0 {
                oddLines[bit].add(lines)
            }
        }
        characters.add(features.characters)
        words.add(features.words)
        if let script = features.script { scripts[script, default: LineTally()].add(lines) }
        profile.add(text)
        return (text, features)
    }

    private func odd(_ oddity: TextOddities) -> LineTally {
        oddLines[oddity.rawValue.trailingZeroBitCount]
    }

    /// The script of most lines, and the share of the lines with letters that it has.
    var majority: (script: Script, share: Double)? {
        let total = scripts.values.reduce(0) { $0 + $1.count }
        return scripts.max { ($0.value.count, $1.key.rawValue) < ($1.value.count, $0.key.rawValue) }
            .map { ($0.key, Double($0.value.count) / Double(total)) }
    }

    /// What lengths are best counted in.
    var unit: SideSummary.Unit {
        // Most languages have 4 to 7 letters a word; those without spaces have a word a clause.
        let isSpaced = Double(characters.total) < 12 * Double(words.total)
        return isSpaced && words.mean >= 2 ? .words : .characters
    }

    var lengths: LengthHistogram { unit == .words ? words : characters }

    func length(_ features: LineFeatures) -> Int {
        unit == .words ? features.words : features.characters
    }

    var summary: SideSummary {
        SideSummary(
            path: path, lines: lines, unit: unit, characters: characters, words: words,
            scripts: Dictionary(
                uniqueKeysWithValues: scripts.map { ($0.key.rawValue, $0.value.count) }),
            decomposedLines: odd(.decomposed).count, fullWidthLines: odd(.fullWidth).count)
    }

    /// What is wrong with the characters of the side.
    func findings(_ corpus: CorpusFinding.Corpus, _ side: CorpusFinding.Side) -> [CorpusFinding] {
        var findings: [CorpusFinding] = []
        func add(
            _ code: CorpusFinding.Code, _ severity: CorpusFinding.Severity, _ tally: LineTally,
            _ message: String, _ remedy: String
        ) {
            guard tally.count > 0 else { return }
            findings.append(
                CorpusFinding(
                    code, severity, corpus, side, path: path, message, remedy: remedy,
                    count: tally.count, lines: tally.first))
        }
        add(
            .invalidText, .error, invalid,
            "\(count(invalid, "line")) not UTF-8, first \(firstInvalid)",
            "convert the file to UTF-8, for example with iconv, or delete the lines on both sides")
        add(
            .invalidText, .error, odd(.null), "\(count(odd(.null), "line")) with NUL",
            "is this UTF-16 or a binary file? convert it to UTF-8")
        let isRegular = carriageReturns.count == lines
        add(
            .carriageReturns, isRegular ? .note : .warning, carriageReturns,
            isRegular
                ? "all lines end in CR LF"
                : "\(count(carriageReturns, "line")) of \(lines) end in CR LF, the others in LF",
            isRegular
                ? "nothing: the CR is dropped here; other programs may keep it as part of the last word"
                : "make line ends the same, for example with dos2unix, and compare the number of lines"
        )
        if hasByteOrderMark {
            findings.append(
                CorpusFinding(
                    .byteOrderMark, .note, corpus, side, path: path,
                    "the file begins with a byte order mark",
                    remedy:
                        "nothing: it is dropped here; other programs make it part of the first word",
                    lines: [1]))
        }
        add(
            .controlCharacters, .warning, odd(.control),
            "\(count(odd(.control), "line")) with control characters",
            "delete them, for example with tr -d '\\000-\\010\\016-\\037\\177'")
        add(
            .lineSeparators, .warning, odd(.lineSeparator),
            "\(count(odd(.lineSeparator), "line")) with a character inside that other programs take for a line end (CR, VT, FF, U+0085, U+2028)",
            "replace it by a space: files that were made or split with it are shifted against each other"
        )
        add(
            .invisibleCharacters, .note, odd(.invisible),
            "\(count(odd(.invisible), "line")) with characters that are not seen (zero-width space, soft hyphen, direction marks)",
            "delete them: the same word with and without is two words to the vocabulary")
        add(
            .mojibake, .warning, odd(.mojibake),
            "\(count(odd(.mojibake), "line")) with text that a wrong encoding has damaged (Ã©, â€, U+FFFD)",
            "convert the original anew, or drop the lines on both sides")
        return findings
    }

    private func count(_ tally: LineTally, _ noun: String) -> String {
        "\(tally.count) \(noun)\(tally.count == 1 ? "" : "s")"
    }
}
