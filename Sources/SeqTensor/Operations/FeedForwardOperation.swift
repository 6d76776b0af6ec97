import CSeqKernels

/// The function in the middle of a feed-forward layer.
public enum FeedForwardFunction: String, Codable, Sendable, CaseIterable {
    /// max(x, 0) (Vaswani and others 2017, eq. 2).
    case relu
    /// The Gaussian error linear unit in its tanh form (Hendrycks & Gimpel 2016).
    case gelu
    /// silu(gate) ⊙ value, where gate and value stand beside each other (Shazeer 2020).
    case swiglu

    /// How many columns of the first product give one column of the second's input.
    public var inputsPerOutput: Int { self == .swiglu ? 2 : 1 }

    fileprivate var kernelValue: seq_feed {
        switch self {
        case .relu: SEQ_FEED_RELU
        case .gelu: SEQ_FEED_GELU
        case .swiglu: SEQ_FEED_SWIGLU
        }
    }
}

/// A position-wise feed-forward layer, dropout(f(x·W₁ + b₁))·W₂ + b₂.
///
/// Vaswani et al. 2017, eq. 2; Shazeer 2020 for SwiGLU.
///
/// - Parameters:
///   - input: `[rows, features]`.
///   - first: W₁, `[features, middle]`; for SwiGLU `[features, 2 · middle]`, gates beside values.
///   - firstBias: `[middle]` or `[2 · middle]`.
///   - second: W₂, `[middle, features]`.
///   - secondBias: `[features]`.
///   - function: f.
///   - mask: which elements of f drop out.
/// - Returns: `[rows, features]`.
public func feedForward(
    _ input: Tensor, first: Tensor, firstBias: Tensor?, second: Tensor, secondBias: Tensor?,
    function: FeedForwardFunction, mask: DropoutMask = .none
) -> Tensor {
    let (rows, middle) = (input.rows, second.rows)
    precondition(
        input.rowWidth == first.rows && first.rowWidth == middle * function.inputsPerOutput
            && second.rowWidth == first.rows
            && firstBias.map { $0.count == first.rowWidth } ?? true
            && secondBias.map { $0.count == second.rowWidth } ?? true,
        "feedForward: input \(input.shape), first \(first.shape), second \(second.shape)")
    let precision = Precision.current
    let inner = Tensor(uninitialized: [rows, first.rowWidth])
    // ReLU needs its argument no more: its result takes the place.
    let active = function == .relu ? inner : Tensor(uninitialized: [rows, middle])
    let result = Tensor(uninitialized: [rows, second.rowWidth])
    var kernel = seq_feed_forward(
        function: function.kernelValue, rows: rows, outside: Int32(input.rowWidth),
        middle: Int32(middle), mask: mask.kernelValue)
    let packedFirst = first.packedAlways(isTransposed: false, precision: precision)
    let packedSecond = second.packedAlways(isTransposed: false, precision: precision)
    withExtendedLifetime((packedFirst, packedSecond)) {
        seq_feed_forward_run(
            &kernel, input.pointer, packedFirst.handle, firstBias?.pointer, packedSecond.handle,
            secondBias?.pointer, inner.pointer, active.pointer, result.pointer)
    }
    let biases = [firstBias, secondBias].compactMap { $0 }
    Tape.record("feedForward", inputs: [input, first, second] + biases, outputs: [result]) {
        [kernel] pass in
        guard let gradient = pass.gradient(result) else { return }
        var kernel = kernel
        let innerGradient = Tensor(uninitialized: inner.shape)
        let packedFirst = first.packedAlways(isTransposed: true, precision: precision)
        let packedSecond = second.packedAlways(isTransposed: true, precision: precision)
        func run(_ beta: Float, _ inputGradient: UnsafeMutablePointer<Float>?) {
            withExtendedLifetime((packedFirst, packedSecond)) {
                seq_feed_forward_backward(
                    &kernel, gradient.pointer, inner.pointer, active.pointer, packedFirst.handle,
                    packedSecond.handle, innerGradient.pointer, beta, inputGradient)
            }
        }
        if pass.needs(input) {
            pass.accumulate(input) { destination, beta in run(beta, destination) }
        } else {
            run(0, nil)
        }
        pass.accumulateProduct(
            weight: second, input: active, gradient: gradient, precision: precision)
        pass.accumulateProduct(
            weight: first, input: input, gradient: innerGradient, precision: precision)
        for (bias, source) in [(firstBias, innerGradient), (secondBias, gradient)] {
            guard let bias else { continue }
            pass.accumulate(bias) { destination, beta in
                seq_sum_rows(destination, source.pointer, beta, rows, source.rowWidth)
            }
        }
    }
    return result
}
