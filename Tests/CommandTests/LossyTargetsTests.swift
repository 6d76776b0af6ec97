import Foundation
import TestSupport
import Testing

/// References that no output can equal are told, by `check-data` and by `train`.
@Suite struct LossyTargetsTests {
    private static let composed = [
        "tôi thích táo.", "trời đẹp quá!", "tên bạn là gì?", "uống trà.",
    ]

    private func folder(_ targets: [String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("a.source", targets.indices.map { "line \($0) of source" })
        try folder.write("a.target", targets)
        return folder
    }

    private func lossy(_ output: String) -> String? {
        output.split(separator: "\n").first { $0.contains("[lossy_targets]") }.map(String.init)
    }

    @Test(
        arguments: [
            (composed, nil),
            (composed.map(\.decomposedStringWithCanonicalMapping), "4 not in Unicode form NFC"),
            (composed.map { "\($0)  end" }, "4 with outer, repeated or unusual white space"),
            (composed.map { "\($0)\u{A0}!" }, "4 with outer, repeated or unusual white space"),
            (["½ and １２", "x² ≠ y", "ﬁne", "① ℃"], nil),
        ] as [([String], String?)])
    func `check-data names the cause`(targets: [String], expected: String?) throws {
        let folder = try folder(targets)
        let outcome = try Program.run(
            "check-data", "--source", "a.source", "--target", "a.target", "--validation-source",
            "a.source", "--validation-target", "a.target", in: folder.path)
        let found = lossy(outcome.output)
        guard let expected else {
            #expect(found == nil, "\(outcome.output)")
            return
        }
        #expect(found?.contains(expected) == true, "\(outcome.output)")
        #expect(
            outcome.output.contains(
                "references hold what the target side cannot produce, in 4 of 4"))
        #expect(outcome.output.contains("4 of 4 targets do not come back"))
    }

    @Test func `train warns with two examples`() throws {
        let folder = try folder(Self.composed.map { "\($0)  end" })
        _ = try folder.file(
            "config.yaml",
            """
            threads: 1
            run: run
            data:
              check: warn
              train: {source: a.source, target: a.target}
              validation: {source: a.source, target: a.target}
            tokenizer: {target: {language: vi}}
            model:
              encoder: {embedding: 4, hidden: 4, layers: 1}
              decoder: {embedding: 4, hidden: 4, layers: 1}
            training: {epochs: 1}
            """.utf8)
        let outcome = try Program.run("train", "config.yaml", in: folder.path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        let text = outcome.messages + outcome.output
        #expect(text.contains("warning: a.target: 4 of 4 targets do not come back"), "\(text)")
        #expect(text.contains("line 1: tôi thích táo."))
        #expect(text.contains("line 2: trời"))
        #expect(!text.contains("line 3: tên"))
        #expect(text.contains("references hold what the target side cannot produce, in 4 of 4"))
    }
}
