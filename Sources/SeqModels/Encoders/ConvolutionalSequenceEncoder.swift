public import SeqNN
public import SeqTensor

/// The encoder of ConvS2S (Gehring and others 2017, section 3): position embeddings, a linear map to
/// `hidden`, layers of convolution, gated linear unit and residual connection, and a map back.
///
/// Attention compares with the states z; contexts are made of (z + e)·√½ with the embedded inputs e.
/// Dropout acts on the input of each convolution; the caller's embeddings have theirs already.
///
/// Parameters: `positions.weight`; of `input`, `layers.N` and `output` those of ``Convolution``.
public struct ConvolutionalSequenceEncoder: SequenceEncoder {
    private let positions: StepPositions
    private let input: Convolution
    private let layers: [Convolution]
    private let output: Convolution
    private let hidden: Int

    /// The width of the inputs.
    public let outputs: Int

    /// Creates an encoder of inputs of width `inputs`.
    public init(
        _ configuration: ConvolutionConfiguration, inputs: Int, hidden: Int, layers: Int,
        in scope: ParameterScope
    ) throws {
        outputs = inputs
        self.hidden = hidden
        let isNormalized = configuration.normalizesWeights
        positions = try StepPositions(
            configuration.maximumLength, features: inputs, in: scope.scope("positions"))
        input = try Convolution(
            inputs, hidden, isNormalized: isNormalized, in: scope.scope("input"))
        self.layers = try (0..<layers).map { layer in
            try Convolution(
                hidden, 2 * hidden, kernel: configuration.kernel, isNormalized: isNormalized,
                norm: 2, in: scope.scope("layers.\(layer)"))
        }
        output = try Convolution(
            hidden, inputs, isNormalized: isNormalized, in: scope.scope("output"))
    }

    /// The embedded inputs, the products of a layer, and the memory.
    public var numbersPerStep: Int { 4 * outputs + 6 * hidden }

    /// Encodes `input`, `[steps, inputs]`.
    public func callAsFunction(_ input: Sequences, dropout: inout Dropout) -> EncodedSource {
        let embedded = positions(input.steps, steps: input.layout.stepOfRow)
        var states = self.input(windows: embedded)
        for layer in layers {
            states = layer(input.with(dropout(states))).steps
                .gatedLinearUnit(residual: states, scale: halfRoot)
        }
        let memory = output(windows: states)
        return EncodedSource(
            memory: input.with(memory),
            values: memory.scaled(halfRoot, adding: embedded, scaled: halfRoot))
    }
}

/// √½: the sum of two independent numbers times it has the variance of one.
let halfRoot = Float(0.5).squareRoot()

/// A learned vector for each time step, added to the inputs; the last one serves all further steps.
struct StepPositions: Sendable {
    private let weight: Parameter?

    /// - Parameter maximumLength: the number of vectors; 0 for none.
    init(_ maximumLength: Int, features: Int, in scope: ParameterScope) throws {
        weight =
            maximumLength == 0
            ? nil : try scope.parameter("weight", [maximumLength, features], .embedding)
    }

    /// The inputs, `[rows, features]`, with the vectors of their time steps.
    func callAsFunction(_ input: Tensor, steps: [Int32]) -> Tensor {
        guard let weight else { return input }
        let last = Int32(weight.shape[0] - 1)
        return input + weight.value.gatheringRows(steps.map { min($0, last) })
    }
}
