import SeqFiles
import SeqData
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

extension RunConfiguration {
    /// The models in `checkpoints`.
    fileprivate var checkpoints: [String] {
        get throws {
            let path = "\(run)/checkpoints"
            guard FileManager.default.fileExists(atPath: path) else { return [] }
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        }
    }

    fileprivate func provenance(_ model: String) throws -> [String: String] {
        try JSONDecoder().decode(
            [String: String].self, from: contents("\(model)/provenance.json"))
    }
}

extension TrainingRuns {
    /// Which models a run keeps, and the averages of parameters and of models.
    @Suite struct ModelKeepingTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        // MARK: The moving average

        @Test func `the moving average is that of the parameters after each update`() throws {
            var configuration = try folder.configuration()
            var expected = try TranslationModel(
                configuration.model, sourceVocabulary: 13, targetVocabulary: 13,
                seed: configuration.seed
            ).parameters.sorted { $0.name < $1.name }.flatMap { $0.value.values.map(Double.init) }
            for step in 1...4 {
                var plain = configuration
                plain.run += ".\(step)"
                plain.training.maximumSteps = step
                try train(plain)
                let decay = [2.0 / 11, 3.0 / 12, 0.3, 0.3][step - 1]
                expected = try zip(expected, plain.parameters("last")).map {
                    decay * $0 + (1 - decay) * Double($1)
                }
            }
            configuration.training.maximumSteps = 4
            configuration.training.averaging.ema = 0.3
            let events = try train(configuration)
            let parameters = try configuration.parameters("last")
            #expect(try distance(configuration.parameters("best"), expected) < 1e-6)
            #expect(distance(parameters, expected) > 1e-3)
            // Training itself goes on from the parameters.
            var plain = configuration
            plain.run += ".4"
            #expect(try plain.parameters("last") == parameters)
            // What is validated is the average.
            let model = try ModelFolder(contentsOf: "\(configuration.run)/best")
            let pairs = GeneratedTask.copy.examples(240).prefix(40).map {
                Example(
                    source: model.source.encode($0.source)[...],
                    target: model.target.encode($0.target)[...])
            }
            let found = try #require(Validator.perplexity(model.model, pairs)).value
            let reported = try #require(events.validations.last?.perplexity)
            #expect(abs(found - reported) < 1e-4 * reported)
        }

        @Test func `without validation data best is the moving average of the end`() throws {
            var configuration = try folder.configuration(validation: 0)
            configuration.training.averaging.ema = 0.9
            try train(configuration)
            let average = try Safetensors(
                contentsOf: "\(configuration.run)/last/average.safetensors"
            ).tensor("ema.parameters").values
            let best = try configuration.parameters("best")
            #expect(Set(best).subtracting(average).isEmpty)
            #expect(try best != configuration.parameters("last"))
        }

        // MARK: The best models

        @Test func `best is the mean of the best validated models, which are kept`() throws {
            // So few examples are learnt by heart, and what was held out gets worse.
            var configuration = try folder.configuration(train: 12)
            configuration.training.epochs = 120
            configuration.training.validateEvery = 10
            configuration.training.optimizer.learningRate = 0.02
            configuration.training.averaging.best = 3
            var lists: [[String]] = []
            var validations: [ValidationResult] = []
            try Trainer(
                configuration,
                report: { event in
                    if case .saved = event { lists.append((try? configuration.checkpoints) ?? []) }
                    if case .validation(let result) = event { validations.append(result) }
                }
            ).run()
            func best(_ count: Int) -> [ValidationResult] {
                Array(validations.prefix(count).sorted { $0.perplexity < $1.perplexity }.prefix(3))
            }
            #expect(validations.count == 12)
            #expect(Set(best(12).map(\.step)).isDisjoint(with: [100, 110, 120]))
            #expect(lists == (1...12).map { best($0).map { "step-\($0.step)" }.sorted() })
            let names = best(12).map { "checkpoints/step-\($0.step)" }
            let kept = try names.map { try configuration.parameters($0) }
            let mean = kept[0].indices.map { place in
                Float(kept.reduce(0) { $0 + Double($1[place]) } / 3)
            }
            #expect(try configuration.parameters("best") == mean)
            #expect(
                try configuration.provenance("best")["average_of"]
                    == names.joined(separator: " "))
            for (name, result) in zip(names, best(12)) {
                #expect(
                    try configuration.provenance(name)["validation_perplexity"]
                        == "\(result.perplexity)")
            }
        }

        @Test func `the best models are ordered by the metric`() {
            var kept = KeptModels()
            func insert(_ step: Int, _ value: Double, _ metric: Metric) -> Bool {
                kept.insert(step, value: value, of: metric, limit: 2)
            }
            #expect(!insert(1, .nan, .bleu) && !insert(2, .infinity, .perplexity))
            #expect(insert(3, 5, .perplexity) && insert(4, 4, .perplexity))
            #expect(kept.best.map(\.step) == [4, 3])
            // Of equals the earlier is the better.
            #expect(!insert(5, 5, .perplexity) && insert(6, 4, .perplexity))
            #expect(kept.best.map(\.step) == [4, 6])
            kept = KeptModels()
            #expect(insert(1, 10, .bleu) && insert(2, 30, .bleu) && insert(3, 20, .bleu))
            #expect(kept.best.map(\.step) == [2, 3] && kept.steps == [2, 3])
        }

        // MARK: The last models

        @Test func `the last saved models are kept`() throws {
            var configuration = try folder.configuration()
            configuration.training.saveEvery = 5
            configuration.training.averaging.keepLast = 2
            var lists: [[String]] = []
            try Trainer(
                configuration,
                report: {
                    if case .saved = $0 { lists.append((try? configuration.checkpoints) ?? []) }
                }
            ).run()
            #expect(
                lists == [
                    ["step-5"], ["step-10", "step-5"], ["step-10", "step-15"],
                    ["step-15", "step-20"], ["step-20", "step-21"],
                ])
            #expect(
                try configuration.contents("checkpoints/step-21/model.safetensors")
                    == configuration.contents("last/model.safetensors"))
            #expect(try configuration.provenance("checkpoints/step-20")["step"] == "20")
            // Fewer when the run goes on.
            configuration.training.averaging.keepLast = 0
            configuration.training.epochs = 4
            try train(configuration, resumes: true)
            #expect(try configuration.checkpoints == [])
        }

        @Test func `nothing is kept unless it is asked for`() throws {
            let configuration = try folder.configuration()
            try train(configuration)
            #expect(
                !FileManager.default.fileExists(atPath: "\(configuration.run)/checkpoints"))
            #expect(
                !FileManager.default.fileExists(
                    atPath: "\(configuration.run)/last/average.safetensors"))
        }

        // MARK: Resumption

        private static func averaging(_ folder: TemporaryFolder) throws -> RunConfiguration {
            var configuration = try folder.configuration()
            configuration.model.dropout = 0.3
            configuration.training.optimizer.learningRate = 0.05
            configuration.training.validateEvery = 2
            configuration.training.saveEvery = 5
            configuration.training.averaging.ema = 0.5
            configuration.training.averaging.best = 2
            configuration.training.averaging.keepLast = 2
            return configuration
        }

        private static func expectSame(_ first: RunConfiguration, _ second: RunConfiguration) throws
        {
            let checkpoints = try first.checkpoints
            #expect(try checkpoints == second.checkpoints)
            #expect(checkpoints.count >= 2)
            let files =
                [
                    "last/model.safetensors", "last/optimizer.safetensors", "last/state.json",
                    "last/average.safetensors", "last/kept.json", "best/model.safetensors",
                    "best/provenance.json", "validation.jsonl",
                ] + checkpoints.map { "checkpoints/\($0)/model.safetensors" }
            for name in files {
                #expect(try first.contents(name) == second.contents(name), "\(name)")
            }
        }

        @Test func `a run with averages that is stopped and resumed`() async {
            await #expect(processExitsWith: .success) {
                let folder = try TemporaryFolder()
                let whole = try ModelKeepingTests.averaging(folder)
                try train(whole)
                var parts = whole
                parts.run += ".parts"
                var done = 0
                for stop in [1, 2, 7, 10, 18, nil] {
                    try train(parts, resumes: done > 0, stopsAt: stop)
                    done = stop ?? done
                }
                try ModelKeepingTests.expectSame(whole, parts)
            }
        }

        /// Also after validations that the saved state knows nothing of.
        @Test func `a run with averages that is killed and resumed`() async {
            await #expect(processExitsWith: .success) {
                let folder = try TemporaryFolder()
                let whole = try ModelKeepingTests.averaging(folder)
                var copies: [String] = []
                func copy(_ event: TrainingEvent) {
                    switch event {
                    case .saved: break
                    case .validation(let result) where result.step > 5: break
                    default: return
                    }
                    copies.append("\(whole.run).\(copies.count)")
                    do {
                        try FileManager.default.copyItem(
                            atPath: whole.run, toPath: copies[copies.count - 1])
                    } catch { Issue.record(error) }
                }
                try Trainer(whole, report: copy).run()
                #expect(copies.count == 5 + 9)
                for copy in copies.dropLast() {
                    var killed = whole
                    killed.run = copy
                    try train(killed, resumes: true)
                    try ModelKeepingTests.expectSame(whole, killed)
                }
            }
        }

        @Test func `files that resumption needs are missed by name`() throws {
            var configuration = try ModelKeepingTests.averaging(folder)
            configuration.training.averaging.keepLast = 0
            try train(configuration, stopsAt: 11)
            let model = try #require(configuration.checkpoints.first)
            for name in ["last/kept.json", "last/average.safetensors", "checkpoints/\(model)"] {
                let path = "\(configuration.run)/\(name)"
                try FileManager.default.moveItem(atPath: path, toPath: "\(folder.path)/away")
                do {
                    _ = try Trainer(configuration, resumes: true)
                    Issue.record("\(name) was not missed")
                } catch { #expect("\(error)".contains(name), "\(error)") }
                try FileManager.default.moveItem(atPath: "\(folder.path)/away", toPath: path)
            }
            #expect(try train(configuration, resumes: true).steps.first?.step == 12)
        }

        // MARK: Settings

        @Test func `settings that make no sense are refused`() throws {
            let changes: [(String, (inout RunConfiguration) -> Void)] = [
                ("ema is 1.0", { $0.training.averaging.ema = 1 }),
                ("ema is -0.5", { $0.training.averaging.ema = -0.5 }),
                ("ema is nan", { $0.training.averaging.ema = .nan }),
                ("best is 0", { $0.training.averaging.best = 0 }),
                ("keep_last is -1", { $0.training.averaging.keepLast = -1 }),
                (
                    "best is 2 without validation data",
                    {
                        $0.training.averaging.best = 2
                        $0.data.validation = CorpusConfiguration()
                    }
                ),
            ]
            for (reason, change) in changes {
                var configuration = try folder.configuration()
                change(&configuration)
                let error = try #require(trainingError { try configuration.validate() })
                #expect(error.kind == .badConfiguration)
                #expect(error.reason == "training.averaging.\(reason)")
            }
        }
    }
}
