import SeqNN
import SeqTensor
import TestSupport
import Testing

/// The attention module against values and gradients of PyTorch.
struct AttentionGoldens {
    /// Ours and the golden's name of each parameter.
    ///
    /// The golden's `weight` of the general score is W in queryᵀ·W·memory, `[query, memory]`; ours is
    /// its transpose.
    private static let names: [AttentionKind: [(ours: String, theirs: String)]] = [
        .dot: [], .general: [("key_weight", "weight")],
        .concat: [
            ("key_weight", "memory_weight"), ("query_weight", "query_weight"),
            ("v", "score_weight"),
        ],
    ]

    @Test(arguments: AttentionKind.allCases) func attention(_ kind: AttentionKind) throws {
        let golden = try Golden("attention_\(kind.rawValue)")
        let names = Self.names[kind] ?? []
        func oriented(_ tensor: Tensor) -> Tensor {
            kind == .general ? tensor.transposed() : tensor
        }
        let scope = ParameterScope(
            checkpoint: try checkpoint(
                try names.map { ($0.ours, oriented(try golden("parameter.\($0.theirs)"))) }))
        let queries = try golden("input.queries")
        let memory = Sequences(
            try golden("input.memory"), layout: try golden.layout("input.source_lengths"))
        let attention = try Attention(
            kind, query: queries.rowWidth, memory: memory.features, in: scope)
        try scope.checkEverythingWasUsed()
        let layout = AttentionLayout(
            memory: memory.layout, queries: try golden.layout("input.target_lengths"))
        let variables = [queries, memory.steps] + scope.parameters.map(\.value)
        var found = (context: Tensor(0), weights: Tensor(0))
        let (_, gradients) = try valueAndGradient(of: variables) {
            found = attention(queries, memory: attention.memory(memory), layout: layout)
            return (found.context * (try golden.weighting("context"))).sum()
        }
        #expect(distance(found.context, try golden("output.context")) < 1e-6)
        #expect(distance(found.weights, try golden("output.weights")) < 1e-6)
        #expect(distance(gradients[0], try golden("gradient.queries")) < 2e-6)
        #expect(distance(gradients[1], try golden("gradient.memory")) < 2e-6)
        for (name, gradient) in zip(names, gradients.dropFirst(2)) {
            let expected = oriented(try golden("gradient.\(name.theirs)"))
            #expect(distance(gradient, expected) < 2e-6, "\(name.ours)")
        }
    }
}
