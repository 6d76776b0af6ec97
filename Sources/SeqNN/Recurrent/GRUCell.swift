public import SeqTensor

/// The gated recurrent unit, in the form of cuDNN and PyTorch or as Cho and others (2014) have it.
///
/// Parameters, with gates in PyTorch's order reset, update, candidate: `input_weight` `[inputs, 3 ·
/// hidden]` and `bias` `[3 · hidden]`; then, where the reset gate comes after the product,
/// `recurrent_weight` `[hidden, 3 · hidden]` and `candidate_bias` `[hidden]`, the bias that it resets
/// as well; or, where it comes before, `recurrent_weight` `[hidden, 2 · hidden]` of the two gates and
/// `candidate_weight` `[hidden, hidden]`.
///
/// Of PyTorch's two biases, `bias` is the sum but in the candidate, where `bias` is `bias_ih` and
/// `candidate_bias` is `bias_hh`.
public struct GRUCell: RecurrentCell {
    /// Where the reset gate stands.
    public enum Form: Sendable {
        /// n = tanh(x·W + b + r ⊙ (h·U + c)): one product a step.
        case resetAfter
        /// n = tanh(x·W + b + (r ⊙ h)·U): the original, two products a step.
        case resetBefore
    }

    private enum Recurrence {
        case resetAfter(weight: Parameter, candidateBias: Parameter)
        case resetBefore(gateWeight: Parameter, candidateWeight: Parameter)
    }

    private let input: InputWeight
    private let bias: Parameter
    private let parameters: Recurrence

    /// The width of the hidden state.
    public let hidden: Int
    /// Hidden alone.
    public var stateCount: Int { 1 }
    /// Three gates.
    public var projectedWidth: Int { 3 * hidden }

    /// Creates a cell; with 0 inputs it has no input weight.
    public init(
        inputs: Int, hidden: Int, form: Form = .resetAfter, in scope: ParameterScope
    ) throws {
        self.hidden = hidden
        input = try InputWeight(inputs, width: 3 * hidden, in: scope)
        bias = try scope.parameter("bias", [3 * hidden], .bias)
        let gates = form == .resetAfter ? 3 : 2
        let weight = try scope.parameter(
            "recurrent_weight", [hidden, gates * hidden], .recurrent(gates: gates))
        parameters =
            switch form {
            case .resetAfter:
                .resetAfter(
                    weight: weight,
                    candidateBias: try scope.parameter("candidate_bias", [hidden], .bias))
            case .resetBefore:
                .resetBefore(
                    gateWeight: weight,
                    candidateWeight: try scope.parameter(
                        "candidate_weight", [hidden, hidden], .recurrent(gates: 1)))
            }
    }

    private var recurrence: GRURecurrence {
        switch parameters {
        case .resetAfter(let weight, let bias):
            .resetAfter(weight: weight.value, candidateBias: bias.value)
        case .resetBefore(let weight, let candidate):
            .resetBefore(gateWeight: weight.value, candidateWeight: candidate.value)
        }
    }

    private var weights: GRUWeights {
        GRUWeights(input: input.value, bias: bias.value, recurrence: recurrence)
    }

    /// x·W + b.
    public func projected(_ input: Tensor) -> Tensor {
        self.input.projected(input, bias: bias.value)
    }

    /// One time step; see ``gruCell(_:hidden:recurrence:mask:)``.
    public func step(
        _ projected: Tensor, extra: [(input: Tensor, weight: Tensor)], state: RecurrentState,
        mask: Tensor?
    ) -> RecurrentState {
        RecurrentState([
            gruCell(
                projected.adding(extra), hidden: state.hidden, recurrence: recurrence,
                mask: mask)
        ])
    }

    /// The fused layer; see ``gruLayer(_:forward:backward:initial:)``.
    public func layer(
        _ input: Sequences, backward: (any RecurrentCell)?, initial: [RecurrentState]?
    ) -> (output: Sequences, final: [RecurrentState]) {
        let (output, final) = gruLayer(
            input, forward: weights, backward: counterpart(backward)?.weights,
            initial: initial?.map(\.hidden))
        return (output, final.map { RecurrentState([$0]) })
    }
}
