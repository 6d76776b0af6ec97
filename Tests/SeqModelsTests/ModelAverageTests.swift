import SeqFiles
import SeqModels
import SeqNN
import SeqTensor
import SeqText
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The mean of model folders.
struct ModelAverageTests {
    private let folder: TemporaryFolder
    private let configuration = TokenizerConfiguration(kind: .whitespace)

    init() throws { folder = try TemporaryFolder() }

    /// Writes a model of its own seed into a folder of its own and returns the path.
    private func write(
        _ name: String, seed: UInt64, target: [String] = ["w x", "y z"],
        _ change: @escaping (inout ModelConfiguration) -> Void = { _ in }
    ) throws -> String {
        let source = try TextCodec.train(on: ["a b c", "d e"], configuration: configuration)
        let target = try TextCodec.train(on: target, configuration: configuration)
        let model = try TranslationModel(
            Variant("", change).configuration, sourceVocabulary: source.count,
            targetVocabulary: target.count, seed: seed)
        let path = folder.path(name)
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false)
        try ModelFolder(model: model, source: source, target: target)
            .write(to: path, provenance: [:])
        return path
    }

    private func refusal(_ paths: [String]) -> Seq2SeqError? {
        do { _ = try ModelAverage.folder(of: paths) } catch { return error as? Seq2SeqError }
        return nil
    }

    @Test func `each parameter is the mean`() throws {
        let paths = try (0..<3).map { try write("\($0)", seed: $0 + 1) }
        let models = try paths.map { try ModelFolder(contentsOf: $0).model.parameters }
        let mean = try ModelAverage.folder(of: paths)
        for (index, parameter) in mean.model.parameters.enumerated() {
            let all = models.map { $0[index].value.values }
            let expected = all[0].indices.map { place in
                Float(all.reduce(0) { $0 + Double($1[place]) } / 3)
            }
            #expect(parameter.value.values == expected, "\(parameter.name)")
            #expect(all[0] != expected || Set(all[0]) == [0], "\(parameter.name)")
        }
    }

    @Test func `the mean works like the model that it is saved as`() throws {
        let paths = [try write("0", seed: 1), try write("1", seed: 2)]
        let mean = try ModelAverage.folder(of: paths)
        try mean.write(to: folder.path, provenance: [:])
        let loaded = try ModelFolder(contentsOf: folder.path)
        let batch = drawBatch(mean.model)
        #expect(
            mean.model.tokenLogProbabilities(batch) == loaded.model.tokenLogProbabilities(batch))
        let first = try ModelFolder(contentsOf: paths[0])
        #expect(
            first.model.tokenLogProbabilities(batch) != loaded.model.tokenLogProbabilities(batch))
    }

    @Test func `equal models are their own mean, and a model counts as often as it is named`()
        throws
    {
        let (a, b) = (try write("a", seed: 1), try write("b", seed: 2))
        func parameters(_ paths: [String]) throws -> [[Float]] {
            try ModelAverage.folder(of: paths).model.parameters.map(\.value.values)
        }
        #expect(try parameters([a, a, a]) == parameters([a]))
        #expect(try parameters([a, a, b]) != parameters([a, b]))
        #expect(try parameters([a, a, b, b]) == parameters([a, b]))
    }

    @Test func `tied embeddings stay one parameter`() throws {
        let paths = try (0..<2).map {
            try write("\($0)", seed: $0 + 1) {
                $0.output.tied = .target
                $0.decoder.embedding = 6
            }
        }
        let mean = try ModelAverage.folder(of: paths)
        let names = mean.model.parameters.map(\.name)
        #expect(Set(names).count == names.count)
        try mean.write(to: folder.path, provenance: [:])
        #expect(throws: Never.self) { try ModelFolder(contentsOf: folder.path) }
    }

    @Test func `models that do not fit each other are refused`() throws {
        let first = try write("first", seed: 1)
        for (name, path) in [
            ("configuration", try write("other", seed: 1) { $0.dropout = 0.5 }),
            ("target vocabulary", try write("words", seed: 1, target: ["w x", "y q"])),
        ] {
            let error = try #require(refusal([first, path]))
            #expect(error.kind == .badData)
            #expect(error.path == path)
            #expect(error.reason == "the \(name) is not that of \(first)")
        }
        #expect(refusal([first, folder.path("absent")])?.kind == .missingInput)
    }
}
