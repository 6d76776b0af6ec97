import CSeqKernels

/// The loss of a mixture of softmaxes (Yang and others 2018).
///
/// p(v) = Σ_k prior_k · softmax(latent_k·W + b)_v (their eq. 3). Blocks of rows are as in ``linearCrossEntropy(_:weight:bias:isWeightTransposed:targets:weights:labelSmoothing:scale:)``:
/// the logits of all steps and components never exist at once.
///
/// - Parameters:
///   - latents: `[steps · components, width]`, the components of a step below each other.
///   - logPrior: the logarithms of the prior, `[steps, components]`.
///   - matrix: from `width` to the vocabulary.
///   - targets: the right token of each step.
///   - weights: what each step counts; 1 if nil.
///   - labelSmoothing: ε.
///   - scale: multiplies the objective.
public func mixtureCrossEntropy(
    _ latents: Tensor, logPrior: Tensor, matrix: OutputMatrix, targets: [Int32],
    weights: [Float]? = nil, labelSmoothing: Float = 0, scale: Float = 1
) -> TokenLoss {
    let (steps, components) = checkMixture(latents, logPrior)
    checkTargets(targets, weights, rows: steps, below: matrix.vocabulary, "mixtureCrossEntropy")
    let product = OutputProduct(latents, matrix, further: [logPrior])
    let priorGradient = product.isRecording ? Tensor(uninitialized: logPrior.shape) : nil
    var sums: [Double] = [0, 0]
    withPointers(targets, weights) { targets, weights in
        product.forEachBlock(group: components) { rows, logits in
            let first = rows.lowerBound / components
            seq_mixture_cross_entropy(
                logits, logPrior.pointer + rows.lowerBound, targets + first,
                weights.map { $0 + first }, labelSmoothing, scale, product.isRecording, &sums,
                priorGradient.map { $0.pointer + rows.lowerBound },
                rows.count / components, components, matrix.vocabulary)
        }
    }
    let loss = TokenLoss(sums: sums, scale: scale, tokens: steps, weights: weights)
    product.record(
        "mixtureCrossEntropy", objective: loss.objective, further: [(logPrior, priorGradient)])
    return loss
}

/// The logarithms of the probabilities of a mixture of softmaxes, `[steps, vocabulary]`, outside the
/// tape.
public func mixtureLogProbabilities(
    _ latents: Tensor, logPrior: Tensor, matrix: OutputMatrix
) -> Tensor {
    let (steps, components) = checkMixture(latents, logPrior)
    let product = OutputProduct(latents, matrix, further: [logPrior])
    precondition(!product.isRecording, "mixtureLogProbabilities: has no gradient; use the loss")
    let result = Tensor(uninitialized: [steps, matrix.vocabulary])
    product.forEachBlock(group: components) { rows, logits in
        seq_mixture_log_probabilities(
            result.pointer + rows.lowerBound / components * matrix.vocabulary, logits,
            logPrior.pointer + rows.lowerBound, rows.count / components, components,
            matrix.vocabulary)
    }
    return result
}

private func checkMixture(_ latents: Tensor, _ logPrior: Tensor) -> (steps: Int, components: Int) {
    let (steps, components) = (logPrior.rows, logPrior.rowWidth)
    precondition(
        latents.rows == steps * components
            && (1...Int(SEQ_MAXIMUM_MIXTURES)).contains(components),
        "mixture of softmaxes: latents \(latents.shape), prior \(logPrior.shape)")
    return (steps, components)
}
