import Foundation
import TestSupport
import Testing

/// `--memory` of commands that search.
@Suite struct MemoryLimitTests {
    private let folder: TemporaryFolder
    private let model: String
    private let held: [String]

    init() throws {
        folder = try TemporaryFolder()
        let trained = try TrainedModel.shared.get()
        (model, held) = (trained.folder, trained.held)
    }

    private func predict(_ arguments: String..., lines: [String]) throws -> Outcome {
        try Program.run(
            ["predict", "--model", model] + arguments,
            input: Data(lines.map { $0 + "\n" }.joined().utf8), in: folder.path)
    }

    @Test func `batches are cut by it and lines stay what they are`() throws {
        let expected = try predict("--with-scores", lines: held).output
        #expect(try predict("--with-scores", "--memory", "2MB", lines: held).output == expected)
        #expect(try predict("--with-scores", "--memory=1GiB", lines: held).output == expected)
    }

    @Test func `a line that does not fit is named, with what it would take`() throws {
        // What a wide beam remembers of a long output.
        let long = Array(repeating: "1", count: 900).joined(separator: " ")
        let outcome = try predict("--beam-size=100", "--memory=3MB", lines: [held[0], long])
        #expect(outcome.messages.contains("standard input:2: "))
        #expect(outcome.messages.contains("more than the"))
    }

    @Test(arguments: ["2", "GB", "-1GB", "0B", "much"]) func `a size has a number and a unit`(
        _ size: String
    ) throws {
        expectFailure(try predict("--memory=\(size)", lines: held), 64, "--memory")
    }
}
