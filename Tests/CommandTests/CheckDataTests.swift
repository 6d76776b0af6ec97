import Foundation
import TestSupport
import Testing

@Suite struct CheckDataTests {
    private let folder: TemporaryFolder

    private static let numerals = [
        "null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun",
    ]

    init() throws {
        folder = try TemporaryFolder()
        try folder.writeCorpus(train: 300)
        for name in ["train", "held"] {
            let sources = try text("\(name).source").split(separator: "\n")
            try folder.write(
                "\(name).target",
                sources.map { line in
                    line.split(separator: " ").map { Self.numerals[Int($0) ?? 0] }
                        .joined(separator: " ")
                })
        }
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try folder.bytes(name), as: UTF8.self)
    }

    private func check(_ arguments: String...) throws -> Outcome {
        try Program.run(["check-data"] + arguments, in: folder.path)
    }

    private static let files = ["--source", "train.source", "--target", "train.target"]

    private func check(files arguments: String...) throws -> Outcome {
        try Program.run(["check-data"] + Self.files + arguments, in: folder.path)
    }

    // MARK: What it does

    @Test func `a good corpus is reported on standard output`() throws {
        let outcome = try check("config.yaml")
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.messages == "")
        #expect(outcome.lines.first == "The corpus of training: 300 pairs")
        #expect(outcome.lines.contains("The corpus of validation: 20 pairs"))
        #expect(outcome.output.contains("scripts: latin 300"))
        #expect(
            outcome.lines.contains {
                $0.hasPrefix("Tokens of training source: whitespace, vocabulary of 13")
            })
        #expect(outcome.output.contains(" | "))
        #expect(outcome.lines.last?.hasSuffix("the corpora can be trained on") == true)
        #expect(!outcome.output.contains("\u{1b}"))
    }

    @Test func `files alone suffice`() throws {
        let outcome = try check(
            files: "--validation-source", "held.source", "--validation-target", "held.target")
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(!outcome.output.contains("Tokens of"))
        let pairs = zip(
            try text("train.source").split(separator: "\n"),
            try text("train.target").split(separator: "\n"))
        try folder.write("t.tsv", pairs.map { "\($1)\t\($0)" })
        let table = try check("--table", "t.tsv", "--source-column", "2", "--target-column", "1")
        #expect(table.status == 0, "\(table.output)")
        #expect(table.output.contains("t.tsv, column 2: 300 lines"))
    }

    @Test func `JSON has the documented keys`() throws {
        let outcome = try check("config.yaml", "--json")
        #expect(outcome.status == 0)
        #expect(outcome.lines.count == 1)
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        let report = try #require(object as? [String: Any])
        #expect(
            Set(report.keys) == ["version", "limits", "corpora", "tokenizers", "findings"])
        let limits = try #require(report["limits"] as? [String: Any])
        #expect(limits["maximum_length"] as? Int == 100)
        #expect(limits["maximum_unknown"] as? Double == 0.05)
        let corpus = try #require((report["corpora"] as? [[String: Any]])?.first)
        #expect(
            Set(corpus.keys) == [
                "corpus", "pairs", "is_partial", "source", "target", "empty_pairs",
                "identical_pairs", "ratio", "agreement", "duplicates",
            ])
        let words = try #require((corpus["source"] as? [String: Any])?["words"] as? [String: Any])
        #expect(words["maximum"] as? Int == 6)
        let tokenizer = try #require((report["tokenizers"] as? [[String: Any]])?.first)
        #expect(tokenizer["unknown_share"] as? Double == 0)
        let bad = try check(
            files: "--json", "--validation-source", "held.target",
            "--validation-target", "held.source")
        #expect(bad.status == 65)
        let badReport = try JSONSerialization.jsonObject(with: Data(bad.output.utf8))
        let findings = (badReport as? [String: Any])?["findings"] as? [[String: Any]]
        let finding = try #require(findings?.first)
        #expect(finding["code"] as? String == "swapped_columns")
        #expect(finding["severity"] as? String == "error")
        #expect(finding["corpus"] as? String == "validation")
        #expect(finding["is_certain"] as? Bool == true)
        #expect((finding["remedy"] as? String)?.isEmpty == false)
    }

    @Test func `an error is 65, also in the report, and can be accepted`() throws {
        try folder.write("train.target", Array(repeating: "eins zwei", count: 299))
        let outcome = try check(files: "--accept", "misaligned")
        #expect(outcome.status == 65)
        #expect(outcome.messages == "")
        #expect(
            outcome.lines.contains {
                $0.hasPrefix("error: ") && $0.contains("has 299 lines, but train.source has 300")
                    && $0.hasSuffix("[unequal_lines]")
            })
        #expect(outcome.lines.last?.hasPrefix("1 error, ") == true)
        #expect(try check(files: "--accept", "unequal_lines").status == 0)
    }

    @Test func `limits decide what is an error`() throws {
        let lines = try text("train.source").split(separator: "\n").map(String.init)
        try folder.write("train.source", lines.enumerated().map { $0 % 20 == 0 ? "" : $1 })
        let outcome = try check(files: "--maximum-empty", "4%")
        #expect(outcome.status == 65)
        #expect(outcome.output.contains("15 pairs have an empty side"))
        #expect(outcome.output.contains("5.00 % (limit 4.00 %) [empty_lines]"))
        #expect(try check(files: "--maximum-empty", "5%").status == 0)
        #expect(try check(files: "--maximum-empty", "0.05").status == 0)
    }

    @Test func `a model's tokenizers are tried`() throws {
        try folder.copyModel()
        try folder.write("train.source", Array(repeating: "zwölf", count: 300))
        let outcome = try check(files: "--model", "model")
        #expect(outcome.status == 65)
        #expect(outcome.output.contains("100.0 % of the tokens are not in the vocabulary"))
        #expect(outcome.output.contains("⟨zwölf⟩"))
        #expect(outcome.output.contains("entries of the vocabulary do not occur"))
    }

    @Test func `train refuses what is certainly wrong and says how to go on`() throws {
        for name in ["train", "held"] {
            try folder.write(
                "\(name).target",
                try text("\(name).source").split(separator: "\n").map(String.init))
        }
        let refused = try Program.run(
            "train", "config.yaml", "--set", "data.check=refuse", in: folder.path)
        expectFailure(
            refused, 65, "train.source, train.target: ", "both sides of all pairs are the same",
            "data.check: warn")
        let warned = try Program.run(
            "train", "config.yaml", "--set", "data.check=warn", "--set",
            "training.maximum_steps=2", in: folder.path)
        #expect(warned.status == 0, "\(warned.messages)")
        #expect(warned.messages.contains("error: train.source, train.target: both sides"))
        #expect(warned.messages.contains("seq2seq check-data tells more"))
    }

    // MARK: What it refuses

    @Test func `missing files are named`() throws {
        expectFailure(
            try check("--source", "nowhere", "--target", "train.target"), 66, "nowhere: ")
        expectFailure(try check("nowhere.yaml"), 66, "nowhere.yaml: ")
        expectFailure(try check(files: "--model", "nowhere"), 66, "nowhere/config.json: ")
        expectFailure(
            try check(files: "--test-source", ".", "--test-target", "held.target"), 66, "directory")
    }

    @Test func `a bad configuration is refused`() throws {
        expectFailure(
            try check("config.yaml", "--set", "data.chek=off"), 78, "did you mean check?")
        expectFailure(
            try check("config.yaml", "--set", "data.check=maybe"), 78,
            "data.check is maybe", "refuse, warn, off")
    }

    @Test func `damaged compression is bad data`() throws {
        #expect(try Program.shell("gzip train.source", in: folder.path).status == 0)
        let bytes = try folder.bytes("train.source.gz")
        _ = try folder.file("cut.gz", bytes.dropLast(12))
        expectFailure(try check("--source", "cut.gz", "--target", "train.target"), 65, "cut.gz")
    }

    @Test(arguments: [
        [], ["config.yaml", "--source", "a", "--target", "b"],
        ["config.yaml", "--validation-table", "a"], ["--source", "a"], ["--target", "a"],
        ["--source", "a", "--target", "b", "--table", "c"], ["--table", "a", "--test-source", "b"],
        ["--table", "a", "--set", "seed=1"], ["--table", "a", "--source-column", "0"],
        ["--table", "a", "--sample", "0"], ["--table", "a", "--maximum-length", "0"],
        ["--table", "a", "--maximum-unknown", "many"], ["--table", "a", "--maximum-empty", "101%"],
        ["--table", "a", "--maximum-leakage=-1%"], ["--table", "a", "--accept", "everything"],
        ["--table", "a", "--bogus"],
    ])
    func `wrong usage is refused`(arguments: [String]) throws {
        expectFailure(try Program.run(["check-data"] + arguments, in: folder.path), 64)
    }
}
