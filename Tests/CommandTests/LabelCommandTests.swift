import Foundation
import Synchronization
import TestSupport
import Testing

/// The command on models whose outputs are labels.
@Suite struct LabelCommandTests {
    /// A folder with a trained model `run/best` of two outputs, and its held-out files.
    private static let trained = Result { () throws -> String in
        let folder = try TemporaryFolder()
        let lines = digits(700)
        for (name, part) in [("held", lines.prefix(100)), ("train", lines.dropFirst(100))] {
            try folder.write("\(name).words", Array(part))
            try folder.write("\(name).parity", part.map(parity))
            try folder.write("\(name).seven", part.map(seven))
        }
        _ = try folder.file("config.yaml", configuration.utf8)
        let outcome = try Program.run(["train", "config.yaml"], in: folder.path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.messages.contains("parity") || outcome.messages.contains("accuracy"))
        kept.withLock { $0 = folder }
        atexit { LabelCommandTests.kept.withLock { $0 = nil } }
        return folder.path
    }

    /// The folder lasts as long as the process.
    private static let kept = Mutex<TemporaryFolder?>(nil)

    private static let configuration = """
        threads: 1
        run: run
        outputs:
        - {type: labels, name: parity}
        - {type: label, name: seven, pooling: max}
        data:
          train: {files: [train.words, train.parity, train.seven]}
          validation: {files: [held.words, held.parity, held.seven]}
        tokenizer: {source: {kind: whitespace}}
        model: {encoder: {embedding: 16, hidden: 32, layers: 1}, dropout: 0.1}
        training:
          label_smoothing: 0
          optimizer: {learning_rate: 0.02}
          batch: {size: 32}
          epochs: 5
        """

    private static func parity(_ line: String) -> String {
        line.split(separator: " ").map { Int($0).map { $0 % 2 == 0 } == true ? "even" : "odd" }
            .joined(separator: " ")
    }

    private static func seven(_ line: String) -> String { line.contains("7") ? "has it" : "not" }

    private let folder: TemporaryFolder
    private let place: String

    init() throws {
        place = try Self.trained.get()
        folder = try TemporaryFolder()
        for name in ["held.words", "held.parity", "held.seven", "run"] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path(name), withDestinationPath: "\(place)/\(name)")
        }
    }

    private func run(_ arguments: String..., lines: [String] = []) throws -> Outcome {
        try Program.run(
            arguments, input: Data(lines.map { $0 + "\n" }.joined().utf8), in: folder.path)
    }

    @Test func `labels stand between spaces and outputs between tabs`() throws {
        let lines = ["1 2 7", "", "4 4"]
        let outcome = try run("predict", "-m", "run/best", lines: lines)
        #expect(outcome.status == 0)
        #expect(outcome.lines == ["odd even odd\thas it", "", "even even\tnot"])
        let alone = try lines.map { try run("predict", "-m", "run/best", lines: [$0]).output }
        #expect(alone.joined() == outcome.output)
    }

    @Test func `JSON lines have probabilities`() throws {
        let outcome = try run("predict", "-m", "run/best", "--format", "jsonl", lines: ["1 2 7"])
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        let outputs = try #require(object["outputs"] as? [[String: Any]])
        #expect(outputs.compactMap { $0["name"] as? String } == ["parity", "seven"])
        #expect(outputs[0]["labels"] as? [String] == ["odd", "even", "odd"])
        let probabilities = try #require(outputs[0]["probabilities"] as? [Double])
        #expect(probabilities.count == 3 && probabilities.allSatisfy { $0 > 0.9 && $0 <= 1 })
        #expect(object["translations"] == nil)
    }

    @Test func `each output is evaluated by its name`() throws {
        for (name, file) in [("parity", "held.parity"), ("seven", "held.seven")] {
            let outcome = try run(
                "evaluate", "--model", "run/best", "--source", "held.words", "--output", name,
                "--reference", file, "--metric", "accuracy", "macro-f1")
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(outcome.lines.map { $0.prefix { $0 != " " } } == ["accuracy", "macro-f1"])
        }
        // Perplexity is that of all outputs, which a file of one does not give.
        let part = try run(
            "evaluate", "--model", "run/best", "--source", "held.words", "--reference",
            "held.parity", "--metric", "perplexity")
        expectFailure(part, 65, "1 outputs instead of 2")
        let outcome = try run(
            "evaluate", "--model", "run/best", "--source", "held.words", "--reference",
            "held.parity", "--json")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("\"metric\":\"accuracy\""))
        let value = try #require(
            (try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])?[
                "value"] as? Double)
        #expect(value >= 0.98)
    }

    @Test func `the score of a prediction is its log-probability`() throws {
        let outcome = try run(
            "predict", "-m", "run/best", "--with-scores", lines: ["1 2 7", "4 4"])
        let predicted = outcome.lines.map {
            $0.split(separator: "\t", maxSplits: 1).map(String.init)
        }
        try folder.write("asked", ["1 2 7", "4 4", "1", "1 2"])
        try folder.write("given", predicted.map { $0[1] } + ["odd odd\tnot", "odd strange\tnot"])
        let scored = try run("score", "-m", "run/best", "-s", "asked", "-t", "given")
        #expect(scored.status == 0)
        #expect(scored.messages.contains("asked:3"))
        #expect(scored.lines.count == 4)
        for (line, prediction) in zip(scored.lines, predicted) {
            let score = try #require(Float(line.split(separator: "\t")[0]))
            #expect(abs(score - (try #require(Float(prediction[0])))) < 1e-5)
        }
        #expect(scored.lines[2] == "\t")
        #expect(scored.lines[3].hasPrefix("-inf"))
    }

    @Test func `what belongs to text is refused`() throws {
        expectFailure(
            try run("predict", "-m", "run/best", "--n-best", "2", "-b", "2"), 64, "--n-best 2")
        expectFailure(
            try run(
                "evaluate", "--model", "run/best", "--source", "held.words", "--reference",
                "held.parity", "--metric", "bleu"), 64, "--metric bleu")
        expectFailure(
            try run(
                "evaluate", "--model", "run/best", "--source", "held.words", "--reference",
                "held.parity", "--output", "nothing"), 64, "parity, seven")
        expectFailure(
            try run("predict", "-m", "run/best", "--replace-unknown"), 64, "no attention")
    }

    @Test func `labels that are damaged or missing are told by file`() throws {
        let copy = try TemporaryFolder()
        let model = copy.path("model")
        try FileManager.default.copyItem(atPath: "\(place)/run/best", toPath: model)
        let path = "\(model)/parity.labels.json"
        let whole = try String(contentsOfFile: path, encoding: .utf8)
        for text in ["", "{}", whole.replacing("even", with: "evil"), String(whole.dropLast(9))] {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            expectFailure(
                try Program.run("predict", "-m", model), 65, "parity.labels.json", output: nil)
        }
        try FileManager.default.removeItem(atPath: path)
        expectFailure(try Program.run("predict", "-m", model), 66, "parity.labels.json")
    }

    @Test func `info says what comes out`() throws {
        let outcome = try run("info", "run/best", "--json")
        #expect(outcome.status == 0)
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        let outputs = try #require(object["outputs"] as? [[String: Any]])
        #expect(outputs.compactMap { $0["type"] as? String } == ["labels", "label"])
        #expect(object["target_vocabulary"] == nil)
    }
}
