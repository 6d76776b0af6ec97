import Foundation
import TestSupport
import Testing

@Suite struct PredictTests {
    private let folder: TemporaryFolder
    private let model: String
    private let held: [String]

    init() throws {
        folder = try TemporaryFolder()
        let trained = try TrainedModel.shared.get()
        (model, held) = (trained.folder, trained.held)
    }

    private func predict(_ arguments: String..., lines: [String]) throws -> Outcome {
        try predict(arguments, Data(lines.map { $0 + "\n" }.joined().utf8))
    }

    private func predict(_ arguments: [String] = [], _ input: Data) throws -> Outcome {
        try Program.run(["predict", "--model", model] + arguments, input: input, in: folder.path)
    }

    // MARK: What it writes

    @Test func `each line gives one line in the same order`() throws {
        let outcome = try predict(lines: held)
        #expect(outcome.status == 0)
        #expect(outcome.messages == "")
        #expect(outcome.lines.count == held.count)
        // The model has learnt to copy.
        #expect(zip(outcome.lines, held).count { $0 == $1 } >= 45)
        #expect(
            try Program.run(
                "translate", "-m", model, input: Data(held.map { $0 + "\n" }.joined().utf8)
            ).output == outcome.output)
    }

    @Test func `what a line gets does not depend on its company`() throws {
        let together = try predict("--with-scores", lines: held).lines
        for index in [0, 7, 49] {
            #expect(try predict("--with-scores", lines: [held[index]]).lines == [together[index]])
        }
        #expect(try predict("--with-scores", "--batch-size", "3", lines: held).lines == together)
        #expect(try predict("--with-scores", "--threads", "1", lines: held).lines == together)
    }

    @Test func `empty lines stay empty, and nothing gives nothing`() throws {
        let lines = try predict(lines: ["", held[0], "", " ", held[1], ""]).lines
        #expect(lines.map(\.isEmpty) == [true, false, true, true, false, true])
        let nothing = try predict(lines: [])
        #expect(nothing.status == 0)
        #expect(nothing.output == "")
        #expect(try predict(lines: [""]).output == "\n")
    }

    @Test func `line ends of other systems and a missing last one do no harm`() throws {
        let expected = try predict(lines: [held[0], held[1]]).output
        for text in [
            "\(held[0])\r\n\(held[1])\r\n", "\(held[0])\n\(held[1])",
            "\u{FEFF}\(held[0])\n\(held[1])\n",
        ] {
            #expect(try predict([], Data(text.utf8)).output == expected)
        }
    }

    @Test func `files are read and written, plain and compressed`() throws {
        let expected = try predict(lines: held).output
        try folder.write("in", held)
        var outcome = try Program.run(
            "predict", "-m", model, "--input", "in", "--output", "out", in: folder.path)
        #expect(outcome.status == 0)
        #expect(outcome.output == "")
        #expect(String(decoding: try folder.bytes("out"), as: UTF8.self) == expected)
        #expect(try Program.shell("gzip in", in: folder.path).status == 0)
        outcome = try Program.run("predict", "-m", model, "-i", "in.gz", in: folder.path)
        #expect(outcome.output == expected)
        let piped = try Program.shell("seq2seq predict -m '\(model)' < in.gz", in: folder.path)
        #expect(piped.output == expected)
        #expect(!folder.exists("out.partial"))
    }

    @Test func `an output file is replaced only when all is done`() throws {
        try folder.write("out", ["earlier"])
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link"), withDestinationPath: "out")
        let damaged = Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xFF, 0xFF])
        expectFailure(try predict(["--output", "out"], damaged), 65, "standard input")
        #expect(try folder.bytes("out") == Array("earlier\n".utf8))
        #expect(!folder.exists("out.partial"))
        #expect(try predict("--output", "link", lines: [held[0]]).status == 0)
        let type = try FileManager.default.attributesOfItem(atPath: folder.path("link"))[.type]
        #expect(type as? FileAttributeType == .typeSymbolicLink)
        #expect(try folder.bytes("out") != Array("earlier\n".utf8))
    }

    @Test func `n-best lists are sorted by score`() throws {
        let outcome = try predict("--n-best", "3", "--with-scores", lines: [held[0], held[1]])
        #expect(outcome.lines.count == 6)
        let rows = outcome.lines.map { $0.components(separatedBy: "\t") }
        #expect(rows.allSatisfy { $0.count == 2 })
        let scores = try rows.map { try #require(Float($0[0])) }
        #expect(scores[0] >= scores[1] && scores[1] >= scores[2] && scores[3] >= scores[4])
        #expect(scores.allSatisfy { $0 <= 0 })
        #expect(Set(rows.prefix(3).map { $0[1] }).count == 3)
        let best = try predict(lines: [held[0], held[1]]).lines
        #expect([rows[0][1], rows[3][1]] == best)
    }

    @Test func `alignments pair target with source`() throws {
        let line = try #require(try predict("--with-alignments", lines: [held[0]]).lines.first)
        let fields = line.components(separatedBy: "\t")
        #expect(fields.count == 2)
        let length = held[0].split(separator: " ").count
        // Copying looks from each word to its like, in order.
        #expect(fields[1] == (0..<length).map { "\($0)-\($0)" }.joined(separator: " "))
        #expect(try predict("--with-alignments", lines: [""]).output == "\t\n")
    }

    @Test func `tab-separated values number lines and ranks`() throws {
        let outcome = try predict(
            "--format", "tsv", "--n-best", "2", "--with-alignments", lines: [held[0], "", held[1]])
        let rows = outcome.lines.map { $0.components(separatedBy: "\t") }
        #expect(
            rows.map { [$0[0], $0[1]] } == [
                ["1", "1"], ["1", "2"], ["2", "1"], ["2", "2"], ["3", "1"], ["3", "2"],
            ])
        #expect(rows.allSatisfy { $0.count == 5 && Float($0[2]) != nil })
    }

    struct Line: Decodable {
        struct Entry: Decodable {
            var text: String
            var score: Float
            var log_probability: Float
            var tokens: [String]
            var token_log_probabilities: [Float]
            var alignment: [[Float]]
        }

        var line: Int
        var source: String
        var translations: [Entry]
    }

    private func objects(_ lines: [String], _ arguments: String...) throws -> [Line] {
        try predict(["--format", "jsonl"] + arguments, Data(lines.map { $0 + "\n" }.joined().utf8))
            .lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }

    @Test func `each line of JSON tells everything`() throws {
        let sources = [held[0], "\"quoted\\ \u{1F600}\ttab", "", held[1]]
        let lines = try objects(sources, "--n-best", "2")
        #expect(lines.map(\.line) == [1, 2, 3, 4])
        #expect(lines.map(\.source) == sources)
        #expect(lines.map(\.translations.count) == [2, 2, 1, 2])
        for line in lines where !line.source.isEmpty {
            for entry in line.translations {
                #expect(entry.tokens.joined(separator: " ") == entry.text)
                #expect(entry.token_log_probabilities.count == entry.tokens.count + 1)
                let sum = entry.token_log_probabilities.reduce(0, +)
                #expect(abs(sum - entry.log_probability) <= 1e-5 * abs(sum))
                let length = Float(entry.token_log_probabilities.count)
                #expect(abs(entry.score - sum / length) <= 1e-5 * abs(entry.score))
                #expect(entry.alignment.count == entry.tokens.count)
                for weights in entry.alignment {
                    #expect(abs(weights.reduce(0, +) - 1) < 1e-4)
                    #expect(
                        weights.count == line.source.split(whereSeparator: \.isWhitespace).count
                    )
                }
            }
        }
    }

    @Test func `score tells what predict has told`() throws {
        let found = try objects(held).map(\.translations[0])
        try folder.write("sources", held)
        try folder.write("found", found.map(\.text))
        let outcome = try Program.run(
            "score", "--model", model, "--source", "sources", "--target", "found", in: folder.path)
        #expect(outcome.status == 0)
        #expect(outcome.lines.count == held.count)
        for (line, entry) in zip(outcome.lines, found) {
            let fields = line.components(separatedBy: "\t")
            #expect(Float(fields[0]) == entry.log_probability)
            let perplexity = exp(-Double(entry.score))
            #expect(try abs(#require(Double(fields[1])) - perplexity) < 1e-5 * perplexity)
        }
    }

    @Test func `greedy search and bfloat16 answer too`() throws {
        for arguments in [
            ["--beam-size", "1"], ["--precision", "bfloat16"], ["--length-penalty", "0"],
        ] {
            let outcome = try predict(arguments, Data("\(held[0])\n".utf8))
            #expect(outcome.status == 0)
            #expect(outcome.lines == [held[0]], "\(arguments)")
        }
    }

    // MARK: Long lines

    @Test func `a line of the greatest length is answered, a longer one refused`() throws {
        let words = { (count: Int) in Array(repeating: "1", count: count).joined(separator: " ") }
        let longest = try predict(lines: [held[0], words(1000)])
        #expect(longest.status == 0)
        #expect(longest.lines.count == 2)
        let refused = try predict(lines: [held[0], words(100_000)])
        #expect(refused.status == 0)
        #expect(refused.lines == [longest.lines[0], ""])
        #expect(refused.messages.contains("standard input:2: 100000 tokens, more than 1000"))
        #expect(refused.messages.contains("--maximum-length"))
        expectFailure(
            try predict("--strict", "--maximum-length", "10", lines: [words(11)]), 65, "1 line",
            output: "\n")
        expectFailure(
            try predict("--maximum-length", "5001", lines: []), 64, "--maximum-length 5001")
    }

    @Test func `memory stays bounded with a line of 100,000 words`() throws {
        try folder.write("long", [Array(repeating: "1", count: 100_000).joined(separator: " ")])
        for command in [
            "predict --strict -m '\(model)' -i long",
            "score --strict -m '\(model)' -s long -t long",
        ] {
            let outcome = try Program.shell(
                "ulimit -v 4000000 2> /dev/null; exec seq2seq \(command)", in: folder.path)
            expectFailure(outcome, 65, "1 line", output: nil)
            #expect(outcome.messages.contains("long:1: "))
        }
    }

    // MARK: Trouble

    @Test func `invalid UTF-8 is found by its line`() throws {
        let outcome = try predict([], Data("\(held[0])\n".utf8) + [0x33, 0xFF, 0x0A])
        #expect(outcome.status == 0)
        for word in ["standard input:2: ", "invalid UTF-8 (0xFF) at byte 2", "iconv"] {
            #expect(outcome.messages.contains(word))
        }
    }

    @Test func `a damaged compressed file is refused`() throws {
        try folder.write("in", held)
        let script = "gzip -c in | head -c 60 > cut.gz; seq2seq predict -m '\(model)' -i cut.gz"
        expectFailure(try Program.shell(script, in: folder.path), 65, "cut.gz", output: nil)
    }

    @Test func `a missing input or model is named`() throws {
        expectFailure(try predict(["-i", "nowhere"], Data()), 66, "nowhere: ", "No such file")
        expectFailure(
            try Program.run("predict", "-m", "nowhere"), 66, "nowhere/config.json: ",
            "runs/NAME/best")
    }

    @Test func `an output that cannot be written is named`() throws {
        expectFailure(
            try predict("-o", "missing/out", lines: held), 73, "missing/out: ", "No such file")
        expectFailure(try predict("-o", folder.path, lines: held), 73, folder.path, "is a folder")
        let input = "printf '1 2\\n3 4\\n'"
        for target in ["> /dev/full", "-o /dev/full"]
        where FileManager.default.fileExists(atPath: "/dev/full") {
            expectFailure(
                try Program.shell("\(input) | seq2seq predict -m '\(model)' \(target)"), 73,
                "No space left on device")
        }
        expectFailure(
            try Program.shell("\(input) | seq2seq predict -m '\(model)' >&-"), 73, "standard output"
        )
    }

    @Test func `a device is written to, not replaced`() throws {
        #expect(try predict("-o", "/dev/null", lines: [held[0]]).status == 0)
        let type = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type]
        #expect(type as? FileAttributeType == .typeCharacterSpecial)
        let outcome = try predict("-o", "/dev/stdout", lines: [held[0]])
        #expect(outcome.lines == [held[0]])
    }

    @Test func `a reader that leaves ends it without a word`() throws {
        try folder.write("many", (0..<400).flatMap { _ in held })
        let outcome = try Program.shell(
            "{ seq2seq predict -m '\(model)' -b 1 -i many; echo $? > status; } | head -n 1",
            in: folder.path)
        #expect(outcome.lines.count == 1)
        #expect(outcome.messages == "")
        #expect(try folder.bytes("status") == Array("141\n".utf8))
    }

    @Test func `an answer comes before the next question`() throws {
        let script = """
            mkfifo questions answers; seq2seq predict -m '\(model)' < questions > answers &
            exec 3> questions 4< answers
            echo '\(held[0])' >&3; read -r first <&4; echo '\(held[1])' >&3; read -r second <&4
            exec 3>&-; wait; echo "$first"; echo "$second"
            """
        let outcome = try Program.shell(script, in: folder.path)
        #expect(outcome.lines == (try predict(lines: [held[0], held[1]]).lines))
    }

    @Test(arguments: [
        (["--beam-size", "0"], "--beam-size is 0"), (["--beam-size=-3"], "--beam-size is -3"),
        (["--beam-size", "many"], "many"), (["--threads=-1"], "--threads -1"),
        (["--threads", "-1"], "--threads"), (["--threads", "1025"], "--threads 1025"),
        (["--n-best", "6"], "--n-best is 6"), (["--n-best", "0"], "--n-best is 0"),
        (["--batch-size", "0"], "--batch-size is 0"),
        (["--beam-size", "1000", "--batch-size", "65536"], "too much memory"),
        (["--length-penalty", "nan"], "--length-penalty is nan"),
        (["--precision", "float16"], "--precision float16"), (["--format", "xml"], "xml"),
        (["--bogus"], "--bogus"), (["extra"], "extra"),
    ])
    func `wrong usage is told before anything is read`(arguments: [String], word: String) throws {
        expectFailure(try predict(arguments, Data([0xFF])), 64, word)
    }

    @Test func `the model is needed`() throws {
        expectFailure(try Program.run("predict"), 64, "--model")
        expectFailure(try Program.run("nonsense"), 64, "nonsense")
    }
}
