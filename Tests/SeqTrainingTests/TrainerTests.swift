import SeqFiles
import SeqData
import SeqDecoding
import SeqMetrics
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
    @Suite struct TrainerTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        private func changes(_ configuration: RunConfiguration) throws -> [Float] {
            // The same seed, and one update or two: the second update is the difference.
            var first = configuration
            first.training.maximumSteps = 1
            first.output += ".first"
            var second = configuration
            second.training.maximumSteps = 2
            second.output += ".second"
            try train(first)
            try train(second)
            return try zip(first.parameters("last"), second.parameters("last")).map { $1 - $0 }
        }

        // MARK: Updates

        @Test(arguments: [
            (OptimizerConfiguration.Kind.adam, Float(0.005), Float(0)), (.sgd, 1, 0),
            (.sgd, 0.3, 0.9),
        ])
        func `each optimizer lowers the loss`(
            _ type: OptimizerConfiguration.Kind, rate: Float, momentum: Float
        ) throws {
            var configuration = try folder.configuration()
            configuration.training.optimizer.type = type
            configuration.training.optimizer.learningRate = rate
            configuration.training.optimizer.momentum = momentum
            configuration.training.epochs = 8
            let events = try train(configuration)
            let losses = events.steps.map(\.loss)
            #expect(losses.count == 56)
            // ln 13: nothing is known of the 13 tokens yet.
            #expect(abs(losses[0] - 2.565) < 0.05)
            #expect(losses[50...].max() ?? .nan < losses[0] - 0.15)
            let lines = try configuration.log("train.jsonl", TrainLine.self)
            #expect(lines.map(\.step) == Array(1...56))
            #expect(lines.map(\.epoch) == (0..<56).map { 1 + $0 / 7 })
            #expect(lines.map(\.loss) == losses)
        }

        @Test func `the norm of gradients is clipped`() throws {
            var configuration = try folder.configuration()
            configuration.training.optimizer.type = .sgd
            configuration.training.optimizer.learningRate = 1
            configuration.training.clipNorm = 0.001
            let norm = try changes(configuration).reduce(0) { $0 + Double($1) * Double($1) }
                .squareRoot()
            #expect(abs(norm - 0.001) < 1e-6)
        }

        @Test func `each element of gradients is clipped`() throws {
            var configuration = try folder.configuration()
            configuration.training.optimizer.type = .sgd
            configuration.training.optimizer.learningRate = 1
            configuration.training.clipNorm = 0
            configuration.training.clipValue = 0.0001
            let sizes = try changes(configuration).map(abs)
            #expect(sizes.max().map { abs($0 - 0.0001) < 1e-7 } == true)
            #expect(sizes.count { $0 > 0.00009 } > 10)
        }

        @Test func `no limit means none`() throws {
            var configuration = try folder.configuration()
            configuration.training.optimizer.type = .sgd
            configuration.training.optimizer.learningRate = 1
            configuration.training.clipNorm = 0
            let norm = try changes(configuration).reduce(0) { $0 + Double($1) * Double($1) }
                .squareRoot()
            configuration.output += ".events"
            configuration.training.maximumSteps = 2
            let reported = try #require(try train(configuration).steps.last?.gradientNorm)
            #expect(abs(norm - reported) < 1e-4 * reported)
        }

        @Test func `bfloat16 ends near float32`() throws {
            var losses: [Double] = []
            for precision in Precision.allCases {
                var configuration = try folder.configuration(train: 1000)
                configuration.output += precision.rawValue
                configuration.training.precision = precision
                configuration.training.epochs = 6
                let lines = try train(configuration).steps.suffix(32).map(\.loss)
                losses.append(lines.reduce(0, +) / 32)
            }
            #expect(losses[0] != losses[1])
            #expect(losses[0] < 2)
            #expect(abs(losses[0] - losses[1]) < 0.15)
        }

        // MARK: When it ends, and what it keeps

        @Test func `the maximum of steps ends a run that validates and saves`() throws {
            var configuration = try folder.configuration()
            configuration.training.maximumSteps = 10
            configuration.training.validateEvery = 4
            let events = try train(configuration)
            #expect(events.steps.map(\.step) == Array(1...10))
            #expect(events.steps.allSatisfy { $0.totalSteps == 10 })
            #expect(events.validations.map(\.step) == [4, 8, 10])
            #expect(events.reason == "10 steps done")
            #expect(try configuration.log("validation.jsonl", ValidationResult.self).count == 3)
            for name in ["best", "last"] {
                #expect(throws: Never.self) {
                    try ModelFolder(contentsOf: "\(configuration.output)/\(name)")
                }
            }
        }

        /// With a rate of almost nothing the metric stays as it is.
        private func stalled() throws -> RunConfiguration {
            var configuration = try folder.configuration()
            configuration.training.optimizer.learningRate = 1e-20
            configuration.training.epochs = 8
            return configuration
        }

        @Test func `a plateau lowers the rate down to the minimum`() throws {
            var configuration = try stalled()
            configuration.training.schedule.type = .plateau
            configuration.training.schedule.minimum = 2e-21
            var events = try train(configuration)
            let rates = stride(from: 0, to: 56, by: 7).map { events.steps[$0].learningRate / 1e-20 }
            for (rate, expected) in zip(rates, [1, 1, 0.5, 0.25, 0.2, 0.2, 0.2, 0.2] as [Float]) {
                #expect(abs(rate - expected) < 1e-5)
            }
            configuration.output += ".patient"
            configuration.training.schedule.patience = 2
            configuration.training.schedule.factor = 0.1
            events = try train(configuration)
            let patient = stride(from: 0, to: 56, by: 7).map {
                events.steps[$0].learningRate / 1e-20
            }
            // The first validation is the best; the fourth is the third without improvement.
            for (rate, expected) in zip(patient, [1, 1, 1, 1, 0.2, 0.2, 0.2, 0.2] as [Float]) {
                #expect(abs(rate - expected) < 1e-5)
            }
        }

        @Test(arguments: Metric.allCases)
        func `training stops early when the metric stays`(_ metric: Metric) throws {
            var configuration = try stalled()
            configuration.training.earlyStopping.patience = 2
            configuration.training.earlyStopping.metric = metric
            configuration.validation.metrics = metric == .perplexity ? [] : [metric]
            configuration.decoding.beamSize = 1
            let events = try train(configuration)
            // The first is the best so far, however bad.
            #expect(events.validations.map(\.isBest) == [true, false, false])
            #expect(events.steps.count == 21)
            #expect(events.reason == "no improvement for 2 validations")
            #expect(events.best?.step == 7)
            for result in events.validations {
                #expect(result.scores.keys.map { $0 } == configuration.validation.metrics)
                #expect(result.signatures.count == configuration.validation.metrics.count)
                #expect((result.health != nil) == (metric != .perplexity))
            }
        }

        @Test func `best is the model of the best validation, last that of the end`() throws {
            // So few examples are learnt by heart, and what was held out gets worse.
            var configuration = try folder.configuration(train: 12)
            configuration.training.epochs = 120
            configuration.training.validateEvery = 10
            configuration.training.optimizer.learningRate = 0.02
            let events = try train(configuration)
            let perplexities = events.validations.map(\.perplexity)
            let best = try #require(perplexities.min())
            #expect(best < perplexities[perplexities.count - 1] - 0.1)
            #expect(events.best?.perplexity == best)
            #expect(try abs(perplexity(configuration, "best") - best) < 1e-4 * best)
            let last = perplexities[perplexities.count - 1]
            #expect(try abs(perplexity(configuration, "last") - last) < 1e-4 * last)
            let provenance = try JSONDecoder().decode(
                [String: String].self, from: configuration.contents("best/provenance.json"))
            #expect(provenance["step"] == events.best.map { "\($0.step)" })
            #expect(provenance["validation_perplexity"] == "\(best)")
            #expect(provenance["seed"] == "1")
            #expect(provenance.keys.count { $0.hasPrefix("train_sha256 ") } == 2)
        }

        private func perplexity(_ configuration: RunConfiguration, _ name: String) throws -> Double
        {
            let examples = GeneratedTask.copy.examples(52).prefix(40)
            let pairs = try Translator(contentsOf: "\(configuration.output)/\(name)").score(
                Array(examples))
            return Perplexity(
                totalLogProbability: pairs.reduce(0) { $0 + Double($1.logProbability) },
                tokenCount: pairs.reduce(0) { $0 + $1.tokenLogProbabilities.count }
            ).value
        }

        @Test func `without validation data best is last`() throws {
            let configuration = try folder.configuration(validation: 0)
            let events = try train(configuration)
            #expect(events.validations.isEmpty)
            #expect(events.saved == 3)
            #expect(
                try configuration.contents("best/model.safetensors")
                    == configuration.contents("last/model.safetensors"))
        }

        @Test func `samples and BLEU are of the first validation pairs`() throws {
            var configuration = try folder.configuration()
            configuration.validation.metrics = [.bleu]
            configuration.validation.pairs = 5
            configuration.validation.samples = 2
            configuration.training.epochs = 1
            let result = try #require(try train(configuration).validations.first)
            let held = GeneratedTask.copy.examples(240).prefix(2)
            #expect(result.samples.map(\.source) == held.map(\.source))
            #expect(result.samples.map(\.reference) == held.map(\.target))
            #expect(
                result.signatures[.bleu]?.hasPrefix("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp")
                    == true)
            #expect(result.health?.outputs == 5)
        }

        // MARK: Data

        @Test func `a table and a joint vocabulary serve as well`() throws {
            var configuration = try folder.configuration(.reverse)
            let rows = GeneratedTask.reverse.examples(100).map { "\($0.target)\tx\t\($0.source)" }
            configuration.data.train = TrainingCorpusConfiguration()
            configuration.data.train.table = try folder.write("table.tsv", rows)
            configuration.data.train.sourceColumn = 3
            configuration.data.train.targetColumn = 1
            configuration.tokenizer.joint = true
            let events = try train(configuration)
            #expect(events.trainReport?.kept == 100)
            let model = try ModelFolder(contentsOf: "\(configuration.output)/best")
            #expect(model.source.fingerprint == model.target.fingerprint)
        }

        @Test func `a corpus smaller than a batch is one batch`() throws {
            let configuration = try folder.configuration(train: 3)
            #expect(try train(configuration).steps.map(\.step) == [1, 2, 3])
        }

        @Test func `pairs that are empty or overlong are dropped and counted`() throws {
            var configuration = try folder.configuration()
            let words = Array(repeating: "1", count: 100_000).joined(separator: " ")
            configuration.data.train.source = try folder.write("s", ["1 2", "", words, "3 4", "5"])
            configuration.data.train.target = try folder.write("t", ["1 2", "3", "3", words, "5"])
            configuration.data.validation.source = try folder.write("vs", ["1", words, "3", "5 1"])
            configuration.data.validation.target = try folder.write("vt", ["1", "2", words, "5"])
            configuration.validation.metrics = [.bleu]
            let events = try train(configuration)
            let trained = try #require(events.trainReport)
            #expect(
                [trained.read, trained.kept, trained.emptyDropped, trained.overlongDropped]
                    == [5, 2, 1, 2])
            let validated = try #require(events.validationReport)
            #expect([validated.read, validated.kept, validated.overlongDropped] == [4, 2, 2])
        }

        @Test func `a corpus without pairs, or with unequal files, is refused`() throws {
            var configuration = try folder.configuration()
            configuration.data.train.source = try folder.write("empty.s", [])
            configuration.data.train.target = try folder.write("empty.t", [])
            let error = try #require(trainingError { try train(configuration) })
            #expect(error.kind == .badData)
            #expect(error.reason == "the training corpus is empty")
            configuration.data.train.target = try folder.write("one.t", ["1"])
            #expect(throws: (any Error).self) { try train(configuration) }
            configuration.data.train.source = try folder.write("blank.s", [" "])
            #expect(throws: (any Error).self) { try train(configuration) }
        }

        @Test func `a batch too large for attention is refused, not run`() throws {
            var configuration = try folder.configuration(validation: 0)
            let words = Array(repeating: "1", count: 50_000).joined(separator: " ")
            configuration.data.train.source = try folder.write("s", [words])
            configuration.data.train.target = try folder.write("t", [words])
            configuration.data.maximumLength = 60_000
            let error = try #require(trainingError { try train(configuration) })
            #expect(error.kind == .badConfiguration)
            #expect(error.reason.contains("attention weights"))
        }

        // MARK: Divergence

        @Test func `an absurd learning rate ends with the name of a tensor`() throws {
            var configuration = try folder.configuration()
            configuration.training.optimizer.type = .sgd
            configuration.training.optimizer.learningRate = 1e38
            configuration.training.clipNorm = 0
            let error = try #require(trainingError { try train(configuration) })
            #expect(error.kind == .diverged)
            #expect(error.path == configuration.output)
            #expect(error.reason.hasPrefix("training diverged at step "))
            #expect(error.reason.contains("is the first tensor with a NaN or infinity"))
            #expect(error.remedy?.contains("training.optimizer.learning_rate") == true)
            #expect(error.remedy?.contains("last/") != true)
        }

        @Test func `a NaN in a saved parameter is found by its name`() throws {
            let configuration = try folder.configuration()
            try train(configuration, stopsAt: 3)
            let name = try ModelFolder(contentsOf: "\(configuration.output)/last")
                .model.parameters.last?.name
            let path = "\(configuration.output)/last/model.safetensors"
            var bytes = try Data(contentsOf: URL(filePath: path))
            bytes.replaceSubrange(
                (bytes.count - 4)..., with: withUnsafeBytes(of: Float.nan) { Array($0) })
            try bytes.write(to: URL(filePath: path))
            let error = #expect(throws: Seq2SeqError.self) {
                try train(configuration, resumes: true)
            }
            #expect(error?.kind == .badData && error?.path == path)
            #expect(error?.reason.contains(name ?? "?") == true)
        }
    }
}
