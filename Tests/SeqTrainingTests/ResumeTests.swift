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
    /// A run that is interrupted and resumed ends with the same bytes as one that is not.
    ///
    /// Each test has a process of its own: results depend on the number of threads, which belongs to the
    /// process.
    @Suite struct ResumeTests {
        /// Everything that carries state from one update to the next is in use, in one of the settings.
        private enum Setting {
            case plateau, masks, transformer, sampled, copying, accumulated
            case ownInput, forcing, twoPasses, risk, selfCritical

            func configuration(
                _ folder: TemporaryFolder, _ precision: Precision
            ) throws -> RunConfiguration {
                var configuration = try folder.configuration()
                configuration.training.precision = precision
                configuration.model.dropout = 0.3
                configuration.model.encoder.layers = 2
                configuration.model.decoder.layers = 2
                configuration.training.labelSmoothing = 0.1
                configuration.training.optimizer.learningRate = 0.02
                configuration.training.validateEvery = 3
                configuration.training.saveEvery = 5
                try apply(to: &configuration, folder)
                return configuration
            }

            private func apply(
                to configuration: inout RunConfiguration, _ folder: TemporaryFolder
            ) throws {
                var (model, training) = (configuration.model, configuration.training)
                switch self {
                case .plateau:
                    model.decoder.hasInputFeeding = true
                    training.schedule.type = .plateau
                case .masks:
                    model.encoder.recurrent.cell = .gru
                    model.encoder.recurrent.connection = .residual
                    model.encoder.recurrent.hasVariationalDropout = true
                    model.encoder.recurrent.stateDropout = 0.2
                    model.encoder.recurrent.zoneout = 0.1
                    model.decoder.recurrent = model.encoder.recurrent
                    model.decoder.hasInputFeeding = true
                    training.schedule.type = .inverseSquareRoot
                    training.schedule.unit = .tokens
                    training.schedule.warmup = 300
                case .transformer:
                    model.encoder.type = .transformer
                    model.encoder.transformer.feedForward = 32
                    model.encoder.transformer.attentionDropout = 0.2
                    model.encoder.transformer.activationDropout = 0.1
                    model.decoder.type = .transformer
                    model.decoder.transformer = model.encoder.transformer
                    training.schedule.type = .noam
                    training.schedule.warmup = 6
                    training.optimizer.learningRate = 0.2
                case .sampled:
                    model.output.type = .sampled
                    model.output.samples = 4
                    training.schedule.type = .cosine
                    training.schedule.unit = .epochs
                    training.schedule.period = 0.7
                    training.schedule.restarts = true
                case .accumulated:
                    training.batch.size = 8
                    training.accumulation = 4
                    training.clipPercentile = 40
                    training.gradientNoise.eta = 0.01
                    training.averaging.ema = 0.9
                    training.optimizer.hasSparseEmbeddings = true
                    training.optimizer.weightDecay = 0.01
                    var (slow, frozen) = (
                        ParameterGroupConfiguration(), ParameterGroupConfiguration()
                    )
                    (slow.parameters, slow.learningRate) = ("encoder.*", 0.3)
                    (frozen.parameters, frozen.frozen) = ("output.bias", true)
                    training.groups = [slow, frozen]
                    training.schedule.type = .step
                    training.schedule.start = 4
                    training.schedule.period = 3
                case .copying:
                    configuration.tokenizer.target.vocabularySize = 8
                    configuration.data.alignment = try folder.write(
                        "links", Array(repeating: "0-0 1-1 2-2", count: 200))
                    model.output.type = .pointerGenerator
                    model.attention.coverage = .see
                    training.guidedAlignment = 0.5
                    training.schedule.type = .oneCycle
                    training.schedule.period = 20
                case .ownInput:
                    model.decoder.hasInputFeeding = true
                    (training.schedule.type, training.schedule.period) = (.cosine, 30)
                    training.scheduledSampling.decay = .inverseSigmoid
                    training.scheduledSampling.k = 4
                    training.scheduledSampling.samples = true
                    training.wordDropout.source = 0.1
                case .forcing:
                    model.decoder.type = .transformer
                    model.bridge = .mean
                    (training.schedule.type, training.schedule.period) = (.cosine, 30)
                    training.teacherForcing = 0.5
                    training.wordDropout.target = 0.2
                case .twoPasses:
                    (training.schedule.type, training.schedule.period) = (.cosine, 30)
                    training.rDrop = 2
                case .risk, .selfCritical:
                    (training.schedule.type, training.schedule.period) = (.cosine, 30)
                    training.sequence.type = self == .risk ? .mrt : .scst
                    training.sequence.samples = 3
                    training.sequence.crossEntropy = self == .risk ? 0.5 : 0
                }
                (configuration.model, configuration.training) = (model, training)
            }
        }

        private static let files = [
            "last/model.safetensors", "last/optimizer.safetensors", "last/state.json",
            "best/model.safetensors", "best/provenance.json", "validation.jsonl",
        ]

        private static func expectSame(_ first: RunConfiguration, _ second: RunConfiguration) throws
        {
            for name in files {
                #expect(try first.contents(name) == second.contents(name), "\(name)")
            }
            #expect(
                try first.log("train.jsonl", TrainLine.self).map(\.step)
                    == second.log("train.jsonl", TrainLine.self).map(\.step))
        }

        private static func interruptAndResume(
            _ setting: Setting, _ precision: Precision = .float32
        ) throws {
            let folder = try TemporaryFolder()
            let whole = try setting.configuration(folder, precision)
            let events = try train(whole)
            #expect(events.steps.count == 21)
            #expect(Set(events.steps.map(\.learningRate)).count > 1)
            var parts = whole
            parts.run += ".parts"
            var done = 0
            for stop in [1, 2, 7, 10, 18, nil] {
                let events = try train(parts, resumes: done > 0, stopsAt: stop)
                #expect(events.steps.first?.step == done + 1)
                if let stop {
                    #expect(events.reason == "interrupted at step \(stop)")
                    done = stop
                }
            }
            try expectSame(whole, parts)
        }

        /// What a kill after a saving leaves is what the folder is then.
        private static func killAndResume(
            _ setting: Setting, _ precision: Precision = .float32
        ) throws {
            let folder = try TemporaryFolder()
            let whole = try setting.configuration(folder, precision)
            var copies: [String] = []
            func copy(_ event: TrainingEvent) {
                guard case .saved = event else { return }
                copies.append("\(whole.run).\(copies.count)")
                do {
                    try FileManager.default.copyItem(
                        atPath: whole.run, toPath: copies[copies.count - 1])
                } catch { Issue.record(error) }
            }
            try Trainer(whole, report: copy).run()
            #expect(copies.count == 5)
            for copy in copies.dropLast() {
                var killed = whole
                killed.run = copy
                try train(killed, resumes: true)
                try expectSame(whole, killed)
            }
        }

        /// Stops while the update `step` is validated, at one question after the other.
        private static func interruptValidation(
            after step: Int, of whole: RunConfiguration
        ) throws {
            for question in 1...3 {
                var parts = whole
                parts.run += ".\(step).\(question)"
                let events = Events()
                var asked = 0
                // The trainer locks the folder as long as it lives.
                try Trainer(
                    parts,
                    shouldStop: {
                        if events.steps.last?.step == step { asked += 1 }
                        return asked >= question
                    }, report: { events.take($0) }
                ).run()
                // The first question comes before the perplexity, the second before the translations; the
                // third when all is done.
                #expect(events.validations.count == (step - 1) / 3 + (question < 3 ? 0 : 1))
                let isOver = step == 21 && question == 3
                if isOver { continue }
                #expect(events.reason == "interrupted at step \(step)")
                let resumed = try train(parts, resumes: true)
                #expect(resumed.steps.first?.step == (step == 21 ? nil : step + 1))
                try expectSame(whole, parts)
            }
        }

        @Test func `a validation that is interrupted is made up for`() async {
            await #expect(processExitsWith: .success) {
                let folder = try TemporaryFolder()
                var whole = try Setting.plateau.configuration(folder, .float32)
                whole.validation.metrics = [.bleu]
                try train(whole)
                for step in [6, 15, 21] {
                    try ResumeTests.interruptValidation(after: step, of: whole)
                }
            }
        }

        @Test func `stopped and resumed in float32`() async {
            await #expect(processExitsWith: .success) {
                try ResumeTests.interruptAndResume(.plateau, .float32)
            }
        }

        @Test func `stopped and resumed in bfloat16`() async {
            await #expect(processExitsWith: .success) {
                try ResumeTests.interruptAndResume(.plateau, .bfloat16)
            }
        }

        @Test func `killed and resumed in float32`() async {
            await #expect(processExitsWith: .success) {
                try ResumeTests.killAndResume(.plateau, .float32)
            }
        }

        @Test func `killed and resumed in bfloat16`() async {
            await #expect(processExitsWith: .success) {
                try ResumeTests.killAndResume(.plateau, .bfloat16)
            }
        }

        @Test func `a schedule in tokens, masks for whole sequences and zoneout`() async {
            await #expect(processExitsWith: .success) {
                try ResumeTests.interruptAndResume(.masks)
                try ResumeTests.killAndResume(.masks, .bfloat16)
            }
        }

        @Test func `a transformer with dropout of attention, after a warm-up`() async {
            await #expect(processExitsWith: .success) {
                try ResumeTests.interruptAndResume(.transformer)
                try ResumeTests.killAndResume(.transformer, .bfloat16)
            }
        }

        @Test func `a sampled softmax and restarts of the rate`() async {
            await #expect(processExitsWith: .success) {
                try ResumeTests.interruptAndResume(.sampled)
                try ResumeTests.killAndResume(.sampled, .bfloat16)
            }
        }

        @Test func `copied words, coverage and known alignments`() async {
            await #expect(processExitsWith: .success) {
                try ResumeTests.interruptAndResume(.copying)
                try ResumeTests.killAndResume(.copying, .bfloat16)
            }
        }

        @Test func `the model's own tokens as input, and dropped words`() async {
            await #expect(processExitsWith: .success) {
                try ResumeTests.interruptAndResume(.ownInput)
                try ResumeTests.killAndResume(.forcing, .bfloat16)
            }
        }

        @Test func `two passes, and training on whole outputs`() async {
            await #expect(processExitsWith: .success) {
                try ResumeTests.interruptAndResume(.twoPasses)
                try ResumeTests.killAndResume(.risk)
                try ResumeTests.interruptAndResume(.selfCritical)
            }
        }

        /// Sums over a batch are cut among the threads, so their rounding differs; all else is the same.
        @Test func `resumed on another number of threads, a run says so and goes on`() async {
            await #expect(processExitsWith: .success) {
                let folder = try TemporaryFolder()
                let whole = try Setting.plateau.configuration(folder, .float32)
                let expected = try train(whole)
                #expect(expected.notices.isEmpty)
                var parts = whole
                parts.run += ".parts"
                try train(parts, stopsAt: 4)
                parts.threads = 2
                let more = try train(parts, resumes: true, stopsAt: 10)
                #expect(more.notices.count == 1)
                #expect(
                    more.notices.first?.hasPrefix("the run had 1 threads and goes on with 2: ")
                        == true)
                let last = try train(parts, resumes: true)
                #expect(last.notices.isEmpty)
                #expect(last.steps.map(\.step) == Array(11...21))
                for (before, after) in zip(expected.steps.suffix(11), last.steps) {
                    #expect(before.epoch == after.epoch)
                    #expect(before.learningRate == after.learningRate)
                    #expect(abs(before.loss - after.loss) < 1e-4 * before.loss)
                }
            }
        }

        @Test func `accumulation, noise, a percentile of norms, groups and sparse rows`() async {
            await #expect(processExitsWith: .success) {
                try ResumeTests.interruptAndResume(.accumulated)
                try ResumeTests.killAndResume(.accumulated, .bfloat16)
            }
        }

        @Test func `an interrupted run says so, a finished one does not`() throws {
            let folder = try TemporaryFolder()
            let configuration = try folder.configuration()
            func wasInterrupted(resumes: Bool, stops: Bool) throws -> Bool {
                let trainer = try Trainer(configuration, resumes: resumes, shouldStop: { stops })
                try trainer.run()
                return trainer.wasInterrupted
            }
            #expect(try wasInterrupted(resumes: false, stops: true))
            #expect(try !wasInterrupted(resumes: true, stops: false))
            #expect(try !wasInterrupted(resumes: true, stops: true))
        }
    }
}
