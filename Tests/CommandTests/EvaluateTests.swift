import Foundation
import TestSupport
import Testing

@Suite struct EvaluateTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("hypotheses", ["the cat sat on the mat", "a dog ran very fast today"])
        try folder.write("first", ["the cat sat on a mat", "the dog ran very fast"])
        try folder.write("second", ["the cat sat on the mat", "a dog ran fast today"])
    }

    private func evaluate(_ arguments: String..., input: String = "") throws -> Outcome {
        try Program.run(["evaluate"] + arguments, input: Data(input.utf8), in: folder.path)
    }

    private struct Result: Decodable {
        var metric: String
        var value: Double
        var signature: String
    }

    private func result(_ arguments: String...) throws -> Result {
        let outcome = try Program.run(["evaluate", "--json"] + arguments, in: folder.path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        return try JSONDecoder().decode(Result.self, from: Data(outcome.output.utf8))
    }

    /// sacrebleu 2.6.0: `sacrebleu first -i hypotheses`, `sacrebleu first second -i hypotheses`, and
    /// the first with `-lc`, `--smooth-method none`, `--tokenize char`.
    @Test func `BLEU is that of sacreBLEU`() throws {
        let outcome = try evaluate("hypotheses", "--reference", "first")
        #expect(outcome.status == 0)
        #expect(outcome.messages == "")
        #expect(outcome.lines.count == 1)
        let one = try result("hypotheses", "--reference", "first")
        #expect(one.metric == "bleu")
        #expect(abs(one.value - 52.3317569696053) < 1e-9)
        #expect(one.signature.hasPrefix("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:"))
        #expect(outcome.output.contains("52.33"))
        let two = try result("hypotheses", "-r", "first", "second")
        #expect(abs(two.value - 87.39351325046809) < 1e-9)
        #expect(two.signature.hasPrefix("nrefs:2|"))
        #expect(try result("hypotheses", "-r", "first", "-r", "second").value == two.value)
        let characters = try result(
            "hypotheses", "-r", "first", "--tokenize", "char", "--smooth", "none", "--lowercase")
        #expect(abs(characters.value - 69.15796755554584) < 1e-9)
        #expect(characters.signature.hasPrefix("nrefs:1|case:lc|eff:no|tok:char|smooth:none|"))
    }

    /// sacrebleu 2.6.0: `sacrebleu first -i hypotheses -m chrf ter`, `--chrf-word-order 2`,
    /// `--ter-normalized --ter-no-punct --ter-case-sensitive`; jiwer 4.0.0: `jiwer.wer`, `jiwer.cer`.
    @Test func `several metrics are computed at once`() throws {
        let outcome = try evaluate(
            "hypotheses", "-r", "first", "--json", "--metric", "bleu", "chrf", "chrf++", "ter",
            "--metric", "wer", "cer", "sentence-accuracy")
        #expect(outcome.status == 0, "\(outcome.messages)")
        let results = try outcome.lines.map {
            try JSONDecoder().decode(Result.self, from: Data($0.utf8))
        }
        #expect(
            results.map(\.metric)
                == ["bleu", "chrf", "chrf++", "ter", "wer", "cer", "sentence-accuracy"])
        for (result, expected) in zip(
            results,
            [
                52.3317569696053, 74.66768747981291, 74.21129447110411, 27.27272727272727,
                27.27272727272727, 29.268292682926827, 0.0,
            ])
        {
            #expect(abs(result.value - expected) < 1e-9, "\(result.metric)")
        }
        #expect(results[2].signature.hasPrefix("nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no|"))
        let ter = try result(
            "hypotheses", "-r", "first", "--metric", "ter", "--ter-normalized",
            "--ter-no-punctuation", "--ter-asian-support", "--ter-case-sensitive")
        #expect(
            ter.signature.hasPrefix("nrefs:1|case:mixed|tok:tercom|norm:yes|punct:no|asian:yes|"))
        let lines = try evaluate(
            "second", "-r", "hypotheses", "--sentence-level", "--metric", "ter", "wer"
        ).lines
        #expect(lines.prefix(2) == ["0.00\t0.00", "16.67\t16.67"])
        #expect(lines.count == 4 && lines[2].hasPrefix("TER|") && lines[3].hasPrefix("WER|"))
    }

    @Test func `translations may come from standard input`() throws {
        let text = String(decoding: try folder.bytes("hypotheses"), as: UTF8.self)
        let file = try evaluate("hypotheses", "-r", "first").output
        #expect(try evaluate("-", "-r", "first", input: text).output == file)
    }

    @Test func `sentences are scored one by one`() throws {
        let outcome = try evaluate("second", "-r", "hypotheses", "--sentence-level")
        #expect(outcome.lines.count == 3)
        #expect(outcome.lines.prefix(2) == ["100.00", "40.94"])
    }

    @Test func `accuracies count tokens and sentences`() throws {
        let sentences = try result("hypotheses", "-r", "second", "--metric", "sentence-accuracy")
        #expect(sentences.metric == "sentence-accuracy")
        #expect(sentences.value == 0.5)
        #expect(sentences.signature.hasPrefix("sentence-accuracy|version:"))
        let tokens = try result("hypotheses", "-r", "first", "--metric", "token-accuracy")
        #expect(tokens.value > 0.5 && tokens.value < 1)
        #expect(
            try evaluate("second", "-r", "second", "--metric", "token-accuracy").output
                == "token-accuracy = 100.00 %\n")
    }

    @Test func `a model is evaluated on sources`() throws {
        let trained = try TrainedModel.shared.get()
        try folder.write("held", trained.held)
        let output = try Program.run(
            "predict", "-m", trained.folder, "-i", "held", "-o", "output", in: folder.path)
        #expect(output.status == 0)
        let direct = try result("--model", trained.folder, "--source", "held", "-r", "held")
        let indirect = try result("output", "-r", "held")
        #expect(direct.value == indirect.value)
        #expect(direct.signature == indirect.signature)
        let accuracy = try result(
            "--model", trained.folder, "--source", "held", "-r", "held", "--metric",
            "sentence-accuracy", "--beam-size", "1")
        #expect(accuracy.value >= 0.9)
    }

    @Test func `perplexity is that of validation and of score`() throws {
        let trained = try TrainedModel.shared.get()
        try folder.write("held", trained.held)
        let perplexity = try result(
            "--model", trained.folder, "--source", "held", "-r", "held", "--metric", "perplexity")
        let origin = try JSONDecoder().decode(
            [String: String].self,
            from: Data(contentsOf: URL(filePath: "\(trained.folder)/provenance.json")))
        let validated = try #require(Double(origin["validation_perplexity"] ?? ""))
        #expect(abs(perplexity.value - validated) < 1e-5 * validated)
        let bleu = try result("--model", trained.folder, "--source", "held", "-r", "held")
        #expect(origin["validation_bleu"] == "\(bleu.value)")
        #expect(origin["validation_bleu_signature"] == bleu.signature)
        let scores = try Program.run(
            "score", "-m", trained.folder, "-s", "held", "-t", "held", in: folder.path)
        let total = scores.lines.reduce(0) { $0 + (Double($1.split(separator: "\t")[0]) ?? .nan) }
        let tokens = trained.held.reduce(0) { $0 + $1.split(separator: " ").count + 1 }
        #expect(abs(exp(-total / Double(tokens)) - validated) < 1e-5 * validated)
    }

    @Test func `empty lines can be scored and evaluated`() throws {
        let model = try TrainedModel.shared.get().folder
        try folder.write("sources", ["", "1 2", "", "3 4"])
        try folder.write("targets", ["1", "", "", "3 4"])
        let scores = try Program.run(
            "score", "-m", model, "-s", "sources", "-t", "targets", in: folder.path)
        #expect(scores.status == 0, "\(scores.messages)")
        #expect(scores.lines.count == 4)
        for line in scores.lines {
            let fields = line.split(separator: "\t").compactMap { Double($0) }
            // Nothing but the empty line is said of an empty line, as in prediction.
            #expect(fields.count == 2 && fields[0] <= 0 && fields[1] >= 1, "\(line)")
        }
        let bleu = try result("--model", model, "--source", "sources", "-r", "targets")
        #expect((0...100).contains(bleu.value))
    }

    // MARK: Trouble

    @Test func `files of unequal length are told`() throws {
        try folder.write("short", ["one"])
        expectFailure(
            try evaluate("hypotheses", "-r", "first", "short"), 65, "short: ",
            "1 references for 2 translations")
        let model = try TrainedModel.shared.get().folder
        expectFailure(
            try evaluate(
                "--model", model, "--source", "first", "-r", "short", "--metric", "perplexity"), 65,
            "short: ")
        expectFailure(
            try Program.run("score", "-m", model, "-s", "first", "-t", "short", in: folder.path),
            65, "short: ", "has 1 lines, but first has 2", output: nil)
    }

    @Test func `empty files have no score`() throws {
        try folder.write("empty", [])
        expectFailure(try evaluate("empty", "-r", "empty"), 65, "empty: ", "no lines")
        expectFailure(try evaluate("-", "-r", "empty"), 65, "no lines")
    }

    @Test func `files that are missing or no text are named`() throws {
        expectFailure(try evaluate("nowhere", "-r", "first"), 66, "nowhere: ")
        expectFailure(try evaluate("first", "-r", "nowhere"), 66, "nowhere: ")
        _ = try folder.file("bad", [0x61, 0x0A, 0xFF, 0x0A])
        expectFailure(try evaluate("bad", "-r", "first"), 65, "bad:2: ")
    }

    @Test(arguments: [
        ["hypotheses"], [], ["-r", "first"], ["hypotheses", "-r", "first", "--model", "x"],
        ["--model", "x", "-r", "first"], ["hypotheses", "-r", "first", "--source", "x"],
        ["hypotheses", "--metric", "perplexity", "-r", "first"],
        ["hypotheses", "--metric", "rouge", "-r", "first"],
        ["hypotheses", "--tokenize", "14a", "-r", "first"],
        ["hypotheses", "--smooth", "more", "-r", "first"],
        ["hypotheses", "--smooth-value=-1", "-r", "first"],
        ["hypotheses", "--beam-size", "0", "-r", "first"],
        ["hypotheses", "--threads=-1", "-r", "first"],
        ["--model", "x", "--source", "x", "--beam-size", "0", "-r", "first"],
    ])
    func `wrong usage is refused`(_ arguments: [String]) throws {
        expectFailure(try Program.run(["evaluate"] + arguments, in: folder.path), 64)
    }
}
