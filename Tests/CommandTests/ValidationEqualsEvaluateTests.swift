import Foundation
import TestSupport
import Testing

/// What training writes of its validation is what `evaluate --model` says of the same files.
@Suite struct ValidationEqualsEvaluateTests {
    private static let texts = [
        "zh": ["你好，世界！", "今天天气很好。", "他买了三本书（都很贵）。", "我们明天去北京。"],
        "ja": ["こんにちは、世界！", "今日は天気がいいです。", "彼は本を三冊買った。", "明日京都へ行きます。"],
        "en": [
            "Hello, world!", "The weather is fine today.", "He bought three books.", "We go now.",
        ],
    ]

    @Test(arguments: ["zh", "ja", "en"], [false, true])
    func `scores are the same`(language: String, isJoint: Bool) throws {
        let folder = try TemporaryFolder()
        let targets = try #require(Self.texts[language])
        try folder.write("source", ["a b", "c d e", "f g", "h i j", "", "k"])
        try folder.write("target", targets + [targets[0], ""])
        _ = try folder.file(
            "config.yaml",
            """
            threads: 1
            run: run
            data:
              check: off
              train: {source: source, target: target}
              validation: {source: source, target: target}
            tokenizer: {joint: \(isJoint), source: {language: en}, target: {language: \(language)}}
            model:
              encoder: {embedding: 16, hidden: 16, layers: 1}
              decoder: {embedding: 16, hidden: 16, layers: 1}
              dropout: 0
            validation:
              metrics: [bleu, chrf, chrf++, ter, cer, wer, token_accuracy, sentence_accuracy]
            training: {maximum_steps: 60, optimizer: {learning_rate: 0.02}, batch: {size: 4}}
            """.utf8)
        let trained = try Program.run(["train", "config.yaml"], in: folder.path)
        #expect(trained.status == 0, "\(trained.messages)")
        let lines = try folder.data("run/validation.jsonl").split(separator: 0x0A)
        let last = Data(try #require(lines.last))
        let record = try #require(
            try JSONSerialization.jsonObject(with: last) as? [String: Any])
        let outcome = try Program.run(
            [
                "evaluate", "--model", "run/last", "--source", "source", "--reference", "target",
                "--json", "--metric", "bleu", "chrf", "chrf++", "ter", "cer", "wer",
                "token-accuracy", "sentence-accuracy",
            ], in: folder.path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.lines.count == 8)
        let signatures = try #require(record["signatures"] as? [String: String])
        for line in outcome.lines {
            let result = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let name = try #require(result["metric"] as? String)
            let key = name.replacing("-", with: "_")
            let logged = try #require(record[key] as? Double, "\(name)")
            #expect(logged == result["value"] as? Double, "\(name)")
            #expect(signatures[key] == result["signature"] as? String, "\(name)")
        }
        let bleu = try #require(signatures["bleu"])
        let tokenizer = ["zh": "zh", "ja": "char"][language] ?? "13a"
        #expect(bleu.contains("tok:\(tokenizer)|"))
    }
}
