import CSeqKernels

/// How the hidden state enters a gated recurrent unit; gates stand in the order reset, update,
/// candidate.
public enum GRURecurrence: Sendable {
    /// The reset gate after the product, as in cuDNN and PyTorch: n = tanh(x·W_n + b_n + r ⊙ (h·U_n +
    /// c_n)), with weight U `[hidden, 3 · hidden]` and candidate bias c_n `[hidden]`.
    case resetAfter(weight: Tensor, candidateBias: Tensor)
    /// The reset gate before it (Cho and others 2014): n = tanh(x·W_n + b_n + (r ⊙ h)·U_n), with gate
    /// weight U `[hidden, 2 · hidden]` and candidate weight U_n `[hidden, hidden]`.
    case resetBefore(gateWeight: Tensor, candidateWeight: Tensor)

    /// The width of the hidden state.
    public var hidden: Int {
        switch self {
        case .resetAfter(let weight, _): weight.rows
        case .resetBefore(let weight, _): weight.rows
        }
    }

    private var isConsistent: Bool {
        switch self {
        case .resetAfter(let weight, let bias):
            weight.rowWidth == 3 * hidden && bias.count == hidden
        case .resetBefore(let weight, let candidate):
            weight.rowWidth == 2 * hidden && candidate.shape == [hidden, hidden]
        }
    }

    fileprivate func check(_ operation: StaticString, share: Tensor) {
        precondition(
            isConsistent && share.rowWidth == 3 * hidden,
            "\(operation): the inputs' share is \(share.shape), the recurrence \(shapes)")
    }

    private var shapes: [[Int]] {
        switch self {
        case .resetAfter(let weight, let bias): [weight.shape, bias.shape]
        case .resetBefore(let weight, let candidate): [weight.shape, candidate.shape]
        }
    }
}

/// The weights of one direction of a GRU layer.
public struct GRUWeights: Sendable {
    /// From the inputs, `[features, 3 · hidden]`.
    public var input: Tensor
    /// `[3 · hidden]`.
    public var bias: Tensor
    /// From the hidden state.
    public var recurrence: GRURecurrence

    /// Collects the weights of one direction.
    public init(input: Tensor, bias: Tensor, recurrence: GRURecurrence) {
        recurrence.check("GRUWeights", share: input)
        precondition(
            bias.count == input.rowWidth, "GRUWeights: input \(input.shape), bias \(bias.shape)")
        self.input = input
        self.bias = bias
        self.recurrence = recurrence
    }

    fileprivate var direction: RecurrentWeights {
        switch recurrence {
        case .resetAfter(let weight, let candidateBias):
            RecurrentWeights(
                hidden: recurrence.hidden, input: input, bias: bias, recurrent: weight,
                vector: candidateBias)
        case .resetBefore(let weight, let candidate):
            RecurrentWeights(
                hidden: recurrence.hidden, input: input, bias: bias, recurrent: weight,
                candidate: candidate)
        }
    }

    fileprivate var kernels: RecurrentKernels {
        switch recurrence {
        case .resetAfter: .gru
        case .resetBefore: .originalGRU
        }
    }
}

/// One GRU layer over a ragged batch, in one direction or in both.
///
/// - Parameters:
///   - input: `[steps, features]`.
///   - forward: the weights of the direction from first to last step.
///   - backward: those of the other direction, of the same form, if there is one.
///   - initial: a state for each direction, `[batch, hidden]`; zeros if nil.
/// - Returns: the hidden states, forward beside backward, `[steps, hidden · directions]`, and the final
///   state of each direction: after the last step of each sequence, or its first for `backward`.
public func gruLayer(
    _ input: Sequences, forward: GRUWeights, backward: GRUWeights? = nil, initial: [Tensor]? = nil
) -> (output: Sequences, final: [Tensor]) {
    let weights = ([forward] + [backward].compactMap { $0 })
    precondition(
        weights.allSatisfy {
            ($0.direction.candidate == nil) == (forward.direction.candidate == nil)
        },
        "gruLayer: one direction resets before the product, the other after it")
    let (output, final) = recurrentLayer(
        forward.kernels, input, weights: weights.map(\.direction), initial: initial?.map { [$0] })
    return (output, final.map { $0[0] })
}

extension RecurrentKernels {
    fileprivate static let gru = RecurrentKernels(
        name: "gruLayer", forward: seq_gru_forward, backward: seq_gru_backward,
        separatesRecurrent: true)
    fileprivate static let originalGRU = RecurrentKernels(
        name: "gruLayer", forward: seq_original_gru_forward, backward: seq_original_gru_backward,
        separatesRecurrent: true)
}

/// The gated recurrent unit for one time step.
///
/// ```
/// r  = σ(share_r + h·U_r)                    z = σ(share_z + h·U_z)
/// n  = tanh(share_n + r ⊙ (h·U_n + c_n))     or     tanh(share_n + (r ⊙ h)·U_n)
/// h' = (1 - z) ⊙ n + z ⊙ h
/// ```
///
/// - Parameters:
///   - share: x·W + b, `[batch, 3 · hidden]`.
///   - hidden: h, `[batch, hidden]`.
///   - recurrence: its weights.
///   - mask: multiplies h where it enters the products, `[batch, hidden]`; nil for none.
public func gruCell(
    _ share: Tensor, hidden: Tensor, recurrence: GRURecurrence, mask: Tensor? = nil
) -> Tensor {
    recurrence.check("gruCell", share: share)
    precondition(
        hidden.shape == [share.rows, recurrence.hidden],
        "gruCell: hidden \(hidden.shape) for a share \(share.shape)")
    let entering = mask.map { hidden * $0 } ?? hidden
    switch recurrence {
    case .resetAfter(let weight, let bias):
        return gruCell(
            share, recurrent: affine([(entering, weight)]), hidden: hidden, candidateBias: bias)
    case .resetBefore(let gateWeight, let candidateWeight):
        return originalGRUCell(
            share, hidden: hidden, entering: entering, gateWeight: gateWeight,
            candidateWeight: candidateWeight)
    }
}

/// The gated recurrent unit with the reset gate after the product, for a product that is already known.
///
/// - Parameters:
///   - share: that of the inputs in the pre-activations, `[batch, 3 · hidden]`.
///   - recurrent: h·U, `[batch, 3 · hidden]`.
///   - hidden: h, `[batch, hidden]`.
///   - candidateBias: c_n, `[hidden]`.
public func gruCell(
    _ share: Tensor, recurrent: Tensor, hidden: Tensor, candidateBias: Tensor
) -> Tensor {
    let (rows, width) = (hidden.rows, hidden.rowWidth)
    precondition(
        share.shape == [rows, 3 * width] && recurrent.shape == share.shape
            && candidateBias.count == width,
        "gruCell: share \(share.shape), recurrent \(recurrent.shape), bias \(candidateBias.shape) for hidden \(hidden.shape)"
    )
    let gates = Tensor(uninitialized: share.shape)
    let kept = Tensor(uninitialized: share.shape)
    let next = Tensor(uninitialized: [rows, width])
    seq_gru_cell(
        next.pointer, gates.pointer, kept.pointer, share.pointer, recurrent.pointer, hidden.pointer,
        candidateBias.pointer, rows, width)
    Tape.record(
        "gruCell", inputs: [share, recurrent, hidden, candidateBias], outputs: [next]
    ) { pass in
        guard let previous = pass.gradient(next)?.copied() else { return }
        let biasGradient = Tensor.zeros([rows, width])
        seq_gru_cell_backward(
            gates.pointer, kept.pointer, previous.pointer, biasGradient.pointer, hidden.pointer,
            rows, width)
        pass.accumulate(share, taking: gates)
        pass.accumulate(recurrent, taking: kept)
        pass.accumulate(hidden, taking: previous)
        pass.accumulate(candidateBias, summingRowsOf: biasGradient)
    }
    return next
}

/// The original unit as one operation, since its second product waits for the reset gate; `entering` is
/// h as the products see it.
private func originalGRUCell(
    _ share: Tensor, hidden: Tensor, entering: Tensor, gateWeight: Tensor, candidateWeight: Tensor
) -> Tensor {
    let (rows, width, precision) = (hidden.rows, hidden.rowWidth, Precision.current)
    let gates = Tensor(uninitialized: share.shape)
    let recurrent = Tensor(uninitialized: [rows, 2 * width])
    let reset = Tensor(uninitialized: [rows, width])
    let candidate = Tensor(uninitialized: [rows, width])
    let next = Tensor(uninitialized: [rows, width])
    multiply(
        entering, by: gateWeight, isTransposed: false, precision: precision, beta: 0, bias: nil,
        into: recurrent.pointer)
    seq_original_gru_reset(
        reset.pointer, gates.pointer, share.pointer, recurrent.pointer, entering.pointer, rows,
        width)
    multiply(
        reset, by: candidateWeight, isTransposed: false, precision: precision, beta: 0, bias: nil,
        into: candidate.pointer)
    seq_original_gru_update(
        next.pointer, gates.pointer, share.pointer, candidate.pointer, hidden.pointer, rows, width)
    Tape.record(
        "gruCell", inputs: [share, hidden, entering, gateWeight, candidateWeight], outputs: [next]
    ) { pass in
        guard let previous = pass.gradient(next)?.copied() else { return }
        seq_original_gru_update_backward(
            gates.pointer, recurrent.pointer, candidate.pointer, previous.pointer, hidden.pointer,
            rows, width)
        let resetGradient = Tensor(uninitialized: [rows, width])
        multiply(
            candidate, by: candidateWeight, isTransposed: true, precision: precision, beta: 0,
            bias: nil, into: resetGradient.pointer)
        let enteringGradient = Tensor.zeros([rows, width])
        seq_original_gru_reset_backward(
            gates.pointer, recurrent.pointer, enteringGradient.pointer, resetGradient.pointer,
            entering.pointer, rows, width)
        multiply(
            recurrent, by: gateWeight, isTransposed: true, precision: precision, beta: 1, bias: nil,
            into: enteringGradient.pointer)
        pass.accumulateProduct(
            weight: candidateWeight, input: reset, gradient: candidate, precision: precision)
        pass.accumulateProduct(
            weight: gateWeight, input: entering, gradient: recurrent, precision: precision)
        pass.accumulate(share, taking: gates)
        pass.accumulate(hidden, taking: previous)
        pass.accumulate(entering, taking: enteringGradient)
    }
    return next
}
