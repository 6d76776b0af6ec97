import CSeqKernels

/// A residual connection, x + dropout(update) (Vaswani and others 2017, section 5.4).
///
/// - Parameters:
///   - input: x, `[rows, features]`.
///   - update: what a layer made of it, `[rows, features]`.
///   - mask: which elements of the update drop out.
public func residual(_ input: Tensor, _ update: Tensor, mask: DropoutMask = .none) -> Tensor {
    precondition(
        input.shape == update.shape, "residual: \(input.shape) and update \(update.shape)")
    let (rows, width) = (input.rows, input.rowWidth)
    let sum = Tensor(uninitialized: input.shape)
    seq_residual(
        sum.pointer, input.pointer, update.pointer, mask.kernelValue, rows, width)
    Tape.record("residual", inputs: [input, update], outputs: [sum]) { pass in
        guard let gradient = pass.gradient(sum) else { return }
        pass.accumulate(update) { destination, beta in
            seq_residual_backward(
                destination, gradient.pointer, mask.kernelValue, beta, rows, width)
        }
        // Nobody else looks at the gradient of the sum once this node has run.
        pass.accumulate(input, taking: gradient)
    }
    return sum
}

/// A residual connection and the layer normalisation that follows it (Ba and others 2016) in one pass.
///
/// - Parameters:
///   - input: x, `[rows, features]`.
///   - update: what a layer made of it, `[rows, features]`.
///   - gain: `[features]`.
///   - bias: `[features]`.
///   - mask: which elements of the update drop out.
///   - epsilon: added to the variance.
/// - Returns: x + dropout(update) and its normalisation.
public func residualLayerNorm(
    _ input: Tensor, _ update: Tensor, gain: Tensor, bias: Tensor, mask: DropoutMask = .none,
    epsilon: Float = 1e-5
) -> (sum: Tensor, normalized: Tensor) {
    let (rows, width) = (input.rows, input.rowWidth)
    precondition(
        input.shape == update.shape && gain.count == width && bias.count == width,
        "residualLayerNorm: \(input.shape) and update \(update.shape), gain \(gain.shape), bias \(bias.shape)"
    )
    let sum = Tensor(uninitialized: input.shape)
    let normalized = Tensor(uninitialized: input.shape)
    let statistics = Tensor(uninitialized: [rows, 2])
    seq_residual_norm(
        sum.pointer, normalized.pointer, statistics.pointer, input.pointer, update.pointer,
        gain.pointer, bias.pointer, epsilon, mask.kernelValue, rows, width)
    Tape.record(
        "residualLayerNorm", inputs: [input, update, gain, bias], outputs: [sum, normalized]
    ) { pass in
        let sumGradient = pass.gradient(sum)
        let normalizedGradient = pass.gradient(normalized) ?? .zeros(input.shape)
        let inputGradient = Tensor(uninitialized: input.shape)
        let updateGradient = pass.needs(update) ? Tensor(uninitialized: input.shape) : nil
        let blocks = seq_residual_blocks(rows)
        let partial = Tensor(uninitialized: [blocks, 2 * width])
        seq_residual_norm_backward(
            inputGradient.pointer, updateGradient?.pointer, partial.pointer, sumGradient?.pointer,
            normalizedGradient.pointer, sum.pointer, statistics.pointer, gain.pointer,
            mask.kernelValue, rows, width)
        if let updateGradient { pass.accumulate(update, taking: updateGradient) }
        pass.accumulate(input, taking: inputGradient)
        let both = Tensor(uninitialized: [2 * width])
        seq_sum_rows(both.pointer, partial.pointer, 0, blocks, 2 * width)
        for (parameter, first) in [(gain, 0), (bias, width)] {
            pass.accumulate(parameter) { destination, beta in
                seq_axpby(destination, 1, both.pointer + first, beta, width)
            }
        }
    }
    return (sum, normalized)
}
