import CSeqKernels

/// The weights of one direction of an SRU layer; blocks stand in the order x̃, forget, reset, highway.
public struct SRUWeights: Sendable {
    /// From the inputs, `[features, 4 · hidden]`.
    public var input: Tensor
    /// `[4 · hidden]`; in the paper zero for x̃ and the highway.
    public var bias: Tensor
    /// From the cell to the gates, v_f and v_r, `[2 · hidden]`.
    public var recurrent: Tensor

    /// Collects the weights of one direction.
    public init(input: Tensor, bias: Tensor, recurrent: Tensor) {
        precondition(
            input.rowWidth == 2 * recurrent.count && bias.count == input.rowWidth,
            "SRUWeights: input \(input.shape), bias \(bias.shape), recurrent \(recurrent.shape)")
        self.input = input
        self.bias = bias
        self.recurrent = recurrent
    }

    fileprivate var direction: RecurrentWeights {
        RecurrentWeights(hidden: recurrent.count / 2, input: input, bias: bias, vector: recurrent)
    }
}

/// The simple recurrent unit for one time step (Lei and others 2018).
///
/// ```
/// x̃, f, r, w = split(share)
/// f     = σ(f + v_f ⊙ cell)             r       = σ(r + v_r ⊙ cell)
/// cell' = f ⊙ cell + (1 - f) ⊙ x̃       hidden' = r ⊙ cell' + (1 - r) ⊙ w
/// ```
///
/// - Parameters:
///   - share: x·W + b, `[batch, 4 · hidden]`.
///   - cell: the cell before the step, `[batch, hidden]`.
///   - recurrent: v_f and v_r, `[2 · hidden]`.
public func sruCell(
    _ share: Tensor, cell: Tensor, recurrent: Tensor
) -> (hidden: Tensor, cell: Tensor) {
    let (rows, width) = (cell.rows, cell.rowWidth)
    precondition(
        share.shape == [rows, 4 * width] && recurrent.count == 2 * width,
        "sruCell: share \(share.shape), recurrent \(recurrent.shape) for cell \(cell.shape)")
    let gates = Tensor(uninitialized: share.shape)
    let hidden = Tensor(uninitialized: [rows, width])
    let next = Tensor(uninitialized: [rows, width])
    seq_sru_cell(
        hidden.pointer, next.pointer, gates.pointer, share.pointer, cell.pointer, recurrent.pointer,
        rows, width)
    Tape.record("sruCell", inputs: [share, cell, recurrent], outputs: [hidden, next]) { pass in
        let hiddenGradient = pass.gradient(hidden) ?? .zeros(hidden.shape)
        let previous = pass.gradient(next)?.copied() ?? .zeros(next.shape)
        let recurrentGradient = Tensor.zeros([rows, 2 * width])
        seq_sru_cell_backward(
            gates.pointer, previous.pointer, recurrentGradient.pointer, hiddenGradient.pointer,
            next.pointer, cell.pointer, recurrent.pointer, rows, width)
        pass.accumulate(share, taking: gates)
        pass.accumulate(cell, taking: previous)
        pass.accumulate(recurrent, summingRowsOf: recurrentGradient)
    }
    return (hidden, next)
}

/// One SRU layer over a ragged batch, in one direction or in both.
///
/// - Parameters:
///   - input: `[steps, features]`.
///   - forward: the weights of the direction from first to last step.
///   - backward: those of the other direction, if there is one.
///   - initial: hidden and cell for each direction, `[batch, hidden]`; zeros if nil. The hidden state
///     matters to sequences without steps only.
/// - Returns: the hidden states, forward beside backward, `[steps, hidden · directions]`, and the final
///   state of each direction: after the last step of each sequence, or its first for `backward`.
public func sruLayer(
    _ input: Sequences, forward: SRUWeights, backward: SRUWeights? = nil,
    initial: [(hidden: Tensor, cell: Tensor)]? = nil
) -> (output: Sequences, final: [(hidden: Tensor, cell: Tensor)]) {
    let (output, final) = recurrentLayer(
        .sru, input, weights: ([forward] + [backward].compactMap { $0 }).map(\.direction),
        initial: initial?.map { [$0.hidden, $0.cell] })
    return (output, final.map { (hidden: $0[0], cell: $0[1]) })
}

extension RecurrentKernels {
    fileprivate static let sru = RecurrentKernels(
        name: "sruLayer", forward: seq_sru_forward, backward: seq_sru_backward, stateCount: 2)
}
