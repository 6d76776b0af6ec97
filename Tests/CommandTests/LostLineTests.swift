import Foundation
import TestSupport
import Testing

/// Lines that cannot be answered, and what `score` says of what `predict` wrote.
@Suite struct LostLineTests {
    private let folder: TemporaryFolder
    private let model: String
    private let held: [String]

    init() throws {
        folder = try TemporaryFolder()
        let trained = try TrainedModel.shared.get()
        (model, held) = (trained.folder, trained.held)
    }

    private func predict(_ arguments: [String], _ input: Data) throws -> Outcome {
        try Program.run(["predict", "--model", model] + arguments, input: input, in: folder.path)
    }

    /// Two good lines with bad ones between and around them.
    private var mixed: Data {
        let long = String(repeating: "1 ", count: 1 << 20)
        return Data([0xFF, 0x0A]) + Data("\(held[0])\n\(long)\n\(held[1])\n".utf8)
            + Data([0x31, 0])
    }

    @Test func `a bad line keeps its place, and the rest is answered`() throws {
        let good = try predict([], Data("\(held[0])\n\(held[1])\n".utf8)).lines
        let outcome = try predict([], mixed)
        #expect(outcome.status == 0)
        #expect(outcome.lines == ["", good[0], "", good[1], ""])
        for place in [1, 3, 5] {
            #expect(outcome.messages.contains("standard input:\(place): "))
        }
        #expect(outcome.messages.contains("3 lines were not answered"))
        let strict = try predict(["--strict"], mixed)
        #expect(strict.status == 65)
        #expect(strict.output == outcome.output)
    }

    @Test(arguments: ["plain", "tsv"])
    func `n-best has n lines for each line`(format: String) throws {
        let outcome = try predict(
            ["--n-best", "3", "--format", format], mixed + Data("\n\n \n".utf8))
        #expect(outcome.status == 0)
        #expect(outcome.lines.count == 3 * 7)
    }

    @Test func `an object of JSON says why`() throws {
        let lines = try predict(["--format", "jsonl", "--n-best", "2"], mixed).lines
        #expect(lines.count == 5)
        #expect(lines.map { $0.contains("\"error\"") } == [true, false, true, false, true])
    }

    @Test func `score leaves out a bad pair and scores the rest`() throws {
        try mixed.write(to: URL(filePath: folder.path("in")))
        let outcome = try Program.run(
            "score", "-m", model, "-s", "in", "-t", "in", in: folder.path)
        #expect(outcome.status == 0)
        #expect(outcome.lines.map { $0 == "\t" } == [true, false, true, false, true])
    }

    @Test(arguments: ["\u{200B}", "\u{FEFF}\u{FEFF}", "\u{AD}", "\u{1}", " \u{3000}\t"])
    func `what shows nothing is empty, and scored so`(line: String) throws {
        let outcome = try predict([], Data("\(line)\n".utf8))
        #expect(outcome.status == 0)
        #expect(outcome.output == "\n")
        try folder.write("in", [line])
        try folder.write("out", [""])
        let scored = try Program.run(
            "score", "-m", model, "-s", "in", "-t", "out", in: folder.path)
        #expect(scored.status == 0)
        #expect(scored.output == "0.0\t1.0\n" || scored.output == "0.0\t1\n")
    }
}
