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

/// Saving and loading a model, and what is wrong with a folder that is refused.
struct ModelFolderTests {
    private let folder: TemporaryFolder
    private let saved: ModelFolder

    init() throws {
        folder = try TemporaryFolder()
        let configuration = TokenizerConfiguration(kind: .whitespace)
        let source = try TextCodec.train(on: ["a b c", "d e"], configuration: configuration)
        let target = try TextCodec.train(on: ["w x", "y z"], configuration: configuration)
        let variant = Variant {
            $0.encoder.isBidirectional = true
            $0.encoder.layers = 2
            $0.decoder.layers = 2
        }
        let model = try TranslationModel(
            variant.configuration, sourceVocabulary: source.count, targetVocabulary: target.count,
            seed: 3)
        saved = ModelFolder(model: model, source: source, target: target)
        try saved.write(to: folder.path, provenance: ["seed": "3"])
    }

    /// The error of loading the folder.
    private func refusal() -> String? {
        do { _ = try ModelFolder(contentsOf: folder.path) } catch { return "\(error)" }
        return nil
    }

    private func edit(_ name: String, _ change: (inout String) -> Void) throws {
        var text = String(decoding: try folder.bytes(name), as: UTF8.self)
        let before = text
        change(&text)
        #expect(text != before)
        _ = try folder.file(name, text.utf8)
    }

    @Test func roundTrip() throws {
        let loaded = try ModelFolder(contentsOf: folder.path)
        #expect(loaded.model.configuration == saved.model.configuration)
        #expect(loaded.source.fingerprint == saved.source.fingerprint)
        #expect(loaded.target.vocabulary.tokens == saved.target.vocabulary.tokens)
        #expect(loaded.model.parameters.map(\.name) == saved.model.parameters.map(\.name))
        for (a, b) in zip(loaded.model.parameters, saved.model.parameters) {
            #expect(identical(a.value, b.value), "\(a.name)")
        }
        let batch = drawBatch(saved.model)
        #expect(
            loaded.model.tokenLogProbabilities(batch) == saved.model.tokenLogProbabilities(batch))
        let copy = try TemporaryFolder()
        try loaded.write(to: copy.path, provenance: ["seed": "3"])
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            #expect(try copy.bytes(name) == folder.bytes(name), "\(name)")
        }
    }

    /// A file of half precision, as other programs write it, works in products like any other.
    @Test func halfPrecisionParameters() throws {
        let file = try Safetensors(contentsOf: folder.path("model.safetensors"))
        var (entries, data) = ([String](), [UInt8]())
        for name in file.names {
            let tensor = try file.tensor(name)
            let bytes = tensor.values.flatMap { value in
                withUnsafeBytes(of: UInt16(truncatingIfNeeded: value.bitPattern >> 16)) {
                    Array($0)
                }
            }
            entries.append(
                #""\#(name)":{"dtype":"BF16","shape":\#(tensor.shape),"data_offsets":[\#(data.count),\#(data.count + bytes.count)]}"#
            )
            data += bytes
        }
        let header = Array("{\(entries.joined(separator: ","))}".utf8)
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
        _ = try folder.file("model.safetensors", length + header + data)
        let loaded = try ModelFolder(contentsOf: folder.path).model
        let batch = drawBatch(loaded)
        let pairs = zip(
            loaded.tokenLogProbabilities(batch), saved.model.tokenLogProbabilities(batch))
        for (a, b) in pairs { for (x, y) in zip(a, b) { #expect(abs(x - y) < 0.05) } }
    }

    @Test(arguments: ["config.json", "model.safetensors", "source.vocabulary", "target.tokenizer"])
    func missingFiles(_ prefix: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let name = try #require(names.first { $0.hasPrefix(prefix) }, "\(names)")
        try FileManager.default.removeItem(atPath: folder.path(name))
        #expect(refusal()?.contains(name) == true, "\(refusal() ?? "no error")")
    }

    @Test func noFolder() throws {
        for path in [folder.path("absent"), folder.path("config.json")] {
            let error = #expect(throws: Seq2SeqError.self) { try ModelFolder(contentsOf: path) }
            #expect(error?.kind == .missingInput && error?.path == "\(path)/config.json")
        }
    }

    @Test(arguments: ["source", "target"]) func anotherVocabulary(_ side: String) throws {
        let other = try TextCodec.train(
            on: ["p q r s t"], configuration: TokenizerConfiguration(kind: .whitespace))
        try other.save(in: folder.path, name: side)
        #expect(
            refusal()?.contains(
                "the \(side) vocabulary (8 tokens, fingerprint \(other.fingerprint))")
                == true)
    }

    @Test(arguments: [0, 5, 100, 2000, -1]) func truncatedModel(_ count: Int) throws {
        let bytes = try folder.bytes("model.safetensors")
        _ = try folder.file("model.safetensors", bytes.prefix(count < 0 ? bytes.count - 1 : count))
        let error = #expect(throws: Seq2SeqError.self) { try ModelFolder(contentsOf: folder.path) }
        #expect(error?.kind == .badData && error?.path == folder.path("model.safetensors"))
    }

    @Test func tensorsOfAnotherModel() throws {
        let parameters = saved.model.parameters.map { (name: $0.name, tensor: $0.value) }
        func replace(_ tensors: [(name: String, tensor: Tensor)]) throws {
            try TensorFile.write(tensors, to: folder.path("model.safetensors"))
        }
        try replace([(parameters[0].name, .zeros([2, 2]))] + parameters.dropFirst())
        #expect(
            refusal()?.contains("tensor encoder.embedding.weight has shape [2, 2], expected [8, 3]")
                == true)
        try replace(Array(parameters.dropLast()))
        #expect(refusal()?.contains("tensor output.bias is missing") == true)
        try replace(parameters + [("extra", Tensor(1))])
        #expect(
            refusal()?.contains("1 tensors are not part of this model, the first is extra") == true)
        try replace(parameters)
        #expect(refusal() == nil)
    }

    @Test func newerFormat() throws {
        try edit("config.json") {
            $0.replace("\"format_version\" : 3", with: "\"format_version\" : 4")
        }
        #expect(
            refusal()?.contains("config.json: format version 4, this program reads up to 3") == true
        )
        #expect(refusal()?.contains("use a newer seq2seq") == true)
        try edit("config.json") {
            $0.replace("\"format_version\" : 4", with: "\"format_version\" : 0")
        }
        #expect(refusal()?.contains("format version 0") == true)
    }

    /// Version 2 knew no outputs but text.
    @Test func versionTwo() throws {
        try edit("config.json") {
            $0.replace("\"format_version\" : 3", with: "\"format_version\" : 2")
            $0.replace("\"outputs\"", with: "\"others\"")
        }
        let loaded = try ModelFolder(contentsOf: folder.path)
        #expect(loaded.model.configuration == saved.model.configuration)
        #expect(loaded.model.configuration.hasText)
    }

    /// The description that version 1 wrote, of a model whose parameters are the same today.
    @Test func versionOne() throws {
        let description = """
            {"format_version": 1, "kind": "translation",
             "source_fingerprint": "\(saved.source.fingerprint)", "source_vocabulary_size": 8,
             "target_fingerprint": "\(saved.target.fingerprint)", "target_vocabulary_size": 7,
             "model": {"attention": {"score": "general"}, "bridge": "BRIDGE",
              "decoder": {"embedding": 4, "hidden": 6, "input_feeding": false, "layers": 2,
               "type": "luong"}, "dropout": 0.3,
              "encoder": {"bidirectional": true, "embedding": 3, "hidden": 6, "layers": 2,
               "reverse_source": false},
              "initialization": {"kind": "uniform", "range": 0.7}}}
            """
        _ = try folder.file("config.json", description.replacing("BRIDGE", with: "copy").utf8)
        let model = try ModelFolder(contentsOf: folder.path).model
        let batch = drawBatch(saved.model)
        #expect(model.tokenLogProbabilities(batch) == saved.model.tokenLogProbabilities(batch))
        _ = try folder.file("config.json", description.replacing("BRIDGE", with: "dense").utf8)
        #expect(refusal()?.contains("decoder.bridge.layers.0.hidden.weight is missing") == true)
        let dense = try Variant { $0.bridge = .tanhDense }.model()
        #expect(dense.configuration.bridge.rawValue == "tanh_dense")
    }

    @Test func damagedDescriptions() throws {
        let whole = String(decoding: try folder.bytes("config.json"), as: UTF8.self)
        for (change, reason) in [
            ({ _ in "" }, "not the description of a model"),
            ({ _ in "[1]" }, "not the description"),
            ({ _ in "{}" }, "the key format_version is missing"),
            ({ String($0.prefix($0.count / 2)) }, "not the description of a model"),
            ({ $0.replacing("translation", with: "speech") }, "unknown kind of model speech"),
            (
                { $0.replacing("\"bidirectional\"", with: "\"both_directions\"") },
                "model.encoder.bidirectional is missing"
            ),
            ({ $0.replacing("\"luong\"", with: "\"loung\"") }, "model.decoder.type"),
            ({ $0.replacing("\"hidden\" : 6", with: "\"hidden\" : \"6\"") }, "hidden"),
            (
                { $0.replacing("\"hidden\" : 6", with: "\"hidden\" : 0") },
                "model.encoder.hidden is 0"
            ),
            ({ $0.replacing("\"hidden\" : 6", with: "\"hidden\" : 8") }, "expected [3, 16]"),
            (
                { $0.replacing("_vocabulary_size\" : 8", with: "_vocabulary_size\" : 9") },
                "the source vocabulary"
            ),
        ] as [((String) -> String, String)] {
            _ = try folder.file("config.json", change(whole).utf8)
            #expect(refusal()?.contains(reason) == true, "\(reason): \(refusal() ?? "no error")")
        }
    }

    @Test func writingWhereThereIsNoFolder() {
        #expect(throws: (any Error).self) {
            try saved.write(to: folder.path("absent/deep"), provenance: [:])
        }
    }
}
