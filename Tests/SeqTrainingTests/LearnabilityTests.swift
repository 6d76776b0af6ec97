import SeqModels
import SeqNN
import SeqTraining
import TestSupport
import Testing

/// Trains, one test after the other: they share the thread team of the process.
@Suite(.serialized) struct TrainingRuns {}

extension TrainingRuns {
    /// Tiny models learn generated tasks from some thousand examples, in seconds.
    @Suite struct LearnabilityTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        enum Architecture: String, CaseIterable, Sendable {
            case sutskever, luong, luongWithInputFeeding, bahdanau

            func apply(_ model: inout ModelConfiguration) {
                switch self {
                case .sutskever:
                    model.attention.score = .none
                    model.encoder.isBidirectional = false
                    model.encoder.reversesSource = true
                case .luong: model.attention.score = .general
                case .luongWithInputFeeding:
                    model.attention.score = .general
                    model.decoder.hasInputFeeding = true
                case .bahdanau:
                    model.decoder.type = .bahdanau
                    model.attention.score = .concat
                    model.bridge = .dense
                }
            }
        }

        private func accuracy(_ architecture: Architecture, _ task: GeneratedTask) throws -> Double
        {
            var configuration = try folder.configuration(
                task, train: task == .addition ? 8000 : 4000, validation: 300)
            architecture.apply(&configuration.model)
            configuration.model.encoder.embedding = 32
            configuration.model.encoder.hidden = 64
            configuration.model.decoder.embedding = 32
            configuration.model.decoder.hidden = 64
            configuration.training.epochs = task == .addition ? 28 : 16
            configuration.training.schedule.type = .plateau
            configuration.training.schedule.patience = 1
            try Trainer(configuration).run()
            return try configuration.sentenceAccuracy()
        }

        @Test(arguments: Architecture.allCases)
        func `every architecture learns to copy`(_ architecture: Architecture) throws {
            #expect(try accuracy(architecture, .copy) >= 0.99)
        }

        @Test(arguments: [Architecture.luong, .bahdanau])
        func `attention learns to reverse`(_ architecture: Architecture) throws {
            #expect(try accuracy(architecture, .reverse) >= 0.99)
        }

        @Test(arguments: [Architecture.luongWithInputFeeding, .bahdanau])
        func `attention learns to sort`(_ architecture: Architecture) throws {
            #expect(try accuracy(architecture, .sort) >= 0.99)
        }

        @Test(arguments: [Architecture.luong, .luongWithInputFeeding])
        func `attention learns to add numbers it has not seen together`(
            _ architecture: Architecture
        ) throws {
            #expect(try accuracy(architecture, .addition) >= 0.99)
        }
    }
}
