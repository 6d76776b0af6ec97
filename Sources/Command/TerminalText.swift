/// A line in a terminal, made of parts that may be set off, with its width in columns.
struct TerminalText {
    /// How a part looks.
    enum Style: String {
        case plain = ""
        case faint = "\u{1b}[2m"
        case good = "\u{1b}[32m"
        case bold = "\u{1b}[1m"
    }

    private var parts: [(text: String, style: Style)] = []
    /// How many columns it takes.
    private(set) var columns = 0

    init(_ text: String = "", _ style: Style = .plain) { append(text, style) }

    /// Appends text; control characters, which would act on the terminal, become spaces.
    mutating func append(_ text: String, _ style: Style = .plain) {
        let clean = String(text.map { TerminalText.isControl($0) ? " " : $0 })
        parts.append((clean, style))
        columns += TerminalText.columns(clean)
    }

    /// The line cut to `limit` columns, with an ellipsis where something is missing.
    func cut(to limit: Int) -> TerminalText {
        guard columns > limit else { return self }
        var result = TerminalText()
        var room = limit - 1
        for (text, style) in parts {
            var kept = ""
            for character in text {
                let width = TerminalText.columns(of: character)
                guard width <= room else {
                    result.append(kept, style)
                    if limit > 0 { result.append("…") }
                    return result
                }
                kept.append(character)
                room -= width
            }
            result.append(kept, style)
        }
        return result
    }

    /// As many of `items` as fit into `limit` columns with bars between them, at least the first one's
    /// start.
    static func row(_ items: [TerminalText], limit: Int) -> TerminalText {
        guard var row = items.first?.cut(to: limit) else { return TerminalText() }
        for item in items.dropFirst() where row.columns + 3 + item.columns <= limit {
            row.append(" | ", .faint)
            for part in item.parts { row.append(part.text, part.style) }
        }
        return row
    }

    /// What is written to the terminal.
    func text(inColor: Bool) -> String {
        parts.map { text, style in
            inColor && style != .plain && !text.isEmpty
                ? "\(style.rawValue)\(text)\u{1b}[0m" : text
        }.joined()
    }

    /// The text without control characters, which would act on a terminal.
    static func clean(_ text: String) -> String { TerminalText(text).text(inColor: false) }

    /// The columns of a text.
    static func columns(_ text: String) -> Int { text.reduce(0) { $0 + columns(of: $1) } }

    private static func isControl(_ character: Character) -> Bool {
        character.unicodeScalars.contains {
            [.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
        }
    }

    /// The columns of a character: two for the wide ones of East Asian scripts and for emoji, none for
    /// what only changes its neighbour (Unicode Standard Annex 11).
    static func columns(of character: Character) -> Int {
        character.unicodeScalars.reduce(0) { width, scalar in
            let isWide =
                scalar.properties.isEmojiPresentation || scalar == "\u{FE0F}"
                || wide.contains { $0.contains(scalar.value) }
            if isWide { return 2 }
            let hasNone = [.nonspacingMark, .enclosingMark, .format].contains(
                scalar.properties.generalCategory)
            return hasNone ? width : max(width, 1)
        }
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
        0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19,
        0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF,
        0x20000...0x2FFFD, 0x30000...0x3FFFD,
    ]
}
