import ArgumentParser
import Seq2Seq

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct AverageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "average", abstract: "Makes the mean of the parameters of several models.",
        discussion: """
            The models must have equal configurations and vocabularies, as those of one run have. \
            provenance.json of the new folder names them.
            """)

    @Argument(help: "The folder to create.")
    var output: String

    @Option(
        name: .shortAndLong, help: "The folder of a trained model; may be repeated.")
    var model: [String]

    func validate() throws {
        guard !output.isEmpty else { throw ValidationError("the output is empty: name a folder") }
    }

    func run() throws {
        guard !FileManager.default.fileExists(atPath: output) else {
            throw Failure(
                .cannotCreate, "\(output): exists already (name a new folder, or delete this one)")
        }
        let average = try ModelAverage.folder(of: model)
        var provenance = ["program": "seq2seq \(Seq2SeqVersion.current)"]
        for (index, path) in model.enumerated() {
            provenance["average_of \(index + 1)"] = PortablePath(path).description
            provenance["average_of_sha256 \(index + 1)"] = try ContentHash.ofFile(
                "\(path)/model.safetensors")
        }
        try AtomicFolder.replace(output) { try average.write(to: $0, provenance: provenance) }
    }
}
