import Foundation
import TestSupport
import Testing

@Suite struct EvaluateHintTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("zh", ["今天天气很好。", "我们去公园散步吧。"])
        try folder.write("ja", ["きょうはとてもいい天気です。", "こうえんへさんぽに行きましょう。"])
        try folder.write("th", ["วันนี้อากาศดีมาก", "เราไปเดินเล่นที่สวนกันเถอะ"])
        try folder.write("en", ["the weather is fine today", "let us walk in the park"])
        try folder.write("empty", ["", ""])
    }

    private func evaluate(_ arguments: String...) throws -> Outcome {
        try Program.run(["evaluate"] + arguments, in: folder.path)
    }

    @Test(arguments: [("zh", "zh"), ("ja", "char"), ("th", "char")])
    func `a script without spaces asks for another tokenizer`(file: String, name: String) throws {
        let outcome = try evaluate(file, "-r", file)
        #expect(outcome.status == 0)
        #expect(outcome.messages.contains("give --tokenize \(name)"), "\(outcome.messages)")
        #expect(try evaluate(file, "-r", file, "--tokenize", name).messages == "")
        #expect(try evaluate(file, "-r", file, "--metric", "chrf").messages == "")
    }

    @Test func `spaced text needs no hint`() throws {
        #expect(try evaluate("en", "-r", "en").messages == "")
        #expect(try evaluate("zh", "-r", "en").messages == "")
    }

    @Test func `references that took the translations are named`() throws {
        let outcome = try evaluate("-r", "en", "zh")
        #expect(outcome.status == 64)
        #expect(outcome.messages.contains("took all of en, zh"), "\(outcome.messages)")
        #expect(outcome.messages.contains("evaluate zh --reference en"))
    }

    @Test func `a file that metrics took is named`() throws {
        let outcome = try evaluate("-r", "en", "--metric", "bleu", "zh")
        #expect(outcome.status == 64)
        #expect(outcome.messages.contains("'zh'"), "\(outcome.messages)")
        #expect(outcome.messages.contains("write it before the options"), "\(outcome.messages)")
    }

    @Test func `an undefined figure is told`() throws {
        let outcome = try evaluate("empty", "-r", "empty", "--metric", "token-accuracy", "--json")
        #expect(outcome.output.contains("\"value\":null"), "\(outcome.output)")
        #expect(outcome.messages.contains("token-accuracy is undefined"))
    }

    @Test(arguments: [("empty", "empty"), ("empty", "en"), ("en", "empty")])
    func `no figure is not a number`(hypotheses: String, references: String) throws {
        let metrics = [
            "--metric", "bleu", "chrf", "chrf++", "ter", "wer", "cer", "token-accuracy",
            "sentence-accuracy",
        ]
        for flags in [[], ["--json"], ["--sentence-level"]] {
            let outcome = try Program.run(
                ["evaluate", hypotheses, "-r", references] + metrics + flags, in: folder.path)
            #expect(outcome.status == 0, "\(outcome.messages)")
            let words = outcome.output.lowercased().split { !$0.isLetter }
            #expect(!words.contains("nan") && !words.contains("inf"), "\(outcome.output)")
        }
    }
}
