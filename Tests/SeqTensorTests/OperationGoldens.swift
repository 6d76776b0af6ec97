import SeqTensor
import TestSupport
import Testing

/// The operations against values and gradients of PyTorch.
struct OperationGoldens {
    /// The largest difference from `output.NAME` and `gradient.NAME.*`.
    private func check(
        _ name: String, variables: [String], _ function: ([Tensor]) throws -> Tensor
    ) throws -> Double {
        let golden = try Golden("operations")
        let inputs = try variables.map { key in
            let place = golden.file.names.contains("input.\(name).\(key)") ? "input" : "parameter"
            return try golden("\(place).\(name).\(key)")
        }
        let weighting = try golden("input.\(name).grad_output")
        var output = Tensor(0)
        let (_, gradients) = try valueAndGradient(of: inputs) {
            output = try function(inputs)
            return (output * weighting).sum()
        }
        var worst = distance(output, try golden("output.\(name)"))
        for (key, gradient) in zip(variables, gradients) {
            worst = max(worst, distance(gradient, try golden("gradient.\(name).\(key)")))
        }
        return worst
    }

    private static let functions: [(String, @Sendable (Tensor) -> Tensor)] = [
        ("softmax", { $0.softmax() }), ("log_softmax", { $0.logSoftmax() }),
        ("gelu_tanh", { $0.gelu() }), ("relu", { $0.relu() }), ("tanh", { $0.tanh() }),
        ("sigmoid", { $0.sigmoid() }),
    ]

    @Test(arguments: functions.map(\.0)) func elementwise(_ name: String) throws {
        let function = try #require(Self.functions.first { $0.0 == name }?.1)
        let worst = try check(name, variables: ["x"]) { function($0[0]) }
        #expect(worst < 1e-6)
    }

    @Test func layerNormalisation() throws {
        let worst = try check("layer_norm", variables: ["x", "scale", "offset"]) {
            $0[0].layerNormalized(gain: $0[1], bias: $0[2])
        }
        #expect(worst < 2e-6)
    }

    @Test func embedding() throws {
        let ids = try Golden("operations").integers("input.embedding.ids").map(Int32.init)
        let worst = try check("embedding", variables: ["table"]) { $0[0].gatheringRows(ids) }
        #expect(worst < 1e-6)
    }

    @Test func linear() throws {
        let worst = try check("linear", variables: ["x", "weight", "bias"]) {
            affine([($0[0], $0[1])], bias: $0[2])
        }
        #expect(worst < 2e-6)
    }

    @Test(arguments: ["", "plain."]) func crossEntropy(_ prefix: String) throws {
        let golden = try Golden("cross_entropy")
        let names = ["hidden", "weight", "bias"]
        let variables = [
            try golden("input.hidden"), try golden("parameter.weight").stored,
            try golden("parameter.bias"),
        ]
        let targets = try golden.integers("input.targets").map(Int32.init)
        let smoothing = prefix.isEmpty ? try golden("input.label_smoothing").item : 0
        var loss: TokenLoss?
        let (value, gradients) = valueAndGradient(of: variables) {
            let found = linearCrossEntropy(
                variables[0], weight: variables[1], bias: variables[2], targets: targets,
                labelSmoothing: smoothing)
            loss = found
            return found.objective
        }
        let expected = try golden("output.\(prefix.isEmpty ? "smoothed_loss" : "loss")").item
        #expect(abs(value.item - expected) < 1e-6 * expected)
        #expect(loss?.tokens == targets.count)
        let likelihood = Double(try golden("output.loss").item)
        #expect(abs((loss?.negativeLogLikelihood ?? 0) - likelihood) < 1e-6 * likelihood)
        for (name, gradient) in zip(names, gradients) {
            #expect(distance(gradient, try golden("gradient.\(prefix)\(name)")) < 2e-6, "\(name)")
        }
    }

    @Test func dotAttention() throws {
        let golden = try Golden("attention_dot")
        let layout = AttentionLayout(
            memory: try golden.layout("input.source_lengths"),
            queries: try golden.layout("input.target_lengths"))
        let variables = [try golden("input.queries"), try golden("input.memory")]
        let weighting = try golden.weighting("context")
        var found = (context: Tensor(0), weights: Tensor(0))
        let (_, gradients) = valueAndGradient(of: variables) {
            found = attend(
                variables[0], keys: variables[1], values: variables[1], layout: layout,
                score: .dot(scale: 1))
            return (found.context * weighting).sum()
        }
        #expect(distance(found.context, try golden("output.context")) < 1e-6)
        #expect(distance(found.weights, try golden("output.weights")) < 1e-6)
        #expect(distance(gradients[0], try golden("gradient.queries")) < 2e-6)
        #expect(distance(gradients[1], try golden("gradient.memory")) < 2e-6)
    }
}
