import SeqFiles
import SeqData
import SeqModels
import SeqTensor
import TestSupport
import Testing

@testable import SeqTraining

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension TrainingRuns {
    /// `--for` and `--until`.
    @Suite struct RunLimitTests {
        private func limit(_ text: String, isTotal: Bool = false) throws -> RunLimit {
            try #require(RunLimit(text, isTotal: isTotal), "\(text)")
        }

        @Test func `a number with a unit`() throws {
            let limits: [(text: String, count: Int, unit: RunLimit.Unit)] = [
                ("5000", 5000, .steps), ("5000steps", 5000, .steps), ("3epochs", 3, .epochs),
                ("30s", 30, .seconds), ("90m", 90, .minutes), ("2h", 2, .hours),
            ]
            for (text, count, unit) in limits {
                let limit = try limit(text)
                #expect(limit.count == count && limit.unit == unit)
            }
            #expect(try limit("2h").description == "--for 2h")
            #expect(try limit("70", isTotal: true).description == "--until 70steps")
            for text in [
                "", "0", "-1", "h", "3 epochs", "3epoch", "1.5h", "12x", "1h30m", "٣",
                "99999999999999999999",
            ] { #expect(RunLimit(text, isTotal: false) == nil, "\(text)") }
        }

        @Test func `what is reached counts from the start, or from where the run is taken up`()
            throws
        {
            let start = RunPosition(steps: 10, epochs: 1.5, seconds: 100)
            let now = RunPosition(steps: 15, epochs: 2.5, seconds: 160)
            for (text, isTotal, isReached) in [
                ("5", false, true), ("6", false, false), ("15", true, true), ("16", true, false),
                ("1epochs", false, true), ("2epochs", false, false), ("2epochs", true, true),
                ("3epochs", true, false), ("60s", false, true), ("61s", false, false),
                ("1m", false, true), ("2m", true, true), ("3m", true, false), ("1h", true, false),
            ] {
                let limit = try limit(text, isTotal: isTotal)
                #expect(now.reaches(limit, from: start) == isReached, "\(limit)")
            }
        }

        @Test func `a run that pauses and goes on ends with the same bytes`() async {
            await #expect(processExitsWith: .success) {
                let folder = try TemporaryFolder()
                var whole = try folder.configuration()
                whole.model.dropout = 0.2
                whole.training.schedule.type = .cosine
                whole.training.schedule.period = 21
                whole.training.averaging.keepLast = 3
                try Trainer(whole).run()
                var parts = whole
                parts.run += ".parts"
                // Seven updates are an epoch, and 21 the whole.
                let pauses: [(limit: String, isTotal: Bool, end: Int)] = [
                    ("2", false, 2), ("1epochs", false, 9), ("2epochs", true, 14),
                    ("15steps", true, 15), ("15steps", true, 15), ("1h", false, 21),
                ]
                for (number, pause) in pauses.enumerated() {
                    let limit = try #require(RunLimit(pause.limit, isTotal: pause.isTotal))
                    let events = Events()
                    let trainer = try Trainer(
                        parts, resumes: number > 0, limits: [limit], report: { events.take($0) })
                    try trainer.run()
                    let state = try TrainingState.read(from: "\(parts.run)/last")
                    #expect(state.step == pause.end)
                    #expect(trainer.wasPaused == (pause.end < 21))
                    #expect(!trainer.wasInterrupted)
                    guard pause.end < 21 else { continue }
                    #expect(events.reason == "paused at step \(pause.end), \(limit)")
                }
                for name in [
                    "last/model.safetensors", "last/optimizer.safetensors", "last/state.json",
                    "last/kept.json", "best/model.safetensors", "best/provenance.json",
                    "validation.jsonl",
                ] { #expect(try whole.contents(name) == parts.contents(name), "\(name)") }
                let names = try [whole, parts].map {
                    try FileManager.default.contentsOfDirectory(atPath: "\($0.run)/checkpoints")
                        .sorted()
                }
                #expect(names[0] == names[1])
            }
        }

        @Test func `time counts over all processes of a run`() throws {
            let folder = try TemporaryFolder()
            let configuration = try folder.configuration()
            try train(configuration, stopsAt: 1)
            let path = "\(configuration.run)/last/time.json"
            let first = try RunClock(resumedFrom: "\(configuration.run)/last").seconds
            #expect(first > 0 && first < 60)
            try Data(#"{"seconds": 7200}"#.utf8).write(to: URL(filePath: path))
            func isPaused(isTotal: Bool) throws -> Bool {
                let trainer = try Trainer(
                    configuration, resumes: true, limits: [limit("2h", isTotal: isTotal)])
                try trainer.run()
                return trainer.wasPaused
            }
            #expect(try isPaused(isTotal: true))
            #expect(try TrainingState.read(from: "\(configuration.run)/last").step == 1)
            #expect(try !isPaused(isTotal: false))
            #expect(try RunClock(resumedFrom: "\(configuration.run)/last").seconds > 7200)
            try Data("soon".utf8).write(to: URL(filePath: path))
            let error = try #require(
                trainingError { try Trainer(configuration, resumes: true) })
            #expect(error.kind == .badData && error.path == path)
        }
    }
}
