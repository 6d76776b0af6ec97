import SeqFiles
import SeqNN
import SeqTensor
import TestSupport
import Testing

/// What holds for every output layer, and its configuration.
struct OutputLayerTests {
    private static let kinds = OutputConfiguration.Kind.allCases
    private static let vocabulary = 60
    /// Three sources with repeated and own words, and the rows that look at each.
    private static let sources: [[Int32]] = [[3, 60, 3, 8], [9], [61, 61, 2, 60, 5]]
    private static let rows = [4, 7, 2]

    private struct Setup {
        let layer: any OutputLayer
        let parameters: [Parameter]
        let table: Parameter
        let hidden: Tensor
        let memory: Tensor
        let weights: Tensor
    }

    private func configuration(_ kind: OutputConfiguration.Kind) -> OutputConfiguration {
        var configuration = OutputConfiguration()
        configuration.type = kind
        configuration.cutoffs = [15, 40]
        configuration.samples = 12
        configuration.mixtures = 3
        return configuration
    }

    /// - Parameter width: the width of the shared table, or nil for a weight of its own.
    private func setup(_ kind: OutputConfiguration.Kind, width: Int? = nil) throws -> Setup {
        let scope = ParameterScope(
            initialization: Initialization(kind: .uniform, range: 0.7),
            generator: RandomGenerator(seed: 3))
        let embedding = try Embedding(
            vocabulary: Self.vocabulary, features: width ?? 1, in: scope.scope("embedding"))
        let layer = try configuration(kind).layer(
            hidden: 16, vocabulary: Self.vocabulary,
            tiedTo: width == nil ? nil : embedding.weight, memory: 6, in: scope.scope("output"))
        let rows = Self.rows.reduce(0, +)
        let layout = AttentionLayout(
            memory: SequenceLayout(lengths: Self.sources.map(\.count)),
            queries: SequenceLayout(lengths: Self.rows))
        return Setup(
            layer: layer, parameters: scope.parameters, table: embedding.weight,
            hidden: .draw([rows, 16], seed: 4), memory: .draw([10, 6], seed: 5),
            weights: Tensor.draw([layout.weightCount], seed: 6).squared() + 0.2)
    }

    /// The hidden vectors and the context of some of the sources.
    private func part(
        _ setup: Setup, _ chosen: Range<Int>
    ) -> (hidden: Tensor, context: OutputContext, rows: Range<Int>) {
        let all = SequenceLayout(lengths: Self.rows)
        let memory = SequenceLayout(lengths: Self.sources.map(\.count))
        let rows =
            all.rows(of: chosen.lowerBound)
            .lowerBound..<all.rows(of: chosen.upperBound - 1)
            .upperBound
        let steps =
            memory.rows(of: chosen.lowerBound)
            .lowerBound..<memory.rows(
                of: chosen.upperBound - 1
            ).upperBound
        let starts = AttentionLayout(memory: memory, queries: all).weightStarts.map(Int.init)
        let own = SequenceLayout(lengths: Array(memory.lengths[chosen]))
        let context = OutputContext(
            weights: setup.weights.rows(starts[rows.lowerBound]..<starts[rows.upperBound]),
            memory: setup.layer.memory(setup.memory.rows(steps)),
            layout: AttentionLayout(
                memory: own, queries: SequenceLayout(lengths: Array(Self.rows[chosen]))),
            source: CopySource(
                tokens: Self.sources[chosen].flatMap { $0 }, layout: own, extendedVocabulary: 62))
        return (setup.hidden.rows(rows), context, rows)
    }

    private func targets(_ layer: any OutputLayer) -> [Int32] {
        layer.needsContext
            ? [3, 60, 8, 17, 9, 9, 1, 59, 9, 0, 30, 61, 60]
            : (0..<13).map { Int32($0 * 23 % Self.vocabulary) }
    }

    /// A row of the distribution depends on its own hidden vector and source only.
    @Test(arguments: kinds, [nil, 16, 9])
    func batchInvariance(_ kind: OutputConfiguration.Kind, _ width: Int?) throws {
        if kind == .adaptive, width != nil { return #expect(problem { $0.tied = .target } != nil) }
        let setup = try setup(kind, width: width)
        let targets = targets(setup.layer)
        let all = part(setup, 0..<3)
        let logits = setup.layer.logits(all.hidden, context: all.context)
        let scores = setup.layer.logProbabilities(
            all.hidden, targets: targets, context: all.context)
        #expect(logits.shape == [13, setup.layer.needsContext ? 62 : 60])
        for chosen in [0..<1, 1..<2, 2..<3, 0..<2, 1..<3] {
            let some = part(setup, chosen)
            #expect(
                identical(
                    setup.layer.logits(some.hidden, context: some.context), logits.rows(some.rows)),
                "sources \(chosen)")
            #expect(
                setup.layer.logProbabilities(
                    some.hidden, targets: Array(targets[some.rows]), context: some.context)
                    == Array(scores[some.rows]), "sources \(chosen)")
        }
    }

    /// Logits, log-probabilities of targets and the loss outside training tell the same.
    @Test(arguments: kinds, [nil, 16, 9])
    func lossEqualsLogProbabilities(_ kind: OutputConfiguration.Kind, _ width: Int?) throws {
        if kind == .adaptive, width != nil { return #expect(problem { $0.tied = .target } != nil) }
        let setup = try setup(kind, width: width)
        let (layer, targets) = (setup.layer, targets(setup.layer))
        let (hidden, context, _) = part(setup, 0..<3)
        let logits = layer.logits(hidden, context: context)
        let normalizers = layer.isNormalized ? [Float](repeating: 0, count: 13) : logits.logSumExp()
        let scores = layer.logProbabilities(hidden, targets: targets, context: context)
        for row in 0..<13 {
            let logit = logits.values[row * logits.rowWidth + Int(targets[row])]
            #expect(scores[row] == logit - normalizers[row])
        }
        if layer.isNormalized, kind != .pointerGenerator {
            for sum in logits.exp().sumOfColumns().values { #expect(abs(sum - 1) < 1e-5) }
        }
        var none: RandomGenerator?
        let loss = layer.loss(
            hidden, targets: targets, context: context, labelSmoothing: 0, scale: 0.5,
            generator: &none)
        let sum = scores.reduce(0) { $0 - Double($1) }
        #expect(abs(loss.negativeLogLikelihood - sum) < 1e-5 * sum)
        #expect(loss.negativeLogLikelihood == loss.smoothedLoss)
        #expect(abs(Double(loss.objective.item) - sum / 2) < 1e-5 * sum)
        #expect(loss.tokens == 13 && layer.vocabulary == 60)
    }

    /// Gradients of every parameter, the shared table included.
    @Test(arguments: kinds, [nil, 16, 9])
    func gradients(_ kind: OutputConfiguration.Kind, _ width: Int?) throws {
        if kind == .adaptive, width != nil { return #expect(problem { $0.tied = .target } != nil) }
        let setup = try setup(kind, width: width)
        let used = setup.parameters.filter { width != nil || $0.name != "embedding.weight" }
        let (hidden, context, _) = part(setup, 0..<3)
        func loss(_ context: OutputContext, _ hidden: Tensor) -> Tensor {
            var generator: RandomGenerator? = RandomGenerator(seed: 2)
            return setup.layer.loss(
                hidden, targets: targets(setup.layer), context: context, labelSmoothing: 0.1,
                scale: 0.1, generator: &generator
            ).objective
        }
        // Parameters are moved, one element at a time, through a buffer.
        let buffer = ParameterBuffer(setup.parameters)
        _ = buffer.valueAndGradient { loss(context, hidden) }
        let gradients = Dictionary(
            uniqueKeysWithValues: buffer.namedGradients.map { ($0.name, $0.gradient.values) })
        for parameter in used {
            let start = parameter.value.values
            let gradient = try #require(gradients[parameter.name])
            let stride = max(1, start.count / 6)
            for element in Swift.stride(from: 0, to: start.count, by: stride) {
                func moved(_ step: Float) throws -> Double {
                    var values = start
                    values[element] += step
                    let file = try checkpoint(
                        setup.parameters.map {
                            (
                                $0.name,
                                $0.name == parameter.name
                                    ? Tensor(values, shape: $0.shape) : $0.value
                            )
                        })
                    try buffer.restore(from: file)
                    return Double(loss(context, hidden).item)
                }
                let slope = try (moved(0.02) - moved(-0.02)) / 0.04
                _ = try moved(0)
                #expect(
                    abs(slope - Double(gradient[element])) < 2e-3,
                    "\(parameter.name) \(element): \(slope) and \(gradient[element])")
            }
        }
        let report = checkGradient(of: [hidden, setup.memory, setup.weights], elements: 12) { v in
            var context = context
            (context.memory, context.weights) = (setup.layer.memory(v[1]), v[2])
            return [loss(context, v[0])]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    /// Without rows there is nothing to lose.
    @Test(arguments: kinds) func noRows(_ kind: OutputConfiguration.Kind) throws {
        let setup = try setup(kind)
        let memory = SequenceLayout(lengths: [2])
        let context = OutputContext(
            weights: .zeros([0]), memory: setup.layer.memory(.zeros([2, 6])),
            layout: AttentionLayout(memory: memory, sequenceOfQuery: []),
            source: CopySource(tokens: [1, 60], layout: memory, extendedVocabulary: 61))
        let (value, gradients) = valueAndGradient(of: setup.parameters) {
            var generator: RandomGenerator? = RandomGenerator(seed: 1)
            return setup.layer.loss(
                .zeros([0, 16]), targets: [], context: context, labelSmoothing: 0.1, scale: 1,
                generator: &generator
            ).objective
        }
        #expect(value.item == 0 && gradients.allSatisfy { $0.sumOfSquares == 0 })
        #expect(
            setup.layer.logProbabilities(.zeros([0, 16]), targets: [], context: context).isEmpty)
    }

    @Test func parameterNames() throws {
        func names(_ kind: OutputConfiguration.Kind, width: Int? = nil) throws -> [String] {
            try setup(kind, width: width).parameters.dropFirst().map {
                "\($0.name.dropFirst("output.".count)) \($0.shape)"
            }
        }
        #expect(try names(.full) == ["weight [16, 60]", "bias [60]"])
        #expect(try names(.full, width: 16) == ["bias [60]"])
        #expect(try names(.full, width: 9) == ["projection.weight [16, 9]", "bias [60]"])
        #expect(try names(.sampled) == ["weight [60, 16]", "bias [60]"])
        #expect(
            try names(.mixture, width: 9) == [
                "prior.weight [16, 3]", "latent.weight [16, 27]", "latent.bias [27]", "bias [60]",
            ])
        #expect(
            try names(.adaptive) == [
                "head.weight [16, 17]", "head.bias [17]", "tails.0.projection.weight [16, 4]",
                "tails.0.weight [4, 25]", "tails.1.projection.weight [16, 1]",
                "tails.1.weight [1, 20]",
            ])
        #expect(
            try names(.pointerGenerator) == [
                "gate.weight [16]", "gate.bias [1]", "weight [16, 60]", "bias [60]",
            ])
        #expect(try names(.copy) == ["copy.weight [6, 16]", "weight [16, 60]", "bias [60]"])
        let sparse = try setup(.sampled).parameters.filter(\.isSparse).map(\.name)
        #expect(sparse == ["output.weight", "output.bias"])
    }

    /// The problem of a configuration that `change` has spoiled.
    private func problem(
        _ change: (inout OutputConfiguration) -> Void
    ) -> Seq2SeqError? {
        var configuration = OutputConfiguration()
        configuration.type = .adaptive
        change(&configuration)
        return configuration.problem(hidden: 16, embedding: 8, sourceEmbedding: 9)
    }

    @Test func problems() throws {
        #expect(problem { _ in } == nil)
        #expect(problem { $0.mixtures = 65 }?.reason == "mixtures is 65")
        #expect(problem { $0.samples = 0 }?.remedy == "choose a number from 1 to 10000000")
        #expect(problem { $0.cutoffs = [] }?.reason == "cutoffs is []")
        #expect(problem { $0.cutoffs = [5, 5] }?.reason == "cutoffs is [5, 5]")
        #expect(problem { $0.cutoffs = [0, 5] } != nil)
        #expect(problem { $0.divisor = 0.5 }?.reason == "divisor is 0.5")
        #expect(problem { $0.divisor = .nan } != nil)
        #expect(problem { $0.tied = .target }?.remedy == "choose tied: none, or type: full")
        #expect(
            problem {
                $0.type = .full
                $0.tied = .all
            }?.remedy == "make them equal, or choose tied: target")
        let scope = ParameterScope(
            initialization: Initialization(), generator: RandomGenerator(seed: 1))
        var adaptive = OutputConfiguration()
        adaptive.type = .adaptive
        let error = #expect(throws: Seq2SeqError.self) {
            try adaptive.layer(hidden: 8, vocabulary: 9000, tiedTo: nil, in: scope)
        }
        #expect(
            error?.description
                == "model.output.cutoffs is [2000, 10000], but the vocabulary has 9000 tokens (choose cutoffs below it, or type: full)"
        )
    }

    @Test func onlySampledTablesAreSparse() {
        for kind in Self.kinds { #expect(configuration(kind).isSparse == (kind == .sampled)) }
    }
}
