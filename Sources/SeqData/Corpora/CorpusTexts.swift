/// Fetches lines of a corpus to show them in findings.
enum CorpusTexts {
    private static let longestExample = 60
    /// The pairs that are looked at to tell a shift from a corpus of successive lines.
    private static let compared = 50

    /// Adds to findings what stands in their lines, and drops shifts of a corpus whose targets are the
    /// sources of other lines, as in one of successive lines of a poem or dialogue.
    static func fill(_ findings: inout [CorpusFinding], of corpus: ParallelCorpus) throws {
        var wanted: Set<Int> = []
        for finding in findings {
            wanted.formUnion(finding.lines)
            if finding.code == .shifted, let line = finding.lines.first {
                wanted.formUnion(max(1, line - 10)...line + compared + 10)
            }
        }
        guard let last = wanted.max() else { return }
        var texts: [Int: (source: String, target: String)] = [:]
        let reader = try RawPairReader(corpus)
        while reader.line < last, let pair = try reader.next() {
            guard wanted.contains(reader.line) else { continue }
            texts[reader.line] = (text(pair.source), text(pair.target))
        }
        findings.removeAll { finding in
            guard finding.code == .shifted, let line = finding.lines.first else { return false }
            return repeatsItself(texts, from: line)
        }
        for index in findings.indices {
            let side = findings[index].side
            findings[index].examples = findings[index].lines.compactMap { line in
                texts[line].map { text in
                    switch side {
                    case .source: shortened(text.source)
                    case .target: shortened(text.target)
                    case nil: "\(shortened(text.source)) ↔ \(shortened(text.target))"
                    }
                }
            }
        }
    }

    /// Whether most targets are the source of a line nearby.
    private static func repeatsItself(
        _ texts: [Int: (source: String, target: String)], from line: Int
    ) -> Bool {
        let targets = (line..<line + compared).compactMap { texts[$0]?.target }
        let near = Set(texts.values.map(\.source))
        return targets.count { near.contains($0) } * 2 > targets.count
    }

    private static func text(_ bytes: [UInt8]?) -> String {
        guard let bytes else { return "(the file has ended)" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The beginning of a text, with what a terminal would not show made visible.
    private static func shortened(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(longestExample) {
            let isPlain = TextOddities(scalar.value, after: 0).isSubset(of: [
                .decomposed, .fullWidth,
            ])
            let isReplacement = scalar == "\u{FFFD}"
            if isPlain || isReplacement {
                result.unicodeScalars.append(scalar == "\t" ? " " : scalar)
            } else {
                result += "<U+\(String(scalar.value, radix: 16, uppercase: true))>"
            }
        }
        return text.unicodeScalars.count > longestExample ? "\(result)…" : result
    }
}
