import SeqFiles
import SeqData
import SeqDecoding
import SeqModels
import SeqTensor
import TestSupport
import Testing

@testable import SeqTraining

extension TrainingRuns {
    /// What a run says of its memory before the first update, and what it refuses.
    @Suite struct MemoryTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        @Test func `a run states what it needs`() async {
            await #expect(processExitsWith: .success) {
                let folder = try TemporaryFolder()
                let configuration = try folder.configuration()
                let events = try train(configuration)
                let found = try #require(events.memory)
                #expect(found.parameters == found.gradients)
                #expect(found.optimizer == 2 * found.parameters)
                #expect(found.averages == 0)
                #expect(found.activations > 50_000 && found.activations < 5_000_000)
                #expect(found.total <= found.limit)
                #expect(events.epochTime.map { $0 > 0 } == true)
            }
        }

        /// The estimate of tensors is compared with what the pool has handed out at most.
        @Test func `the estimate of a batch is near what it takes`() async {
            await #expect(processExitsWith: .success) {
                let folder = try TemporaryFolder()
                var configuration = try folder.configuration(.reverse)
                configuration.model.encoder.hidden = 128
                configuration.model.decoder.hidden = 128
                configuration.training.epochs = 1
                let events = try train(configuration)
                let found = try #require(events.memory)
                // The estimate has trimmed the pool last.
                let used = MemoryPool.statistics
                let persistent =
                    found.parameters + found.gradients + found.optimizer + found.averages
                let measured = used.mostUsed - persistent
                #expect(abs(Double(found.activations) / Double(measured) - 1) < 0.3)
            }
        }

        @Test func `the estimate changes nothing of a run`() throws {
            var first = try folder.configuration()
            first.model.dropout = 0.3
            first.training.epochs = 1
            try train(first)
            var second = first
            second.run += ".limited"
            second.training.memory = "100GB"
            let events = try train(second)
            #expect(events.memory?.limit == 100_000_000_000)
            #expect(try first.parameters("last") == second.parameters("last"))
        }

        @Test func `what does not fit is refused with what to change`() throws {
            var configuration = try folder.configuration()
            configuration.training.memory = "1kB"
            let model = try #require(trainingError { try train(configuration) })
            #expect(model.kind == .badConfiguration)
            #expect(model.reason.hasPrefix("training.memory is 1 kB, but training needs about "))
            #expect(model.remedy?.hasPrefix("choose a smaller model, or an optimizer that") == true)
        }

        @Test func `the size of batches fills the memory that is given`() async {
            await #expect(processExitsWith: .success) {
                let folder = try TemporaryFolder()
                var configuration = try folder.configuration(train: 600)
                configuration.training.batch.unit = .tokens
                configuration.training.batch.size = 0
                configuration.training.epochs = 2
                // Enough for what is measured of the process to be small beside it.
                configuration.model.encoder.hidden = 256
                configuration.model.decoder.hidden = 256
                // What a process has once taken it does not all give back: the second run tells.
                try train(configuration.limited("1GB", "first"))
                let needed = try #require(try train(configuration.limited("1GB", "large")).memory)
                let rest = needed.total - needed.activations - needed.spare
                let activations = Double(needed.activations)
                #expect(activations > 50_000_000)
                // Half of what the whole corpus in one batch takes.
                let limit = Double(rest) + activations / 2
                let limited = configuration.limited("\(Int(limit / 1000))kB", "limited")
                let events = try train(limited, stopsAt: 3)
                let found = try #require(events.memory)
                #expect(found.total <= found.limit)
                #expect(events.steps[0].totalSteps > 4)
                let state = try TrainingState.read(from: "\(limited.run)/last")
                let size = try #require(state.batchSize)
                #expect(size > 100 && size < 3000)
                var whole = configuration.limited(limited.training.memory, "whole")
                whole.training.batch.size = 100_000
                let error = try #require(trainingError { try train(whole) })
                #expect(error.remedy?.hasPrefix("set training.batch.size to ") == true)
                let resumed = try train(limited, resumes: true)
                #expect(resumed.steps[0].totalSteps == events.steps[0].totalSteps)
            }
        }

        @Test func `sizes are read and written`() {
            for (text, expected) in [
                ("4GB", 4_000_000_000), ("1.5 gb", 1_500_000_000), ("800MB", 800_000_000),
                ("2GiB", 2_147_483_648), ("12kB", 12_000), ("7B", 7), ("1KiB", 1024),
            ] {
                #expect(ByteCount(text)?.bytes == expected, "\(text)")
            }
            for text in ["", "4", "GB", "-1GB", "4 G", "many MB", "1e40GB", "nanMB", "infGB"] {
                #expect(ByteCount(text) == nil, "\(text)")
            }
            for (bytes, expected) in [
                (0, "0 kB"), (1499, "1 kB"), (2_600_000, "2600 kB"), (12_600_000, "13 MB"),
                (9_999_000_000, "9999 MB"), (12_400_000_000, "12 GB"),
            ] {
                #expect(ByteCount(bytes).description == expected)
            }
        }

        @Test func `a size of 0 needs tokens and a limit`() throws {
            var configuration = try folder.configuration()
            configuration.training.batch.size = 0
            let sentences = try #require(trainingError { try configuration.validate() })
            #expect(sentences.reason == "training.batch.size is 0")
            #expect(sentences.remedy?.contains("needs training.memory") == true)
            configuration.training.batch.unit = .tokens
            configuration.training.memory = "4G"
            let unit = try #require(trainingError { try configuration.validate() })
            #expect(unit.reason == "training.memory is 4G")
            configuration.training.memory = "4GB"
            try configuration.validate()
        }
    }
}

extension RunConfiguration {
    fileprivate func limited(_ memory: String, _ name: String) -> RunConfiguration {
        var copy = self
        copy.training.memory = memory
        copy.run += ".\(name)"
        return copy
    }
}
