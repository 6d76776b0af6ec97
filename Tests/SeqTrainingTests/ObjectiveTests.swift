import SeqFiles
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

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension TrainingRuns {
    /// What training minimises.
    @Suite struct ObjectiveTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// A configuration, a model of it and some pairs of its corpus.
        private struct Setup {
            var configuration: RunConfiguration
            let folder: ModelFolder
            let pairs: TrainingPairs

            var model: TranslationModel { folder.model }

            /// The objective of the configuration.
            func loss(_ dropout: inout Dropout, weights: [Float] = []) -> TokenLoss {
                var pairs = pairs
                for (place, weight) in weights.enumerated() { pairs.pairs[place].weight = weight }
                return configuration.objective(for: folder).loss(
                    of: pairs, among: LossTotals(pairs.pairs), share: 1, dropout: &dropout
                ).tokens
            }
        }

        private func setup(
            seed: UInt64 = 1, _ change: (inout RunConfiguration) -> Void = { _ in }
        ) throws -> Setup {
            var configuration = try folder.configuration(.reverse, train: 60)
            configuration.seed = seed
            configuration.model.encoder.hidden = 12
            configuration.model.decoder.hidden = 12
            configuration.model.initialization = Initialization(kind: .uniform, range: 0.6)
            change(&configuration)
            try configuration.validate()
            let data = try TrainingData(configuration)
            let model = try TranslationModel(
                configuration.model, sourceVocabulary: data.codecs.source.count,
                targetVocabulary: data.codecs.target.count, seed: configuration.seed)
            return Setup(
                configuration: configuration,
                folder: ModelFolder(
                    model: model, source: data.codecs.source, target: data.codecs.target),
                pairs: TrainingPairs(
                    pairs: try data.train.examples(Array(0..<5)),
                    indices: [0, 1, 2, 3, 4],
                    unknownWords: [], step: 7, seed: configuration.seed))
        }

        // MARK: Weights

        /// Every kind of loss that a pair has; a weight of 2 is the pair twice.
        @Test(arguments: [OutputConfiguration.Kind.full, .pointerGenerator], [false, true])
        func `a weight is how often a pair occurs`(
            _ output: OutputConfiguration.Kind, hasCoverage: Bool
        ) throws {
            let setup = try setup {
                $0.model.output.type = output
                $0.model.decoder.hasInputFeeding = true
                $0.model.attention.coverage = hasCoverage ? .see : .none
                $0.training.guidedAlignment = 0.7
                $0.data.alignment =
                    (try? folder.write(
                        "links", Array(repeating: "0-0 1-1 2-2 0-2", count: 60))) ?? ""
                $0.training.labelSmoothing = 0.1
            }
            func gradients(_ weights: [Float], _ places: [Int]) -> [Tensor] {
                var found = setup
                found = Setup(
                    configuration: setup.configuration, folder: setup.folder,
                    pairs: TrainingPairs(
                        pairs: places.map { setup.pairs.pairs[$0] }, indices: places,
                        unknownWords: [], step: 0, seed: 1))
                var dropout = Dropout.none
                let (_, gradients) = valueAndGradient(of: setup.model.parameters.map(\.value)) {
                    found.loss(&dropout, weights: weights).objective
                }
                return gradients
            }
            let weighted = gradients([2, 0, 1, 3, 1], [0, 1, 2, 3, 4])
            let repeated = gradients([], [0, 0, 2, 3, 3, 3, 4])
            for (a, b) in zip(weighted, repeated) { #expect(distance(a, b) < 2e-6) }
            let plain = gradients([], [0, 1, 2, 3, 4])
            #expect(zip(weighted, plain).contains { distance($0, $1) > 1e-4 })
            for (a, b) in zip(gradients([1, 1, 1, 1, 1], [0, 1, 2, 3, 4]), plain) {
                #expect(identical(a, b))
            }
        }

        @Test func `pairs that count nothing have no gradient`() throws {
            let setup = try setup()
            var dropout = Dropout.none
            let loss = setup.loss(&dropout, weights: [0, 0, 0, 0, 0])
            #expect(loss.objective.item == 0 && loss.weight == 0 && loss.tokens > 0)
        }

        // MARK: What the decoder reads

        @Test func `probabilities follow their formulas`() {
            var sampling = ScheduledSamplingConfiguration()
            #expect(sampling.probability(step: 1_000_000) == 1)
            func probabilities(
                _ decay: ScheduledSamplingConfiguration.Decay, k: Double, slope: Double = 0
            ) -> [Double] {
                sampling.decay = decay
                (sampling.k, sampling.slope, sampling.minimum) = (k, slope, 0.25)
                return [0, 10, 1000, 100_000].map { sampling.probability(step: $0) }
            }
            #expect(probabilities(.linear, k: 0.9, slope: 0.001) == [0.9, 0.89, 0.25, 0.25])
            #expect(probabilities(.linear, k: 0.75) == [0.75, 0.75, 0.75, 0.75])
            let exponential = probabilities(.exponential, k: 0.999)
            #expect(exponential[0] == 1 && abs(exponential[1] - 0.99004488) < 1e-8)
            #expect(abs(exponential[2] - 0.36769542) < 1e-8 && exponential[3] == 0.25)
            let sigmoid = probabilities(.inverseSigmoid, k: 400)
            #expect(abs(sigmoid[0] - 400.0 / 401) < 1e-12)
            #expect(abs(sigmoid[1] - 400 / (400 + exp(0.025))) < 1e-12)
            #expect(abs(sigmoid[2] - 400 / (400 + exp(2.5))) < 1e-12 && sigmoid[3] == 0.25)
        }

        @Test(arguments: [DecoderConfiguration.Kind.luong, .bahdanau, .transformer])
        func `with probability 1 it is ordinary training, bit for bit`(
            _ decoder: DecoderConfiguration.Kind
        ) throws {
            var configuration = try folder.configuration(train: 64)
            configuration.model.decoder.type = decoder
            configuration.model.dropout = 0.2
            configuration.model.bridge = .mean
            configuration.training.epochs = 1
            var sampled = configuration
            sampled.run += ".sampled"
            sampled.training.scheduledSampling.decay = .linear
            try train(configuration)
            try train(sampled)
            #expect(try configuration.parameters("last") == sampled.parameters("last"))
            sampled.run += ".less"
            sampled.training.scheduledSampling.k = 0.5
            try train(sampled)
            #expect(try configuration.parameters("last") != sampled.parameters("last"))
        }

        /// The loss when the decoder reads its own greedy output, made by as many passes as it is long.
        private func freeRunning(_ setup: Setup) -> Float {
            var dropout = Dropout.none
            var batch = setup.pairs.batch(for: setup.model)
            let steps = batch.decoderInput.layout.stepOfRow
            for step in 1...(steps.max() ?? 0) {
                let vectors = setup.model.hidden(batch, dropout: &dropout).output.vectors
                let best = setup.model.output.logits(vectors, context: nil).topK(1).indices
                var tokens = batch.decoderInput.tokens
                for row in tokens.indices where steps[row] == step { tokens[row] = best[row - 1] }
                batch.decoderInput = TokenSequences(
                    tokens: tokens, layout: batch.decoderInput.layout)
            }
            return setup.model.loss(
                of: batch, scale: 1 / Float(batch.targetTokens), dropout: &dropout
            ).objective.item
        }

        @Test(arguments: [DecoderConfiguration.Kind.luong, .bahdanau, .transformer])
        func `with probability 0 the decoder runs free`(_ decoder: DecoderConfiguration.Kind) throws
        {
            func setup(_ change: (inout TrainingConfiguration) -> Void) throws -> Setup {
                try self.setup(seed: 4) {
                    $0.model.decoder.type = decoder
                    $0.model.decoder.transformer.heads = 2
                    $0.model.bridge = .mean
                    change(&$0.training)
                }
            }
            var dropout = Dropout.none
            let forced = try setup { $0.teacherForcing = 0 }
            let expected = freeRunning(forced)
            #expect(forced.loss(&dropout).objective.item == expected)
            let ordinary = try setup { _ in }
            #expect(ordinary.loss(&dropout).objective.item != expected)
            let sampled = try setup {
                $0.scheduledSampling.decay = .linear
                $0.scheduledSampling.k = 0
            }
            // Other decoders look at the true input of all steps at once.
            #expect(
                (sampled.loss(&dropout).objective.item == expected) == (decoder != .transformer))
        }

        @Test func `words are dropped as often as asked, and only where they are read`() throws {
            let setup = try setup {
                $0.training.wordDropout.source = 0.3
                $0.training.wordDropout.target = 0.6
                $0.model.encoder.hasEndToken = true
            }
            let dropout = setup.configuration.training.wordDropout
            let plain = setup.pairs.batch(for: setup.model)
            var (source, target) = (0, 0)
            for step in 0..<200 {
                var pairs = setup.pairs
                pairs.step = step
                let batch = dropout.batch(of: pairs, for: setup.model)
                #expect(batch.targets == plain.targets)
                for (found, true_) in zip(batch.source.tokens.tokens, plain.source.tokens.tokens) {
                    #expect(found == true_ || found == 0 && true_ > 2)
                    source += found == true_ ? 0 : 1
                }
                for (found, true_) in zip(batch.decoderInput.tokens, plain.decoderInput.tokens) {
                    #expect(found == true_ || found == 0 && true_ > 2)
                    target += found == true_ ? 0 : 1
                }
            }
            let words = Double(200 * (plain.targetTokens - 5))
            #expect(abs(Double(source) / words - 0.3) < 0.03)
            #expect(abs(Double(target) / words - 0.6) < 0.03)
            // What a pair draws does not hang on its batch.
            var alone = setup.pairs
            (alone.pairs, alone.indices) = ([alone.pairs[3]], [3])
            let batch = dropout.batch(of: setup.pairs, for: setup.model)
            let rows = batch.decoderInput.layout.rows(of: 3)
            #expect(
                dropout.batch(of: alone, for: setup.model).decoderInput.tokens
                    == Array(batch.decoderInput.tokens[rows]))
        }

        // MARK: Two passes

        /// Without dropout both passes are the same, and each has half of the loss, coverage and
        /// alignments included.
        @Test(arguments: [AttentionConfiguration.Coverage.none, .see])
        func `two passes without dropout are one`(
            _ coverage: AttentionConfiguration.Coverage
        ) throws {
            let links = try folder.write("links", Array(repeating: "0-0 1-1 2-2 0-2", count: 60))
            func gradients(_ alpha: Float) throws -> (loss: Float, gradients: [Tensor]) {
                let setup = try setup {
                    $0.model.attention.coverage = coverage
                    $0.data.alignment = links
                    $0.training.guidedAlignment = 0.7
                    $0.training.labelSmoothing = 0.1
                    $0.training.rDrop = alpha
                }
                var dropout = Dropout.none
                let (value, gradients) = valueAndGradient(
                    of: setup.model.parameters.map(\.value)
                ) {
                    setup.loss(&dropout, weights: [1, 2, 1, 0.5, 1]).objective
                }
                return (value.item, gradients)
            }
            let (one, two) = (try gradients(0), try gradients(4))
            #expect(abs(one.loss - two.loss) < 1e-5)
            for (a, b) in zip(one.gradients, two.gradients) { #expect(distance(a, b) < 1e-5) }
        }

        @Test func `two passes with dropout cost what they differ`() throws {
            func loss(_ alpha: Float) throws -> TokenLoss {
                let setup = try setup { $0.training.rDrop = alpha }
                var dropout = Dropout(rate: 0.3, generator: RandomGenerator(seed: 1))
                return setup.loss(&dropout)
            }
            let (small, large) = (try loss(1), try loss(3))
            #expect(small.smoothedLoss == large.smoothedLoss && small.tokens == large.tokens)
            let divergence =
                Double(small.objective.item) - small.smoothedLoss / Double(small.tokens)
            let more = Double(large.objective.item) - small.smoothedLoss / Double(small.tokens)
            #expect(divergence > 0.01 && abs(more - 3 * divergence) < 1e-5)
        }

        // MARK: Whole outputs

        /// The gradient of an objective against differences of `expected`, a function of the
        /// log-probability of each candidate, in which ends that were never reached may not count.
        private func check(
            _ setup: Setup, weights: [Float], candidates: [[SequenceCandidates.Candidate]],
            expected: (_ pair: Int, _ logProbabilities: [Double]) -> Double
        ) throws {
            let buffer = ParameterBuffer(setup.model.parameters)
            var dropout = Dropout.none
            _ = buffer.valueAndGradient { setup.loss(&dropout, weights: weights).objective }
            let gradients = Dictionary(
                uniqueKeysWithValues: buffer.namedGradients.map { ($0.name, $0.gradient.values) })
            let sequences = SequenceCandidates(setup.configuration, setup.folder)
            let batch = sequences.batch(candidates, of: setup.pairs)
            func value() -> Double {
                var rest = setup.model.tokenLogProbabilities(batch)[...]
                var (sum, total) = (0.0, 0.0)
                for (pair, own) in candidates.enumerated() {
                    let scores = zip(rest, own).map { tokens, candidate in
                        tokens.dropLast(candidate.isComplete ? 0 : 1).reduce(0) { $0 + Double($1) }
                    }
                    rest = rest.dropFirst(own.count)
                    sum += Double(weights[pair]) * expected(pair, scores)
                    total += Double(weights[pair])
                }
                return sum / total
            }
            var compared = 0
            for (number, parameter) in setup.model.parameters.enumerated() {
                let start = parameter.value.values
                let direction = Tensor.draw([start.count], seed: UInt64(200 + number)).values
                func slope(_ step: Float) throws -> Double {
                    func moved(_ step: Float) throws -> Double {
                        let file = try checkpoint(
                            setup.model.parameters.map {
                                (
                                    $0.name,
                                    $0.name == parameter.name
                                        ? Tensor(
                                            zip(start, direction).map { $0 + step * $1 },
                                            shape: $0.shape) : $0.value
                                )
                            })
                        try buffer.restore(from: file)
                        return value()
                    }
                    let found = try (moved(step) - moved(-step)) / Double(2 * step)
                    _ = try moved(0)
                    return found
                }
                let gradient = try #require(gradients[parameter.name])
                let computed = zip(gradient, direction).reduce(0.0) {
                    $0 + Double($1.0) * Double($1.1)
                }
                let (wide, narrow) = (try slope(0.008), try slope(0.004))
                let difference = narrow + (narrow - wide) / 3
                #expect(
                    abs(difference - computed) < 2e-3 * max(1, abs(computed)),
                    "\(parameter.name): \(difference) and \(computed)")
                if abs(computed) > 0.01 { compared += 1 }
            }
            #expect(compared > 5)
        }

        @Test(arguments: [true, false], OutputConfiguration.Kind.allCases)
        func `the gradient of minimum risk training is that of the risk`(
            hasReference: Bool, _ output: OutputConfiguration.Kind
        ) throws {
            if !hasReference, output != .full { return }
            let setup = try setup(seed: 3) {
                $0.model.output.type = output
                $0.model.output.samples = 6
                $0.model.output.cutoffs = [5]
                $0.training.sequence.type = .mrt
                $0.training.sequence.samples = 6
                $0.training.sequence.sharpness = 0.05
                $0.training.sequence.metric = hasReference ? .bleu : .wer
                $0.training.sequence.hasReference = hasReference
            }
            let candidates = SequenceCandidates(setup.configuration, setup.folder)
            // An independent transcription of equations 11 and 12.
            var all = candidates.draw(for: setup.pairs, hasGreedy: false)
            for (place, pair) in setup.pairs.pairs.enumerated() {
                if hasReference {
                    all[place].append(
                        .init(tokens: Array(pair.target), isComplete: true, reward: 1))
                }
                var distinct: [SequenceCandidates.Candidate] = []
                for candidate in all[place]
                where !distinct.contains(where: {
                    $0.tokens == candidate.tokens && $0.isComplete == candidate.isComplete
                }) {
                    distinct.append(candidate)
                }
                all[place] = distinct
            }
            // Ends that were never drawn have no part in p(y).
            if output == .full { #expect(Set(all.joined().map(\.isComplete)).count == 2) }
            #expect(all.contains { Set($0.map(\.reward)).count > 2 })
            try check(
                setup, weights: [1, 2, 0.5, 1, 0], candidates: all
            ) { pair, scores in
                let powers = scores.map { exp(0.05 * $0) }
                let risks = all[pair].map { 1 - $0.reward }
                return zip(powers, risks).reduce(0) { $0 + $1.0 * $1.1 } / powers.reduce(0, +)
                    / 0.05
            }
        }

        @Test func `the gradient of self-critical training is that of REINFORCE`() throws {
            let setup = try setup(seed: 3) {
                $0.training.sequence.type = .scst
                $0.training.sequence.samples = 4
                $0.training.sequence.metric = .wer
            }
            let candidates = SequenceCandidates(setup.configuration, setup.folder)
            let drawn = candidates.draw(for: setup.pairs, hasGreedy: true)
            #expect(drawn.allSatisfy { $0.count == 5 })
            let samples = drawn.map { Array($0.dropLast()) }
            #expect(Set(samples.joined().map(\.isComplete)).count == 2)
            try check(
                setup, weights: [1, 2, 0.5, 1, 0], candidates: samples
            ) { pair, scores in
                zip(scores, samples[pair]).reduce(0) {
                    $0 - $1.0 * ($1.1.reward - drawn[pair][4].reward) / 4
                }
            }
        }

        @Test func `a share of the loss of tokens is added`() throws {
            func gradients(_ change: (inout TrainingConfiguration) -> Void) throws -> [Tensor] {
                let setup = try setup(seed: 3) {
                    $0.training.labelSmoothing = 0.1
                    change(&$0.training)
                }
                var dropout = Dropout.none
                return valueAndGradient(of: setup.model.parameters.map(\.value)) {
                    setup.loss(&dropout).objective
                }.gradients
            }
            for kind in [SequenceTrainingConfiguration.Kind.mrt, .scst] {
                let tokens = try gradients { _ in }
                let sequences = try gradients { $0.sequence.type = kind }
                let mixed = try gradients {
                    $0.sequence.type = kind
                    $0.sequence.crossEntropy = 0.25
                }
                for ((t, s), m) in zip(zip(tokens, sequences), mixed) {
                    #expect(distance(m, t * 0.25 + s * 0.75) < 1e-5)
                }
            }
        }

        @Test func `reports tell the mean reward`() throws {
            var configuration = try folder.configuration(train: 64, validation: 0)
            configuration.training.epochs = 1
            #expect(try train(configuration).steps.allSatisfy { $0.reward == nil })
            configuration.run += ".rewarded"
            configuration.training.sequence.type = .mrt
            let steps = try train(configuration).steps
            #expect(steps.count == 2 && steps.allSatisfy { (0..<1).contains($0.reward ?? 2) })
            let lines = try configuration.log("train.jsonl", RewardLine.self)
            #expect(lines.map(\.reward) == steps.map(\.reward))
        }

        private struct RewardLine: Decodable {
            var reward: Double?
        }

        @Test func `rewards are of texts`() throws {
            let setup = try setup()
            let codec = setup.folder.target
            func reward(_ metric: Metric, _ output: String, _ reference: String) -> Double {
                SequenceReward(metric, validation: .init(), target: codec)(
                    codec.encode(output), reference: codec.encode(reference))
            }
            for metric in SequenceReward.metrics {
                #expect(abs(reward(metric, "1 2 3 4 5", "1 2 3 4 5") - 1) < 1e-9)
                // Words that the vocabulary lacks are never right.
                #expect(reward(metric, "1 2 what 4 5", "1 2 what 4 5") < 0.9)
            }
            #expect(abs(reward(.wer, "1 2 4 4", "1 2 3 4 5") - 0.6) < 1e-9)
            #expect(abs(reward(.wer, "", "1 2 3 4 5")) < 1e-9)
            #expect(reward(.wer, "6 6 6", "1") == -2)
            #expect((0.2..<0.8).contains(reward(.bleu, "1 2 3 5 4", "1 2 3 4 5")))
            // What is copied is the same word for output and reference of a pair.
            let size = Int32(codec.count)
            let reward = SequenceReward(.wer, validation: .init(), target: codec)
            #expect(reward([size, 4, size + 1], reference: [size, 4, size + 1]) == 1)
            #expect(abs(reward([size, 4, size], reference: [size, 4, size + 1]) - 2 / 3) < 1e-9)
        }

        @Test func `candidates do not hang on threads or on the batch`() async {
            await #expect(processExitsWith: .success) {
                let tests = try ObjectiveTests()
                let setup = try tests.setup(seed: 3) { $0.training.sequence.type = .scst }
                let candidates = SequenceCandidates(setup.configuration, setup.folder)
                func draw(_ pairs: TrainingPairs) -> [[[Int32]]] {
                    candidates.draw(for: pairs, hasGreedy: true).map { $0.map(\.tokens) }
                }
                ThreadTeam.count = 1
                let one = draw(setup.pairs)
                ThreadTeam.count = 2
                #expect(draw(setup.pairs) == one)
                var alone = setup.pairs
                (alone.pairs, alone.indices) = ([alone.pairs[2]], [2])
                #expect(draw(alone) == [one[2]])
                alone.step += 1
                #expect(draw(alone) != [one[2]])
            }
        }

        @Test func `whole outputs of a trained model become better`() throws {
            var configuration = try folder.configuration(.copy, train: 1500, validation: 100)
            configuration.training.batch.size = 16
            configuration.training.epochs = 6
            // A start after which the model is good, and not yet as good as can be.
            configuration.seed = 4
            try train(configuration)
            configuration.training.sequence.metric = .wer
            for kind in [SequenceTrainingConfiguration.Kind.mrt, .scst] {
                configuration.training.sequence.type = kind
                let trained = try ModelFolder(contentsOf: "\(configuration.run)/best")
                let data = try TrainingData(
                    configuration, codecs: trained.codecs)
                let held = try #require(data.validation).examples
                func pairs(
                    _ pairs: [Example], _ indices: [Int], step: Int
                ) -> TrainingPairs {
                    TrainingPairs(
                        pairs: pairs, indices: indices, unknownWords: [], step: step, seed: 1)
                }
                func reward() -> Double {
                    let greedy = SequenceCandidates(configuration, trained)
                        .draw(
                            for: pairs(held, Array(0..<held.count), step: 0), hasGreedy: true
                        )
                        .map { $0[$0.count - 1].reward }
                    return greedy.reduce(0, +) / Double(greedy.count)
                }
                let before = reward()
                #expect((0.3..<0.9).contains(before))
                let buffer = ParameterBuffer(trained.model.parameters)
                let optimizer = configuration.training.optimizer.make(buffer)
                let objective = configuration.objective(for: trained)
                for step in 0..<100 {
                    let indices = (0..<32).map { ($0 + 32 * step) % data.train.report.kept }
                    let batch = pairs(try data.train.examples(indices), indices, step: step)
                    var dropout = Dropout.none
                    _ = buffer.valueAndGradient {
                        objective.loss(
                            of: batch, among: LossTotals(batch.pairs), share: 1, dropout: &dropout
                        ).tokens.objective
                    }
                    optimizer.update(buffer, learningRate: 0.002, gradientScale: 1)
                }
                let after = reward()
                #expect(after > before + 0.05, "\(kind): from \(before) to \(after)")
            }
        }

        // MARK: Configuration

        @Test func `what does not go together is refused`() throws {
            func reason(_ change: (inout RunConfiguration) -> Void) throws -> String {
                var configuration = try folder.configuration(train: 4, validation: 2)
                change(&configuration)
                return trainingError { try configuration.validate() }?.reason ?? ""
            }
            #expect(try reason { _ in } == "")
            for (expected, change) in [
                ("training.teacher_forcing is 1.5", { $0.training.teacherForcing = 1.5 }),
                ("training.r_drop is -1.0", { $0.training.rDrop = -1 }),
                ("training.word_dropout.source is 1.0", { $0.training.wordDropout.source = 1 }),
                ("training.word_dropout.target is -0.1", { $0.training.wordDropout.target = -0.1 }),
                (
                    "training.scheduled_sampling.k is 1.0",
                    { $0.training.scheduledSampling.decay = .exponential }
                ),
                (
                    "training.scheduled_sampling.k is 0.5",
                    {
                        $0.training.scheduledSampling.decay = .inverseSigmoid
                        $0.training.scheduledSampling.k = 0.5
                    }
                ),
                (
                    "training.scheduled_sampling.k is 2.0",
                    {
                        $0.training.scheduledSampling.decay = .linear
                        $0.training.scheduledSampling.k = 2
                    }
                ),
                (
                    "training.scheduled_sampling.slope is -1.0",
                    { $0.training.scheduledSampling.slope = -1 }
                ),
                (
                    "training.scheduled_sampling.minimum is 1.5",
                    { $0.training.scheduledSampling.minimum = 1.5 }
                ),
                (
                    "training.teacher_forcing is 0.5 together with training.scheduled_sampling",
                    {
                        $0.training.teacherForcing = 0.5
                        $0.training.scheduledSampling.decay = .linear
                    }
                ),
                (
                    "training.r_drop compares two passes over the same input, which training.teacher_forcing changes",
                    {
                        $0.training.rDrop = 1
                        $0.training.teacherForcing = 0.5
                    }
                ),
                (
                    "training.r_drop is 1.0 with model.output.type: mixture",
                    {
                        $0.training.rDrop = 1
                        $0.model.output.type = .mixture
                    }
                ),
                (
                    "training.sequence.metric is perplexity",
                    { $0.training.sequence.metric = .perplexity }
                ),
                ("training.sequence.samples is 0", { $0.training.sequence.samples = 0 }),
                (
                    "training.sequence.samples is 1",
                    {
                        $0.training.sequence.type = .mrt
                        $0.training.sequence.samples = 1
                        $0.training.sequence.hasReference = false
                    }
                ),
                ("training.sequence.temperature is 0.0", { $0.training.sequence.temperature = 0 }),
                ("training.sequence.sharpness is 0.0", { $0.training.sequence.sharpness = 0 }),
                (
                    "training.sequence.cross_entropy is 1.0",
                    { $0.training.sequence.crossEntropy = 1 }
                ),
                (
                    "training.sequence.cross_entropy is 0, which leaves out the loss of tokens that training.word_dropout acts on",
                    {
                        $0.training.sequence.type = .mrt
                        $0.training.wordDropout.source = 0.1
                    }
                ),
                (
                    "training.sequence.cross_entropy is 0, which leaves out the loss of tokens that model.attention.coverage_loss acts on",
                    {
                        $0.training.sequence.type = .scst
                        $0.model.attention.coverage = .see
                    }
                ),
                ("training.distillation.beam_size is 0", { $0.training.distillation.beamSize = 0 }),
                (
                    "training.distillation.teacher gives new targets, which data.alignment does not know",
                    {
                        $0.training.distillation.teacher = "teacher"
                        $0.data.alignment = "links"
                    }
                ),
            ] as [(String, (inout RunConfiguration) -> Void)] {
                #expect(try reason(change) == expected)
            }
        }
    }
}
