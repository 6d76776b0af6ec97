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
    /// Who may write into a run folder, and what can be resumed.
    @Suite struct RunFolderTests {
        private let folder: TemporaryFolder
        private let configuration: RunConfiguration

        init() throws {
            folder = try TemporaryFolder()
            configuration = try folder.configuration()
        }

        private func refusal(
            resumes: Bool, _ change: (inout RunConfiguration) throws -> Void = { _ in }
        ) throws -> Seq2SeqError {
            var changed = configuration
            try change(&changed)
            return try #require(trainingError { try Trainer(changed, resumes: resumes) })
        }

        private func damage(_ name: String, _ change: (Data) -> Data) throws {
            let url = URL(filePath: "\(configuration.run)/\(name)")
            try change(Data(contentsOf: url)).write(to: url)
        }

        @Test func `a folder that another run uses is refused`() throws {
            let trainer = try Trainer(configuration)
            for resumes in [false, true] {
                let error = try refusal(resumes: resumes)
                #expect(error.kind == .cannotWrite)
                #expect(error.reason == "another process is training in this folder")
            }
            try trainer.run()
        }

        @Test func `a run is neither overwritten nor resumed by mistake`() throws {
            #expect(try refusal(resumes: true).reason == "there is no saved run to resume")
            try train(configuration, stopsAt: 2)
            let before = try configuration.contents("last/model.safetensors")
            let error = try refusal(resumes: false)
            #expect(error.reason == "the folder already holds a run")
            #expect(error.remedy == "continue it with --resume, or choose another --output")
            #expect(try configuration.contents("last/model.safetensors") == before)
        }

        @Test func `a configuration of somebody else is not overwritten`() throws {
            let path = try folder.file("config.yaml", "mine".utf8)
            let error = try refusal(resumes: false) { $0.run = folder.path }
            #expect(error.kind == .cannotWrite)
            #expect(error.path == folder.path)
            #expect(try Data(contentsOf: URL(filePath: path)) == Data("mine".utf8))
        }

        @Test func `a run needs a folder that can be made`() throws {
            #expect(try refusal(resumes: false) { $0.run = "" }.kind == .badConfiguration)
            let file = try folder.file("file", "x".utf8)
            let error = try refusal(resumes: false) { $0.run = "\(file)/run" }
            #expect(error.kind == .cannotWrite)
            #expect(error.path == "\(file)/run")
        }

        @Test func `other training data are refused`() throws {
            try train(configuration, stopsAt: 2)
            let error = try refusal(resumes: true) {
                let examples = GeneratedTask.copy.examples(300).suffix(200)
                $0.data.train.source = try folder.write("other.s", examples.map(\.source))
                $0.data.train.target = try folder.write("other.t", examples.map(\.target))
            }
            #expect(error.kind == .badData)
            #expect(error.reason == "the training data are not those of the run")
        }

        @Test func `other validation data, more or none are refused`() throws {
            try train(configuration, stopsAt: 2)
            let lines = GeneratedTask.copy.examples(300).suffix(40)
            let changes: [(inout RunConfiguration) throws -> Void] = [
                { $0.data.validation.source = try folder.write("other.s", lines.map(\.source)) },
                { [configuration] in
                    $0.data.validation.source = configuration.data.train.source
                    $0.data.validation.target = configuration.data.train.target
                },
                { $0.data.validation = CorpusConfiguration() },
            ]
            for change in changes {
                let error = try refusal(resumes: true, change)
                #expect(error.kind == .badData)
                #expect(error.reason == "the validation data are not those of the run")
            }
            // A run without validation data gets none later.
            var without = configuration
            without.run += ".without"
            without.data.validation = CorpusConfiguration()
            try train(without, stopsAt: 2)
            let error = try refusal(resumes: true) { $0.run = without.run }
            #expect(error.reason == "the validation data are not those of the run")
            #expect(try train(without, resumes: true).steps.first?.step == 3)
        }

        @Test func `a run folder that is deleted, moved or replaced is noticed`() throws {
            func run(_ change: @escaping () throws -> Void) throws -> Seq2SeqError {
                var isDone = false
                let trainer = try Trainer(
                    configuration,
                    report: { event in
                        guard case .progress(let progress) = event, progress.step == 9, !isDone
                        else { return }
                        isDone = true
                        do { try change() } catch { Issue.record(error) }
                    })
                let error = try #require(trainingError { try trainer.run() })
                #expect(error.kind == .cannotWrite)
                #expect(error.path == configuration.run)
                return error
            }
            let output = configuration.run
            let deleted = try run { try FileManager.default.removeItem(atPath: output) }
            #expect(deleted.reason == "the run folder was deleted or moved during training")
            #expect(!FileManager.default.fileExists(atPath: output))
            let moved = try run {
                try FileManager.default.moveItem(atPath: output, toPath: output + ".moved")
            }
            #expect(moved.reason == "the run folder was deleted or moved during training")
            var other = configuration
            other.run += ".moved"
            let replaced = try run {
                try FileManager.default.removeItem(atPath: output)
                try FileManager.default.copyItem(atPath: other.run, toPath: output)
            }
            #expect(replaced.reason == "the run folder was replaced during training")
            // What was saved before it was moved is whole.
            #expect(try train(other, resumes: true).steps.first?.step == 8)
        }

        @Test func `the same data under other names are accepted`() throws {
            try train(configuration, stopsAt: 2)
            var moved = configuration
            for path in [\TrainingCorpusConfiguration.source, \.target] {
                moved.data.train[keyPath: path] += ".moved"
                try FileManager.default.moveItem(
                    atPath: configuration.data.train[keyPath: path],
                    toPath: moved.data.train[keyPath: path])
            }
            #expect(try train(moved, resumes: true).steps.first?.step == 3)
        }

        @Test func `another configuration is refused by the name of the option`() throws {
            try train(configuration, stopsAt: 2)
            let changes: [(key: String, change: (inout RunConfiguration) -> Void)] = [
                ("seed: 1, not 2", { $0.seed = 2 }),
                ("data.maximum_length: 100, not 99", { $0.data.maximumLength = 99 }),
                ("tokenizer.joint: false, not true", { $0.tokenizer.joint = true }),
                (
                    "model.encoder.layers: 1, not 2",
                    { ($0.model.encoder.layers, $0.model.decoder.layers) = (2, 2) }
                ),
                ("model.dropout: 0.0, not 0.1", { $0.model.dropout = 0.1 }),
                ("training.batch.size: 32, not 16", { $0.training.batch.size = 16 }),
                ("training.optimizer.type: adam, not sgd", { $0.training.optimizer.type = .sgd }),
                (
                    "training.optimizer.learning_rate: 0.005, not 0.01",
                    { $0.training.optimizer.learningRate = 0.01 }
                ),
                (
                    "training.precision: float32, not bfloat16",
                    { $0.training.precision = .bfloat16 }
                ),
                ("decoding.beam_size: 5, not 2", { $0.decoding.beamSize = 2 }),
            ]
            for (key, change) in changes {
                let error = try refusal(resumes: true, change)
                #expect(error.kind == .badConfiguration)
                #expect(error.path == "\(configuration.run)/config.yaml")
                #expect(error.reason == "the run has \(key)")
            }
        }

        @Test func `a finished run stays as it is, and goes on when it may last longer`() throws {
            let first = try train(configuration)
            let model = try configuration.contents("last/model.safetensors")
            let again = try train(configuration, resumes: true)
            #expect(again.steps.isEmpty)
            #expect(again.reason == "the run had ended at step 21")
            #expect(again.best?.perplexity == first.best?.perplexity)
            #expect(try configuration.contents("last/model.safetensors") == model)

            var longer = configuration
            longer.training.epochs = 5
            let more = try train(longer, resumes: true)
            #expect(more.steps.map(\.step) == Array(22...35))
            #expect(try ConfigurationFile.read("\(longer.run)/config.yaml") == longer)
            var whole = longer
            whole.run += ".whole"
            try train(whole)
            #expect(
                try whole.contents("last/model.safetensors")
                    == longer.contents("last/model.safetensors"))
        }

        @Test func `what was logged after the resumed state is dropped`() throws {
            try train(configuration, stopsAt: 10)
            let whole = try configuration.contents("train.jsonl")
            let extra = #"{"step":11,"epoch":2,"loss":1}"# + "\n{\"step\":1"
            try damage("train.jsonl") { $0 + Data(extra.utf8) }
            try damage("validation.jsonl") { $0 + Data("{\"st".utf8) }
            try train(configuration, resumes: true)
            let lines = try configuration.log("train.jsonl", TrainLine.self)
            #expect(lines.map(\.step) == Array(1...21))
            #expect(try configuration.contents("train.jsonl").starts(with: whole))
            let steps = try configuration.log("validation.jsonl", ValidationResult.self).map(\.step)
            #expect(steps == [7, 14, 21])
        }

        @Test func `a damaged state is refused with the name of the file`() throws {
            try train(configuration, stopsAt: 2)
            let state = try configuration.contents("last/state.json")
            let damages: [(String, (Data) -> Data)] = [
                ("state.json", { $0.prefix(20) }), ("state.json", { _ in Data("[]".utf8) }),
                ("optimizer.safetensors", { $0.dropLast(5) }),
                ("optimizer.safetensors", { _ in Data() }),
                ("model.safetensors", { $0.prefix(100) }), ("config.json", { $0.prefix(30) }),
                ("source.vocabulary.txt", { $0.dropLast(8) }),
            ]
            for (name, change) in damages {
                let whole = try configuration.contents("last/\(name)")
                try damage("last/\(name)", change)
                do {
                    _ = try Trainer(configuration, resumes: true)
                    Issue.record("\(name) was accepted")
                } catch { #expect("\(error)".contains("last/\(name)"), "\(error)") }
                try damage("last/\(name)") { _ in whole }
            }
            #expect(try configuration.contents("last/state.json") == state)
            #expect(try train(configuration, resumes: true).steps.first?.step == 3)
        }

        @Test func `a state without one of its files is refused`() throws {
            try train(configuration, stopsAt: 2)
            for name in [
                "optimizer.safetensors", "model.safetensors", "config.json",
                "target.tokenizer.json",
            ] {
                let path = "\(configuration.run)/last/\(name)"
                try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
                do {
                    _ = try Trainer(configuration, resumes: true)
                    Issue.record("\(name) was not missed")
                } catch { #expect("\(error)".contains(name), "\(error)") }
                try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
            }
        }
    }
}
