import SeqNN
import SeqTensor
import TestSupport
import Testing

/// The layers of the Transformer against values and gradients of PyTorch.
struct TransformerGoldens {
    static let heads = 2

    /// A scope that reads the golden's parameters.
    static func scope(_ golden: Golden) throws -> ParameterScope {
        let names = golden.file.names.filter { $0.hasPrefix("parameter.") }
        return ParameterScope(
            checkpoint: try checkpoint(
                try names.map { (String($0.dropFirst("parameter.".count)), try golden($0)) }))
    }

    /// Compares outputs and the gradients of inputs and of all parameters.
    static func check(
        _ golden: Golden, inputs: [String], scope: ParameterScope,
        _ function: ([Tensor]) throws -> [String: Tensor]
    ) throws {
        try scope.checkEverythingWasUsed()
        let tensors = try inputs.map { try golden("input.\($0)") }
        let variables = tensors + scope.parameters.map(\.value)
        let (_, gradients) = try valueAndGradient(of: variables) {
            let found = try function(tensors)
            return try found.sorted { $0.key < $1.key }.map { name, tensor in
                let expected = try golden("output.\(name)")
                #expect(distance(tensor, expected) < 2e-6, "\(name)")
                return (tensor * (try golden.weighting(name))).sum()
            }.sum()
        }
        for (name, gradient) in zip(inputs + scope.parameters.map(\.name), gradients) {
            let expected = try golden("gradient.\(name)")
            #expect(distance(gradient, expected) < 5e-6, "\(name)")
        }
    }

    static func configuration(
        _ norm: TransformerConfiguration.Norm, _ activation: FeedForwardFunction
    ) -> TransformerConfiguration {
        var configuration = TransformerConfiguration()
        configuration.heads = heads
        configuration.feedForward = 28
        configuration.norm = norm
        configuration.activation = activation
        return configuration
    }

    @Test(arguments: [false, true]) func selfAttention(_ isCausal: Bool) throws {
        let golden = try Golden("transformer_self_attention_\(isCausal ? "causal" : "full")")
        let scope = try Self.scope(golden)
        let layer = try SelfAttention(20, heads: Self.heads, in: scope)
        let layout = try golden.layout("input.lengths")
        try Self.check(golden, inputs: ["x"], scope: scope) { inputs in
            var dropout = Dropout.none
            return [
                "y": layer(
                    inputs[0], layout: layout, positions: layout.stepOfRow, isCausal: isCausal,
                    dropout: &dropout)
            ]
        }
    }

    @Test func crossAttention() throws {
        let golden = try Golden("transformer_cross_attention")
        let scope = try Self.scope(golden)
        let layer = try CrossAttention(20, memory: 20, heads: Self.heads, in: scope)
        let layout = AttentionLayout(
            memory: try golden.layout("input.source_lengths"),
            queries: try golden.layout("input.target_lengths"))
        try Self.check(golden, inputs: ["x", "memory"], scope: scope) { inputs in
            var dropout = Dropout.none
            let found = layer(
                inputs[0], memory: layer.projected(memory: inputs[1]), layout: layout,
                keepsWeights: true, dropout: &dropout)
            return ["y": found.output, "weights": found.weights ?? Tensor(0)]
        }
    }

    @Test(arguments: TransformerConfiguration.Norm.allCases, [FeedForwardFunction.relu, .gelu])
    func encoderLayer(
        _ norm: TransformerConfiguration.Norm, _ activation: FeedForwardFunction
    ) throws {
        let golden = try Golden("transformer_encoder_\(norm.rawValue)_\(activation.rawValue)")
        try Self.checkEncoderLayer(golden, Self.configuration(norm, activation))
    }

    @Test func rotaryPositionsAndSwiGLU() throws {
        let golden = try Golden("transformer_encoder_rotary_swiglu")
        var configuration = Self.configuration(.pre, .swiglu)
        configuration.positions = .rotary
        try Self.checkEncoderLayer(golden, configuration)
        for width in [10, 7] {
            let expected = try golden("output.sinusoids_\(width)")
            let found = PositionalEncoding.sinusoids((0..<40).map { $0 }, width: width)
            #expect(distance(found, expected) < 1e-6)
        }
    }

    static func checkEncoderLayer(
        _ golden: Golden, _ configuration: TransformerConfiguration
    ) throws {
        let scope = try scope(golden)
        let layer = try TransformerEncoderLayer(configuration, width: 20, in: scope)
        let layout = try golden.layout("input.lengths")
        try check(golden, inputs: ["x"], scope: scope) { inputs in
            var dropout = Dropout.none
            var stream = ResidualStream(
                inputs[0], norm: configuration.norm, first: layer.attentionNorm)
            layer(
                &stream, next: layer.attentionNorm, layout: layout, positions: layout.stepOfRow,
                dropout: &dropout)
            return ["y": stream.sum]
        }
    }

    @Test(arguments: TransformerConfiguration.Norm.allCases, [FeedForwardFunction.relu, .gelu])
    func decoderLayer(
        _ norm: TransformerConfiguration.Norm, _ activation: FeedForwardFunction
    ) throws {
        let golden = try Golden("transformer_decoder_\(norm.rawValue)_\(activation.rawValue)")
        let scope = try Self.scope(golden)
        let layer = try TransformerDecoderLayer(
            Self.configuration(norm, activation), width: 20, memory: 20, in: scope)
        let targets = try golden.layout("input.target_lengths")
        let layout = AttentionLayout(
            memory: try golden.layout("input.source_lengths"), queries: targets)
        try Self.check(golden, inputs: ["x", "memory"], scope: scope) { inputs in
            var dropout = Dropout.none
            var stream = ResidualStream(inputs[0], norm: norm, first: layer.attentionNorm)
            let weights = layer(
                &stream, next: layer.attentionNorm, layout: targets,
                positions: targets.stepOfRow,
                source: .init(
                    memory: layer.projected(memory: inputs[1]), layout: layout,
                    keepsWeights: false), dropout: &dropout)
            #expect(weights == nil)
            return ["y": stream.sum]
        }
    }
}
