public import SeqTensor

/// A convolution over time, or with a kernel of 1 a linear layer, whose weight may be normalised.
///
/// Parameters: `weight` `[kernel · inputs, outputs]`, or with weight normalisation (Salimans & Kingma
/// 2016) `direction` of that shape and `gain` `[outputs]`; `bias` `[outputs]`.
public struct Convolution: Sendable {
    private enum Weight: Sendable {
        case plain(Parameter)
        case normalized(direction: Parameter, gain: Parameter, norm: Float, NormalizedWeight)
    }

    private let weight: Weight
    private let bias: Parameter
    /// The steps of a window.
    public let kernel: Int
    /// Where windows lie.
    public let alignment: ConvolutionAlignment

    /// Creates a layer.
    ///
    /// - Parameters:
    ///   - inputs: the features of a step.
    ///   - outputs: the features of the result.
    ///   - kernel: the steps of a window.
    ///   - alignment: where windows lie.
    ///   - isNormalized: whether the weight is direction and gain.
    ///   - norm: the length of a column of the normalised weight whose gain is 1, as at first: 1 keeps
    ///     the variance; what goes into a gated linear unit takes 2, since that gives back a quarter
    ///     (Gehring and others 2017, section 3.5).
    ///   - scope: where parameters come from.
    public init(
        _ inputs: Int, _ outputs: Int, kernel: Int = 1, alignment: ConvolutionAlignment = .same,
        isNormalized: Bool = false, norm: Float = 1, in scope: ParameterScope
    ) throws {
        self.kernel = kernel
        self.alignment = alignment
        let shape = [kernel * inputs, outputs]
        if isNormalized {
            weight = .normalized(
                direction: try scope.parameter("direction", shape, .weight),
                gain: try scope.parameter("gain", [outputs], .gain), norm: norm,
                NormalizedWeight())
        } else {
            weight = .plain(try scope.parameter("weight", shape, .weight))
        }
        bias = try scope.parameter("bias", [outputs], .bias)
    }

    private var value: Tensor {
        switch weight {
        case .plain(let weight): weight.value
        case .normalized(let direction, let gain, let norm, let weight):
            weight(direction: direction.value, gain: gain.value, scale: norm)
        }
    }

    /// The outputs, `[windows, outputs]`, for inputs `[steps, inputs]`.
    public func callAsFunction(_ input: Sequences) -> Sequences {
        convolution(input, weight: value, bias: bias.value, kernel: kernel, alignment: alignment)
    }

    /// The outputs, `[rows, outputs]`, for windows `[rows, kernel · inputs]` laid out by the caller, with
    /// an addend of that shape if there is one.
    public func callAsFunction(windows: Tensor, addend: Tensor? = nil) -> Tensor {
        affine([(windows, value)], bias: bias.value, addend: addend)
    }
}
