public import SeqTensor

/// The long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers and others
/// 2000).
///
/// Parameters: `input_weight` `[inputs, 4 · hidden]`, `recurrent_weight` `[hidden, 4 · hidden]`, `bias`
/// `[4 · hidden]`; gates stand in PyTorch's order i, f, g, o.
public struct LSTMCell: RecurrentCell {
    private let input: InputWeight
    private let recurrent: Parameter
    private let bias: Parameter

    /// The width of the hidden state.
    public let hidden: Int
    /// Hidden and cell.
    public var stateCount: Int { 2 }
    /// Four gates.
    public var projectedWidth: Int { 4 * hidden }

    /// Creates a cell; with 0 inputs it has no input weight.
    public init(inputs: Int, hidden: Int, in scope: ParameterScope) throws {
        self.hidden = hidden
        input = try InputWeight(inputs, width: 4 * hidden, in: scope)
        recurrent = try scope.parameter(
            "recurrent_weight", [hidden, 4 * hidden], .recurrent(gates: 4))
        bias = try scope.parameter("bias", [4 * hidden], .bias)
    }

    private var weights: LSTMWeights {
        LSTMWeights(input: input.value, recurrent: recurrent.value, bias: bias.value)
    }

    /// x·W + b.
    public func projected(_ input: Tensor) -> Tensor {
        self.input.projected(input, bias: bias.value)
    }

    /// One time step; see ``lstmCell(_:cell:)``.
    public func step(
        _ projected: Tensor, extra: [(input: Tensor, weight: Tensor)], state: RecurrentState,
        mask: Tensor?
    ) -> RecurrentState {
        let gates = affine(
            [(state.hidden(masked: mask), recurrent.value)] + extra, addend: projected)
        let next = lstmCell(gates, cell: state.tensors[1])
        return RecurrentState([next.hidden, next.cell])
    }

    /// The fused layer; see ``lstmLayer(_:forward:backward:initial:)``.
    public func layer(
        _ input: Sequences, backward: (any RecurrentCell)?, initial: [RecurrentState]?
    ) -> (output: Sequences, final: [RecurrentState]) {
        let (output, final) = lstmLayer(
            input, forward: weights, backward: counterpart(backward)?.weights,
            initial: initial?.map { LSTMState(hidden: $0.tensors[0], cell: $0.tensors[1]) })
        return (output, final.map { RecurrentState([$0.hidden, $0.cell]) })
    }
}
