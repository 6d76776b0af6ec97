public import SeqTensor

/// AdaDelta (Zeiler 2012): steps as large as earlier ones were for gradients of that size.
public final class AdaDelta: Optimizer {
    /// The settings.
    public struct Options: Codable, Sendable, Hashable {
        /// Decay of the means of squared gradients and squared steps.
        public var rho: Float = 0.9
        /// Added to both means.
        public var epsilon: Float = 1e-6

        /// The defaults of PyTorch.
        public init() {}
    }

    private let options: Options
    private let weightDecay: Float
    private let squaredGradients: FlatBuffer
    private let squaredSteps: FlatBuffer
    /// The number of updates so far.
    public private(set) var step = 0

    /// Creates the optimizer for the parameters of `buffer`.
    ///
    /// - Parameters:
    ///   - buffer: the parameters.
    ///   - options: the settings.
    ///   - weightDecay: the share of a parameter that is added to its gradient.
    public init(_ buffer: ParameterBuffer, options: Options = Options(), weightDecay: Float = 0) {
        self.options = options
        self.weightDecay = weightDecay
        squaredGradients = FlatBuffer(count: buffer.trainedCount, isPersistent: false)
        squaredSteps = FlatBuffer(count: buffer.trainedCount, isPersistent: false)
    }

    /// One step: Zeiler 2012, algorithm 1, times the learning rate.
    public func update(_ buffer: ParameterBuffer, learningRate: Float, gradientScale: Float) {
        step += 1
        for (part, rule) in buffer.updates {
            let learningRate = learningRate * rule.learningRate
            let weightDecay = weightDecay * rule.weightDecay
            OptimizerKernels.adadelta(
                buffer.values, part, squares: squaredGradients, updates: squaredSteps,
                gradientScale: gradientScale, decay: weightDecay, learningRate: learningRate,
                rho: options.rho, epsilon: options.epsilon)
        }
    }

    /// Both means.
    public var state: [(name: String, tensor: Tensor)] {
        [
            ("adadelta.squared_gradients", squaredGradients.all),
            ("adadelta.squared_steps", squaredSteps.all),
        ]
    }

    /// Takes up both means.
    public func restore(step: Int, from file: Safetensors) throws {
        try squaredGradients.fill(from: file, "adadelta.squared_gradients")
        try squaredSteps.fill(from: file, "adadelta.squared_steps")
        self.step = step
    }
}
