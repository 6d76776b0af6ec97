import Foundation
import TestSupport
import Testing

/// Model folders that are damaged, incomplete or mixed up are refused with the name of the file.
@Suite struct ModelFolderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.copyModel()
    }

    private func expectRefusal(
        _ status: Int32, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for command in [["predict", "-m", "model"], ["info", "model"]] {
            let outcome = try Program.run(command, input: Data("1 2\n".utf8), in: folder.path)
            expectFailure(outcome, status, words[0], sourceLocation: sourceLocation)
            for word in words {
                #expect(
                    outcome.messages.contains(word), "\(outcome.messages)",
                    sourceLocation: sourceLocation)
            }
        }
    }

    private func rewrite(_ name: String, _ change: (Data) throws -> Data) throws {
        _ = try folder.file("model/\(name)", change(folder.data("model/\(name)")))
    }

    private func replace(_ name: String, _ old: String, by new: String) throws {
        try rewrite(name) {
            let text = String(decoding: $0, as: UTF8.self)
            try #require(text.contains(old))
            return Data(text.replacingOccurrences(of: old, with: new).utf8)
        }
    }

    @Test func `parameters that are cut short, empty or nonsense`() throws {
        let changes: [(Data) -> Data] = [
            { $0.prefix($0.count / 2) }, { $0.dropLast(1) }, { $0 + [0] }, { $0.prefix(4) },
            { _ in Data() }, { _ in Data("this is no model, but long enough to be read".utf8) },
            { Data(repeating: 0xFF, count: $0.count) }, { Data(repeating: 0, count: $0.count) },
        ]
        let whole = try folder.data("model/model.safetensors")
        for change in changes {
            try rewrite("model.safetensors") { _ in change(whole) }
            try expectRefusal(65, "model/model.safetensors: ")
        }
    }

    @Test func `a tensor of another shape`() throws {
        try replace("config.json", "\"embedding\" : 32", by: "\"embedding\" : 31")
        try expectRefusal(65, "model/model.safetensors: ", "has shape", "expected")
    }

    @Test func `a tensor that is missing, and one too many`() throws {
        try replace("config.json", "\"input_feeding\" : false", by: "\"input_feeding\" : true")
        try expectRefusal(65, "model/model.safetensors: ")
        try replace("config.json", "\"input_feeding\" : true", by: "\"input_feeding\" : false")
        try replace("config.json", "\"score\" : \"general\"", by: "\"score\" : \"dot\"")
        try expectRefusal(65, "model/model.safetensors: ", "not part of this model")
    }

    @Test func `a vocabulary of another model`() throws {
        try rewrite("source.vocabulary.txt") { $0 + Data("x\t1\n".utf8) }
        try expectRefusal(65, "model/source.vocabulary.txt: ")
        // Tokenizer and vocabulary fit each other, but not the model.
        let other = try TemporaryFolder()
        try other.writeCorpus(train: 30, training: "epochs: 1")
        try other.write("train.target", Array(digits(50).dropFirst(20)).map { $0 + " x" })
        let trained = try Program.run("train", "config.yaml", in: other.path)
        #expect(trained.status == 0, "\(trained.messages)")
        try folder.copyModel("second")
        for name in ["target.vocabulary.txt", "target.tokenizer.json"] {
            _ = try folder.file("model/\(name)", other.bytes("run/best/\(name)"))
            _ = try folder.file(
                "model/\(name.replacingOccurrences(of: "target", with: "source"))",
                folder.bytes("second/\(name.replacingOccurrences(of: "target", with: "source"))"))
        }
        try expectRefusal(65, "model: ", "the target vocabulary", "not the one")
    }

    @Test func `a description that is damaged, foreign or of the future`() throws {
        let changes: [(String, String, String)] = [
            ("{", "", "config.json"), ("\"hidden\" : 64", "\"hidden\" : \"wide\"", "hidden"),
            ("\"encoder\"", "\"enkoder\"", "encoder"), ("\"translation\"", "\"poetry\"", "poetry"),
            ("\"format_version\" : 3", "\"format_version\" : 4", "newer seq2seq"),
            ("\"format_version\" : 3", "\"format_version\" : -1", "format version -1"),
            ("\"dropout\"", "\"dr\u{0}pout\"", "config.json"),
        ]
        let whole = try folder.data("model/config.json")
        for (old, new, word) in changes {
            try replace("config.json", old, by: new)
            try expectRefusal(65, "model/config.json: ", word)
            try rewrite("config.json") { _ in whole }
        }
        try rewrite("config.json") { $0.prefix(100) }
        try expectRefusal(65, "model/config.json: ")
    }

    @Test func `absurd sizes are no reason to take memory`() throws {
        try replace("config.json", "\"hidden\" : 64", by: "\"hidden\" : 65536")
        try expectRefusal(65, "model/model.safetensors: ", "has shape")
    }

    @Test func `a configuration that cannot work`() throws {
        for (old, new) in [
            ("\"layers\" : 1", "\"layers\" : 0"), ("\"layers\" : 1", "\"layers\" : 99999999"),
            ("\"hidden\" : 64", "\"hidden\" : -64"),
        ] {
            let whole = try folder.data("model/config.json")
            try replace("config.json", old, by: new)
            try expectRefusal(65, "model/config.json: ", "model.encoder.")
            try rewrite("config.json") { _ in whole }
        }
    }

    @Test func `a damaged tokenizer`() throws {
        try rewrite("target.tokenizer.json") { $0.prefix(40) }
        try expectRefusal(65, "model/target.tokenizer.json: ")
    }

    @Test(arguments: [
        "config.json", "model.safetensors", "source.tokenizer.json", "source.vocabulary.txt",
        "target.tokenizer.json", "target.vocabulary.txt",
    ])
    func `a missing file`(_ name: String) throws {
        try FileManager.default.removeItem(atPath: folder.path("model/\(name)"))
        try expectRefusal(66, "model/\(name): ")
    }

    @Test func `the origin may be missing`() throws {
        try FileManager.default.removeItem(atPath: folder.path("model/provenance.json"))
        let outcome = try Program.run("info", "model", in: folder.path)
        #expect(outcome.status == 0)
        #expect(outcome.messages == "")
    }
}
