public import SeqNN
public import SeqTensor

/// The encoder of the Transformer (Vaswani and others 2017, section 3).
///
/// Positions are added to the embeddings, which have had their dropout.
///
/// Parameters: `input.weight` and `input.bias` where the inputs are not as wide as the layers;
/// `positions.weight` of learned positions; of `layers.N` those of ``TransformerEncoderLayer``; of `norm`
/// those of ``LayerNormalization`` with norm before the sublayers.
public struct TransformerEncoder: SequenceEncoder {
    private let input: Linear?
    private let positions: PositionalEncoding
    private let layers: [TransformerEncoderLayer]
    private let finalNorm: LayerNormalization?
    private let norm: TransformerConfiguration.Norm

    /// The width of the layers.
    public let outputs: Int

    /// Creates an encoder of inputs of width `inputs`.
    public init(
        _ configuration: TransformerConfiguration, inputs: Int, hidden: Int, layers: Int,
        in scope: ParameterScope
    ) throws {
        outputs = hidden
        norm = configuration.norm
        input = inputs == hidden ? nil : try Linear(inputs, hidden, in: scope.scope("input"))
        positions = try PositionalEncoding(configuration, width: hidden, in: scope)
        self.layers = try (0..<layers).map { layer in
            try TransformerEncoderLayer(
                configuration, width: hidden, in: scope.scope("layers.\(layer)"))
        }
        finalNorm =
            norm == .pre ? try LayerNormalization(hidden, in: scope.scope("norm")) : nil
    }

    /// What one layer after the other works with.
    public var numbersPerStep: Int { layers.map(\.numbersPerStep).max() ?? 0 }

    /// Encodes `input`, `[steps, inputs]`.
    public func callAsFunction(_ input: Sequences, dropout: inout Dropout) -> EncodedSource {
        let steps = input.layout.stepOfRow
        let embedded = positions(self.input?(input.steps) ?? input.steps, positions: steps)
        var stream = ResidualStream(embedded, norm: norm, first: layers[0].attentionNorm)
        for (index, layer) in layers.enumerated() {
            layer(
                &stream, next: layers.norm(after: index, last: finalNorm), layout: input.layout,
                positions: steps, dropout: &dropout)
        }
        return EncodedSource(memory: input.with(stream.normalized))
    }
}

extension PositionalEncoding {
    /// The encoding that is configured, for vectors of width `width`.
    init(
        _ configuration: TransformerConfiguration, width: Int, in scope: ParameterScope
    ) throws {
        try self.init(
            configuration.positions, width: width, maximumLength: configuration.maximumLength,
            scalesEmbeddings: configuration.scalesEmbeddings, in: scope.scope("positions"))
    }
}

extension [TransformerEncoderLayer] {
    /// The norm that stands after layer `index` where norms stand before sublayers.
    fileprivate func norm(after index: Int, last: LayerNormalization?) -> LayerNormalization {
        index + 1 < count ? self[index + 1].attentionNorm : last ?? self[index].attentionNorm
    }
}
