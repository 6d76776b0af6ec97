import CSeqKernels

/// The probabilities σ(energy + offset + noise) with which monotonic attention stops at a position.
///
/// - Parameters:
///   - energies: any number of them.
///   - offset: `[1]`.
///   - noise: as many as energies, not differentiated; none if nil.
public func choiceProbabilities(_ energies: Tensor, offset: Tensor, noise: Tensor? = nil) -> Tensor
{
    precondition(
        offset.count == 1 && noise.map { $0.count == energies.count } ?? true,
        "choiceProbabilities: energies \(energies.shape), offset \(offset.shape), noise \(noise?.shape ?? [])"
    )
    let count = energies.count
    let result = Tensor(uninitialized: energies.shape)
    seq_add_row(result.pointer, energies.pointer, offset.pointer, count, 1)
    if let noise { seq_add(result.pointer, result.pointer, noise.pointer, count) }
    seq_unary_forward(SEQ_SIGMOID, result.pointer, result.pointer, count)
    Tape.record("choiceProbabilities", inputs: [energies, offset], outputs: [result]) { pass in
        guard let gradient = pass.gradient(result) else { return }
        let own = Tensor(uninitialized: energies.shape)
        seq_unary_backward(
            SEQ_SIGMOID, own.pointer, gradient.pointer, result.pointer, result.pointer, 0, count)
        pass.accumulate(offset) { destination, beta in
            seq_sum_rows(destination, own.pointer, beta, count, 1)
        }
        pass.accumulate(energies, taking: own)
    }
    return result
}

/// The expected alignment of each query row when it scans its source from where the row before it
/// stopped, and stops at a position with the probability given there (Raffel and others 2017,
/// equations 8 to 11).
///
/// What reaches the end without stopping is lost: the weights of a row sum to at most those of
/// `previous`.
///
/// - Parameters:
///   - choice: the probabilities, for each position of each query row, in the layout's order.
///   - previous: the alignment of the step before, in the same order.
///   - layout: which query attends to which sequence.
public func monotonicAlignment(
    _ choice: Tensor, previous: Tensor, layout: AttentionLayout
) -> Tensor {
    layout.check(choice, "monotonicAlignment")
    layout.check(previous, "monotonicAlignment")
    let arrival = Tensor(uninitialized: [layout.weightCount])
    let result = Tensor(uninitialized: [layout.weightCount])
    layout.withRagged {
        seq_ragged_monotonic(
            $0, choice.pointer, previous.pointer, arrival.pointer, result.pointer)
    }
    Tape.record("monotonicAlignment", inputs: [choice, previous], outputs: [result]) { pass in
        guard let gradient = pass.gradient(result) else { return }
        let choiceGradient = Tensor(uninitialized: choice.shape)
        let previousGradient = Tensor(uninitialized: previous.shape)
        layout.withRagged {
            seq_ragged_monotonic_backward(
                $0, choice.pointer, arrival.pointer, gradient.pointer, choiceGradient.pointer,
                previousGradient.pointer)
        }
        pass.accumulate(choice, taking: choiceGradient)
        pass.accumulate(previous, taking: previousGradient)
    }
    return result
}

/// The alignment of each query row that scans its source from the previous position on and stops at
/// the first whose probability is at least one half: a one there, or only zeros.
///
/// It has no gradient. Where the previous row stopped nowhere neither does this one, as in the
/// expectation.
public func hardMonotonicAlignment(
    _ choice: Tensor, previous: Tensor, layout: AttentionLayout
) -> Tensor {
    layout.check(choice, "hardMonotonicAlignment")
    layout.check(previous, "hardMonotonicAlignment")
    let result = Tensor(uninitialized: [layout.weightCount])
    layout.withRagged {
        seq_ragged_monotonic_hard($0, choice.pointer, previous.pointer, result.pointer)
    }
    return result
}
