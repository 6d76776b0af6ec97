import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Attention in all its forms against values and gradients of PyTorch.
struct AttentionGoldens {
    // MARK: Global attention, by layers_make.py

    /// Ours and the golden's name of each parameter.
    ///
    /// The golden's `weight` of the general score is W in queryᵀ·W·memory, `[query, memory]`; ours is
    /// its transpose.
    private static let names: [AttentionConfiguration.Score: [(ours: String, theirs: String)]] = [
        .dot: [], .general: [("key_weight", "weight")],
        .concat: [
            ("key_weight", "memory_weight"), ("query_weight", "query_weight"),
            ("v", "score_weight"),
        ],
    ]

    @Test(arguments: [AttentionConfiguration.Score.dot, .general, .concat])
    func globalAttention(_ score: AttentionConfiguration.Score) throws {
        let golden = try Golden("attention_\(score.rawValue)")
        let names = Self.names[score] ?? []
        func oriented(_ tensor: Tensor) -> Tensor {
            score == .general ? tensor.transposed() : tensor
        }
        let scope = ParameterScope(
            checkpoint: try checkpoint(
                try names.map { ($0.ours, oriented(try golden("parameter.\($0.theirs)"))) }))
        let queries = Sequences(
            try golden("input.queries"), layout: try golden.layout("input.target_lengths"))
        let memory = Sequences(
            try golden("input.memory"), layout: try golden.layout("input.source_lengths"))
        var configuration = AttentionConfiguration()
        configuration.score = score
        let attention = try Attention(
            configuration, query: queries.features, memory: memory.features, in: scope)
        try scope.checkEverythingWasUsed()
        let variables = [queries.steps, memory.steps] + scope.parameters.map(\.value)
        var found = Attended()
        let (_, gradients) = try valueAndGradient(of: variables) {
            found = attention.attended(queries, memory: memory, isStepwise: false)
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

    // MARK: All forms, by attention.py

    /// The forms that the golden holds.
    static let forms: [(name: String, configuration: AttentionConfiguration)] = {
        typealias Form = AttentionConfiguration
        var forms: [(String, Form)] = []
        func add(_ name: String, _ configuration: Form) { forms.append((name, configuration)) }
        for score in Form.Score.allCases where score != .none {
            for range in Form.Range.allCases {
                add("\(score.rawValue).\(range.rawValue)", .small(score, range))
            }
        }
        for range in Form.Range.allCases {
            add("sparsemax.\(range.rawValue)", .small(.general, range, .sparsemax))
        }
        for score in [Form.Score.dot, .concat, .location] {
            add("sparsemax.\(score.rawValue)", .small(score, .global, .sparsemax))
        }
        for coverage in [Form.Coverage.see, .tu] {
            let name = coverage.rawValue
            for score in [Form.Score.general, .concat, .location] {
                add("\(name).\(score.rawValue)", .small(score, coverage: coverage))
            }
            add("\(name).hybrid", .small(.concat, .hybrid, coverage: coverage))
            add("\(name).heads", .small(.concat, coverage: coverage, heads: 2))
        }
        add("see.heads_general", .small(.general, coverage: .see, heads: 2))
        for score in [Form.Score.general, .concat, .location] {
            add("soft_monotonic.\(score.rawValue)", .small(score, .global, .softMonotonic))
        }
        add("soft_monotonic.see", .small(.general, .global, .softMonotonic, coverage: .see))
        for score in [Form.Score.dot, .scaledDot, .general, .concat] {
            add("heads.\(score.rawValue)", .small(score, heads: 2))
        }
        for range in Form.Range.allCases where range != .global {
            add("heads.\(range.rawValue)", .small(.concat, range, heads: 2))
        }
        return forms
    }()

    @Test(arguments: forms.map(\.name)) func form(_ name: String) throws {
        let golden = try Golden("attention_forms")
        let configuration = try #require(Self.forms.first { $0.name == name }).configuration
        let prefix = "\(name).parameter."
        let names = golden.file.names.filter { $0.hasPrefix(prefix) }.sorted()
        let scope = ParameterScope(
            checkpoint: try checkpoint(
                try names.map { (String($0.dropFirst(prefix.count)), try golden($0)) }))
        let queries = Sequences(
            try golden("\(name).input.queries"), layout: try golden.layout("target_lengths"))
        let memory = Sequences(
            try golden("\(name).input.memory"), layout: try golden.layout("source_lengths"))
        let attention = try Attention(
            configuration, query: queries.features, memory: memory.features, in: scope)
        try scope.checkEverythingWasUsed()
        let variables = [queries.steps, memory.steps] + scope.parameters.map(\.value)
        for isStepwise in attention.hasHistory ? [true] : [true, false] {
            var found = Attended()
            let (_, gradients) = try valueAndGradient(of: variables) {
                found = attention.attended(queries, memory: memory, isStepwise: isStepwise)
                func part(_ output: String, _ tensor: Tensor) throws -> Tensor {
                    (tensor * (try golden("\(name).input.grad_output.\(output)"))).sum()
                }
                let sum = try part("context", found.context) + part("weights", found.weights)
                return try found.loss.map { try part("loss", $0) + sum } ?? sum
            }
            #expect(distance(found.context, try golden("\(name).output.context")) < 1e-6)
            #expect(distance(found.weights, try golden("\(name).output.weights")) < 1e-6)
            #expect((found.loss != nil) == (configuration.coverage == .see))
            if let loss = found.loss {
                #expect(distance(loss.reshaped([1]), try golden("\(name).output.loss")) < 1e-6)
            }
            #expect(distance(gradients[0], try golden("\(name).gradient.queries")) < 3e-6)
            #expect(distance(gradients[1], try golden("\(name).gradient.memory")) < 3e-6)
            for (parameter, gradient) in zip(scope.parameters, gradients.dropFirst(2)) {
                let expected = try golden("\(name).gradient.\(parameter.name)")
                #expect(distance(gradient, expected) < 3e-6, "\(parameter.name)")
            }
        }
    }

    @Test func everyFormOfTheGoldenIsTested() throws {
        let names = try Golden("attention_forms").file.names
        let found = Set(
            names.compactMap { name in
                name.hasSuffix(".input.queries") ? String(name.dropLast(14)) : nil
            })
        #expect(found == Set(Self.forms.map(\.name)))
    }
}
