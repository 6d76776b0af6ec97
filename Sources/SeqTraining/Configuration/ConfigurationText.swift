import SeqFiles
import Yams

/// The YAML of a configuration: one document of limited size, depth and number of values.
///
/// A few hundred bytes of nested aliases can stand for billions of values, so values are counted as often
/// as aliases repeat them, and before anything walks through them.
enum ConfigurationText {
    /// The most bytes of a file.
    static let longest = 1 << 20
    /// How deep sections and lists may be nested.
    private static let deepest = 32
    /// The most values, with those that aliases repeat.
    private static let most = 100_000

    /// Reads a document; nil if there is none.
    ///
    /// - Throws: a ``Seq2SeqError`` that names the line.
    static func compose(_ text: String, path: String) throws -> Node? {
        let bytes = Array(text.utf8)
        guard bytes.count <= longest else { throw tooLong(path) }
        if let line = lineOfAliasInKey(bytes) { throw badKey(path, line) }
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch let error as YamlError {
            throw syntaxError(error, path: path, in: bytes)
        }
        var examination = Examination(path: path)
        if let root { try examination.check(root, depth: 0, line: 1) }
        return root
    }

    static func tooLong(_ path: String) -> Seq2SeqError {
        Seq2SeqError(
            .badConfiguration, path: path, reason: "more than \(longest) bytes",
            remedy: "a configuration is a short text: is this another file?")
    }

    fileprivate static func badKey(_ path: String, _ line: Int?) -> Seq2SeqError {
        Seq2SeqError(
            .badConfiguration, path: path, line: line,
            reason: "a key is a section, a list or an alias",
            remedy: "write the name of an option before the colon")
    }

    private static func syntaxError(
        _ error: YamlError, path: String, in bytes: [UInt8]
    ) -> Seq2SeqError {
        let remedy = "correct the YAML"
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return Seq2SeqError(
                .badConfiguration, path: path, line: mark.line, reason: problem, remedy: remedy)
        case .reader(let problem, let offset, _, _):
            let before = bytes.prefix(max(0, offset ?? 0))
            return Seq2SeqError(
                .badConfiguration, path: path, line: 1 + before.count { $0 == UInt8(ascii: "\n") },
                reason: problem, remedy: remedy)
        case .duplicatedKeysInMapping(let duplicates, let context):
            return Seq2SeqError(
                .badConfiguration, path: path, line: context.mark.line,
                reason:
                    "the key \(duplicates.map { "\($0)" }.joined(separator: ", ")) appears twice",
                remedy: "keep one of them")
        default:
            return Seq2SeqError(
                .badConfiguration, path: path, reason: "not valid YAML: \(error)", remedy: remedy)
        }
    }

    // MARK: What must be seen before the document is composed

    /// The line of a key that is no plain word, in a text that has aliases; nil if there is none.
    ///
    /// Yams compares the keys of a section, which for aliases in them takes as long as what they stand for
    /// is large.
    private static func lineOfAliasInKey(_ bytes: [UInt8]) -> Int? {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map(withoutComment)
        guard lines.contains(where: { hasAlias($0) }) else { return nil }
        return lines.firstIndex(where: hasLongKey).map { $0 + 1 }
    }

    /// The line without its comment, if it has no quotes in which a mark of comments may stand.
    private static func withoutComment(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let mark = line.indices.first { index in
            line[index] == UInt8(ascii: "#")
                && (index == line.startIndex || isBlank(line[index - 1]))
        }
        guard let mark else { return line }
        let before = line[..<mark]
        let hasQuote = before.contains { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }
        return hasQuote ? line : before
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Whether a token may begin at `index`.
    private static func isStart(_ index: Int, of line: ArraySlice<UInt8>) -> Bool {
        index == line.startIndex || " \t[{,:?-\u{FEFF}".utf8.contains(line[index - 1])
    }

    private static func isName(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D
            || byte == 0x5F
    }

    private static func hasAlias(
        _ line: ArraySlice<UInt8>, where isMeant: (ArraySlice<UInt8>) -> Bool = { _ in true }
    ) -> Bool {
        line.indices.contains { index in
            guard line[index] == UInt8(ascii: "*"), isStart(index, of: line) else { return false }
            let name = line[(index + 1)...].prefix(while: isName)
            return !name.isEmpty && isMeant(line[name.endIndex...])
        }
    }

    private static func hasLongKey(_ line: ArraySlice<UInt8>) -> Bool {
        func isKeyEnd(_ rest: ArraySlice<UInt8>) -> Bool {
            rest.drop(while: isBlank).first == UInt8(ascii: ":")
        }
        if hasAlias(line, where: isKeyEnd) { return true }
        return line.indices.contains { index in
            switch line[index] {
            case UInt8(ascii: "]"), UInt8(ascii: "}"): return isKeyEnd(line[(index + 1)...])
            case UInt8(ascii: "?"):
                let next = line[(index + 1)...].first
                return isStart(index, of: line) && (next.map(isBlank) ?? true)
            default: return false
            }
        }
    }

    // MARK: What is looked at afterwards

    private struct Examination {
        let path: String
        var values = 0

        /// Checks a value and what is in it; `line` is that of what it is in.
        mutating func check(_ node: Node, depth: Int, line: Int) throws {
            func failure(_ reason: String, _ remedy: String) -> Seq2SeqError {
                Seq2SeqError(
                    .badConfiguration, path: path, line: node.mark?.line ?? line, reason: reason,
                    remedy: remedy)
            }
            values += 1
            guard values <= most else {
                throw failure(
                    "more than \(most) values, those counted that aliases repeat",
                    "write out what is needed, without aliases of aliases")
            }
            guard depth <= deepest else {
                throw failure(
                    "sections and lists are nested more than \(deepest) deep",
                    "no option is so deep: close the brackets")
            }
            if let tag = ConfigurationText.tag(of: node) {
                throw failure(
                    "a value has the tag \(tag)",
                    "leave the tag out: the option decides what its value is")
            }
            let line = node.mark?.line ?? line
            switch node {
            case .sequence(let elements):
                for element in elements { try check(element, depth: depth + 1, line: line) }
            case .mapping(let options):
                try checkKeys(options.keys.map(\.self), line: line)
                for (_, value) in options { try check(value, depth: depth + 1, line: line) }
            case .scalar, .alias: break
            }
        }

        private func checkKeys(_ keys: [Node], line: Int) throws {
            for key in keys {
                guard case .scalar(let scalar) = key else {
                    throw ConfigurationText.badKey(path, key.mark?.line ?? line)
                }
                guard scalar.string != "<<" else {
                    throw Seq2SeqError(
                        .badConfiguration, path: path, line: key.mark?.line ?? line,
                        reason: "<< is the merge key of YAML 1.1, which is not read",
                        remedy:
                            "write the keys out, or give a whole section by an alias: target: *name"
                    )
                }
            }
        }
    }

    /// The tag that a value is given in the text; nil for none.
    private static func tag(of node: Node) -> String? {
        let tag: Tag
        switch node {
        case .scalar(let scalar):
            tag = scalar.tag
            // What is in quotes has the tag of texts by itself.
            if scalar.style != .plain, "\(tag)".hasSuffix(":str") { return nil }
        case .sequence(let elements): tag = elements.tag
        case .mapping(let options): tag = options.tag
        case .alias: return nil
        }
        let name = "\(tag)".replacing("tag:yaml.org,2002:", with: "!!")
        return name.isEmpty ? nil : name
    }
}
