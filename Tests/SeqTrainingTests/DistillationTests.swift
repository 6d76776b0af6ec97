import SeqFiles
import SeqData
import SeqDecoding
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

extension TrainingRuns {
    /// Learning from what another model makes of the sources.
    @Suite struct DistillationTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// A teacher, and a student with another tokenizer.
        private func student(train count: Int) throws -> RunConfiguration {
            var configuration = try folder.configuration(.copy, train: count)
            var teacher = configuration
            teacher.training.epochs = 20
            teacher.training.maximumSteps = 80
            teacher.run += ".teacher"
            try train(teacher)
            configuration.tokenizer.source.kind = .character
            configuration.tokenizer.target.kind = .character
            configuration.training.maximumSteps = 3
            configuration.training.distillation.teacher = "\(teacher.run)/best"
            configuration.training.distillation.beamSize = 2
            return configuration
        }

        private func progress(
            _ configuration: RunConfiguration, resumes: Bool = false, stops: Bool = false
        ) throws -> [[Int]] {
            var found: [[Int]] = []
            let trainer = try Trainer(
                configuration, resumes: resumes, shouldStop: { stops },
                report: {
                    if case .distillation(let done, let total) = $0 { found.append([done, total]) }
                })
            try trainer.run()
            return found
        }

        private func lines(_ configuration: RunConfiguration, _ name: String) throws -> [String] {
            try TextLineReader.lines(path: "\(configuration.run)/distillation/\(name)")
        }

        @Test func `the targets are the outputs of the teacher`() throws {
            var configuration = try student(train: 1100)
            #expect(try progress(configuration) == [[1024, 1100], [1100, 1100]])
            let sources = try TextLineReader.lines(path: configuration.data.train.source)
            var teacher = try Translator(
                contentsOf: configuration.training.distillation.teacher)
            teacher.options.beamSize = 2
            let outputs = try teacher.translate(sources).map { $0[0].text }
            #expect(try lines(configuration, "source.txt") == sources)
            #expect(try lines(configuration, "target.txt") == outputs)
            let targets = try TextLineReader.lines(path: configuration.data.train.target)
            #expect(outputs != targets)
            #expect(
                !FileManager.default.fileExists(
                    atPath: "\(configuration.run)/distillation.parts"))
            configuration.run += ".both"
            configuration.training.distillation.keepsOriginal = true
            _ = try progress(configuration)
            #expect(try lines(configuration, "source.txt") == sources + sources)
            #expect(try lines(configuration, "target.txt") == outputs + targets)
        }

        @Test func `what was translated before a kill is not translated again`() throws {
            let configuration = try student(train: 1100)
            // A kill after the first part: the second has not been written.
            var killed = configuration
            killed.run += ".killed"
            let parts = "\(configuration.run)/distillation.parts"
            let trainer = try Trainer(
                configuration,
                report: { event in
                    guard case .distillation(1024, _) = event else { return }
                    #expect(FileManager.default.fileExists(atPath: "\(parts)/0"))
                    do {
                        try FileManager.default.copyItem(
                            atPath: configuration.run, toPath: killed.run)
                    } catch { Issue.record(error) }
                })
            try trainer.run()
            // The part says what it was made from; another text in it shows that it is used.
            let part = "\(killed.run)/distillation.parts/0"
            var text = try TextLineReader.lines(path: part)
            text[1] = "4 5 6"
            try AtomicFile.write(text.map { $0 + "\n" }.joined(), to: part)
            _ = try progress(killed)
            let expected = try lines(configuration, "target.txt")
            #expect(try lines(killed, "target.txt") == ["4 5 6"] + expected.dropFirst())
            // A part of another search is not.
            var other = killed
            other.run += ".other"
            try FileManager.default.createDirectory(
                atPath: "\(other.run)/distillation.parts", withIntermediateDirectories: true)
            try AtomicFile.write(
                text.map { $0 + "\n" }.joined(), to: "\(other.run)/distillation.parts/0")
            other.training.distillation.beamSize = 3
            _ = try progress(other)
            #expect(try lines(other, "target.txt")[0] != "4 5 6")
        }

        @Test func `a resumed run has its corpus, and needs no teacher`() throws {
            var configuration = try student(train: 100)
            let teacher = configuration.training.distillation.teacher
            configuration.training.maximumSteps = 4
            var whole = configuration
            whole.run += ".whole"
            _ = try progress(whole)
            #expect(try progress(configuration, stops: true) == [[100, 100]])
            try FileManager.default.moveItem(atPath: teacher, toPath: "\(teacher).moved")
            #expect(try progress(configuration, resumes: true).isEmpty)
            #expect(try configuration.parameters("last") == whole.parameters("last"))
            // Without its corpus it cannot go on, and without its teacher not start.
            try FileManager.default.removeItem(atPath: "\(configuration.run)/distillation")
            let lost = try #require(trainingError { try progress(configuration, resumes: true) })
            #expect(lost.reason == "the distilled corpus is not that of the run")
            configuration.run += ".new"
            let missing = try #require(trainingError { try progress(configuration) })
            #expect(missing.kind == .missingInput)
            #expect(missing.path == "\(teacher)/config.json")
        }
    }
}
