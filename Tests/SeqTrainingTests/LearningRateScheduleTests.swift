import SeqFiles
import SeqData
import SeqModels
import SeqTensor
import TestSupport
import Testing

@testable import SeqTraining

extension TrainingRuns {
    /// The rates that real runs report are those of `torch.optim.lr_scheduler`, which
    /// `scripts/goldens/learning_rates.py` steps update by update.
    @Suite struct LearningRateScheduleTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        private static let base: Float = 0.01
        private static let updatesPerEpoch = 7

        /// A run of 21 updates, seven an epoch, of a model so small that it takes no time.
        private func configuration(_ schedule: ScheduleConfiguration) throws -> RunConfiguration {
            var configuration = try folder.configuration(validation: 0)
            configuration.model.encoder.embedding = 4
            configuration.model.encoder.hidden = 4
            configuration.model.decoder.embedding = 4
            configuration.model.decoder.hidden = 8
            configuration.model.bridge = .dense
            configuration.training.optimizer.learningRate = Self.base
            configuration.training.schedule = schedule
            configuration.output += ".\(schedule.type)-\(schedule.warmup)"
            return configuration
        }

        private func rates(_ schedule: ScheduleConfiguration) throws -> [Float] {
            try train(configuration(schedule)).steps.map(\.learningRate)
        }

        private static func schedule(
            _ type: ScheduleConfiguration.Kind, warmup: Double = 0, period: Double = 0,
            _ change: (inout ScheduleConfiguration) -> Void = { _ in }
        ) -> ScheduleConfiguration {
            var schedule = ScheduleConfiguration()
            schedule.type = type
            schedule.warmup = warmup
            schedule.period = period
            change(&schedule)
            return schedule
        }

        private static let goldens: [String: ScheduleConfiguration] = [
            "constant": schedule(.constant),
            "step": schedule(.step, period: 4),
            "exponential": schedule(.exponential, period: 1) { $0.factor = 0.8 },
            "cosine": schedule(.cosine, period: 20) { $0.minimum = 0.001 },
            "cosine_restarts": schedule(.cosine, period: 6) {
                $0.minimum = 0.001
                $0.restarts = true
            },
            "polynomial": schedule(.polynomial, period: 12) { $0.power = 2 },
            "one_cycle": schedule(.oneCycle, period: 20),
            "inverse_square_root": schedule(.inverseSquareRoot, warmup: 5),
            "noam": schedule(.noam, warmup: 5),
            "warm_constant": schedule(.constant, warmup: 5),
            "warm_step": schedule(.step, warmup: 5, period: 4),
            "warm_cosine_restarts": schedule(.cosine, warmup: 5, period: 6) {
                $0.minimum = 0.001
                $0.restarts = true
            },
            "start_step": schedule(.step, period: 3) { $0.start = 9 },
            "start_exponential": schedule(.exponential, period: 1) {
                $0.start = 9
                $0.factor = 0.8
            },
            "warm_start_step": schedule(.step, warmup: 5, period: 3) { $0.start = 9 },
            "warm_polynomial": schedule(.polynomial, warmup: 5, period: 12) { $0.power = 2 },
        ]

        @Test(arguments: goldens.keys.sorted()) func `rates are those of PyTorch`(
            _ name: String
        ) throws {
            let expected = try Golden("learning_rates")(name).values
            let schedule = try #require(Self.goldens[name])
            let found = try rates(schedule)
            #expect(found.count == 21 && expected.count == 21)
            for (found, expected) in zip(found, expected) {
                #expect(abs(found - expected) <= 2e-6 * expected, "\(found), not \(expected)")
            }
        }

        @Test func `every schedule but plateau has a golden`() {
            let tested = Set(Self.goldens.values.map(\.type))
            #expect(tested.union([.plateau]) == Set(ScheduleConfiguration.Kind.allCases))
        }

        // MARK: Units

        @Test func `epochs are whole passes and parts of one`() throws {
            let halved = try rates(Self.schedule(.step, period: 1) { $0.unit = .epochs })
            #expect(halved == (0..<21).map { Self.base / Float(1 << ($0 / Self.updatesPerEpoch)) })
            let linear = try rates(Self.schedule(.polynomial, period: 3) { $0.unit = .epochs })
            for (update, rate) in linear.enumerated() {
                #expect(abs(rate - Self.base * (1 - Float(update) / 21)) < 1e-8)
            }
            let warm = try rates(Self.schedule(.constant, warmup: 2) { $0.unit = .epochs })
            for (update, rate) in warm.enumerated() {
                #expect(abs(rate - Self.base * min(1, Float(update + 1) / 14)) < 1e-8)
            }
            let root = try rates(
                Self.schedule(.inverseSquareRoot, warmup: 0.5) { $0.unit = .epochs })
            for (update, rate) in root.enumerated() {
                let time = Float(update + 1) / 7
                let share = time < 0.5 ? time / 0.5 : (0.5 / time).squareRoot()
                #expect(abs(rate - Self.base * share) < 1e-8)
            }
        }

        @Test func `tokens are those of the targets and their ends`() throws {
            let schedule = Self.schedule(.exponential, warmup: 300, period: 400) {
                $0.unit = .tokens
            }
            var configuration = try configuration(schedule)
            configuration.training.batch.mode = .unsorted
            configuration.training.batch.shuffle = false
            let lengths = try TextLineReader.lines(path: configuration.data.train.target)
                .map { $0.split(separator: " ").count + 1 }
            let found = try train(configuration).steps
            #expect(found.count == 21)
            var seen = 0
            for (update, step) in found.enumerated() {
                let first = update % Self.updatesPerEpoch * 32
                let tokens = lengths[first..<min(first + 32, lengths.count)].reduce(0, +)
                let share: Double =
                    seen + tokens < 300
                    ? Double(seen + tokens) / 300
                    : power(0.5, max(0, Double(seen) - 300) / 400)
                #expect(abs(step.learningRate - Self.base * Float(share)) < 1e-8)
                seen += tokens
            }
            #expect(seen == 3 * lengths.reduce(0, +))
        }

        /// Repeated square roots, without the library's own function.
        private func power(_ base: Double, _ exponent: Double) -> Double {
            var (result, factor, rest) = (1.0, base, exponent)
            while rest >= 1 {
                result *= base
                rest -= 1
            }
            for _ in 0..<50 {
                factor = factor.squareRoot()
                rest *= 2
                if rest >= 1 {
                    result *= factor
                    rest -= 1
                }
            }
            return result
        }

        @Test func `a plateau lowers what a warm-up leads to`() throws {
            var configuration = try configuration(Self.schedule(.plateau, warmup: 10))
            configuration.training.optimizer.learningRate = 1e-20
            let examples = GeneratedTask.copy.examples(8)
            configuration.data.validation.source = try folder.write(
                "held.source", examples.map(\.source))
            configuration.data.validation.target = try folder.write(
                "held.target", examples.map(\.target))
            let rates = try train(configuration).steps.map { $0.learningRate / 1e-20 }
            let expected = (1...21).map { Float(min(10, $0)) / 10 * ($0 > 14 ? 0.5 : 1) }
            for (rate, expected) in zip(rates, expected) { #expect(abs(rate - expected) < 1e-5) }
        }

        /// Luong and others 2015: halved after each epoch from the fifth on; Sutskever and others 2014: after
        /// five epochs, then each half.
        @Test(arguments: [
            (4.0, 1.0, [1, 1, 1, 1, 1, 0.5, 0.25]), (4.5, 0.5, [1, 1, 1, 1, 1, 0.5, 0.125]),
        ])
        func `rates are halved from an epoch on`(
            start: Double, period: Double, expected: [Double]
        ) {
            let schedule = Self.schedule(.step, period: period) {
                $0.unit = .epochs
                $0.start = start
            }
            for (epoch, expected) in expected.enumerated() {
                let rate = schedule.rate(
                    from: Double(epoch), to: Double(epoch) + 0.1, base: 1, hidden: 1)
                #expect(Double(rate) == expected, "epoch \(epoch)")
            }
        }

        @Test func `a plateau before the start is forgiven`() throws {
            var configuration = try configuration(Self.schedule(.plateau) { $0.start = 15 })
            configuration.training.optimizer.learningRate = 1e-20
            configuration.training.validateEvery = 3
            configuration.data.validation.source = configuration.data.train.source
            configuration.data.validation.target = configuration.data.train.target
            let rates = try train(configuration).steps.map { $0.learningRate / 1e-20 }
            // The validation after update 15 is the first that counts, and the best so far.
            let expected = (1...21).map { Float($0 > 18 ? 0.5 : 1) }
            for (rate, expected) in zip(rates, expected) { #expect(abs(rate - expected) < 1e-5) }
        }

        // MARK: What is refused

        @Test(arguments: [
            ("factor: 0", "factor is 0.0"), ("factor: 1", "factor is 1.0"),
            ("factor: .nan", "factor is nan"), ("patience: -1", "patience is -1"),
            ("minimum: -1", "minimum is -1.0"),
            ("start: -1", "start is -1.0"), ("start: .inf", "start is inf"),
            ("type: cosine, period: 3, start: 1", "start is 1.0"),
            ("minimum: .inf", "minimum is inf"),
            ("warmup: -1", "warmup is -1.0"), ("warmup: .inf", "warmup is inf"),
            ("period: -1", "period is -1.0"), ("period: .nan", "period is nan"),
            ("power: 0", "power is 0.0"), ("power: .inf", "power is inf"),
            ("type: step", "period is 0.0"), ("type: exponential", "period is 0.0"),
            ("type: cosine, restarts: true", "period is 0.0"),
            ("type: polynomial", "period is 0.0"), ("type: one_cycle", "period is 0.0"),
            ("type: inverse_square_root", "warmup is 0.0"), ("type: noam", "warmup is 0.0"),
            ("type: linear", "type is linear"), ("unit: steps", "unit is steps"),
        ])
        func `a schedule that makes no sense is named`(options: String, reason: String) throws {
            let error = try #require(
                trainingError {
                    try ConfigurationFile.parse(
                        "data: {train: {source: s, target: t}}\ntraining:\n  schedule: {\(options)}",
                        path: "run.yaml")
                })
            #expect(error.kind == .badConfiguration)
            #expect(error.reason == "training.schedule.\(reason)")
            #expect(error.remedy?.isEmpty == false)
            #expect(error.line == (error.remedy?.contains("needs a") == true ? nil : 3))
        }
    }
}
