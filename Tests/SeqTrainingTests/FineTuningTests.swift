import SeqFiles
import SeqData
import SeqDecoding
import SeqModels
import SeqNN
import SeqTensor
import SeqText
import TestSupport
import Testing

@testable import SeqTraining

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension TrainingRuns {
    /// Runs that start from a model: `training.init_from`.
    @Suite struct FineTuningTests {
        private let folder: TemporaryFolder
        /// A run that has ended.
        private let first: RunConfiguration

        init() throws {
            folder = try TemporaryFolder()
            first = try folder.configuration()
            try train(first)
        }

        /// A further run, from the last model of the first one.
        private func further(
            _ change: (inout RunConfiguration) throws -> Void = { _ in }
        ) throws -> RunConfiguration {
            var configuration = first
            configuration.run = folder.path("further")
            configuration.training.initFrom = "\(first.run)/last"
            try change(&configuration)
            return configuration
        }

        /// Sources and targets of other symbols beside digits.
        private func useLetters(_ configuration: inout RunConfiguration) throws {
            let lines = GeneratedTask.copy.examples(200).enumerated().map { index, example in
                "\(example.source) \(index % 3 == 0 ? "a" : "b")"
            }
            configuration.data.train.source = try folder.write("letters.source", lines)
            configuration.data.train.target = try folder.write("letters.target", lines)
            configuration.training.extendVocabulary = true
        }

        private func refusal(
            _ change: (inout RunConfiguration) throws -> Void
        ) throws -> Seq2SeqError {
            try #require(trainingError { try Trainer(further(change)) })
        }

        @Test func `a run starts from the parameters of a model, with all else fresh`() throws {
            let next = try further {
                $0.training.optimizer.learningRate = 1e-20
                $0.training.maximumSteps = 1
            }
            let events = try train(next)
            #expect(events.steps.map(\.step) == [1])
            #expect(try next.parameters("last") == first.parameters("last"))
            let state = try TrainingState.read(from: "\(next.run)/last")
            #expect(state.epoch == 1 && state.batch == 1)
            #expect(state.learningRate == 1e-20)
            let provenance = try JSONDecoder().decode(
                [String: String].self, from: next.contents("last/provenance.json"))
            // The folder may go to other people: it names no place of this machine.
            #expect(provenance["init_from"] == "last")
            #expect(
                try provenance["init_from_sha256"]
                    == ContentHash.ofFile("\(first.run)/last/model.safetensors"))
            // The origin stays as it was when the parameters of the new run change.
            let before = try first.parameters("last")
            let longer = try further { $0.run += ".longer" }
            try train(longer)
            #expect(try longer.parameters("last") != before)
            #expect(try first.parameters("last") == before)
        }

        @Test func `a run from a model is resumed exactly, without that model`() async {
            await #expect(processExitsWith: .success) {
                let folder = try TemporaryFolder()
                let first = try folder.configuration()
                try train(first, stopsAt: 3)
                var whole = first
                whole.run += ".whole"
                whole.model.dropout = 0.2
                whole.training.initFrom = "\(first.run)/last"
                try train(whole)
                var parts = whole
                parts.run += ".parts"
                try train(parts, stopsAt: 9)
                try FileManager.default.removeItem(atPath: first.run)
                try train(parts, resumes: true)
                for name in ["last/model.safetensors", "last/provenance.json", "last/state.json"] {
                    #expect(try whole.contents(name) == parts.contents(name), "\(name)")
                }
            }
        }

        @Test func `what a configuration leaves out is as in the model`() throws {
            let text = """
                run: \(folder.path("further"))
                data:
                  check: warn
                  train: {source: \(first.data.train.source), target: \(first.data.train.target)}
                model: {dropout: 0.25}
                training: {init_from: \(first.run)/last, epochs: 1}
                """
            let read = try ConfigurationFile.parse(text, path: "further.yaml")
            var expected = first.model
            expected.dropout = 0.25
            #expect(read.model == expected)
            #expect(read.tokenizer.source == first.tokenizer.source)
            #expect(read.training.epochs == 1)
            try train(read)
            // Resumed, it needs neither the option nor the model.
            try FileManager.default.removeItem(atPath: first.run)
            let again = try ConfigurationFile.parse(
                text.replacing("init_from: \(first.run)/last, ", with: ""), path: "further.yaml",
                resumes: true)
            #expect(again == read)
            let error = try #require(
                trainingError { try ConfigurationFile.parse(text, path: "further.yaml") })
            #expect(error.kind == .missingInput)
            #expect(error.path == "\(first.run)/last/config.json")
        }

        @Test func `another architecture is refused by the name of the first difference`() throws {
            let changes: [(key: String, change: (inout RunConfiguration) -> Void)] = [
                ("model.encoder.embedding: 16, not 8", { $0.model.encoder.embedding = 8 }),
                ("model.attention.score: general, not none", { $0.model.attention.score = .none }),
                (
                    "tokenizer.source.lowercase: false, not true",
                    {
                        $0.tokenizer.source.lowercase = true
                    }
                ),
                (
                    "tokenizer.target.vocabulary_size: 8000, not 9000",
                    {
                        $0.tokenizer.target.vocabularySize = 9000
                    }
                ),
            ]
            for (key, change) in changes {
                let error = try refusal(change)
                #expect(error.kind == .badConfiguration)
                #expect(error.path == "\(first.run)/last")
                #expect(error.reason == "the model has \(key)")
            }
            for change: (inout RunConfiguration) -> Void in [
                { $0.model.dropout = 0.4 }, { $0.model.attention.coverageLoss = 0.5 },
                { $0.model.initialization.kind = .glorot },
                { $0.seed = 2 }, { $0.training.optimizer.type = .sgd },
            ] {
                #expect(trainingError { try Trainer(further(change)) } == nil)
            }
        }

        @Test func `a model of the first format serves too`() throws {
            let path = "\(first.run)/last"
            let saved = try ModelFolder(contentsOf: path)
            let text = """
                {"format_version": 1, "kind": "translation",
                 "source_fingerprint": "\(saved.source.fingerprint)", "source_vocabulary_size": 13,
                 "target_fingerprint": "\(saved.target.fingerprint)", "target_vocabulary_size": 13,
                 "model": {"attention": {"score": "general"}, "bridge": "copy",
                  "decoder": {"embedding": 16, "hidden": 32, "layers": 1, "type": "luong",
                   "input_feeding": \(first.model.decoder.hasInputFeeding)}, "dropout": 0.3,
                  "encoder": {"bidirectional": true, "embedding": 16, "hidden": 32, "layers": 1,
                   "reverse_source": false},
                  "initialization": {"kind": "uniform", "range": 0.1}}}
                """
            try Data(text.utf8).write(to: URL(filePath: "\(path)/config.json"))
            let next = try further {
                $0.training.optimizer.learningRate = 1e-20
                $0.training.maximumSteps = 1
            }
            try train(next)
            #expect(try next.parameters("last") == first.parameters("last"))
        }

        @Test func `a missing model is refused with its path`() throws {
            let next = try further { $0.training.initFrom = folder.path("nowhere") }
            do {
                _ = try Trainer(next)
                Issue.record("a missing model was accepted")
            } catch let error as Seq2SeqError {
                #expect(error.kind == .missingInput)
                #expect(error.path == folder.path("nowhere/config.json"))
            }
        }

        @Test func `the vocabulary grows by the new tokens, old ones keep their ids`() throws {
            let next = try further {
                try useLetters(&$0)
                $0.training.optimizer.learningRate = 1e-20
                $0.training.maximumSteps = 1
            }
            try train(next)
            let old = try ModelFolder(contentsOf: "\(first.run)/last")
            let new = try ModelFolder(contentsOf: "\(next.run)/last")
            // "b" is the more frequent one.
            #expect(new.source.vocabulary.tokens == old.source.vocabulary.tokens + ["b", "a"])
            #expect(new.target.vocabulary.tokens == old.target.vocabulary.tokens + ["b", "a"])
            for (before, after) in zip(old.model.parameters, new.model.parameters) {
                #expect(before.name == after.name)
                guard before.shape != after.shape else {
                    #expect(before.value.values == after.value.values, "\(before.name)")
                    continue
                }
                let tables = ["encoder.embedding.weight", "decoder.embedding.weight"]
                if tables.contains(before.name) {
                    #expect(after.shape == [before.shape[0] + 2, before.shape[1]])
                    #expect(after.value.values.starts(with: before.value.values))
                } else {
                    #expect(before.name.hasPrefix("output."), "\(before.name)")
                }
            }
            // Whatever has no new tokens is as likely as it was, up to the share of the new ones.
            let pair = ([3, 4, 5] as [Int32])[...]
            let scores = [old, new].map { folder in
                folder.model.tokenLogProbabilities(
                    folder.model.batch([Example(source: pair, target: pair)]))[0]
            }
            for (before, after) in zip(scores[0], scores[1]) {
                #expect(after < before && after > before - 0.3)
            }
        }

        @Test func `tables of every kind grow`() throws {
            for (name, change): (String, (inout ModelConfiguration) -> Void) in [
                (
                    "tied",
                    {
                        $0.output.tied = .target; $0.decoder.hidden = 16
                        $0.encoder.hidden = 16
                    }
                ),
                ("mixture", { $0.output.type = .mixture }),
                (
                    "sampled",
                    {
                        $0.output.type = .sampled; $0.output.samples = 4
                    }
                ),
                ("copy", { $0.output.type = .copy }),
            ] {
                var origin = first
                origin.run = folder.path(name)
                origin.training.maximumSteps = 2
                change(&origin.model)
                try train(origin)
                var next = origin
                next.run += ".further"
                next.training.initFrom = "\(origin.run)/last"
                try useLetters(&next)
                let events = try train(next)
                #expect(events.steps.count == 2)
                let folder = try ModelFolder(contentsOf: "\(next.run)/last")
                #expect(folder.target.count == 15)
            }
        }

        @Test func `the vocabulary grows up to its size, by tokens that are frequent enough`()
            throws
        {
            let next = try further {
                try useLetters(&$0)
                $0.tokenizer.source.vocabularySize = 14
                $0.tokenizer.target.minimumCount = 100
                $0.training.maximumSteps = 1
            }
            try train(next)
            let folder = try ModelFolder(contentsOf: "\(next.run)/last")
            #expect(folder.source.vocabulary.tokens.last == "b")
            #expect(folder.source.count == 14)
            #expect(folder.target.vocabulary.tokens.last == "b")
            #expect(folder.target.count == 14)
        }

        @Test func `a vocabulary without room says so`() throws {
            let next = try further {
                try useLetters(&$0)
                $0.tokenizer.target.vocabularySize = 13
                $0.training.maximumSteps = 1
            }
            #expect(
                try train(next).notices == [
                    "the target vocabulary does not grow: it has 13 tokens, and tokenizer.target.vocabulary_size is 13"
                ])
            let folder = try ModelFolder(contentsOf: "\(next.run)/last")
            #expect(folder.source.count == 15 && folder.target.count == 13)
        }

        @Test func `a joint vocabulary stays joint`() throws {
            var origin = first
            origin.run = folder.path("joint")
            origin.tokenizer.joint = true
            origin.model.output.tied = .all
            origin.model.encoder.hidden = 16
            origin.model.decoder.hidden = 16
            origin.training.maximumSteps = 2
            try train(origin)
            var next = origin
            next.run += ".further"
            next.training.initFrom = "\(origin.run)/last"
            try useLetters(&next)
            try train(next)
            let grown = try ModelFolder(contentsOf: "\(next.run)/last")
            #expect(grown.source.count == 15)
            #expect(grown.source.fingerprint == grown.target.fingerprint)
        }

        @Test func `what cannot grow is refused`() throws {
            let changes: [(word: String, change: (inout RunConfiguration) -> Void)] = [
                ("no vocabulary to extend", { $0.training.initFrom = "" }),
                ("SentencePiece", { $0.tokenizer.source.kind = .sentencepiece }),
                ("adaptive", { $0.model.output.type = .adaptive }),
                ("characters", { $0.model.encoder.wordVectors = .characters }),
            ]
            for (word, change) in changes {
                let configuration = try further {
                    $0.training.extendVocabulary = true
                    change(&$0)
                }
                let error = try #require(trainingError { try configuration.validate() })
                #expect(error.reason.hasPrefix("training.extend_vocabulary is true, but "))
                #expect(error.reason.contains(word))
            }
            let codec = try TextCodec.train(
                on: ["ab ab ab ba"],
                configuration: TokenizerConfiguration(kind: .sentencepiece, vocabularySize: 6))
            #expect(throws: Seq2SeqError.self) {
                try codec.extended(by: ["c"], minimumCount: 1, maximumSize: 100)
            }
        }

        @Test func `new rows and columns are the mean of the old ones and a tenth of fresh ones`() {
            let rows = OriginModel.grown(
                Tensor([1, 2, 3, 4], shape: [2, 2]),
                like: Tensor([9, 9, 9, 9, 10, -10], shape: [3, 2]))
            #expect(rows.values == [1, 2, 3, 4, 3, 2])
            let columns = OriginModel.grown(
                Tensor([1, 2, 3, 4], shape: [2, 2]),
                like: Tensor([9, 9, 0, 9, 9, 10], shape: [2, 3]))
            #expect(columns.values == [1, 2, 1.5, 3, 4, 4.5])
            let bias = OriginModel.grown(
                Tensor([1, 3], shape: [2]), like: Tensor([0, 0, 0, 10], shape: [4]))
            #expect(bias.values == [1, 3, 2, 3])
            let same = OriginModel.grown(
                Tensor([1, 3], shape: [2]), like: Tensor([5, 5], shape: [2]))
            #expect(same.values == [1, 3])
        }
    }
}
