import ArgumentParser
import Seq2Seq

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Describes a model folder.")

    @Argument(help: "The folder of a trained model.")
    var folder: String

    @Flag(help: "Writes JSON.")
    var json = false

    private struct Description: Encodable {
        var parameters: Int
        var source_vocabulary: Int
        var target_vocabulary: Int?
        var source_tokenizer: TokenizerConfiguration
        var target_tokenizer: TokenizerConfiguration?
        var outputs: [OutputPart]
        var labels: [String: [String]]?
        var model: ModelConfiguration
        var checksum: Checksum
        var provenance: [String: String]
    }

    /// What tells whether the file of parameters is the one that was written.
    private struct Checksum: Encodable {
        /// The CRC-32C of the file, if it has one.
        var crc32c: String?
        /// `verified`, or `none`; a file with another checksum is not loaded.
        var state: String
    }

    func run() throws {
        let loaded = try ModelFolder(contentsOf: folder)
        let text = loaded.model.configuration.hasText ? loaded.target : nil
        let labels = Dictionary(
            uniqueKeysWithValues: zip(loaded.model.heads.map(\.name), loaded.labels.map(\.labels)))
        let description = Description(
            parameters: loaded.model.parameterCount, source_vocabulary: loaded.source.count,
            target_vocabulary: text?.count, source_tokenizer: loaded.source.configuration,
            target_tokenizer: text?.configuration,
            outputs: loaded.model.configuration.outputs, labels: labels.isEmpty ? nil : labels,
            model: loaded.model.configuration,
            checksum: Checksum(
                crc32c: loaded.checksum, state: loaded.checksum == nil ? "none" : "verified"),
            provenance: try ModelFolder.provenance(of: folder))
        let output = LineWriter(fileDescriptor: STDOUT_FILENO)
        if json {
            try output.write(JSON.text(description))
        } else {
            for line in try JSON.text(description, isPretty: true).split(separator: "\n") {
                try output.write(String(line))
            }
            for parameter in loaded.model.parameters {
                let shape = parameter.shape.map(String.init).joined(separator: "×")
                try output.write("\(parameter.name)\t\(shape)")
            }
        }
        try output.flush()
    }
}
