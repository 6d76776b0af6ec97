import CSeqKernels

/// What an Elman network does to its pre-activations.
public enum RNNActivation: Sendable {
    /// The hyperbolic tangent.
    case tanh
    /// max(x, 0).
    case relu
}

/// The weights of one direction of an Elman layer.
public struct RNNWeights: Sendable {
    /// From the inputs, `[features, hidden]`.
    public var input: Tensor
    /// From the hidden state, `[hidden, hidden]`.
    public var recurrent: Tensor
    /// `[hidden]`.
    public var bias: Tensor

    /// Collects the weights of one direction.
    public init(input: Tensor, recurrent: Tensor, bias: Tensor) {
        precondition(
            recurrent.rowWidth == recurrent.rows && input.rowWidth == recurrent.rowWidth
                && bias.count == recurrent.rowWidth,
            "RNNWeights: input \(input.shape), recurrent \(recurrent.shape), bias \(bias.shape)")
        self.input = input
        self.recurrent = recurrent
        self.bias = bias
    }

    fileprivate var direction: RecurrentWeights {
        RecurrentWeights(hidden: recurrent.rows, input: input, bias: bias, recurrent: recurrent)
    }
}

/// The cell of an Elman network for one time step (Elman 1990; with ReLU, Le and others 2015), f(x·W +
/// h·U + b).
///
/// - Parameters:
///   - preactivation: x·W + h·U + b, `[batch, hidden]`.
///   - activation: f.
public func rnnCell(_ preactivation: Tensor, activation: RNNActivation) -> Tensor {
    switch activation {
    case .tanh: preactivation.tanh()
    case .relu: preactivation.relu()
    }
}

/// One Elman layer over a ragged batch, in one direction or in both.
///
/// - Parameters:
///   - input: `[steps, features]`.
///   - activation: what happens to the pre-activations.
///   - forward: the weights of the direction from first to last step.
///   - backward: those of the other direction, if there is one.
///   - initial: a state for each direction, `[batch, hidden]`; zeros if nil.
/// - Returns: the hidden states, forward beside backward, `[steps, hidden · directions]`, and the final
///   state of each direction: after the last step of each sequence, or its first for `backward`.
public func rnnLayer(
    _ input: Sequences, activation: RNNActivation, forward: RNNWeights,
    backward: RNNWeights? = nil, initial: [Tensor]? = nil
) -> (output: Sequences, final: [Tensor]) {
    let (output, final) = recurrentLayer(
        activation == .tanh ? .tanhRNN : .reluRNN, input,
        weights: ([forward] + [backward].compactMap { $0 }).map(\.direction),
        initial: initial?.map { [$0] })
    return (output, final.map { $0[0] })
}

extension RecurrentKernels {
    fileprivate static let tanhRNN = RecurrentKernels(
        name: "rnnLayer", forward: seq_tanh_rnn_forward, backward: seq_tanh_rnn_backward)
    fileprivate static let reluRNN = RecurrentKernels(
        name: "rnnLayer", forward: seq_relu_rnn_forward, backward: seq_relu_rnn_backward)
}
