import CSeqKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The loss of telling each target from a sample of tokens that all rows share, with importance weights
/// (Jean and others 2014, section 3): the softmax over the target and the sample, with the logarithm of the
/// expected count under the proposal subtracted from each logit.
///
/// A sampled token that is the target of a row does not count in that row. Only the rows of the target
/// tokens and of the sample are read and get a gradient.
///
/// - Parameters:
///   - hidden: `[steps, hidden]`.
///   - weight: `[vocabulary, hidden]`.
///   - bias: `[vocabulary]`, if any.
///   - targets: the right token of each step.
///   - weights: what each step counts; 1 if nil.
///   - sample: the tokens to tell them from.
///   - labelSmoothing: ε, spread over the tokens that count in a row.
///   - scale: multiplies the objective.
public func sampledCrossEntropy(
    _ hidden: Tensor, weight: Tensor, bias: Tensor?, targets: [Int32],
    weights: [Float]? = nil, sample: TokenSample, labelSmoothing: Float = 0, scale: Float = 1
) -> TokenLoss {
    let (rows, width) = (hidden.rows, hidden.rowWidth)
    let samples = sample.tokens
    precondition(
        sample.vocabulary == weight.rows && !samples.isEmpty,
        "sampledCrossEntropy: a sample of \(samples.count) from \(sample.vocabulary) tokens, weight \(weight.shape)"
    )
    checkTargets(targets, weights, rows: rows, below: weight.rows, "sampledCrossEntropy")
    let tables = [weight] + [bias].compactMap { $0 }
    let gathered = Tensor(uninitialized: [samples.count, width])
    seq_gather_rows(gathered.pointer, weight.pointer, samples, samples.count, width)
    let shift = Tensor(
        samples.map { (bias?.pointer[Int($0)] ?? 0) - sample.logExpectedCount($0) })
    let product = OutputProduct(
        hidden, OutputMatrix(weight: gathered, bias: shift, isTransposed: true), further: tables)
    let chosen = Tensor(uninitialized: [rows])
    seq_gathered_dot(
        chosen.pointer, hidden.pointer, weight.pointer, bias?.pointer,
        targets.map(sample.logExpectedCount), targets, rows, width)
    let places = Dictionary(
        uniqueKeysWithValues: samples.enumerated().map { ($1, Int32($0)) })
    let hits = targets.map { places[$0] ?? -1 }
    var sums: [Double] = [0, 0]
    withPointers(hits, weights) { hits, weights in
        product.forEachBlock { range, logits in
            seq_sampled_cross_entropy(
                logits, chosen.pointer + range.lowerBound, hits + range.lowerBound,
                weights.map { $0 + range.lowerBound }, labelSmoothing, scale, product.isRecording,
                &sums, range.count, samples.count)
        }
    }
    let loss = TokenLoss(sums: sums, scale: scale, tokens: rows, weights: weights)
    guard product.isRecording, let hiddenGradient = product.hiddenGradient else { return loss }
    // From here on `chosen` holds gradients.
    seq_gathered_axpy(
        hiddenGradient.pointer, chosen.pointer, weight.pointer, targets, rows, width)
    let targetGradient = Tensor(uninitialized: hidden.shape)
    seq_scale_rows(targetGradient.pointer, hidden.pointer, chosen.pointer, 0, rows, width)
    var parts = [
        (weight, samples, product.weightGradient), (weight, targets, targetGradient),
    ]
    if let bias {
        parts += [(bias, samples, product.biasGradient), (bias, targets, chosen)]
    }
    product.record(
        "sampledCrossEntropy", objective: loss.objective, rows: parts, ownsMatrix: false)
    return loss
}

/// The loss of the full softmax outside the tape in panels of the vocabulary: neither a packed copy of
/// a large weight nor the logits of all its tokens ever exist.
///
/// - Parameters:
///   - hidden: `[steps, hidden]`.
///   - weight: `[vocabulary, hidden]`.
///   - bias: `[vocabulary]`, if any.
///   - targets: the right token of each step.
///   - weights: what each step counts; 1 if nil.
///   - labelSmoothing: ε.
///   - scale: multiplies the objective.
public func panelledCrossEntropy(
    _ hidden: Tensor, weight: Tensor, bias: Tensor?, targets: [Int32], weights: [Float]? = nil,
    labelSmoothing: Float = 0, scale: Float = 1
) -> TokenLoss {
    let panel = 8192
    let (rows, vocabulary) = (hidden.rows, weight.rows)
    OutputMatrix(weight: weight, bias: bias, isTransposed: true)
        .check(hidden, "panelledCrossEntropy")
    checkTargets(targets, weights, rows: rows, below: vocabulary, "panelledCrossEntropy")
    if Tape.isRecording([hidden, weight]) {
        return linearCrossEntropy(
            hidden, weight: weight, bias: bias, isWeightTransposed: true, targets: targets,
            weights: weights, labelSmoothing: labelSmoothing, scale: scale)
    }
    var normalizers = [Double](repeating: -.infinity, count: rows)
    var chosen = [Double](repeating: 0, count: rows)
    var totals = [Double](repeating: 0, count: rows)
    for first in stride(from: 0, to: vocabulary, by: panel) {
        let tokens = first..<min(first + panel, vocabulary)
        let part = OutputMatrix(
            weight: weight.part(rows: tokens), bias: bias?.part(rows: tokens), isTransposed: true)
        OutputProduct(hidden, part).forEachBlock { range, logits in
            var logSums = [Float](repeating: 0, count: range.count)
            var sums = logSums
            seq_log_sum_exp(&logSums, logits, range.count, tokens.count)
            if labelSmoothing > 0 { seq_sum_columns(&sums, logits, range.count, tokens.count) }
            for (index, row) in range.enumerated() {
                let (a, b) = (normalizers[row], Double(logSums[index]))
                normalizers[row] = max(a, b) + log1p(exp(-abs(a - b)))
                totals[row] += Double(sums[index])
                let target = Int(targets[row])
                if tokens.contains(target) {
                    chosen[row] = Double(logits[index * tokens.count + target - first])
                }
            }
        }
    }
    var sums: [Double] = [0, 0]
    let epsilon = Double(labelSmoothing)
    for row in 0..<rows {
        let likelihood = normalizers[row] - chosen[row]
        let smooth = normalizers[row] - totals[row] / Double(vocabulary)
        sums[0] +=
            Double(weights?[row] ?? 1) * ((1 - epsilon) * likelihood + epsilon * smooth)
        sums[1] += likelihood
    }
    return TokenLoss(sums: sums, scale: scale, tokens: rows, weights: weights)
}

extension Tensor {
    /// A copy of some rows, outside the tape and not packed for longer than one product.
    fileprivate func part(rows range: Range<Int>) -> Tensor {
        let result = Tensor(uninitialized: [range.count] + shape.dropFirst())
        result.pointer.update(from: pointer + range.lowerBound * rowWidth, count: result.count)
        return result
    }
}
