import CSeqKernels

/// A loss over the tokens of a batch.
public struct TokenLoss: Sendable {
    /// What is minimised: the cross-entropy with label smoothing, summed over tokens and multiplied by
    /// the scale; a scalar with gradient.
    public var objective: Tensor
    /// The negative log-likelihood of the targets in nats, summed, without smoothing or scale.
    public var negativeLogLikelihood: Double
    /// The cross-entropy with label smoothing in nats, summed, without scale.
    public var smoothedLoss: Double
    /// The number of target tokens.
    public var tokens: Int
}

/// The output layer and its softmax cross-entropy in one operation, in blocks of rows, so that the
/// logits of all steps never exist at once.
///
/// The gradient is computed together with the loss. Label smoothing is that of Szegedy et al. 2016: the
/// target distribution is (1 - ε) on the target plus ε / vocabulary on every token.
///
/// - Parameters:
///   - hidden: `[steps, hidden]`.
///   - weight: `[hidden, vocabulary]`.
///   - bias: `[vocabulary]`, if any.
///   - targets: the right token of each step.
///   - labelSmoothing: ε.
///   - scale: multiplies the objective, usually 1 / tokens.
public func linearCrossEntropy(
    _ hidden: Tensor, weight: Tensor, bias: Tensor?, targets: [Int32], labelSmoothing: Float = 0,
    scale: Float = 1
) -> TokenLoss {
    let (rows, inner, vocabulary) = (hidden.rows, hidden.rowWidth, weight.rowWidth)
    precondition(
        weight.rows == inner && targets.count == rows,
        "linearCrossEntropy: hidden \(hidden.shape), weight \(weight.shape), \(targets.count) targets"
    )
    precondition(
        targets.allSatisfy { $0 >= 0 && Int($0) < vocabulary },
        "linearCrossEntropy: a target is outside the vocabulary of \(vocabulary)")
    let precision = Precision.current
    let inputs = [hidden, weight] + [bias].compactMap { $0 }
    let isRecording = Tape.isRecording(inputs)
    let block = min(rows, Int(seq_linear_cross_entropy_block()))
    let workspace = Tensor(uninitialized: [block, vocabulary])
    var sums: [Double] = [0, 0]
    let hiddenGradient = isRecording ? Tensor(uninitialized: hidden.shape) : nil
    // The first block of rows writes it; without rows nobody would.
    let weightGradient =
        isRecording
        ? (rows == 0 ? Tensor.zeros(weight.shape) : Tensor(uninitialized: weight.shape)) : nil
    let biasGradient = isRecording ? bias.map { Tensor.zeros($0.shape) } : nil
    let packed = weight.packedAlways(isTransposed: false, precision: precision)
    let transposed =
        isRecording ? weight.packedAlways(isTransposed: true, precision: precision) : nil
    // The packing of a weight that is not stored lives no longer than these two references.
    withExtendedLifetime((packed, transposed, workspace)) {
        seq_linear_cross_entropy(
            hidden.pointer, rows, inner, vocabulary, packed.handle, transposed?.handle,
            bias?.pointer,
            targets, labelSmoothing, scale, precision.kernelValue, &sums, hiddenGradient?.pointer,
            weightGradient?.pointer, biasGradient?.pointer, 0, workspace.pointer)
    }
    let objective = Tensor(Float(sums[0]) * scale)
    Tape.record("linearCrossEntropy", inputs: inputs, outputs: [objective]) { pass in
        guard let upstream = pass.gradient(objective)?.item, let hiddenGradient, let weightGradient
        else { return }
        let ready = [(hidden, hiddenGradient), (weight, weightGradient)]
        for (tensor, gradient) in ready
            + [bias].compactMap({ $0 }).map({ ($0, biasGradient ?? $0) })
        {
            if upstream != 1 { seq_scale(gradient.pointer, upstream, gradient.count) }
            pass.accumulate(tensor, taking: gradient)
        }
    }
    return TokenLoss(
        objective: objective, negativeLogLikelihood: sums[1], smoothedLoss: sums[0], tokens: rows)
}
