import Foundation
import TestSupport
import Testing

/// `predict --replace-unknown` and `--lexicon` through the built command.
@Suite struct UnknownWordTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        // Five of the ten digits are unknown to the vocabulary, and the model copies <unk> for them.
        try folder.writeCorpus(train: 1500, training: "epochs: 8")
    }

    private func run(_ arguments: String..., lines: [String] = []) throws -> Outcome {
        try Program.run(
            arguments, input: .init(lines.map { $0 + "\n" }.joined().utf8), in: folder.path)
    }

    @Test func `unknown words are those of the source, or their translations`() throws {
        let trained = try run(
            "train", "config.yaml", "--set", "tokenizer.source.vocabulary_size=8", "--set",
            "tokenizer.target.vocabulary_size=8", "--set", "seed=4")
        #expect(trained.status == 0)
        let held = try String(decoding: folder.data("held.source"), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        let plain = try run("predict", "--model", "run/best", lines: held)
        #expect(plain.lines.joined(separator: " ").contains("<unk>"))
        let replaced = try run("predict", "--model", "run/best", "--replace-unknown", lines: held)
        #expect(!replaced.lines.joined(separator: " ").contains("<unk>"))
        #expect(zip(replaced.lines, held).count { $0 == $1 } >= held.count * 3 / 4)
        let known = Set(plain.lines.joined(separator: " ").split(separator: " ").map(String.init))
        let unknown = (0...9).map { "\($0)" }.filter { !known.contains($0) }
        try folder.write("lexicon", unknown.map { "\($0)\tword\($0)" })
        let spelt = try run("predict", "--model", "run/best", "--lexicon", "lexicon", lines: held)
        #expect(
            spelt.lines.map { $0.replacing("word", with: "") } == replaced.lines
                && spelt.lines.joined().contains("word"))
        try folder.write("broken", ["1\tone", "two"])
        let broken = try run("predict", "--model", "run/best", "--lexicon", "broken", lines: held)
        #expect(broken.status == 65 && broken.messages.contains("broken:2: "))
        let missing = try run("predict", "--model", "run/best", "--lexicon", "none", lines: held)
        #expect(missing.status == 66 && missing.messages.contains("none"))
    }

    @Test func `a model without attention cannot say which word is meant`() throws {
        let trained = try run(
            "train", "config.yaml", "--set", "model.attention.score=none", "--set",
            "training.maximum_steps=1")
        #expect(trained.status == 0)
        let outcome = try run("predict", "--model", "run/best", "--replace-unknown", lines: ["1"])
        #expect(outcome.status == 64 && outcome.messages.contains("--replace-unknown"))
    }
}
