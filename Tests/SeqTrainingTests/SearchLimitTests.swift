import SeqFiles
import SeqDecoding
import TestSupport
import Testing

@testable import SeqTraining

extension TrainingRuns {
    /// The memory that validation may take.
    @Suite struct SearchLimitTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        @Test func `validation data that do not fit are refused before the first update`() throws {
            var configuration = try folder.configuration(train: 32, validation: 8)
            configuration.training.epochs = 1
            configuration.decoding.memory = "1kB"
            let error = #expect(throws: Seq2SeqError.self) { try train(configuration) }
            #expect(error?.reason.contains("a source of the validation data has") == true)
            #expect(error?.remedy?.contains("decoding.memory") == true)
        }

        @Test func `a run has a quarter of its memory for search, unless told`() throws {
            var configuration = RunConfiguration()
            #expect(configuration.boundedDecoding.memory == "")
            configuration.training.memory = "4GB"
            #expect(try configuration.boundedDecoding.memoryLimit() == 1_000_000_000)
            configuration.decoding.memory = "3GB"
            #expect(try configuration.boundedDecoding.memoryLimit() == 3_000_000_000)
        }
    }
}
