import ArgumentParser
import Seq2Seq

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
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
        var target_vocabulary: Int
        var source_tokenizer: TokenizerConfiguration
        var target_tokenizer: TokenizerConfiguration
        var model: ModelConfiguration
        var provenance: [String: String]
    }

    func run() throws {
        let loaded = try ModelFolder(contentsOf: folder)
        var provenance: [String: String] = [:]
        if let data = FileManager.default.contents(atPath: "\(folder)/provenance.json") {
            provenance = (try? JSONDecoder().decode([String: String].self, from: data)) ?? [:]
        }
        let description = Description(
            parameters: loaded.model.parameterCount, source_vocabulary: loaded.source.count,
            target_vocabulary: loaded.target.count, source_tokenizer: loaded.source.configuration,
            target_tokenizer: loaded.target.configuration, model: loaded.model.configuration,
            provenance: provenance)
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
