import SeqFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import SeqData
import SeqNN
public import SeqTensor
public import SeqText

/// A trained model with everything needed to use it: a folder that needs no other file.
///
/// | file | content |
/// |---|---|
/// | `config.json` | format version, kind, configuration, sizes and fingerprints of vocabularies |
/// | `model.safetensors` | the parameters, with a checksum that is compared when they are loaded |
/// | `source.*`, `target.*` | tokenizers and vocabularies; `target.*` for outputs of text |
/// | `NAME.labels.json` | the labels of the output of that name |
/// | `provenance.json` | where the model comes from: data hashes, seed, versions, scores |
public struct ModelFolder: Sendable {
    /// The model.
    public let model: TranslationModel
    /// From source text to tokens.
    public let source: TextCodec
    /// From tokens to target text, for models of text.
    public var target: TextCodec {
        guard let text else { preconditionFailure("ModelFolder: the model has no output of text") }
        return text
    }
    /// The codecs of the outputs of labels, in the order of the model's heads.
    public let labels: [LabelCodec]
    private let text: TextCodec?
    /// The CRC-32C of the file of parameters that the model was loaded from, with which they agree, in eight
    /// hexadecimal digits; nil for a file without one, as other programs and version 0.1 write it, and for a
    /// model that was not loaded.
    public let checksum: String?

    /// Puts a model together with its tokenizers.
    public init(
        model: TranslationModel, source: TextCodec, target: TextCodec?, labels: [LabelCodec] = []
    ) {
        self.model = model
        self.source = source
        text = target
        self.labels = labels
        checksum = nil
    }

    /// The version of the folder's format that this program writes; it reads this and all before it.
    public static let formatVersion = 3

    private struct Description: Codable {
        var formatVersion: Int
        var kind: String
        var sourceVocabularySize: Int
        /// Of models of text.
        var targetVocabularySize: Int?
        var sourceFingerprint: String
        /// Of models of text.
        var targetFingerprint: String?
        /// By the names of outputs of labels; nil before version 3.
        var labelFingerprints: [String: String]?
        /// Nil before version 3, when it was text.
        var outputs: [OutputPart]?
        var model: ModelConfiguration

        enum CodingKeys: String, CodingKey {
            case formatVersion = "format_version"
            case kind, model, outputs
            case labelFingerprints = "label_fingerprints"
            case sourceVocabularySize = "source_vocabulary_size"
            case targetVocabularySize = "target_vocabulary_size"
            case sourceFingerprint = "source_fingerprint"
            case targetFingerprint = "target_fingerprint"
        }
    }

    /// Loads a model folder.
    ///
    /// - Throws: a ``Seq2SeqError`` naming the file and what is wrong.
    public init(contentsOf folder: String) throws {
        try AtomicFolder.recover(folder)
        let path = "\(folder)/config.json"
        let description = try ModelFolder.readDescription(path)
        source = try TextCodec(contentsOf: folder, name: "source")
        try ModelFolder.check(
            source, description.sourceVocabularySize, description.sourceFingerprint, "source",
            in: folder)
        text =
            description.model.hasText ? try TextCodec(contentsOf: folder, name: "target") : nil
        if let text {
            try ModelFolder.check(
                text, description.targetVocabularySize ?? 0, description.targetFingerprint ?? "",
                "target", in: folder)
        }
        labels = try description.model.outputs.filter { $0.kind != .text }.map { output in
            let codec = try LabelCodec(contentsOf: folder, name: output.name)
            guard codec.fingerprint == description.labelFingerprints?[output.name] else {
                throw Seq2SeqError(
                    .badData, path: folder,
                    reason: "the labels of \(output.name) are not those the model was trained with",
                    remedy: "restore \(output.name).labels.json, which was saved with this model")
            }
            return codec
        }
        let checkpoint = try Safetensors(contentsOf: "\(folder)/model.safetensors")
        checksum = checkpoint.checksum
        let scope = ParameterScope(checkpoint: checkpoint)
        model = try ModelFolder.blaming(path) { [source, text, labels] in
            try TranslationModel(
                description.model, sourceVocabulary: source.count,
                targetVocabulary: text?.count ?? 0, labels: labels.map(\.labels),
                sourceTokens: source.vocabulary.tokens, parametersFrom: scope)
        }
        try scope.checkEverythingWasUsed()
        guard model.parameters.contains(where: { !$0.value.isZero }) else {
            throw Seq2SeqError(
                .badData, path: checkpoint.path, reason: "all parameters are zero",
                remedy: "the file is damaged; copy it again or take another model")
        }
    }

    private static func check(
        _ codec: TextCodec, _ size: Int, _ fingerprint: String, _ side: String, in folder: String
    ) throws {
        guard codec.count != size || codec.fingerprint != fingerprint else { return }
        throw Seq2SeqError(
            .badData, path: folder,
            reason:
                "the \(side) vocabulary (\(codec.count) tokens, fingerprint \(codec.fingerprint)) is not the one the model was trained with (\(size) tokens, \(fingerprint))",
            remedy: "restore the \(side).* files that were saved with this model")
    }

    /// What the model in a folder consists of, without loading it.
    ///
    /// - Throws: a ``Seq2SeqError`` naming the file and what is wrong.
    public static func configuration(of folder: String) throws -> ModelConfiguration {
        try AtomicFolder.recover(folder)
        let path = "\(folder)/config.json"
        let model = try readDescription(path).model
        try blaming(path) { try model.validate() }
        return model
    }

    /// Runs `body` and says of a configuration that makes no sense that the file is damaged: whoever uses a
    /// model has configured nothing.
    private static func blaming<Result>(
        _ path: String, _ body: () throws -> Result
    ) throws -> Result {
        do { return try body() } catch var error as Seq2SeqError
            where error.kind == .badConfiguration
        {
            error.kind = .badData
            error.path = path
            error.remedy = "the file is damaged or was edited; restore it"
            throw error
        }
    }

    /// Where the model in a folder comes from; nothing when the folder does not say.
    ///
    /// - Throws: a ``Seq2SeqError`` when the file that says it is damaged.
    public static func provenance(of folder: String) throws -> [String: String] {
        let path = "\(folder)/provenance.json"
        guard let data = try SmallFile.contents(path) else { return [:] }
        do { return try JSONDecoder().decode([String: String].self, from: data) } catch {
            throw Seq2SeqError(
                .badData, path: path,
                reason: "not the provenance of a model: \(explain(error))",
                remedy: "the file is damaged; restore it or delete it")
        }
    }

    private static func readDescription(_ path: String) throws -> Description {
        guard let data = try SmallFile.contents(path) else {
            throw Seq2SeqError(
                .missingInput, path: path, reason: "missing or not readable",
                remedy: "name the folder of a trained model, for example runs/NAME/best")
        }
        struct Version: Codable {
            var format_version: Int
            var kind: String
        }
        func bad(_ reason: String) -> Seq2SeqError {
            Seq2SeqError(
                .badData, path: path, reason: reason,
                remedy: "the file is damaged or was edited; restore it")
        }
        let version: Version
        do { version = try JSONDecoder().decode(Version.self, from: data) } catch {
            throw bad("not the description of a model: \(explain(error))")
        }
        guard (1...formatVersion).contains(version.format_version) else {
            throw Seq2SeqError(
                .badData, path: path,
                reason:
                    "format version \(version.format_version), this program reads up to \(formatVersion)",
                remedy: "use a newer seq2seq")
        }
        guard version.kind == "translation" else {
            throw bad("unknown kind of model \(version.kind)")
        }
        do {
            var description = try JSONDecoder().decode(
                Description.self, from: version.format_version == 1 ? upToDate(data) : data)
            description.model.outputs = description.outputs ?? [.text]
            return description
        } catch {
            throw bad("not the description of a model: \(explain(error))")
        }
    }

    /// A description of version 1 as this version writes it: options that were added since have their
    /// defaults, with which models are what they were.
    private static func upToDate(_ data: Data) throws -> Data {
        var description = try JSONDecoder().decode(JSONValue.self, from: data)
        let defaults = try JSONDecoder().decode(
            JSONValue.self, from: JSONEncoder().encode(ModelConfiguration()))
        // The dense bridge of version 1 was followed by tanh.
        if case .string("dense") = description["model"]?["bridge"] {
            description["model"]?["bridge"] = .string("tanh_dense")
        }
        description["model"] = description["model"]?.filled(from: defaults)
        return try JSONEncoder().encode(description)
    }

    /// Writes all files into `folder`, which exists and is the caller's to publish.
    ///
    /// - Parameter provenance: anything worth knowing about the model's origin.
    public func write(to folder: String, provenance: [String: String]) throws {
        let description = Description(
            formatVersion: ModelFolder.formatVersion, kind: "translation",
            sourceVocabularySize: source.count, targetVocabularySize: text?.count,
            sourceFingerprint: source.fingerprint, targetFingerprint: text?.fingerprint,
            labelFingerprints: labels.isEmpty
                ? nil
                : Dictionary(
                    uniqueKeysWithValues: zip(model.heads.map(\.name), labels.map(\.fingerprint))),
            outputs: model.configuration.outputs, model: model.configuration)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(encoder.encode(description), to: "\(folder)/config.json")
        try AtomicFile.write(encoder.encode(provenance), to: "\(folder)/provenance.json")
        try source.save(in: folder, name: "source")
        try text?.save(in: folder, name: "target")
        for (named, codec) in zip(model.heads, labels) {
            try codec.save(in: folder, name: named.name)
        }
        try TensorFile.write(
            model.parameters.map { ($0.name, $0.value) }, to: "\(folder)/model.safetensors")
    }
}

/// Writing tensors to a file of an unpublished folder.
public enum TensorFile {
    /// Writes a safetensors file with its checksum.
    ///
    /// - Throws: ``Seq2SeqError`` of kind `cannotWrite`, for example when the disk is full.
    public static func write(
        _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:],
        to path: String
    ) throws {
        let writer = try FileWriter(path)
        try Safetensors.write(tensors, metadata: metadata, hasChecksum: true) {
            try writer.write($0)
        }
        try writer.close()
    }
}

/// What a decoding error says, in one line.
func explain(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, let context):
        "the key \(name(context.codingPath + [key])) is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
        DecodingError.dataCorrupted(let context):
        context.codingPath.isEmpty
            ? context.debugDescription : "\(name(context.codingPath)): \(context.debugDescription)"
    default: "\(error)"
    }
}

private func name(_ path: [any CodingKey]) -> String {
    path.map(\.stringValue).joined(separator: ".")
}
