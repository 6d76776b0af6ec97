import SeqFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import SeqText

/// Reads named fields of a file with a JSON object a line.
///
/// A field is a string, which is text, or a list of strings, which are tokens; integers count as strings of
/// their digits. `a.b` names the field `b` of the object `a`, unless there is a field `a.b`. Lines without
/// anything on them are passed over.
final class JSONLinesReader: ExampleReader {
    private let reader: TextLineReader
    private let fields: [String]
    private let decoder = JSONDecoder()

    /// Opens a file, plain or compressed with gzip.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - fields: The names of the fields.
    /// - Throws: ``Seq2SeqError`` for what is no regular file.
    init(path: String, fields: [String]) throws {
        try requireRegularFile(path)
        reader = try TextLineReader(path: path, hashing: true)
        self.fields = fields
        decoder.userInfo[.fields] = fields
    }

    var storedBytesRead: Int { reader.storedBytesRead }

    var fingerprints: [FileFingerprint] { [reader.fingerprint].compactMap { $0 } }

    func next() throws -> Record? {
        while let line = try reader.next() {
            if isBlank(line) { continue }
            let object: JSONFields
            do {
                object = try decoder.decode(JSONFields.self, from: Data(line.utf8))
            } catch let problem as JSONFields.Problem {
                throw error(problem.reason, problem.remedy)
            } catch {
                throw self.error(
                    "the line is no JSON object",
                    "write an object such as {\"source\": \"…\", \"target\": \"…\"} on each line")
            }
            return Record(object.fields, path: reader.path, line: reader.lineNumber)
        }
        return nil
    }

    private func error(_ reason: String, _ remedy: String) -> Seq2SeqError {
        Seq2SeqError(
            .badData, path: reader.path, line: reader.lineNumber, reason: reason,
            remedy: remedy)
    }
}

extension CodingUserInfoKey {
    /// The names of the fields that are wanted of an object.
    fileprivate static let fields: CodingUserInfoKey = {
        guard let key = CodingUserInfoKey(rawValue: "fields") else {
            preconditionFailure("a name is a key")
        }
        return key
    }()
}

/// The wanted fields of a JSON object; nothing else of it is kept.
private struct JSONFields: Decodable {
    /// What is wrong with a field.
    struct Problem: Error {
        var reason: String
        var remedy: String
    }

    struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// A string, or an integer as the string of its digits.
    struct Scalar: Decodable {
        var text: String
        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self.text = text
            } else {
                text = String(try container.decode(Int64.self))
            }
        }
    }

    private typealias Container = KeyedDecodingContainer<Key>

    var fields: [Field]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let names = decoder.userInfo[.fields] as? [String] ?? []
        fields = try names.map { try Self.field($0, of: $0[...], in: container) }
    }

    /// The field with the name `path` in an object; `name` is that in the whole line.
    private static func field(
        _ name: String, of path: Substring, in container: Container
    ) throws -> Field {
        let key = Key(stringValue: String(path))
        if container.contains(key) { return try value(name, key, in: container) }
        // The longest name of an object goes first, so that names with dots are found in it too.
        var end = path.endIndex
        while let dot = path[..<end].lastIndex(of: ".") {
            end = dot
            let outer = Key(stringValue: String(path[..<dot]))
            guard container.contains(outer) else { continue }
            guard let inner = try? container.nestedContainer(keyedBy: Key.self, forKey: outer)
            else {
                throw Problem(
                    reason: "\(outer.stringValue) is no object with a field \(name)",
                    remedy: "give the names of fields that each line has")
            }
            return try field(name, of: path[path.index(after: dot)...], in: inner)
        }
        let known = container.allKeys.map(\.stringValue).sorted().prefix(20)
        throw Problem(
            reason: "the object has no field \(name)",
            remedy: known.isEmpty
                ? "it is empty" : "its fields are \(known.joined(separator: ", "))")
    }

    private static func value(_ name: String, _ key: Key, in container: Container) throws -> Field {
        if let scalar = try? container.decode(Scalar.self, forKey: key) {
            guard !scalar.text.utf8.contains(0) else {
                throw Problem(
                    reason: "the field \(name) holds the character NUL", remedy: "leave it out")
            }
            return .text(scalar.text)
        }
        guard let tokens = try? container.decode([Scalar].self, forKey: key) else {
            throw Problem(
                reason: "the field \(name) is neither a string nor an integer nor a list of such",
                remedy: "write text as a string, and tokens or labels as a list of strings")
        }
        for (number, token) in tokens.enumerated()
        where token.text.isEmpty || token.text.contains(where: { $0.isNewline || $0 == "\0" }) {
            throw Problem(
                reason:
                    "the element \(number + 1) of \(name) is empty or holds a line break or NUL",
                remedy: "write a word or a label as each element")
        }
        return .tokens(tokens.map(\.text))
    }
}
