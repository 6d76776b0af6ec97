public import SeqNN
public import SeqTensor

/// A plain convolutional encoder: position embeddings and a stack of convolutions with activations, and
/// residual connections if wanted.
///
/// Dropout acts on the input of each convolution but the first, whose input the caller's embeddings
/// have had theirs on.
///
/// Parameters: `positions.weight`; of `layers.N` those of ``Convolution``.
public struct ConvolutionalEncoder: SequenceEncoder {
    private let positions: StepPositions
    private let layers: [Convolution]
    private let activation: ConvolutionConfiguration.Activation
    private let isResidual: Bool

    /// The width of a layer.
    public let outputs: Int

    /// Creates an encoder of inputs of width `inputs`.
    public init(
        _ configuration: ConvolutionConfiguration, inputs: Int, hidden: Int, layers: Int,
        in scope: ParameterScope
    ) throws {
        outputs = hidden
        activation = configuration.activation
        isResidual = configuration.isResidual
        positions = try StepPositions(
            configuration.maximumLength, features: inputs, in: scope.scope("positions"))
        let isGated = activation == .glu
        self.layers = try (0..<layers).map { layer in
            try Convolution(
                layer == 0 ? inputs : hidden, isGated ? 2 * hidden : hidden,
                kernel: configuration.kernel, isNormalized: configuration.normalizesWeights,
                norm: isGated ? 2 : 1, in: scope.scope("layers.\(layer)"))
        }
    }

    /// Inputs, products and activations of a layer.
    public var numbersPerStep: Int { 6 * outputs }

    /// Encodes `input`, `[steps, inputs]`.
    public func callAsFunction(_ input: Sequences, dropout: inout Dropout) -> EncodedSource {
        var states = positions(input.steps, steps: input.layout.stepOfRow)
        for (index, layer) in layers.enumerated() {
            let kept = index == 0 ? states : dropout(states)
            let convolved = layer(input.with(kept)).steps
            let addsInput = isResidual && states.rowWidth == outputs
            let activated: Tensor
            switch activation {
            case .glu:
                states = convolved.gatedLinearUnit(
                    residual: addsInput ? states : nil, scale: addsInput ? halfRoot : 1)
                continue
            case .relu: activated = convolved.relu()
            case .tanh: activated = convolved.tanh()
            }
            states =
                addsInput
                ? activated.scaled(halfRoot, adding: states, scaled: halfRoot) : activated
        }
        return EncodedSource(memory: input.with(states))
    }
}
