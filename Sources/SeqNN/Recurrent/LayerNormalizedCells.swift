public import SeqTensor

/// The layer-normalised LSTM (Ba, Kiros & Hinton 2016, eq. 20 to 22):
///
/// ```
/// i, f, g, o = LN(x·W) + LN(h·U) + b
/// c' = σ(f) ⊙ c + σ(i) ⊙ tanh(g)        h' = σ(o) ⊙ tanh(LN(c'))
/// ```
///
/// Parameters: `input_weight` `[inputs, 4 · hidden]`, `recurrent_weight` `[hidden, 4 · hidden]`, `bias`
/// `[4 · hidden]`, `input_gain` and `recurrent_gain` `[4 · hidden]`, `cell_gain` and `cell_bias`
/// `[hidden]`; gates stand in the order i, f, g, o. The paper's additive vectors of the first two
/// normalisations are part of `bias`.
public struct LayerNormLSTMCell: RecurrentCell {
    private let input: InputWeight
    private let recurrent: Parameter
    private let bias: Parameter
    private let inputGain: Parameter
    private let recurrentGain: Parameter
    private let cellGain: Parameter
    private let cellBias: Parameter
    private let zeros: Tensor

    /// The width of the hidden state.
    public let hidden: Int
    /// Hidden and cell.
    public var stateCount: Int { 2 }
    /// Four gates.
    public var projectedWidth: Int { 4 * hidden }

    /// Creates a cell; with 0 inputs it has no input weight.
    public init(inputs: Int, hidden: Int, in scope: ParameterScope) throws {
        self.hidden = hidden
        zeros = .zeros([4 * hidden])
        input = try InputWeight(inputs, width: 4 * hidden, in: scope)
        recurrent = try scope.parameter(
            "recurrent_weight", [hidden, 4 * hidden], .recurrent(gates: 4))
        bias = try scope.parameter("bias", [4 * hidden], .bias)
        inputGain = try scope.parameter("input_gain", [4 * hidden], .gain)
        recurrentGain = try scope.parameter("recurrent_gain", [4 * hidden], .gain)
        cellGain = try scope.parameter("cell_gain", [hidden], .gain)
        cellBias = try scope.parameter("cell_bias", [hidden], .bias)
    }

    /// x·W, which the step normalises together with the share of further inputs.
    public func projected(_ input: Tensor) -> Tensor { self.input.projected(input) }

    /// One time step.
    public func step(
        _ projected: Tensor, extra: [(input: Tensor, weight: Tensor)], state: RecurrentState,
        mask: Tensor?
    ) -> RecurrentState {
        let gates =
            projected.adding(extra).layerNormalized(gain: inputGain.value, bias: bias.value)
            + state.hidden(masked: mask).matmul(recurrent.value)
            .layerNormalized(gain: recurrentGain.value, bias: zeros)
        let cell = lstmCell(gates, cell: state.tensors[1]).cell
        let normalized = cell.layerNormalized(gain: cellGain.value, bias: cellBias.value)
        let output = gates.columns(3 * hidden..<4 * hidden).sigmoid()
        return RecurrentState([output * normalized.tanh(), cell])
    }
}

/// The layer-normalised GRU (Ba, Kiros & Hinton 2016, eq. 26 to 28), with the reset gate after the
/// product:
///
/// ```
/// r, z = LN(x·W) + LN(h·U) + b          n = tanh(LN(x·W_n) + b_n + σ(r) ⊙ (LN(h·U_n) + c_n))
/// h' = (1 - σ(z)) ⊙ n + σ(z) ⊙ h
/// ```
///
/// The two gates are normalised as one vector, the candidate as another. The paper's z is 1 - z here.
///
/// Parameters: `input_weight` `[inputs, 3 · hidden]`, `recurrent_weight` `[hidden, 3 · hidden]`,
/// `bias`, `input_gain` and `recurrent_gain` `[3 · hidden]`, `candidate_bias` `[hidden]`; gates stand
/// in the order reset, update, candidate.
public struct LayerNormGRUCell: RecurrentCell {
    private let input: InputWeight
    private let recurrent: Parameter
    private let bias: Parameter
    private let inputGain: Parameter
    private let recurrentGain: Parameter
    private let candidateBias: Parameter
    private let zeros: Tensor

    /// The width of the hidden state.
    public let hidden: Int
    /// Hidden alone.
    public var stateCount: Int { 1 }
    /// Three gates.
    public var projectedWidth: Int { 3 * hidden }

    /// Creates a cell; with 0 inputs it has no input weight.
    public init(inputs: Int, hidden: Int, in scope: ParameterScope) throws {
        self.hidden = hidden
        zeros = .zeros([3 * hidden])
        input = try InputWeight(inputs, width: 3 * hidden, in: scope)
        recurrent = try scope.parameter(
            "recurrent_weight", [hidden, 3 * hidden], .recurrent(gates: 3))
        bias = try scope.parameter("bias", [3 * hidden], .bias)
        inputGain = try scope.parameter("input_gain", [3 * hidden], .gain)
        recurrentGain = try scope.parameter("recurrent_gain", [3 * hidden], .gain)
        candidateBias = try scope.parameter("candidate_bias", [hidden], .bias)
    }

    /// x·W, which the step normalises together with the share of further inputs.
    public func projected(_ input: Tensor) -> Tensor { self.input.projected(input) }

    /// One time step; see ``gruCell(_:recurrent:hidden:candidateBias:)``.
    public func step(
        _ projected: Tensor, extra: [(input: Tensor, weight: Tensor)], state: RecurrentState,
        mask: Tensor?
    ) -> RecurrentState {
        RecurrentState([
            gruCell(
                normalized(projected.adding(extra), gain: inputGain.value, bias: bias.value),
                recurrent: normalized(
                    state.hidden(masked: mask).matmul(recurrent.value), gain: recurrentGain.value,
                    bias: zeros),
                hidden: state.hidden, candidateBias: candidateBias.value)
        ])
    }

    /// Gates and candidate `[rows, 3 · hidden]`, each normalised for itself.
    private func normalized(_ sums: Tensor, gain: Tensor, bias: Tensor) -> Tensor {
        .concatenatingColumns(
            [0..<2 * hidden, 2 * hidden..<3 * hidden].map {
                sums.columns($0).layerNormalized(gain: gain.rows($0), bias: bias.rows($0))
            })
    }
}
