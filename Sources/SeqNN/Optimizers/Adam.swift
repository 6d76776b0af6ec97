public import SeqTensor

/// Adam (Kingma & Ba 2015), or AdamW (Loshchilov & Hutter 2019) if weight decay is decoupled.
///
/// Of sparse parameters only the rows with a gradient and their moments change, as in PyTorch's
/// SparseAdam.
public final class Adam: Optimizer {
    /// The decay rates of the moments and the number that keeps the quotient finite.
    public struct Options: Codable, Sendable, Hashable {
        /// Decay of the mean of gradients.
        public var beta1: Float = 0.9
        /// Decay of the mean of squared gradients.
        public var beta2: Float = 0.999
        /// Added to the root of the second moment.
        public var epsilon: Float = 1e-8

        /// The defaults of the paper.
        public init() {}
    }

    private let options: Options
    private let weightDecay: Float
    private let isDecoupled: Bool
    private let firstMoment: FlatBuffer
    private let secondMoment: FlatBuffer
    /// The number of updates so far.
    public private(set) var step = 0

    /// Creates the optimizer for the parameters of `buffer`.
    ///
    /// - Parameters:
    ///   - buffer: the parameters.
    ///   - options: the settings.
    ///   - weightDecay: the share of a parameter that is added to its gradient.
    ///   - isDecoupled: whether that share times the learning rate is taken from the parameter instead.
    public init(
        _ buffer: ParameterBuffer, options: Options = Options(), weightDecay: Float = 0,
        isDecoupled: Bool = false
    ) {
        self.options = options
        self.weightDecay = weightDecay
        self.isDecoupled = isDecoupled
        firstMoment = FlatBuffer(count: buffer.trainedCount, isPersistent: false)
        secondMoment = FlatBuffer(count: buffer.trainedCount, isPersistent: false)
    }

    /// One step.
    public func update(_ buffer: ParameterBuffer, learningRate: Float, gradientScale: Float) {
        step += 1
        for (part, rule) in buffer.updates {
            let learningRate = learningRate * rule.learningRate
            let weightDecay = weightDecay * rule.weightDecay
            OptimizerKernels.adam(
                buffer.values, part, firstMoment: firstMoment, secondMoment: secondMoment,
                gradientScale: gradientScale, decay: isDecoupled ? 0 : weightDecay,
                shrink: isDecoupled ? learningRate * weightDecay : 0, learningRate: learningRate,
                beta1: options.beta1, beta2: options.beta2, epsilon: options.epsilon, step: step)
        }
    }

    /// Both moments.
    public var state: [(name: String, tensor: Tensor)] {
        [("adam.first_moment", firstMoment.all), ("adam.second_moment", secondMoment.all)]
    }

    /// Takes up both moments.
    public func restore(step: Int, from file: Safetensors) throws {
        try firstMoment.fill(from: file, "adam.first_moment")
        try secondMoment.fill(from: file, "adam.second_moment")
        self.step = step
    }
}
