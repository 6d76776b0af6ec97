import SeqNN
import SeqTensor
import TestSupport
import Testing

/// What a row counts in the loss, in every output layer.
struct WeightedLossTests {
    private static let kinds = OutputConfiguration.Kind.allCases
    private static let vocabulary = 60
    private static let sources: [[Int32]] = [[3, 60, 3, 8], [9], [61, 61, 2, 60, 5]]
    /// The source that each row looks at, and its target.
    private static let rows: [(source: Int32, target: Int32)] = [
        (0, 3), (0, 8), (0, 17), (0, 1), (1, 9), (1, 59), (1, 0), (2, 30), (2, 61), (2, 2),
    ]
    private static let counts = [2, 1, 0, 3, 1, 2, 1, 1, 4, 0]

    private struct Layer {
        let layer: any OutputLayer
        let parameters: [Parameter]
        let hidden = Tensor.draw([rows.count, 16], seed: 4)
        let memory = Tensor.draw([10, 6], seed: 5)
        let weights = Tensor.draw([40], seed: 6).squared() + 0.2

        init(_ kind: OutputConfiguration.Kind) throws {
            var configuration = OutputConfiguration()
            configuration.type = kind
            configuration.cutoffs = [15, 40]
            configuration.samples = 12
            configuration.mixtures = 3
            let scope = ParameterScope(
                initialization: Initialization(kind: .uniform, range: 0.7),
                generator: RandomGenerator(seed: 3))
            layer = try configuration.layer(
                hidden: 16, vocabulary: vocabulary, tiedTo: nil, memory: 6, in: scope)
            parameters = scope.parameters
        }

        /// The loss of some rows, which may repeat, and the gradients of parameters and vectors.
        func loss(
            _ chosen: [Int], weights rowWeights: [Float]?
        ) -> (loss: TokenLoss, gradients: [Tensor]) {
            var found: TokenLoss?
            let variables = parameters.map(\.value) + [hidden, memory]
            let (_, gradients) = valueAndGradient(of: variables) {
                let memoryLayout = SequenceLayout(lengths: sources.map(\.count))
                let all = AttentionLayout(
                    memory: memoryLayout, sequenceOfQuery: rows.map(\.source))
                let layout = AttentionLayout(
                    memory: memoryLayout, sequenceOfQuery: chosen.map { rows[$0].source })
                let context = OutputContext(
                    weights: RaggedRows(weights.rows(0..<all.weightCount), layout: all)
                        .gatheringRows(chosen.map(Int32.init)).values,
                    memory: layer.memory(memory), layout: layout,
                    source: CopySource(
                        tokens: sources.flatMap { $0 }, layout: memoryLayout,
                        extendedVocabulary: 62))
                var generator: RandomGenerator? = RandomGenerator(seed: 2)
                let loss = layer.loss(
                    hidden.gatheringRows(chosen.map(Int32.init)),
                    targets: chosen.map {
                        layer.needsContext ? rows[$0].target : rows[$0].target % 60
                    }, weights: rowWeights, context: context, labelSmoothing: 0.1, scale: 0.5,
                    generator: &generator)
                found = loss
                return loss.objective
            }
            guard let found else { preconditionFailure("no loss") }
            return (found, gradients)
        }
    }

    @Test(arguments: kinds)
    func `a weight is how often a row occurs`(_ kind: OutputConfiguration.Kind) throws {
        let layer = try Layer(kind)
        let all = Array(Self.rows.indices)
        let repeated = all.flatMap { Array(repeating: $0, count: Self.counts[$0]) }
        let weighted = layer.loss(all, weights: Self.counts.map(Float.init))
        let composed = layer.loss(repeated, weights: nil)
        let expected = composed.loss.smoothedLoss
        #expect(abs(weighted.loss.smoothedLoss - expected) < 1e-5 * expected)
        #expect(abs(Double(weighted.loss.objective.item) - expected / 2) < 1e-5 * expected)
        #expect(weighted.loss.weight == 15 && weighted.loss.tokens == all.count)
        #expect(composed.loss.weight == 15 && composed.loss.tokens == 15)
        for (found, expected) in zip(weighted.gradients, composed.gradients) {
            #expect(distance(found, expected) < 1e-5)
        }
        // Perplexity does not know of weights.
        let plain = layer.loss(all, weights: nil)
        #expect(weighted.loss.negativeLogLikelihood == plain.loss.negativeLogLikelihood)
    }

    @Test(arguments: kinds)
    func `weights of 1 change no bit, and weights of -1 the sign`(
        _ kind: OutputConfiguration.Kind
    ) throws {
        let layer = try Layer(kind)
        let all = Array(Self.rows.indices)
        let plain = layer.loss(all, weights: nil)
        for weight: Float in [1, -1] {
            let weighted = layer.loss(all, weights: all.map { _ in weight })
            #expect(weighted.loss.smoothedLoss == Double(weight) * plain.loss.smoothedLoss)
            #expect(weighted.loss.objective.item == weight * plain.loss.objective.item)
            for (found, expected) in zip(weighted.gradients, plain.gradients) {
                #expect(
                    weight == 1 ? identical(found, expected) : distance(found * -1, expected) < 1e-6
                )
            }
        }
    }

    /// R-Drop against PyTorch.
    @Test func consistency() throws {
        let golden = try Golden("objective_r_drop")
        let scope = ParameterScope(
            checkpoint: try checkpoint(
                try ["weight", "bias"].map { ($0, try golden("parameter.\($0)")) }))
        let layer = try FullSoftmax(hidden: 7, vocabulary: 23, in: scope)
        let hidden = try golden("input.hidden")
        let variables = [("hidden", hidden)] + scope.parameters.map { ($0.name, $0.value) }
        let targets = try golden.integers("input.targets").map(Int32.init)
        let weights = try golden("input.weights").values
        let alpha = try golden("input.alpha").item
        let smoothing = try golden("input.label_smoothing").item
        func loss() -> TokenLoss {
            layer.consistencyLoss(
                hidden, targets: targets, weights: weights, alpha: alpha,
                labelSmoothing: smoothing, scale: 0.5)
        }
        var found: TokenLoss?
        let (value, gradients) = valueAndGradient(of: variables.map(\.1)) {
            let loss = loss()
            found = loss
            return loss.objective * 2
        }
        let objective = try golden("output.objective").item
        #expect(abs(value.item - objective) < 2e-6 * abs(objective))
        for (variable, gradient) in zip(variables, gradients) {
            #expect(
                distance(gradient, try golden("gradient.\(variable.0)")) < 2e-6, "\(variable.0)")
        }
        let likelihood = Double(try golden("output.likelihood").item)
        let smoothed = Double(try golden("output.smoothed_loss").item)
        #expect(abs((found?.negativeLogLikelihood ?? 0) - likelihood) < 1e-6 * likelihood)
        #expect(abs((found?.smoothedLoss ?? 0) - smoothed) < 1e-5 * abs(smoothed))
        #expect(found?.tokens == targets.count)
        #expect(loss().objective.item == found?.objective.item)
    }

    @Test func `two equal passes are one, whatever divergence costs`() throws {
        let scope = ParameterScope(
            initialization: Initialization(kind: .uniform, range: 0.7),
            generator: RandomGenerator(seed: 3))
        let layer = try FullSoftmax(hidden: 5, vocabulary: 40, in: scope)
        let hidden = Tensor.draw([6, 5], seed: 1)
        let targets: [Int32] = [3, 0, 39, 7, 7, 12]
        var none: RandomGenerator?
        let (one, expected) = valueAndGradient(of: [hidden]) {
            layer.loss(
                hidden, targets: targets, context: nil, labelSmoothing: 0.1, scale: 1,
                generator: &none
            ).objective
        }
        let (two, found) = valueAndGradient(of: [hidden]) {
            layer.consistencyLoss(
                hidden.gatheringRows((0..<6).flatMap { [$0, $0] }), targets: targets, weights: nil,
                alpha: 7, labelSmoothing: 0.1, scale: 1
            ).objective
        }
        #expect(abs(one.item - two.item) < 1e-5)
        #expect(distance(found[0], expected[0]) < 1e-5)
    }
}
