import SeqNN
import SeqTensor
import TestSupport
import Testing

/// The output layers against values and gradients of PyTorch, and of transcriptions of the papers.
struct OutputLayerGoldens {
    /// A scope with the parameters of a golden.
    private func scope(_ golden: Golden) throws -> ParameterScope {
        let prefix = "parameter."
        let names = golden.file.names.filter { $0.hasPrefix(prefix) }
        return ParameterScope(
            checkpoint: try checkpoint(
                try names.map { (String($0.dropFirst(prefix.count)), try golden($0)) }))
    }

    private func targets(_ golden: Golden) throws -> [Int32] {
        try golden.integers("input.targets").map(Int32.init)
    }

    /// Compares losses, gradients of the objective, and log-probabilities.
    private func check(
        _ layer: any OutputLayer, _ golden: Golden, _ scope: ParameterScope,
        inputs: [(name: String, tensor: Tensor)], isSmoothed: Bool = true,
        hidden: @escaping () throws -> Tensor, context: @escaping () -> OutputContext?
    ) throws {
        try scope.checkEverythingWasUsed()
        let targets = try targets(golden)
        let smoothing = isSmoothed ? try golden("input.label_smoothing").item : 0
        let variables = inputs + scope.parameters.map { ($0.name, $0.value) }
        var found: TokenLoss?
        let (_, gradients) = try valueAndGradient(of: variables.map(\.tensor)) {
            var generator: RandomGenerator?
            let loss = layer.loss(
                try hidden(), targets: targets, context: context(), labelSmoothing: smoothing,
                scale: 0.5, generator: &generator)
            found = loss
            return loss.objective * 2
        }
        let loss = try #require(found)
        let plain = Double(try golden("output.loss").item)
        let objective = isSmoothed ? Double(try golden("output.smoothed_loss").item) : plain
        #expect(abs(loss.negativeLogLikelihood - plain) < 1e-6 * plain)
        #expect(abs(loss.smoothedLoss - objective) < 1e-6 * objective)
        #expect(abs(Double(loss.objective.item) * 2 - objective) < 1e-6 * objective)
        #expect(loss.tokens == targets.count)
        for (variable, gradient) in zip(variables, gradients) {
            let expected = try golden("gradient.\(variable.name)")
            #expect(distance(gradient, expected) < 2e-6, "\(variable.name)")
        }
        let stored = golden.file.names.filter { $0.hasPrefix("gradient.") }
        #expect(stored.count == variables.count)

        let logits = layer.logits(try hidden(), context: context())
        let logProbabilities = layer.isNormalized ? logits : logits.logSoftmax()
        let expected = try golden("output.log_probabilities")
        #expect(distance(logProbabilities, expected) < 2e-6)
        let chosen = layer.logProbabilities(try hidden(), targets: targets, context: context())
        #expect(abs(-chosen.reduce(0) { $0 + Double($1) } - plain) < 1e-5)
        for (row, target) in targets.enumerated() {
            let value = logits.values[row * logits.rowWidth + Int(target)]
            let normalizer = layer.isNormalized ? 0 : logits.logSumExp()[row]
            #expect(chosen[row] == value - normalizer)
        }
    }

    /// The table of embeddings is both gathered and multiplied with; its gradient is the sum.
    @Test func tiedEmbeddings() throws {
        let golden = try Golden("output_tied")
        let scope = try scope(golden)
        let embedding = try Embedding(
            vocabulary: 50, features: 12, in: scope.scope("embedding"))
        let inner = try Linear(12, 16, hasBias: false, in: scope.scope("inner"))
        let layer = try FullSoftmax(
            hidden: 16, vocabulary: 50, tiedTo: embedding.weight, in: scope.scope("output"))
        let ids = try golden.integers("input.ids").map(Int32.init)
        try check(
            layer, golden, scope, inputs: [], hidden: { inner(embedding(ids)).tanh() },
            context: { nil })
    }

    @Test func adaptive() throws {
        let golden = try Golden("output_adaptive")
        let scope = try scope(golden)
        let layer = try AdaptiveSoftmax(
            hidden: 16, vocabulary: 50, cutoffs: [12, 30], divisor: 2, in: scope)
        let hidden = try golden("input.hidden")
        try check(
            layer, golden, scope, inputs: [("hidden", hidden)], isSmoothed: false,
            hidden: { hidden }, context: { nil })
    }

    @Test func mixture() throws {
        let golden = try Golden("output_mixture")
        let scope = try scope(golden)
        let layer = try MixtureOfSoftmaxes(hidden: 16, vocabulary: 50, mixtures: 3, in: scope)
        let hidden = try golden("input.hidden")
        try check(
            layer, golden, scope, inputs: [("hidden", hidden)], hidden: { hidden },
            context: { nil })
    }

    private func source(_ golden: Golden) throws -> (CopySource, AttentionLayout) {
        let memory = try golden.layout("input.source_lengths")
        let tokens = try golden.integers("input.source_tokens").map(Int32.init)
        return (
            CopySource(tokens: tokens, layout: memory, extendedVocabulary: 53),
            AttentionLayout(memory: memory, queries: try golden.layout("input.target_lengths"))
        )
    }

    @Test func pointerGenerator() throws {
        let golden = try Golden("output_pointer_generator")
        let scope = try scope(golden)
        let layer = try PointerGenerator(hidden: 16, vocabulary: 50, in: scope)
        let (source, layout) = try source(golden)
        let (hidden, scores) = (try golden("input.hidden"), try golden("input.scores"))
        // The weights are a softmax over the scores, so that gradients pass through both.
        func weights() -> Tensor {
            let rows = (0..<layout.queryCount).map { row in
                let range = Int(layout.weightStarts[row])..<Int(layout.weightStarts[row + 1])
                return scores.rows(range).reshaped([1, -1]).softmax()
            }
            return Tensor.concatenatingColumns(rows).reshaped([-1])
        }
        try check(
            layer, golden, scope, inputs: [("hidden", hidden), ("scores", scores)],
            hidden: { hidden },
            context: {
                OutputContext(weights: weights(), memory: nil, layout: layout, source: source)
            })
    }

    @Test func copyNetwork() throws {
        let golden = try Golden("output_copy")
        let scope = try scope(golden)
        let layer = try CopyNetwork(hidden: 16, vocabulary: 50, memory: 10, in: scope)
        let (source, layout) = try source(golden)
        let (hidden, memory) = (try golden("input.hidden"), try golden("input.memory"))
        try check(
            layer, golden, scope, inputs: [("hidden", hidden), ("memory", memory)],
            hidden: { hidden },
            context: {
                OutputContext(
                    weights: nil, memory: layer.memory(memory), layout: layout, source: source)
            })
    }

    /// The loss of training with the golden's samples, and the full softmax outside training.
    @Test func sampled() throws {
        let golden = try Golden("output_sampled")
        let sample = TokenSample(
            tokens: try golden.integers("input.samples").map(Int32.init),
            draws: try golden.integers("input.draws")[0], vocabulary: 50)
        let counts = sample.tokens.map(sample.logExpectedCount)
        let expectedCounts = try golden("output.log_expected_counts").values.map(Double.init)
        #expect(distance(counts, expectedCounts) < 1e-6)
        let variables = [
            try golden("input.hidden"), try golden("parameter.weight"),
            try golden("parameter.bias"),
        ]
        let smoothing = try golden("input.label_smoothing").item
        let targets = try targets(golden)
        var found: TokenLoss?
        let (_, gradients) = valueAndGradient(of: variables) {
            let loss = sampledCrossEntropy(
                variables[0], weight: variables[1], bias: variables[2], targets: targets,
                sample: sample, labelSmoothing: smoothing, scale: 0.5)
            found = loss
            return loss.objective * 2
        }
        let plain = Double(try golden("output.loss").item)
        let objective = Double(try golden("output.smoothed_loss").item)
        #expect(abs((found?.negativeLogLikelihood ?? 0) - plain) < 1e-6 * plain)
        #expect(abs((found?.smoothedLoss ?? 0) - objective) < 1e-6 * objective)
        for (name, gradient) in zip(["hidden", "weight", "bias"], gradients) {
            #expect(distance(gradient, try golden("gradient.\(name)")) < 2e-6, "\(name)")
        }

        let scope = try scope(golden)
        let layer = try SampledSoftmax(hidden: 16, vocabulary: 50, samples: 9, in: scope)
        try scope.checkEverythingWasUsed()
        var none: RandomGenerator?
        let full = layer.loss(
            variables[0], targets: targets, context: nil, labelSmoothing: smoothing, scale: 0.1,
            generator: &none)
        let fullPlain = Double(try golden("output.full_loss").item)
        let fullObjective = Double(try golden("output.full_smoothed_loss").item)
        #expect(abs(full.negativeLogLikelihood - fullPlain) < 1e-6 * fullPlain)
        #expect(abs(full.smoothedLoss - fullObjective) < 1e-6 * fullObjective)
        #expect(abs(Double(full.objective.item) - 0.1 * fullObjective) < 1e-6 * fullObjective)
        let logProbabilities = layer.logits(variables[0], context: nil).logSoftmax()
        #expect(distance(logProbabilities, try golden("output.log_probabilities")) < 2e-6)
        let chosen = layer.logProbabilities(variables[0], targets: targets, context: nil)
        #expect(abs(-chosen.reduce(0) { $0 + Double($1) } - fullPlain) < 1e-5)
    }

    /// Ten steps of Adam on rows, some of which are given twice.
    @Test func sparseAdam() throws {
        let golden = try Golden("sparse_adam")
        let table = Parameter("table", try golden("parameter.initial"), isSparse: true)
        let buffer = ParameterBuffer([table])
        var options = Adam.Options()
        options.beta1 = try golden("input.beta1").item
        options.beta2 = try golden("input.beta2").item
        options.epsilon = try golden("input.epsilon").item
        let optimizer = Adam(buffer, options: options)
        let rate = try golden("input.learning_rate").item
        let rows = try golden.integers("input.rows").map(Int32.init)
        let gradients = try golden("input.gradients")
        for step in 0..<gradients.rows {
            let used = Array(rows[(4 * step)..<(4 * step + 4)])
            let gradient = gradients.rows(step..<step + 1).reshaped([4, 5])
            _ = buffer.valueAndGradient {
                (table.value.gatheringRows(used) * gradient).sum()
            }
            optimizer.update(buffer, learningRate: rate, gradientScale: 1)
            let expected = try golden("output.parameters").rows(step..<step + 1)
                .reshaped([12, 5])
            #expect(distance(table.value, expected) < 1e-6, "step \(step)")
        }
    }
}
