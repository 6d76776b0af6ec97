import SeqFiles
import SeqData
import SeqModels
import SeqNN
import SeqTensor
import TestSupport
import Testing

@testable import SeqTraining

extension TrainingRuns {
    /// What happens between gradients and parameters.
    @Suite struct UpdateTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        private func group(
            _ parameters: String, _ change: (inout ParameterGroupConfiguration) -> Void
        ) -> ParameterGroupConfiguration {
            var group = ParameterGroupConfiguration()
            group.parameters = parameters
            change(&group)
            return group
        }

        private func tensors(_ configuration: RunConfiguration) throws -> [String: [Float]] {
            let file = try Safetensors(contentsOf: "\(configuration.run)/last/model.safetensors")
            return try Dictionary(
                uniqueKeysWithValues: file.names.map { ($0, try file.tensor($0).values) })
        }

        // MARK: Accumulation

        /// Pairs in their order, so that four batches have the pairs of one that is four times as large.
        private func ordered(
            _ size: Int, _ accumulation: Int, precision: Precision = .float32
        ) throws -> RunConfiguration {
            var configuration = try folder.configuration()
            configuration.run += ".\(size)"
            configuration.training.batch.mode = .unsorted
            configuration.training.batch.shuffle = false
            configuration.training.batch.size = size
            configuration.training.accumulation = accumulation
            configuration.training.optimizer.type = .sgd
            configuration.training.optimizer.learningRate = 0.5
            configuration.training.averaging.ema = 0.9
            configuration.training.labelSmoothing = 0.1
            configuration.training.schedule.type = .polynomial
            configuration.training.schedule.period = 25
            return configuration
        }

        @Test func `batches that are accumulated equal a large one`() throws {
            let (large, small) = (try ordered(32, 1), try ordered(8, 4))
            let (expected, found) = (try train(large), try train(small))
            // 200 pairs: 25 batches of 8 make seven updates, the last of one batch.
            #expect(found.steps.count == 21)
            #expect(found.steps.map(\.epoch) == expected.steps.map(\.epoch))
            #expect(found.steps.map(\.learningRate) == expected.steps.map(\.learningRate))
            #expect(found.steps.allSatisfy { $0.totalSteps == 21 })
            for (a, b) in zip(found.steps, expected.steps) {
                #expect(abs(a.loss - b.loss) < 1e-5 * b.loss)
                #expect(abs(a.gradientNorm - b.gradientNorm) < 1e-4 * b.gradientNorm)
            }
            #expect(found.validations.map(\.step) == expected.validations.map(\.step))
            for model in ["last", "best"] {
                let pairs = zip(try large.parameters(model), try small.parameters(model))
                for (a, b) in pairs { #expect(abs(a - b) < 1e-5) }
            }
        }

        @Test func `accumulation is checked`() throws {
            for value in [0, -1, 1_000_001] {
                var configuration = try folder.configuration()
                configuration.training.accumulation = value
                let error = try #require(trainingError { try configuration.validate() })
                #expect(error.reason == "training.accumulation is \(value)")
            }
        }

        // MARK: Clipping

        @Test func `a percentile of norms is NumPy's`() {
            var history = NormHistory()
            #expect(history.percentile(50) == .infinity)
            for norm in [3.0, 1, 4, 1.5, 9, 2.5] { history.append(norm) }
            // numpy.percentile([3, 1, 4, 1.5, 9, 2.5], p)
            for (percent, expected) in [
                (0.0, 1), (10, 1.25), (37.5, 2.375), (50, 2.75), (90, 6.5), (99, 8.75), (100, 9),
            ] {
                #expect(abs(history.percentile(percent) - expected) < 1e-12)
            }
            for index in 0..<NormHistory.capacity { history.append(Double(index)) }
            #expect(history.norms == (0..<NormHistory.capacity).map(Double.init))
        }

        @Test func `norms are clipped to their percentile`() throws {
            var configuration = try folder.configuration()
            configuration.training.optimizer.type = .sgd
            configuration.training.optimizer.learningRate = 1
            configuration.training.clipNorm = 0
            configuration.training.clipPercentile = 25
            var before: [Float] = []
            var norms: [Double] = []
            for steps in 1...4 {
                configuration.run = folder.path("run.\(steps)")
                configuration.training.maximumSteps = steps
                norms = try train(configuration).steps.map(\.gradientNorm)
                let now = try configuration.parameters("last")
                if steps > 1 {
                    let change = zip(now, before).reduce(0) { sum, pair in
                        sum + Double(pair.0 - pair.1) * Double(pair.0 - pair.1)
                    }.squareRoot()
                    var history = NormHistory()
                    for norm in norms { history.append(norm) }
                    let expected = min(norms[steps - 1], history.percentile(25))
                    #expect(abs(change - expected) < 1e-4 * expected, "step \(steps)")
                }
                before = now
            }
            #expect(Set(norms).count == 4)
            for value in [-1, 100] as [Float] {
                configuration.training.clipPercentile = value
                #expect(trainingError { try configuration.validate() } != nil)
            }
        }

        // MARK: Noise

        @Test func `noise has the variance of the paper`() throws {
            var noise = GradientNoiseConfiguration()
            noise.eta = 0.3
            #expect(noise.gamma == 0.55)
            #expect(abs(noise.deviation(after: 0) - 0.5477226) < 1e-6)
            // √(0.3 / 101^0.55)
            #expect(abs(noise.deviation(after: 100) - 0.1539474) < 1e-6)
            var configuration = try folder.configuration()
            configuration.training.optimizer.type = .sgd
            configuration.training.optimizer.learningRate = 0.01
            configuration.training.maximumSteps = 1
            configuration.training.clipNorm = 0.001
            try train(configuration)
            var noisy = configuration
            noisy.run += ".noisy"
            noisy.training.gradientNoise = noise
            try train(noisy)
            let changes = zip(
                try noisy.parameters("last"), try configuration.parameters("last")
            ).map { Double($0 - $1) / 0.01 }
            let variance = changes.reduce(0) { $0 + $1 * $1 } / Double(changes.count)
            #expect(abs(variance - 0.3) < 0.03)
            for (key, value) in [("eta", -1), ("gamma", -0.1)] as [(String, Float)] {
                var wrong = configuration
                if key == "eta" { wrong.training.gradientNoise.eta = value }
                if key == "gamma" { wrong.training.gradientNoise.gamma = value }
                let error = try #require(trainingError { try wrong.validate() })
                #expect(error.reason == "training.gradient_noise.\(key) is \(value)")
            }
        }

        // MARK: Groups

        @Test func `groups are chosen by patterns, the first that matches counts`() throws {
            let matches: [(String, String, Bool)] = [
                ("encoder.*", "encoder.layers.0.bias", true), ("encoder.*", "encoder", false),
                ("*", "", true), ("*.bias", "a.b.bias", true), ("*.bias", "a.bias.x", false),
                ("a?c", "abc", true), ("a?c", "ac", false), ("a*b*c", "aXbbYc", true),
                ("a*b*c", "aXcYb", false), ("a", "ab", false), ("**", "x", true),
                ("layers.?.weight", "layers.1.weight", true), ("[a]", "a", false),
            ]
            for (pattern, name, expected) in matches {
                #expect(group(pattern) { _ in }.matches(name) == expected, "\(pattern) \(name)")
            }
            var training = TrainingConfiguration()
            training.groups = [
                group("a.*") { $0.learningRate = 0.1 },
                group("*.bias") {
                    $0.weightDecay = 0
                    $0.frozen = true
                },
            ]
            let parameters = ["a.bias", "b.bias", "b.weight"].map { Parameter($0, .zeros([1])) }
            let rules = try training.rules(of: parameters, embeddings: [])
            #expect(rules["a.bias"]?.learningRate == 0.1 && rules["a.bias"]?.isFrozen == false)
            #expect(rules["b.bias"]?.weightDecay == 0 && rules["b.bias"]?.isFrozen == true)
            #expect(rules["b.weight"] == ParameterRule())
        }

        @Test func `frozen parameters stay, slow ones move less`() throws {
            var plain = try folder.configuration()
            plain.training.optimizer.type = .sgd
            plain.training.maximumSteps = 1
            plain.training.clipNorm = 0
            var still = plain
            still.run += ".start"
            still.training.optimizer.learningRate = 1e-30
            var grouped = plain
            grouped.run += ".grouped"
            grouped.training.groups = [
                group("encoder.embedding.*") { $0.frozen = true },
                group("output.*") { $0.learningRate = 0.25 },
            ]
            for configuration in [plain, still, grouped] { try train(configuration) }
            let (start, whole, found) = (
                try tensors(still), try tensors(plain), try tensors(grouped)
            )
            for (name, values) in found {
                let (start, whole) = (start[name] ?? [], whole[name] ?? [])
                let share: Float =
                    name.hasPrefix("encoder.embedding.") ? 0 : name.hasPrefix("output.") ? 0.25 : 1
                for (index, value) in values.enumerated() {
                    let expected = start[index] + share * (whole[index] - start[index])
                    #expect(abs(value - expected) < 1e-7, "\(name)")
                }
                if share == 0 { #expect(values == start) }
            }
            #expect(whole["encoder.embedding.weight"] != start["encoder.embedding.weight"])
        }

        @Test func `a pattern that matches nothing is an error`() throws {
            var configuration = try folder.configuration()
            configuration.training.groups = [
                group("output.*") { _ in }, group("encodr.embeding.*") { $0.frozen = true },
            ]
            let error = try #require(trainingError { try train(configuration) })
            #expect(error.kind == .badConfiguration)
            #expect(
                error.reason
                    == "training.groups[1].parameters is encodr.embeding.*, which no parameter matches"
            )
            #expect(
                error.remedy?.hasPrefix("the nearest names are encoder.embedding.weight") == true)
            configuration.training.groups = [group("*") { $0.frozen = true }]
            configuration.run += ".frozen"
            let all = try #require(trainingError { try train(configuration) })
            #expect(all.reason == "training.groups freezes every parameter")
        }

        // MARK: Sparse rows

        @Test(arguments: OutputConfiguration.Kind.allCases)
        func `sparse embeddings end like dense ones without a memory`(
            _ output: OutputConfiguration.Kind
        ) throws {
            var dense = try folder.configuration()
            dense.model.output.type = output
            dense.model.output.cutoffs = [6]
            dense.model.output.samples = 4
            dense.training.optimizer.type = .sgd
            dense.training.optimizer.learningRate = 0.3
            dense.training.epochs = 1
            var sparse = dense
            sparse.run += ".sparse"
            sparse.training.optimizer.hasSparseEmbeddings = true
            try train(dense)
            try train(sparse)
            let (expected, found) = (try tensors(dense), try tensors(sparse))
            for (name, values) in found {
                for (a, b) in zip(values, expected[name] ?? []) {
                    #expect(abs(a - b) < 1e-5, "\(name)")
                }
            }
        }

        @Test func `rows that no batch meets stay under sparse embeddings`() throws {
            var configuration = try folder.configuration()
            configuration.training.optimizer.weightDecay = 0.1
            configuration.training.optimizer.hasSparseEmbeddings = true
            configuration.training.maximumSteps = 1
            var two = configuration
            two.run += ".two"
            two.training.maximumSteps = 2
            try train(configuration)
            try train(two)
            let (first, second) = (try tensors(configuration), try tensors(two))
            // The unknown token does not occur in sources, nor the start token.
            for name in ["encoder.embedding.weight", "decoder.embedding.weight"] {
                let (a, b) = (try #require(first[name]), try #require(second[name]))
                #expect(a[..<16] == b[..<16])
                #expect(a[64...] != b[64...])
            }
        }

        @Test func `sparse embeddings that cannot be are refused`() throws {
            var configuration = try folder.configuration()
            configuration.training.optimizer.hasSparseEmbeddings = true
            configuration.training.optimizer.type = .adafactor
            let optimizer = try #require(trainingError { try configuration.validate() })
            #expect(optimizer.reason.contains("adafactor cannot update single rows"))
            configuration.training.optimizer.type = .adam
            configuration.model.output.tied = .target
            let tied = try #require(trainingError { try configuration.validate() })
            #expect(tied.reason.contains("model.output.tied: target every row of the shared table"))
        }
    }
}
