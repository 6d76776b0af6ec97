import SeqData
import SeqText
import Testing

@testable import SeqTraining

/// Corpora that are neither two files nor two columns.
@Suite struct CorpusFormatTests {
    private let folder: RunFolder

    init() throws { folder = try RunFolder() }

    private func configuration(
        _ change: (inout TrainingCorpusConfiguration) throws -> Void
    ) throws -> RunConfiguration {
        var configuration = try folder.configuration()
        configuration.data.validation = CorpusConfiguration()
        configuration.data.train = TrainingCorpusConfiguration()
        try change(&configuration.data.train)
        return configuration
    }

    @Test func `pairs of JSON and CoNLL become examples as those of two files`() throws {
        var plain = try configuration {
            $0.source = try folder.write("s", ["a b", "c"])
            $0.target = try folder.write("t", ["X Y", "Z"])
        }
        plain.tokenizer.source.kind = .whitespace
        plain.tokenizer.target.kind = .whitespace
        let expected = try TrainingData(plain)
        let formats: [(inout TrainingCorpusConfiguration) throws -> Void] = [
            {
                $0.jsonl = try folder.write(
                    "j", [#"{"in": {"x": ["a", "b"]}, "out": "X Y"}"#, #"{"in.x": "c", "out": "Z"}"#])
                $0.fields = ["in.x", "out"]
            },
            {
                $0.conll = try folder.write("c", ["# n = 1", "a\tX", "b\tY", "", "c\tZ"])
                $0.fields = ["1", "2"]
            },
            {
                $0.table = try folder.write("n", ["out\tin", "X Y\ta b", "Z\tc"])
                $0.fields = ["in", "out"]
            },
            { $0.files = [try folder.path("s"), try folder.path("t")] },
        ]
        for format in formats {
            var configuration = plain
            configuration.data.train = TrainingCorpusConfiguration()
            try format(&configuration.data.train)
            try configuration.data.validate()
            let data = try TrainingData(configuration)
            #expect(data.source.fingerprint == expected.source.fingerprint)
            #expect(data.target.fingerprint == expected.target.fingerprint)
            #expect(try data.train.examples([0, 1]) == expected.train.examples([0, 1]))
        }
    }
}
