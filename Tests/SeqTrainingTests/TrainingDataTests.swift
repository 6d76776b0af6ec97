import SeqFiles
import SeqData
import SeqModels
import SeqText
import TestSupport
import Testing

@testable import SeqTraining

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Options of several corpora.
@Suite struct CorpusConfigurationTests {
    private func parse(_ text: String, _ settings: String...) throws -> DataConfiguration {
        try ConfigurationFile.parse(
            "data:\n  train: {source: s, target: t}\n" + text, path: "run.yaml", settings: settings
        ).data
    }

    private static let two = """
          corpora:
          - {source: a, target: b, weight: 0.5}
          - table: c
            loss_weight: 0.25
            weights: w

        """

    @Test func `elements have the defaults of what they leave out`() throws {
        let data = try parse(Self.two)
        #expect(data.corpora.count == 2)
        #expect(data.corpora[0].corpus == ParallelCorpus(source: "a", target: "b"))
        #expect(data.corpora.map(\.weight) == [0.5, 1])
        #expect(data.corpora.map(\.lossWeight) == [1, 0.25])
        #expect(data.corpora.map(\.weights) == ["", "w"])
        #expect(data.corpora[1].targetColumn == 2)
        #expect(try parse("").corpora.isEmpty)
    }

    @Test func `settings replace the list or an option of an element`() throws {
        #expect(try parse(Self.two, "data.corpora[1].weight=3").corpora.map(\.weight) == [0.5, 3])
        #expect(
            try parse(
                Self.two, "data.corpora.0.table=x", "data.corpora[0].source=",
                "data.corpora[0].target=''", "data.corpora[0].source=''"
            ).corpora[0].table == "x")
        #expect(
            try parse(Self.two, "data.corpora=[{table: y, weight: 2}]").corpora.map(\.table) == [
                "y"
            ])
        #expect(try parse(Self.two, "data.corpora=[]").corpora.isEmpty)
    }

    @Test func `the resolved configuration is read back and compared`() throws {
        var configuration = RunConfiguration()
        configuration.data = try parse(Self.two)
        let text = try ConfigurationFile.text(configuration)
        #expect(text.contains("\n  - source: a\n"))
        let back = try ConfigurationFile.parse(text, path: "written")
        #expect(back == configuration)
        configuration.data.corpora[1].weight = 2
        let difference = try #require(try ConfigurationFile.firstDifference(back, configuration))
        #expect(difference == ("data.corpora[1].weight", "1.0", "2.0"))
    }

    @Test func `places may change on resumption, weights and filters may not`() throws {
        let first = try parse(Self.two)
        #expect(
            first.withoutPlaces
                == (try parse(
                    Self.two, "data.corpora[0].source=x", "data.corpora[1].table=y",
                    "data.cache=c", "data.train.target=u")).withoutPlaces)
        for setting in [
            "data.corpora[0].weight=2", "data.corpora[1].loss_weight=2", "data.temperature=5",
            "data.filters.minimum_length=2", "data.corpora=[]", "data.train.weight=2",
        ] { #expect(first.withoutPlaces != (try parse(Self.two, setting)).withoutPlaces) }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var text: String
        var line: Int?
        var reason: String
        var remedy: String
        var testDescription: String { text }
    }

    @Test(arguments: [
        Refusal(
            text: "  corpora:\n  - source: a\n    targett: b\n", line: 5,
            reason: "unknown key data.corpora[0].targett", remedy: "did you mean target?"),
        Refusal(
            text: "  corpora:\n  - {source: a, target: b}\n  - {source: a}\n", line: 5,
            reason: "data.corpora[1] names only one file",
            remedy:
                "give data.corpora[1].source and data.corpora[1].target, or data.corpora[1].table"
        ),
        Refusal(
            text: "  corpora:\n  -\n", line: 4, reason: "data.corpora[0] names no files",
            remedy:
                "give data.corpora[0].source and data.corpora[0].target, or data.corpora[0].table, jsonl, conll or files"
        ),
        Refusal(
            text: "  corpora:\n  - table: a\n    weight: much\n", line: 5,
            reason: "data.corpora[0].weight is much", remedy: "give a number"),
        Refusal(
            text: "  corpora:\n  - table: a\n    weight: 0\n", line: 5,
            reason: "data.corpora[0].weight is 0.0", remedy: "choose a number above 0"),
        Refusal(
            text: "  corpora:\n  - table: a\n    loss_weight: -1\n", line: 5,
            reason: "data.corpora[0].loss_weight is -1.0",
            remedy: "choose a number of at least 0"),
        Refusal(
            text: "  corpora: [a, b]\n", line: 3,
            reason: "data.corpora[0] is a section with keys, not one value",
            remedy:
                "its keys are source, target, table, source_column, target_column, jsonl, conll, files, fields, weights, weight, loss_weight"
        ),
        Refusal(
            text: "  corpora: {source: a}\n", line: 3,
            reason: "data.corpora is a list, not a section",
            remedy:
                "write a list of sections with the keys source, target, table, source_column, target_column, jsonl, conll, files, fields, weights, weight, loss_weight"
        ),
        Refusal(
            text: "  temperature: 0\n", line: 3, reason: "data.temperature is 0.0",
            remedy: "choose a number above 0; 1 for shares by size"),
        Refusal(
            text: "  filters: {minimum_length: 101}\n", line: 3,
            reason: "data.filters.minimum_length is 101",
            remedy: "choose a number from 1 to data.maximum_length"),
        Refusal(
            text: "  filters: {maximum_ratio: 0.5}\n", line: 3,
            reason: "data.filters.maximum_ratio is 0.5",
            remedy: "choose 0 for no limit, or a number of at least 1"),
        Refusal(
            text: "  filters:\n    source_script: Elvish\n", line: 4,
            reason: "data.filters.source_script is Elvish, and Elvish is no script",
            remedy: "give names of Unicode scripts such as Latin, Cyrillic or Han"),
        Refusal(
            text: "tokenizer: {sample: 0}\n", line: 3, reason: "tokenizer.sample is 0",
            remedy: "choose a number of at least 1"),
    ])
    func `what makes no sense is an error with its line`(_ expected: Refusal) throws {
        let error = try #require(trainingError { try parse(expected.text) })
        #expect(error.kind == .badConfiguration)
        #expect(error.line == expected.line)
        #expect(error.reason == expected.reason)
        #expect(error.remedy == expected.remedy)
    }

    @Test func `an element that is not there is refused`() throws {
        let error = try #require(
            trainingError { try parse(Self.two, "data.corpora[2].weight=3") })
        #expect(error.reason == "data.corpora has 2 elements, and no [2]")
        #expect(error.path == "--set data.corpora[2].weight=3")
        let unknown = try #require(
            trainingError { try parse(Self.two, "data.corpora[1].wieght=3") })
        #expect(unknown.reason == "unknown key data.corpora[1].wieght")
    }
}

extension TrainingRuns {
    /// Corpora that come through caches.
    @Suite struct TrainingDataTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// A run with two corpora, a table of weights, filters and batches of tokens.
        private func mixed() throws -> RunConfiguration {
            var configuration = try folder.configuration()
            var second = TrainingCorpusConfiguration()
            let rows = GeneratedTask.reverse.examples(60).map { "\($0.source)\t\($0.target)" }
            second.table = try folder.write("second.tsv", rows + rows)
            second.weights = try folder.write(
                "weights", (0..<120).map { $0 % 2 == 0 ? "0.5" : "1" })
            second.weight = 2
            second.lossWeight = 0.5
            configuration.data.corpora = [second]
            configuration.data.temperature = 2
            configuration.data.filters.minimumLength = 4
            configuration.data.filters.dropsDuplicates = true
            configuration.training.batch.unit = .tokens
            configuration.training.batch.size = 80
            configuration.training.batch.bucket = 3
            return configuration
        }

        @Test func `an epoch has the shares of weights and temperature`() throws {
            let configuration = try mixed()
            let data = try TrainingData(configuration)
            let counts = data.train.mixture.counts
            #expect(counts[1] < 60)
            #expect(data.train.report.duplicatesDropped == counts[1])
            #expect(data.train.report.kept == counts[0] + counts[1])
            let shares = [Double(counts[0]).squareRoot(), 2 * Double(counts[1]).squareRoot()]
            let expected = Double(data.train.mixture.count) * shares[0] / (shares[0] + shares[1])
            #expect(abs(Double(data.train.mixture.quotas[0]) - expected) < 1)
            let first = try data.train.examples([0, counts[0] - 1])
            #expect(first.map(\.weight) == [1, 1])
            let second = try data.train.examples(Array(counts[0]..<counts[0] + counts[1]))
            #expect(Set(second.map(\.weight)) == [0.25, 0.5])
            for pair in second { #expect(data.codecs.source.decode(Array(pair.source)) != "") }
        }

        @Test func `a run of several corpora is resumed exactly`() throws {
            let whole = try mixed()
            try train(whole)
            var parts = whole
            parts.run += ".parts"
            for stop in [3, 11, nil] {
                try train(parts, resumes: stop != 3, stopsAt: stop)
            }
            for name in ["last/model.safetensors", "last/optimizer.safetensors", "last/state.json"]
            {
                #expect(try whole.contents(name) == parts.contents(name))
            }
        }

        @Test func `runs may share the folder of caches`() throws {
            var configuration = try folder.configuration()
            configuration.data.cache = folder.path("shared")
            var builds: [Int] = []
            for number in 0..<2 {
                configuration.run = folder.path("run\(number)")
                var count = 0
                let trainer = try Trainer(
                    configuration, report: { if case .caching = $0 { count += 1 } })
                withExtendedLifetime(trainer) { builds.append(count) }
            }
            #expect(builds[0] > 0)
            #expect(builds[1] == 0)
            #expect(!FileManager.default.fileExists(atPath: folder.path("run0/cache")))
        }

        @Test func `a damaged cache of a run is built anew on resumption`() throws {
            let configuration = try folder.configuration()
            try train(configuration, stopsAt: 3)
            let cache = "\(configuration.run)/cache"
            let names = try FileManager.default.contentsOfDirectory(atPath: cache)
            try Data([1]).write(to: URL(filePath: "\(cache)/\(names[0])/index"))
            #expect(try train(configuration, resumes: true).steps.first?.step == 4)
        }

        @Test func `words that no vocabulary has keep their spelling in each corpus`() throws {
            var configuration = try folder.configuration(train: 5)
            configuration.model.encoder.wordVectors = .characters
            configuration.tokenizer.source.vocabularySize = 4
            var second = TrainingCorpusConfiguration()
            second.source = try folder.write("s2", ["new 7 other", "other new newer"])
            second.target = try folder.write("t2", ["1 2", "3 4"])
            configuration.data.corpora = [second]
            let validation = ["last word new"]
            configuration.data.validation.source = try folder.write("vs", validation)
            configuration.data.validation.target = try folder.write("vt", ["1"])
            let data = try TrainingData(configuration)
            let size = Int32(data.codecs.source.count)
            func text(_ source: ArraySlice<Int32>) -> String {
                source.map { id in
                    id < size ? data.codecs.source.token(of: id) : data.unknownWords[Int(id - size)]
                }.joined(separator: " ")
            }
            let sources = try TextLineReader.lines(path: configuration.data.train.source)
            let pairs = try data.train.examples(Array(0..<7))
            #expect(pairs.map { text($0.source) } == sources + ["new 7 other", "other new newer"])
            let held = try #require(data.validation)
            #expect(text(held.examples[0].source) == validation[0])
        }

        @Test func `tokenizers learn from a sample`() throws {
            var configuration = try folder.configuration()
            configuration.tokenizer.sample = 1
            let small = try TrainingData(configuration)
            #expect(small.train.report.kept == 200)
            #expect(small.codecs.source.count < 3 + 7)
            configuration.seed = 7
            #expect(
                try TrainingData(configuration).codecs.source.fingerprint
                    != small.codecs.source.fingerprint)
            configuration.tokenizer.sample = 200
            #expect(try TrainingData(configuration).codecs.source.count == 13)
        }

        @Test func `a state of an older version is refused in plain words`() throws {
            let configuration = try folder.configuration()
            try train(configuration, stopsAt: 2)
            let path = "\(configuration.run)/last/state.json"
            let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
            for older in ["", "cache-1 "] {
                try Data(text.replacing("cache-2 ", with: older).utf8)
                    .write(to: URL(filePath: path))
                let error = try #require(trainingError { try train(configuration, resumes: true) })
                #expect(error.kind == .badData)
                #expect(error.reason.contains("older version"))
            }
        }

        @Test func `the share of time that data take is logged`() throws {
            let configuration = try folder.configuration()
            try train(configuration)
            let lines = try configuration.log("train.jsonl", TrainLine.self)
            #expect(!lines.isEmpty)
            for line in lines { #expect(line.data_share > 0 && line.data_share < 1) }
        }

        @Test func `the building of a cache can be interrupted`() throws {
            var configuration = try folder.configuration()
            let lines = [String](repeating: "1 2 3 4 5 6 7 8 9", count: 10_000)
            configuration.data.train.source = try folder.write("long", lines)
            configuration.data.train.target = configuration.data.train.source
            let error = try #require(
                trainingError { try Trainer(configuration, shouldStop: { true }) })
            #expect(error.kind == .interrupted)
            #expect(
                try FileManager.default.contentsOfDirectory(
                    atPath: "\(configuration.run)/cache"
                ).isEmpty)
        }
    }
}
