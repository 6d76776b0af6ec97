import SeqFiles
import SeqData
import SeqText
import TestSupport
import Testing

@testable import SeqTraining

extension TrainingRuns {
    /// Corpora that are neither two files nor two columns.
    @Suite struct CorpusFormatTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        @Test func `pairs of JSON and CoNLL become examples as those of two files`() throws {
            var plain = try folder.configuration()
            plain.data.validation = CorpusConfiguration()
            let paths = [
                try folder.write("s", ["a b", "c"]), try folder.write("t", ["X Y", "Z"]),
            ]
            (plain.data.train.source, plain.data.train.target) = (paths[0], paths[1])
            plain.tokenizer.source.kind = .whitespace
            plain.tokenizer.target.kind = .whitespace
            let expected = try TrainingData(plain)
            let formats: [(inout TrainingCorpusConfiguration) throws -> Void] = [
                {
                    $0.jsonl = try folder.write(
                        "j",
                        [
                            #"{"in": {"x": ["a", "b"]}, "out": "X Y"}"#,
                            #"{"in.x": "c", "out": "Z"}"#,
                        ])
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
                { $0.files = paths },
            ]
            for format in formats {
                var configuration = plain
                configuration.data.train = TrainingCorpusConfiguration()
                try format(&configuration.data.train)
                try configuration.data.validate()
                let data = try TrainingData(configuration)
                #expect(data.codecs.source.fingerprint == expected.codecs.source.fingerprint)
                #expect(data.codecs.target.fingerprint == expected.codecs.target.fingerprint)
                #expect(try data.train.examples([0, 1]) == expected.train.examples([0, 1]))
            }
        }

        @Test func `more fields than the model has inputs and outputs are refused`() throws {
            var configuration = try folder.configuration()
            configuration.data.train = TrainingCorpusConfiguration()
            configuration.data.train.conll = try folder.write("c", ["a\tX\t1", ""])
            configuration.data.train.fields = ["1", "2", "3"]
            try configuration.data.validate()
            #expect(configuration.data.train.corpus.fieldCount == 3)
            let error = try #require(trainingError { try TrainingData(configuration) })
            #expect(error.kind == .badConfiguration)
            #expect(error.reason == "3 fields are given for one input and one output")
        }
    }
}
