import CSeqKernels

/// The weights of one direction of an LSTM layer; gates stand in the order input, forget, candidate,
/// output.
public struct LSTMWeights: Sendable {
    /// From the inputs, `[features, 4 · hidden]`.
    public var input: Tensor
    /// From the hidden state, `[hidden, 4 · hidden]`.
    public var recurrent: Tensor
    /// `[4 · hidden]`.
    public var bias: Tensor

    /// Collects the weights of one direction.
    public init(input: Tensor, recurrent: Tensor, bias: Tensor) {
        precondition(
            recurrent.rowWidth == 4 * recurrent.rows && input.rowWidth == recurrent.rowWidth
                && bias.count == recurrent.rowWidth,
            "LSTMWeights: input \(input.shape), recurrent \(recurrent.shape), bias \(bias.shape)")
        self.input = input
        self.recurrent = recurrent
        self.bias = bias
    }

    /// The width of the hidden state.
    public var hidden: Int { recurrent.rows }

    fileprivate var direction: RecurrentWeights {
        RecurrentWeights(hidden: hidden, input: input, bias: bias, recurrent: recurrent)
    }
}

/// The state of an LSTM: hidden and cell, each `[batch, hidden]`.
public struct LSTMState: Sendable {
    /// The hidden state, `[batch, hidden]`.
    public var hidden: Tensor
    /// The cell state, `[batch, hidden]`.
    public var cell: Tensor

    /// Creates a state from its parts.
    public init(hidden: Tensor, cell: Tensor) {
        self.hidden = hidden
        self.cell = cell
    }
}

/// The LSTM cell for one time step (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et
/// al. 2000):
///
/// ```
/// i, f, g, o = split(preactivation)
/// cell'      = σ(f) · cell + σ(i) · tanh(g)
/// hidden'    = σ(o) · tanh(cell')
/// ```
///
/// - Parameters:
///   - preactivation: x·W + h·U + b, `[batch, 4 · hidden]`.
///   - cell: the cell before the step, `[batch, hidden]`.
public func lstmCell(_ preactivation: Tensor, cell: Tensor) -> LSTMState {
    let (rows, hidden) = (cell.rows, cell.rowWidth)
    precondition(
        preactivation.rows == rows && preactivation.rowWidth == 4 * hidden,
        "lstmCell: preactivation \(preactivation.shape) for cell \(cell.shape)")
    let gates = preactivation.copied()
    let state = LSTMState(
        hidden: Tensor(uninitialized: [rows, hidden]), cell: Tensor(uninitialized: [rows, hidden]))
    seq_lstm_cell(
        state.hidden.pointer, state.cell.pointer, gates.pointer, cell.pointer, rows, hidden)
    Tape.record(
        "lstmCell", inputs: [preactivation, cell], outputs: [state.hidden, state.cell]
    ) { pass in
        // The activated gates turn into the gradient of the pre-activations in place.
        let previous = Tensor(uninitialized: [rows, hidden])
        seq_lstm_cell_backward(
            gates.pointer, previous.pointer, pass.gradient(state.hidden)?.pointer,
            pass.gradient(state.cell)?.pointer, state.cell.pointer, cell.pointer, rows, hidden)
        pass.accumulate(preactivation, taking: gates)
        pass.accumulate(cell, taking: previous)
    }
    return state
}

/// One LSTM layer over a ragged batch, in one direction or in both.
///
/// - Parameters:
///   - input: `[steps, features]`.
///   - forward: the weights of the direction from first to last step.
///   - backward: those of the other direction, if there is one.
///   - initial: a state for each direction, `[batch, hidden]`; zeros if nil.
/// - Returns: the hidden states, forward beside backward, `[steps, hidden · directions]`, and the final
///   state of each direction: after the last step of each sequence, or its first for `backward`.
public func lstmLayer(
    _ input: Sequences, forward: LSTMWeights, backward: LSTMWeights? = nil,
    initial: [LSTMState]? = nil
) -> (output: Sequences, final: [LSTMState]) {
    let (output, final) = recurrentLayer(
        .lstm, input, weights: ([forward] + [backward].compactMap { $0 }).map(\.direction),
        initial: initial?.map { [$0.hidden, $0.cell] })
    return (output, final.map { LSTMState(hidden: $0[0], cell: $0[1]) })
}

extension RecurrentKernels {
    fileprivate static let lstm = RecurrentKernels(
        name: "lstmLayer", forward: seq_lstm_forward, backward: seq_lstm_backward, stateCount: 2)
}
