import CSeqKernels
import Synchronization

/// Which steps the window of a convolution lies over.
public enum ConvolutionAlignment: String, Codable, Sendable, CaseIterable {
    /// (kernel - 1) / 2 steps before each step, that step, and the rest after it.
    case same
    /// Each step and the kernel - 1 before it.
    case causal
    /// Whole windows only: kernel - 1 steps fewer than the sequence has, but one window for sequences
    /// shorter than it.
    case valid
}

/// Windows of steps over a ragged batch; steps that a sequence does not have count as zeros.
final class Windows: Sendable {
    let input: SequenceLayout
    /// How the windows lie, one row each.
    let layout: SequenceLayout
    private let kernel: Int
    private let left: Int
    private let stride: Int

    /// - Parameters:
    ///   - input: how the steps lie.
    ///   - layout: the number of windows of each sequence.
    ///   - kernel: the steps of a window.
    ///   - left: the steps of the first window before the sequence begins.
    ///   - stride: the steps from a window to the next.
    init(
        _ input: SequenceLayout, layout: SequenceLayout, kernel: Int, left: Int = 0, stride: Int = 1
    ) {
        precondition(
            kernel >= 1 && stride >= 1, "Windows: kernel \(kernel) and stride \(stride) below 1")
        self.input = input
        self.layout = layout
        self.kernel = kernel
        self.left = left
        self.stride = stride
    }

    /// The windows of a convolution.
    convenience init(_ input: SequenceLayout, kernel: Int, alignment: ConvolutionAlignment) {
        switch alignment {
        case .same: self.init(input, layout: input, kernel: kernel, left: (kernel - 1) / 2)
        case .causal: self.init(input, layout: input, kernel: kernel, left: kernel - 1)
        case .valid:
            let lengths = input.lengths.map { $0 == 0 ? 0 : max(1, $0 - kernel + 1) }
            self.init(input, layout: SequenceLayout(lengths: lengths), kernel: kernel)
        }
    }

    /// Windows that begin every `stride` steps as long as there are steps.
    convenience init(_ input: SequenceLayout, kernel: Int, stride: Int) {
        let lengths = input.lengths.map { ($0 + stride - 1) / stride }
        self.init(
            input, layout: SequenceLayout(lengths: lengths), kernel: kernel, stride: stride)
    }

    /// One window for each sequence.
    convenience init(wholeSequencesOf input: SequenceLayout) {
        self.init(
            input, layout: SequenceLayout(lengths: input.lengths.map { _ in 1 }),
            kernel: max(1, input.lengths.max() ?? 1))
    }

    func withKernel<Result>(_ body: (UnsafePointer<seq_windows>) -> Result) -> Result {
        input.starts.withUnsafePointer { start in
            layout.starts.withUnsafePointer { windowStart in
                var windows = seq_windows(
                    B: Int32(input.batch), kernel: Int32(kernel), left: Int32(left),
                    stride: Int32(stride), start: start, window_start: windowStart)
                return body(&windows)
            }
        }
    }
}

/// A convolution over time: of each window of steps, laid side by side, the product with `weight`.
///
/// No window reaches into another sequence; steps that a sequence does not have count as zeros.
///
/// - Parameters:
///   - input: `[steps, features]`.
///   - weight: `[kernel · features, outputs]`, the rows of the window's first step first.
///   - bias: `[outputs]`.
///   - kernel: the steps of a window.
///   - alignment: where the windows lie.
/// - Returns: `[windows, outputs]`, a window a step except for ``ConvolutionAlignment/valid``.
public func convolution(
    _ input: Sequences, weight: Tensor, bias: Tensor? = nil, kernel: Int,
    alignment: ConvolutionAlignment = .same
) -> Sequences {
    let (features, outputs) = (input.features, weight.rowWidth)
    precondition(
        weight.rows == kernel * features,
        "convolution: weight \(weight.shape) for a kernel of \(kernel) over \(features) features")
    precondition(
        bias.map { $0.count == outputs } ?? true,
        "convolution: bias \(bias?.shape ?? []) for \(outputs) outputs")
    if kernel == 1 { return input.with(affine([(input.steps, weight)], bias: bias)) }
    let windows = Windows(input.layout, kernel: kernel, alignment: alignment)
    let precision = Precision.current
    let result = Tensor(uninitialized: [windows.layout.steps, outputs])
    let packed = weight.packedAlways(isTransposed: false, precision: precision)
    withExtendedLifetime(packed) {
        windows.withKernel { kernel in
            seq_convolution_forward(
                kernel, result.pointer, input.steps.pointer, features, packed.handle,
                bias?.pointer, outputs)
        }
    }
    let inputs = [input.steps, weight] + [bias].compactMap { $0 }
    Tape.record("convolution", inputs: inputs, outputs: [result]) { pass in
        guard let gradient = pass.gradient(result) else { return }
        pass.accumulate(input.steps) { destination, beta in
            let packed = weight.packedAlways(isTransposed: true, precision: precision)
            withExtendedLifetime(packed) {
                windows.withKernel { kernel in
                    seq_convolution_backward_input(
                        kernel, destination, beta, features, gradient.pointer, packed.handle,
                        outputs)
                }
            }
        }
        pass.accumulate(weight) { destination, beta in
            windows.withKernel { kernel in
                seq_convolution_backward_weight(
                    kernel, destination, beta, input.steps.pointer, features, gradient.pointer,
                    outputs, precision.kernelValue)
            }
        }
        if let bias {
            pass.accumulate(bias) { destination, beta in
                seq_sum_rows(destination, gradient.pointer, beta, gradient.rows, outputs)
            }
        }
    }
    return Sequences(result, layout: windows.layout)
}

extension Tensor {
    /// The gated linear unit a · σ(b) of rows (a, b) (Dauphin and others 2017), added to `residual` and
    /// scaled.
    ///
    /// - Parameters:
    ///   - residual: `[rows, width]`, if there is one.
    ///   - scale: multiplies the sum.
    /// - Returns: `[rows, width]` of `[rows, 2 · width]`.
    public func gatedLinearUnit(residual: Tensor? = nil, scale: Float = 1) -> Tensor {
        let width = rowWidth / 2
        precondition(rowWidth == 2 * width, "gatedLinearUnit: \(shape) has an odd width")
        precondition(
            residual.map { $0.rows == rows && $0.rowWidth == width } ?? true,
            "gatedLinearUnit: residual \(residual?.shape ?? []) for \(shape)")
        let result = Tensor(uninitialized: [rows, width])
        seq_gated_linear_unit(
            result.pointer, pointer, residual?.pointer, scale, rows, width)
        let inputs = [self] + [residual].compactMap { $0 }
        Tape.record("gatedLinearUnit", inputs: inputs, outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            if pass.needs(self) {
                let own = Tensor(uninitialized: shape)
                seq_gated_linear_unit_backward(
                    own.pointer, gradient.pointer, pointer, scale, rows, width)
                pass.accumulate(self, taking: own)
            }
            if let residual {
                pass.accumulate(residual) { destination, beta in
                    seq_axpby(destination, scale, gradient.pointer, beta, gradient.count)
                }
            }
        }
        return result
    }

    /// `factor` · self + `otherFactor` · `other`, as residual connections have it (Gehring and others
    /// 2017, section 3.5: both factors √½ keep the variance).
    public func scaled(_ factor: Float, adding other: Tensor, scaled otherFactor: Float) -> Tensor {
        precondition(shape == other.shape, "scaled(_:adding:scaled:): \(shape) and \(other.shape)")
        let result = Tensor(uninitialized: shape)
        seq_linear_combination(
            result.pointer, factor, pointer, otherFactor, other.pointer, count)
        Tape.record("linearCombination", inputs: [self, other], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            for (tensor, factor) in [(self, factor), (other, otherFactor)] {
                pass.accumulate(tensor) { destination, beta in
                    seq_axpby(destination, factor, gradient.pointer, beta, gradient.count)
                }
            }
        }
        return result
    }

    /// Each row multiplied by its number of `factors`, which have no gradient.
    public func scalingRows(by factors: [Float]) -> Tensor {
        precondition(
            factors.count == rows, "scalingRows: \(factors.count) factors for \(shape)")
        let result = Tensor(uninitialized: shape)
        seq_scale_rows(result.pointer, pointer, factors, 0, rows, rowWidth)
        Tape.record("scalingRows", inputs: [self], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulate(self) { destination, beta in
                seq_scale_rows(
                    destination, gradient.pointer, factors, beta, rows, rowWidth)
            }
        }
        return result
    }
}

/// A weight as direction and length of its columns: scale · gain · direction / ‖direction‖ (Salimans &
/// Kingma 2016).
///
/// It is computed once for each version of the two, and packed for products like a stored weight.
public final class NormalizedWeight: Sendable {
    private struct Latest {
        var direction: Tensor
        var gain: Tensor
        var version: Int
        var scale: Float
        var inverseNorms: Tensor
    }

    private struct State {
        /// Kept from version to version, so that training does not ask for new memory at each step.
        var storage: Storage?
        var latest: Latest?
    }

    private let state = Mutex(State())

    /// Creates a weight that has not been computed yet.
    public init() {}

    /// The weight, `[inputs, outputs]`.
    ///
    /// - Parameters:
    ///   - direction: `[inputs, outputs]`.
    ///   - gain: `[outputs]`.
    ///   - scale: the length of a column whose gain is 1.
    public func callAsFunction(direction: Tensor, gain: Tensor, scale: Float = 1) -> Tensor {
        let (inputs, outputs) = (direction.rows, direction.rowWidth)
        precondition(
            gain.count == outputs,
            "NormalizedWeight: gain \(gain.shape) for direction \(direction.shape)")
        let version = direction.storage.version &+ gain.storage.version
        let (storage, inverseNorms) = state.withLock { state -> (Storage, Tensor) in
            if let latest = state.latest, let storage = state.storage, latest.version == version,
                latest.scale == scale, latest.direction.isSame(as: direction),
                latest.gain.isSame(as: gain)
            {
                return (storage, latest.inverseNorms)
            }
            // A tape or another thread may still read the previous version.
            let isFree = isKnownUniquelyReferenced(&state.storage)
            let previous = isFree && state.storage?.count == direction.count ? state.storage : nil
            let storage = previous ?? Storage(count: direction.count, isPersistent: true)
            let inverseNorms = Tensor(uninitialized: [outputs])
            seq_weight_norm(
                storage.pointer, inverseNorms.pointer, direction.pointer, gain.pointer, scale,
                inputs, outputs)
            storage.didChange()
            state.storage = storage
            state.latest = Latest(
                direction: direction, gain: gain, version: version, scale: scale,
                inverseNorms: inverseNorms)
            return (storage, inverseNorms)
        }
        let result = Tensor(storage: storage, shape: [inputs, outputs])
        Tape.record("normalizedWeight", inputs: [direction, gain], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.withDestination(direction) { directionGradient, directionBeta in
                pass.withDestination(gain) { gainGradient, gainBeta in
                    seq_weight_norm_backward(
                        directionGradient, directionBeta, gainGradient, gainBeta, gradient.pointer,
                        direction.pointer, gain.pointer, inverseNorms.pointer, scale, inputs,
                        outputs)
                }
            }
        }
        return result
    }
}

extension Tensor {
    /// Whether both are the same part of the same memory.
    fileprivate func isSame(as other: Tensor) -> Bool {
        storage === other.storage && offset == other.offset && shape == other.shape
    }
}

extension BackwardPass {
    /// Calls `body` with the gradient of `tensor` and its beta, or nil when nobody wants it.
    fileprivate func withDestination(
        _ tensor: Tensor, _ body: (UnsafeMutablePointer<Float>?, Float) -> Void
    ) {
        guard needs(tensor) else { return body(nil, 0) }
        accumulate(tensor) { body($0, $1) }
    }
}
