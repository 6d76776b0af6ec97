public import SeqTensor

/// The simple recurrent network, h' = f(x·W + h·U + b) with tanh (Elman 1990) or ReLU (Le and others
/// 2015).
///
/// Parameters: `input_weight` `[inputs, hidden]`, `recurrent_weight` `[hidden, hidden]`, `bias`
/// `[hidden]`.
public struct ElmanCell: RecurrentCell {
    private let input: InputWeight
    private let recurrent: Parameter
    private let bias: Parameter
    private let activation: RNNActivation

    /// The width of the hidden state.
    public let hidden: Int
    /// Hidden alone.
    public var stateCount: Int { 1 }
    /// One block.
    public var projectedWidth: Int { hidden }

    /// Creates a cell; with 0 inputs it has no input weight.
    public init(
        inputs: Int, hidden: Int, activation: RNNActivation = .tanh, in scope: ParameterScope
    ) throws {
        self.hidden = hidden
        self.activation = activation
        input = try InputWeight(inputs, width: hidden, in: scope)
        recurrent = try scope.parameter(
            "recurrent_weight", [hidden, hidden], .recurrent(gates: 1))
        bias = try scope.parameter("bias", [hidden], .bias)
    }

    private var weights: RNNWeights {
        RNNWeights(input: input.value, recurrent: recurrent.value, bias: bias.value)
    }

    /// x·W + b.
    public func projected(_ input: Tensor) -> Tensor {
        self.input.projected(input, bias: bias.value)
    }

    /// One time step; see ``rnnCell(_:activation:)``.
    public func step(
        _ projected: Tensor, extra: [(input: Tensor, weight: Tensor)], state: RecurrentState,
        mask: Tensor?
    ) -> RecurrentState {
        let sum = affine(
            [(state.hidden(masked: mask), recurrent.value)] + extra, addend: projected)
        return RecurrentState([rnnCell(sum, activation: activation)])
    }

    /// The fused layer; see ``rnnLayer(_:activation:forward:backward:initial:)``.
    public func layer(
        _ input: Sequences, backward: (any RecurrentCell)?, initial: [RecurrentState]?
    ) -> (output: Sequences, final: [RecurrentState]) {
        let (output, final) = rnnLayer(
            input, activation: activation, forward: weights,
            backward: counterpart(backward)?.weights, initial: initial?.map(\.hidden))
        return (output, final.map { RecurrentState([$0]) })
    }
}
