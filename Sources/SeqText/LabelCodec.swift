#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Labels and their ids, which are their places in a list.
///
/// There is no id for what was not there in training: such a label is ``unknown``. Labels are compared byte by
/// byte.
public struct LabelCodec: Sendable, Hashable {
    /// The labels, the id of each being its place.
    public let labels: [String]
    private let ids: [[UInt8]: Int32]

    /// What an unknown label is encoded as.
    public static let unknown: Int32 = -1

    /// The most labels that a codec has.
    public static let maximumCount = 1 << 20

    /// Creates a codec of different labels.
    public init(labels: [String]) {
        self.labels = labels
        ids = Dictionary(
            uniqueKeysWithValues: labels.enumerated().map { (Array($1.utf8), Int32($0)) })
    }

    /// The codec of the labels that occur in training, the most frequent first; of equally frequent ones that
    /// with the lower bytes.
    public init(learnedFrom sequences: some Sequence<some Sequence<String>>) {
        var counts: [[UInt8]: Int] = [:]
        for sequence in sequences {
            for label in sequence { counts[Array(label.utf8), default: 0] += 1 }
        }
        let order = counts.sorted {
            $0.value != $1.value
                ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key)
        }
        self.init(labels: order.map { String(decoding: $0.key, as: UTF8.self) })
    }

    /// The number of labels.
    public var count: Int { labels.count }

    /// A hash of the labels in their order.
    public var fingerprint: String {
        var hash = FNV1aHash()
        for label in labels {
            hash.add(label.utf8)
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
}

/// A codec in a file `NAME.labels.json`.
extension LabelCodec {
    private struct File: Codable {
        var format = Self.formatName
        var version = 1
        var fingerprint: String
        var labels: [String]

        static let formatName = "seq2seq-labels"
    }

    private static let maximumBytes = 1 << 26

    /// Writes the codec to a folder that exists.
    public func save(in folder: String, name: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes = [UInt8](try encoder.encode(File(fingerprint: fingerprint, labels: labels)))
        try FileAccess.write(bytes + [0x0A], to: "\(folder)/\(name).labels.json")
    }

    /// Reads a codec from a folder.
    ///
    /// - Throws: a ``SeqTextError`` naming the file and what is wrong.
    public init(contentsOf folder: String, name: String) throws {
        let path = "\(folder)/\(name).labels.json"
        func damaged(_ reason: String) -> SeqTextError {
            SeqTextError(
                .badData, path: path, reason: reason,
                remedy: "restore the file from the training")
        }
        let bytes = try FileAccess.read(path, limit: Self.maximumBytes)
        guard let file = try? JSONDecoder().decode(File.self, from: Data(bytes)),
            file.format == File.formatName
        else { throw damaged("is not a file of labels") }
        guard file.version == 1 else {
            throw SeqTextError(
                .badData, path: path,
                reason: "has version \(file.version), this program reads up to 1",
                remedy: "use a newer seq2seq")
        }
        guard (1...Self.maximumCount).contains(file.labels.count) else {
            throw damaged("has \(file.labels.count) labels")
        }
        guard Set(file.labels.map { Array($0.utf8) }).count == file.labels.count else {
            throw damaged("has a label twice")
        }
        self.init(labels: file.labels)
        guard fingerprint == file.fingerprint else {
            throw damaged("its labels are not those that it was saved with")
        }
    }
}
