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

/// Parameters that are no numbers, descriptions that are damaged, and what a folder tells of where it was made.
struct DamagedModelTests {
    private let folder: TemporaryFolder
    private let saved: ModelFolder

    init() throws {
        folder = try TemporaryFolder()
        let configuration = TokenizerConfiguration(kind: .whitespace)
        let source = try TextCodec.train(on: ["a b c", "d e"], configuration: configuration)
        let target = try TextCodec.train(on: ["w x", "y z"], configuration: configuration)
        let model = try TranslationModel(
            Variant { $0.dropout = 0 }.configuration, sourceVocabulary: source.count,
            targetVocabulary: target.count, seed: 3)
        saved = ModelFolder(model: model, source: source, target: target)
        try saved.write(to: folder.path, provenance: ["seed": "3"])
    }

    /// Writes the parameters with one of them changed.
    private func write(_ change: (String, inout [Float]) -> Void) throws {
        try TensorFile.write(
            saved.model.parameters.map { parameter in
                var values = parameter.value.values
                change(parameter.name, &values)
                return (parameter.name, Tensor(values, shape: parameter.shape))
            }, to: folder.path("model.safetensors"))
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func aParameterThatIsNotFinite(_ value: Float) throws {
        let names = saved.model.parameters.map(\.name)
        for name in [names[0], names[names.count / 2], names[names.count - 1]] {
            try write { if $0 == name { $1[$1.count - 1] = value } }
            let error = #expect(throws: Seq2SeqError.self) {
                try ModelFolder(contentsOf: folder.path)
            }
            #expect(error?.kind == .badData && error?.path == folder.path("model.safetensors"))
            #expect(error?.reason == "tensor \(name) holds a NaN or an infinity")
        }
    }

    @Test(arguments: [Float(0), -0.0]) func parametersThatAreAllZero(_ zero: Float) throws {
        try write { $1 = $1.map { _ in zero } }
        let error = #expect(throws: Seq2SeqError.self) { try ModelFolder(contentsOf: folder.path) }
        #expect(error?.kind == .badData && error?.reason == "all parameters are zero")
        let last = saved.model.parameters.last?.name
        try write { name, values in
            values = values.map { _ in name == last ? 1e-30 : zero }
        }
        #expect(throws: Never.self) { try ModelFolder(contentsOf: folder.path) }
    }

    @Test func theChecksumIsThatOfTheFile() throws {
        let checksum = try ModelFolder(contentsOf: folder.path).checksum
        #expect(
            checksum == (try Safetensors(contentsOf: folder.path("model.safetensors")).checksum))
        #expect(checksum?.count == 8 && saved.checksum == nil)
        #expect(try ModelAverage.folder(of: [folder.path]).checksum == nil)
        var bytes = Data()
        Safetensors.write(saved.model.parameters.map { ($0.name, $0.value) }) {
            bytes.append(contentsOf: $0)
        }
        _ = try folder.file("model.safetensors", bytes)
        #expect(try ModelFolder(contentsOf: folder.path).checksum == nil)
    }

    /// Nobody who uses a model has configured it: what is wrong with its files is the fault of the files.
    @Test(arguments: [
        ("config.json", "\"dropout\" : 0", "\"dropout\" : 7"),
        ("config.json", "\"dropout\" : 0", "\"dropout\" : -1"),
        ("config.json", "\"layers\" : 1", "\"layers\" : -9223372036854775808"),
        ("config.json", "\"embedding\" : 4", "\"embedding\" : 9223372036854775807"),
        ("config.json", "\"source_vocabulary_size\" : 8", "\"source_vocabulary_size\" : -8"),
        ("source.tokenizer.json", "\"vocabulary_size\" : 8000", "\"vocabulary_size\" : -1"),
        ("source.tokenizer.json", "\"language\" : \"en\"", "\"language\" : \"e/n\""),
        ("target.tokenizer.json", "\"minimum_count\" : 1", "\"minimum_count\" : 0"),
        ("target.tokenizer.json", "\"whitespace\"", "\"sentencepiece\""),
    ])
    func aDescriptionWithImpossibleValues(_ name: String, _ old: String, _ new: String) throws {
        let text = String(decoding: try folder.bytes(name), as: UTF8.self)
        try #require(text.contains(old), "\(text)")
        _ = try folder.file(name, text.replacing(old, with: new).utf8)
        do {
            _ = try ModelFolder(contentsOf: folder.path)
            Issue.record("\(new) was accepted")
        } catch let error as Seq2SeqError {
            #expect(error.kind == .badData || error.kind == .missingInput)
            #expect(error.path?.hasPrefix(folder.path) == true, "\(error)")
        }
    }

    /// Each count can be read, but their sum is no whole number of 64 bits.
    @Test func countsWhoseSumOverflows() throws {
        let text = String(decoding: try folder.bytes("source.vocabulary.txt"), as: UTF8.self)
        let large = text.split(separator: "\n").map { line in
            "\(line.prefix { $0 != "\t" })\t999999999999999999\n"
        }
        let many = large + (0..<20).map { "word\($0)\t999999999999999999\n" }
        _ = try folder.file("source.vocabulary.txt", many.joined().utf8)
        #expect(throws: Seq2SeqError.self) { try ModelFolder(contentsOf: folder.path) }
    }

    @Test func provenanceIsReadOrRefused() throws {
        #expect(try ModelFolder.provenance(of: folder.path) == ["seed": "3"])
        _ = try folder.file("provenance.json", Array("{\"seed\": 3".utf8))
        let error = #expect(throws: Seq2SeqError.self) {
            try ModelFolder.provenance(of: folder.path)
        }
        #expect(error?.kind == .badData && error?.path == folder.path("provenance.json"))
        try FileManager.default.removeItem(atPath: folder.path("provenance.json"))
        #expect(try ModelFolder.provenance(of: folder.path).isEmpty)
    }

    @Test(arguments: [
        ("runs/mine/best", "runs/mine/best"), ("./a//b/", "a/b"), ("/home/alice/best", "best"),
        ("../alice/best/", "best"), ("a/../../alice/x", "x"), ("~/best", "best"), ("", ""),
        ("/", ""), ("..", ".."),
    ])
    func pathsTellNothingOfTheMachine(_ path: String, _ portable: String) {
        #expect(PortablePath(path).description == portable)
    }
}
