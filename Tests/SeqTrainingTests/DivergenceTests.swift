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

extension TrainingRuns {
    /// However training comes to infinities, it does not end as if all were well.
    @Suite struct DivergenceTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// A run whose parameters, but not yet its loss, are far beyond use after one epoch.
        private func wild() throws -> RunConfiguration {
            var configuration = try folder.configuration()
            configuration.training.optimizer.type = .sgd
            configuration.training.optimizer.learningRate = 1e6
            configuration.training.clipNorm = 1
            configuration.training.maximumSteps = 3
            return configuration
        }

        @Test func `an infinite validation perplexity is a divergence`() throws {
            let error = try #require(trainingError { try train(wild()) })
            #expect(error.kind == .diverged)
            #expect(error.reason == "training diverged at step 3: the validation perplexity is inf")
            #expect(error.remedy?.hasPrefix("lower training.optimizer.learning_rate") == true)
            #expect(error.remedy?.contains("last/") == false)
            #expect(error.remedy?.contains("best/") == false)
        }

        @Test func `the last good state and model are kept and named`() throws {
            var configuration = try wild()
            configuration.training.optimizer.learningRate = 0.01
            configuration.training.validateEvery = 2
            configuration.training.maximumSteps = 2
            try train(configuration)
            let state = try configuration.contents("last/state.json")
            configuration.training.maximumSteps = 6
            configuration.training.optimizer.learningRate = 0.01
            // With one parameter far beyond use, the next validation is lost, and no loss before it.
            let last = "\(configuration.run)/last"
            let saved = try ModelFolder(contentsOf: last)
            let parameter = try #require(saved.model.parameters.last)
            parameter.move(
                to: Tensor(
                    (0..<parameter.count).map { $0 == 0 ? 1e30 : 0 }, shape: parameter.shape))
            let ruined = "\(configuration.run).ruined"
            try AtomicFolder.replace(ruined) { try saved.write(to: $0, provenance: [:]) }
            for name in try FileManager.default.contentsOfDirectory(atPath: ruined) {
                try Data(contentsOf: URL(filePath: "\(ruined)/\(name)"))
                    .write(to: URL(filePath: "\(last)/\(name)"), options: .atomic)
            }
            let error = try #require(trainingError { try train(configuration, resumes: true) })
            #expect(error.kind == .diverged, "\(error)")
            #expect(error.remedy?.contains("last/ holds the state saved before") == true)
            #expect(error.remedy?.contains("best/ holds the model of step 2") == true)
            #expect(try configuration.contents("last/state.json") == state)
        }

        @Test func `parameters without numbers are not saved`() throws {
            var configuration = try wild()
            configuration.data.validation = .init()
            configuration.training.optimizer.learningRate = 3e38
            configuration.training.clipNorm = 0
            configuration.training.maximumSteps = 1
            // The only update leaves infinities, which no loss has seen.
            configuration.training.optimizer.weightDecay = 1000
            let error = try #require(trainingError { try train(configuration) })
            #expect(error.kind == .diverged)
            #expect(!FileManager.default.fileExists(atPath: "\(configuration.run)/best"))
        }

        @Test func `a perplexity beyond reason is warned of at once`() {
            var health = TrainingHealth()
            let result = ValidationResult(step: 1, epoch: 1, perplexity: 1e200)
            let warnings = health.warnings(result, frequency: 10, model: .init())
            #expect(warnings.count == 1)
            #expect(warnings.first?.contains("training diverges") == true)
            let fresh = ValidationResult(step: 1, epoch: 1, perplexity: 900)
            #expect(health.warnings(fresh, frequency: 10, model: .init()).isEmpty)
        }

        // MARK: Nothing to learn from

        @Test func `weights that are all zero are refused`() throws {
            var configuration = try folder.configuration()
            configuration.data.train.lossWeight = 0
            let error = try #require(trainingError { try configuration.validate() })
            #expect(
                error.reason
                    == "data.train.loss_weight is 0, so that there is nothing to learn from")
            var other = TrainingCorpusConfiguration()
            other.source = configuration.data.train.source
            other.target = configuration.data.train.target
            configuration.data.corpora = [other]
            try configuration.validate()
        }

        @Test func `gradients that are all zero are told`() throws {
            var configuration = try folder.configuration()
            let lines = try Data(contentsOf: URL(filePath: configuration.data.train.source))
                .count { $0 == UInt8(ascii: "\n") }
            configuration.data.train.weights = try folder.write(
                "weights", ["1"] + Array(repeating: "0", count: lines - 1))
            configuration.training.batch.size = 1
            configuration.training.maximumSteps = 4
            let notices = try train(configuration).notices
            #expect(notices.contains { $0.contains("the first 3 updates are all zero") })
            configuration.data.train.weights = ""
            configuration.run += ".good"
            #expect(try train(configuration).notices.isEmpty)
        }

        // MARK: Sizes

        @Test func `a model that no memory holds is refused before it is made`() throws {
            var configuration = try folder.configuration()
            configuration.model.encoder.hidden = 65536
            configuration.model.encoder.layers = 1024
            configuration.model.decoder.hidden = 65536
            configuration.model.decoder.layers = 1024
            let error = try #require(
                throws: (any Error).self, performing: { try train(configuration) })
            #expect("\(error)".contains("model is too large for "))
        }
    }
}
