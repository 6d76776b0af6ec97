import Foundation
import TestSupport
import Testing

/// `seq2seq average`, as a process.
@Suite struct AverageTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.copyModel("first")
    }

    private func average(_ arguments: String...) throws -> Outcome {
        try Program.run(["average"] + arguments, in: folder.path)
    }

    /// The numbers of a model, in the order of the file.
    private func parameters(_ model: String) throws -> [Float] {
        let bytes = try folder.bytes("\(model)/model.safetensors")
        let header = bytes.prefix(8).enumerated().reduce(0) {
            $0 + Int($1.element) << (8 * $1.offset)
        }
        return bytes.dropFirst(8 + header).withUnsafeBytes { data in
            stride(from: 0, to: data.count, by: 4).map {
                data.loadUnaligned(fromByteOffset: $0, as: Float.self)
            }
        }
    }

    @Test func `models of one run`() throws {
        try folder.writeCorpus(train: 100, training: "epochs: 3\naveraging: {keep_last: 2}")
        let trained = try Program.run("train", "config.yaml", in: folder.path)
        #expect(trained.status == 0, "\(trained.messages)")
        let models = ["run/checkpoints/step-8", "run/checkpoints/step-12"]
        let outcome = try average("mean/", "--model", models[0], "-m", models[1])
        #expect(outcome.status == 0)
        #expect(outcome.output == "")
        #expect(outcome.messages == "")
        let mean = try parameters("mean")
        #expect(mean.count > 10_000)
        #expect(
            try mean
                == zip(parameters(models[0]), parameters(models[1])).map {
                    Float((Double($0) + Double($1)) / 2)
                })
        #expect(try mean != parameters(models[0]))
        let description = try Program.run("info", "mean", "--json", in: folder.path)
        let object = try JSONSerialization.jsonObject(with: Data(description.output.utf8))
        let provenance = try #require(
            (object as? [String: Any])?["provenance"] as? [String: String])
        #expect(provenance["average_of 1"] == models[0])
        #expect(provenance["average_of 2"] == models[1])
        #expect(provenance["program"]?.hasPrefix("seq2seq ") == true)
        let predicted = try Program.run(
            "predict", "-m", "mean", input: Data("1 2\n".utf8), in: folder.path)
        #expect(predicted.status == 0, "\(predicted.messages)")
        #expect(predicted.lines.count == 1)
    }

    @Test func `equal models are their mean`() throws {
        #expect(try average("mean", "-m", "first", "-m", "first").status == 0)
        for name in ["model.safetensors", "config.json", "target.tokenizer.json"] {
            #expect(try folder.bytes("mean/\(name)") == folder.bytes("first/\(name)"), "\(name)")
        }
    }

    @Test func `wrong usage`() throws {
        expectFailure(try average("mean"), 64, "--model")
        expectFailure(try average("-m", "first"), 64, "output")
        expectFailure(try average("", "-m", "first"), 64, "output")
        expectFailure(try average("mean", "-m", "first", "first"), 64, "first")
        #expect(!folder.exists("mean"))
    }

    @Test func `models that do not fit each other`() throws {
        try folder.writeCorpus(train: 40, training: "epochs: 1")
        func train(_ output: String, _ settings: String...) throws {
            let trained = try Program.run(
                ["train", "config.yaml", "--output", output]
                    + settings.flatMap { ["--set", $0] }, in: folder.path)
            #expect(trained.status == 0, "\(trained.messages)")
        }
        try train("other", "model.dropout=0.2")
        expectFailure(
            try average("mean", "-m", "first", "-m", "other/best"), 65, "other/best: ",
            "the configuration is not that of first")
        try folder.write("train.target", digits(60).dropFirst(20).map { $0 + " x" })
        try train("words")
        expectFailure(
            try average("mean", "-m", "first", "-m", "words/best"), 65, "words/best: ",
            "vocabulary is not that of first")
        #expect(!folder.exists("mean"))
    }

    @Test func `damaged and missing models`() throws {
        expectFailure(
            try average("mean", "-m", "first", "-m", "absent"), 66, "absent/config.json: ")
        try folder.copyModel("second")
        _ = try folder.file(
            "second/model.safetensors", folder.bytes("first/model.safetensors").dropLast(4))
        expectFailure(
            try average("mean", "-m", "first", "-m", "second"), 65, "second/model.safetensors: ")
        #expect(!folder.exists("mean"))
    }

    @Test func `a folder that cannot be created`() throws {
        let before = try folder.bytes("first/provenance.json")
        expectFailure(try average("first", "-m", "first"), 73, "first: exists already")
        #expect(try folder.bytes("first/provenance.json") == before)
        expectFailure(try average("absent/mean", "-m", "first"), 73, "absent/mean")
        expectFailure(try average("first/config.json/mean", "-m", "first"), 73, "config.json/mean")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["first"])
    }
}
