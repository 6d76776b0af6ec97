public import SeqTensor

/// The simple recurrent unit (Lei and others 2018), whose gates see the cell element by element, so that
/// no step waits for a product.
///
/// Parameters: `input_weight` `[inputs, 4 · hidden]` in blocks x̃, forget, reset, highway;
/// `recurrent_weight` `[2 · hidden]`, v_f and v_r; `bias` `[2 · hidden]` of forget and reset. The
/// highway always has its projection, as if inputs and hidden had different widths.
public struct SRUCell: RecurrentCell {
    private let input: InputWeight
    private let recurrent: Parameter
    private let bias: Parameter

    /// The width of the hidden state.
    public let hidden: Int
    /// Hidden and cell.
    public var stateCount: Int { 2 }
    /// Candidate, two gates and the highway.
    public var projectedWidth: Int { 4 * hidden }

    /// Creates a cell; with 0 inputs it has no input weight.
    public init(inputs: Int, hidden: Int, in scope: ParameterScope) throws {
        self.hidden = hidden
        input = try InputWeight(inputs, width: 4 * hidden, in: scope)
        recurrent = try scope.parameter("recurrent_weight", [2 * hidden], .bias)
        bias = try scope.parameter("bias", [2 * hidden], .bias)
    }

    /// The bias with zeros for candidate and highway, `[1, 4 · hidden]`.
    private var fullBias: Tensor {
        let zeros = Tensor.zeros([1, hidden])
        return .concatenatingColumns([zeros, bias.value.reshaped([1, 2 * hidden]), zeros])
    }

    private var weights: SRUWeights {
        SRUWeights(input: input.value, bias: fullBias, recurrent: recurrent.value)
    }

    /// x·W + b.
    public func projected(_ input: Tensor) -> Tensor {
        self.input.projected(input, bias: fullBias)
    }

    /// One time step; see ``sruCell(_:cell:recurrent:)``.
    ///
    /// There is no recurrent product for the mask to act on.
    public func step(
        _ projected: Tensor, extra: [(input: Tensor, weight: Tensor)], state: RecurrentState,
        mask: Tensor?
    ) -> RecurrentState {
        let next = sruCell(
            projected.adding(extra), cell: state.tensors[1], recurrent: recurrent.value)
        return RecurrentState([next.hidden, next.cell])
    }

    /// The fused layer; see ``sruLayer(_:forward:backward:initial:)``.
    public func layer(
        _ input: Sequences, backward: (any RecurrentCell)?, initial: [RecurrentState]?
    ) -> (output: Sequences, final: [RecurrentState]) {
        let (output, final) = sruLayer(
            input, forward: weights, backward: counterpart(backward)?.weights,
            initial: initial?.map { ($0.tensors[0], $0.tensors[1]) })
        return (output, final.map { RecurrentState([$0.hidden, $0.cell]) })
    }
}
