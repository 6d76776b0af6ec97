import SeqFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A codec in files: `NAME.tokenizer.json` with the settings, and `NAME.vocabulary.txt` or
/// `NAME.sentencepiece.model`.
extension TextCodec {
    /// What the file of settings holds.
    private struct Settings: Codable {
        var format = Self.formatName
        var version: Int
        var fingerprint: String
        var unknownRate: Double
        var configuration: TokenizerConfiguration

        static let formatName = "seq2seq-tokenizer"
        /// Words without marks of their spaces have version 1, and everything else as it was before.
        static let currentVersion = 2

        enum CodingKeys: String, CodingKey {
            case format, version, fingerprint, configuration
            case unknownRate = "unknown_rate"
        }
    }

    /// Writes the codec to a folder that exists.
    public func save(in folder: String, name: String) throws {
        if let pieces {
            try AtomicFile.write(pieces.modelBytes, to: Self.modelPath(folder, name))
        } else {
            try vocabulary.save(to: Self.vocabularyPath(folder, name))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let settings = Settings(
            version: hasMarks ? 2 : 1, fingerprint: fingerprint, unknownRate: unknownRate,
            configuration: configuration)
        let bytes = [UInt8](try encoder.encode(settings)) + [0x0A]
        try AtomicFile.write(bytes, to: Self.settingsPath(folder, name))
    }

    /// Reads a codec from a folder.
    ///
    /// Throws if the vocabulary or model is not the one that the settings were saved with.
    public init(contentsOf folder: String, name: String) throws {
        let path = Self.settingsPath(folder, name)
        let settings = try Self.settings(path)
        let dataPath: String
        do {
            if settings.configuration.kind == .sentencepiece {
                dataPath = Self.modelPath(folder, name)
                self = try TextCodec(
                    settings.configuration, SentencePieceTokenizer(contentsOf: dataPath),
                    unknownRate: settings.unknownRate)
            } else {
                dataPath = Self.vocabularyPath(folder, name)
                self = try TextCodec(
                    settings.configuration, Vocabulary(contentsOf: dataPath),
                    spacing: settings.version == 1 ? .rules : .marks)
            }
        } catch var error as Seq2SeqError {
            error.path = error.path ?? path
            // Whoever uses the codec has configured nothing: the settings are damaged.
            if (try? settings.configuration.validate()) == nil {
                error.kind = .badData
                error.remedy = "restore the file from the training"
            }
            throw error
        }
        guard fingerprint == settings.fingerprint else {
            throw Seq2SeqError(
                .badData, path: dataPath,
                reason: "does not belong to \(path): its fingerprint is \(fingerprint), not "
                    + settings.fingerprint,
                remedy: "restore the file from the training")
        }
    }

    private static func settingsPath(_ folder: String, _ name: String) -> String {
        "\(folder)/\(name).tokenizer.json"
    }

    private static func vocabularyPath(_ folder: String, _ name: String) -> String {
        "\(folder)/\(name).vocabulary.txt"
    }

    private static func modelPath(_ folder: String, _ name: String) -> String {
        "\(folder)/\(name).sentencepiece.model"
    }

    private static func settings(_ path: String) throws -> Settings {
        let bytes = try SmallFile.read(path, limit: 1 << 20)
        func failure(_ reason: String, _ remedy: String) -> Seq2SeqError {
            Seq2SeqError(.badData, path: path, reason: reason, remedy: remedy)
        }
        let restore = "restore the file from the training"
        let settings: Settings
        do {
            settings = try JSONDecoder().decode(Settings.self, from: Data(bytes))
        } catch let error as DecodingError {
            // A later version may well have other keys; say so instead of naming a key.
            if let header = try? JSONDecoder().decode(Header.self, from: Data(bytes)) {
                try check(header, failure)
            }
            throw failure(explanation(of: error), restore)
        } catch {
            throw failure("not JSON", restore)
        }
        try check(Header(format: settings.format, version: settings.version), failure)
        return settings
    }

    private struct Header: Codable {
        var format: String
        var version: Int
    }

    private static func check(
        _ header: Header, _ failure: (String, String) -> Seq2SeqError
    ) throws {
        guard header.format == Settings.formatName else {
            throw failure(
                "format is \"\(header.format)\" instead of \"\(Settings.formatName)\"",
                "give a folder that a training has written")
        }
        guard (1...Settings.currentVersion).contains(header.version) else {
            throw failure(
                "version is \(header.version), and this program knows up to "
                    + "\(Settings.currentVersion)", "use a newer program")
        }
    }

    private static func explanation(of error: DecodingError) -> String {
        func name(_ path: [any CodingKey]) -> String {
            path.map(\.stringValue).joined(separator: ".")
        }
        return switch error {
        case .keyNotFound(let key, let context):
            "key \(name(context.codingPath + [key])) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "key \(name(context.codingPath)) has a value of the wrong type"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "not JSON" : context.debugDescription
        @unknown default: "not the settings of a tokenizer"
        }
    }
}
