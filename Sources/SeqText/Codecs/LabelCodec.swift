import SeqFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Labels and their ids, which are their places in a list.
///
/// There are no special tokens, and there is no id for what was not there in training: such a label is
/// ``unknown``. Labels are compared byte by byte.
public struct LabelCodec: Codec, Hashable {
    /// What has labels.
    public enum Extent: String, Codable, CaseIterable, Hashable, Sendable {
        /// Each step has one: a field is tokens, or text with white space between labels.
        case steps
        /// All steps together have one: a field is the label, without white space around it.
        case all
    }

    /// How the labels of steps mark spans.
    public enum Scheme: String, Codable, CaseIterable, Hashable, Sendable {
        /// They do not.
        case none
        /// `B-x` begins a span of x, `I-x` continues it, `O` is outside.
        case bio
        /// As `bio`, and `E-x` ends a span, `S-x` is one of a single step.
        case bioes
        /// `B-x` or `B`, `M`, `E`: begin, middle and end of a span or word; `S` is one of a single step.
        case bmes

        /// The first scheme that all labels have the form of, some of them marking spans.
        public init(of labels: some Sequence<String>) {
            let marks = Set(
                labels.map { label -> String in
                    let parts = label.split(separator: "-", maxSplits: 1)
                    let isMark = parts.count == 2 || !label.contains("-")
                    return isMark ? String(parts.first ?? "") : ""
                })
            let isSpan = !marks.isDisjoint(with: ["B", "I", "M", "E", "S"])
            self =
                !isSpan
                ? .none
                : marks.isSubset(of: ["B", "I", "O"])
                    ? .bio
                    : marks.isSubset(of: ["B", "I", "O", "E", "S"])
                        && !marks.isSubset(of: ["B", "E", "S"])
                        ? .bioes : marks.isSubset(of: ["B", "M", "E", "S", "O"]) ? .bmes : .none
        }
    }

    /// The labels, the id of each being its place.
    public let labels: [String]
    /// What has labels.
    public let extent: Extent
    /// How they mark spans.
    public let scheme: Scheme
    private let ids: [[UInt8]: Int32]

    /// What an unknown label is encoded as.
    public static let unknown: Int32 = -1

    /// The most labels that a codec has.
    public static let maximumCount = 1 << 20

    /// Creates a codec of different labels.
    public init(labels: [String], extent: Extent = .steps, scheme: Scheme = .none) {
        self.labels = labels
        self.extent = extent
        self.scheme = scheme
        ids = Dictionary(
            uniqueKeysWithValues: labels.enumerated().map { (Array($1.utf8), Int32($0)) })
    }

    /// The codec of the labels that occur in training, the most frequent first; of equally frequent ones that
    /// with the lower bytes.
    ///
    /// - Parameters:
    ///   - fields: The fields of training examples.
    ///   - extent: What has labels.
    ///   - scheme: How they mark spans; nil for the scheme that they look like.
    /// - Throws: a ``Seq2SeqError`` when there are no labels, or too many.
    public init(
        learntFrom fields: some Sequence<Field>, extent: Extent, scheme: Scheme? = nil
    ) throws {
        var counts: [[UInt8]: Int] = [:]
        for field in fields {
            for label in Self.labels(of: field, extent) {
                counts[Array(label.utf8), default: 0] += 1
            }
            guard counts.count <= Self.maximumCount else {
                throw Seq2SeqError(
                    .badData, reason: "there are more than \(Self.maximumCount) different labels",
                    remedy: "learn such an output as text")
            }
        }
        guard !counts.isEmpty else {
            throw Seq2SeqError(
                .badData, reason: "there are no labels to learn from",
                remedy: "check the field of the corpus that holds them")
        }
        let order = counts.sorted {
            $0.value != $1.value
                ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key)
        }
        let labels = order.map { String(decoding: $0.key, as: UTF8.self) }
        self.init(
            labels: labels, extent: extent,
            scheme: scheme ?? (extent == .steps ? Scheme(of: labels) : .none))
    }

    /// The number of labels.
    public var count: Int { labels.count }

    /// A hash of the labels in their order, and of what they are labels of.
    public var fingerprint: String {
        var hash = FNV1a()
        for text in [extent.rawValue, scheme.rawValue] + labels {
            hash.add(text.utf8)
            hash.add(CollectionOfOne(0x0A))
        }
        return hash.hexadecimal
    }

    /// The id of a label, ``unknown`` for others.
    public func id(of label: String) -> Int32 { ids[Array(label.utf8)] ?? Self.unknown }

    /// The labels of ids; of ``unknown`` the empty one.
    public func labels(of ids: some Sequence<Int32>) -> [String] {
        ids.map { labels.indices.contains(Int($0)) ? labels[Int($0)] : "" }
    }

    /// The ids of the labels of a field, ``unknown`` for labels that were not there in training.
    public func encode(_ field: Field) -> [Int32] { Self.labels(of: field, extent).map(id) }

    /// The labels of ids: tokens, or the text of the one label of all steps.
    public func field(of ids: [Int32]) -> Field {
        switch extent {
        case .steps: .tokens(labels(of: ids))
        case .all: .text(labels(of: ids.prefix(1)).first ?? "")
        }
    }

    private static func labels(of field: Field, _ extent: Extent) -> [String] {
        switch (extent, field) {
        case (.steps, .tokens(let labels)): return labels
        case (.steps, .text(let text)):
            return text.split(whereSeparator: \.isWhitespace).map(String.init)
        case (.all, _):
            let text = field.text
            let start = text.drop(while: \.isWhitespace)
            guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return [] }
            return [String(start[...end])]
        }
    }
}

/// A codec in a file `NAME.labels.json`.
extension LabelCodec {
    private struct File: Codable {
        var format = Self.formatName
        var version = 1
        var fingerprint: String
        var extent: Extent
        var scheme: Scheme
        var labels: [String]

        static let formatName = "seq2seq-labels"
    }

    private struct Header: Codable {
        var format: String
        var version: Int
    }

    private static let maximumBytes = 1 << 26

    /// Writes the codec to a folder that exists.
    public func save(in folder: String, name: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let file = File(fingerprint: fingerprint, extent: extent, scheme: scheme, labels: labels)
        let bytes = [UInt8](try encoder.encode(file))
        try AtomicFile.write(bytes + [0x0A], to: "\(folder)/\(name).labels.json")
    }

    /// Reads a codec from a folder.
    ///
    /// - Throws: a ``Seq2SeqError`` naming the file and what is wrong.
    public init(contentsOf folder: String, name: String) throws {
        let path = "\(folder)/\(name).labels.json"
        func damaged(_ reason: String) -> Seq2SeqError {
            Seq2SeqError(
                .badData, path: path, reason: reason,
                remedy: "restore the file from the training")
        }
        let data = Data(try SmallFile.read(path, limit: Self.maximumBytes))
        guard let header = try? JSONDecoder().decode(Header.self, from: data),
            header.format == File.formatName
        else { throw damaged("is not a file of labels") }
        guard header.version == 1 else {
            throw Seq2SeqError(
                .badData, path: path,
                reason: "has version \(header.version), this program reads up to 1",
                remedy: "use a newer seq2seq")
        }
        guard let file = try? JSONDecoder().decode(File.self, from: data) else {
            throw damaged("is not a whole file of labels")
        }
        guard (1...Self.maximumCount).contains(file.labels.count) else {
            throw damaged("has \(file.labels.count) labels")
        }
        guard Set(file.labels.map { Array($0.utf8) }).count == file.labels.count else {
            throw damaged("has a label twice")
        }
        self.init(labels: file.labels, extent: file.extent, scheme: file.scheme)
        guard fingerprint == file.fingerprint else {
            throw damaged("its labels are not those that it was saved with")
        }
    }
}
