public import SeqTensor

/// Lion (Chen and others 2023, algorithm 2): steps of equal size along the sign of the momentum.
///
/// Weight decay is decoupled.
public final class Lion: Optimizer {
    /// The settings.
    public struct Options: Codable, Sendable, Hashable {
        /// The share of the momentum in the sign that is taken.
        public var beta1: Float = 0.9
        /// Decay of the momentum.
        public var beta2: Float = 0.99

        /// The defaults of the paper.
        public init() {}
    }

    private let options: Options
    private let weightDecay: Float
    private let momentum: FlatBuffer
    /// The number of updates so far.
    public private(set) var step = 0

    /// Creates the optimizer for the parameters of `buffer`.
    ///
    /// - Parameters:
    ///   - buffer: the parameters.
    ///   - options: the settings.
    ///   - weightDecay: the share of a parameter that a step with the learning rate 1 takes from it.
    public init(_ buffer: ParameterBuffer, options: Options = Options(), weightDecay: Float = 0) {
        self.options = options
        self.weightDecay = weightDecay
        momentum = FlatBuffer(count: buffer.trainedCount, isPersistent: false)
    }

    /// One step.
    public func update(_ buffer: ParameterBuffer, learningRate: Float, gradientScale: Float) {
        step += 1
        for (part, rule) in buffer.updates {
            let learningRate = learningRate * rule.learningRate
            let weightDecay = weightDecay * rule.weightDecay
            OptimizerKernels.lion(
                buffer.values, part, momentum: momentum, gradientScale: gradientScale,
                shrink: learningRate * weightDecay, learningRate: learningRate,
                beta1: options.beta1, beta2: options.beta2)
        }
    }

    /// The momentum.
    public var state: [(name: String, tensor: Tensor)] { [("lion.momentum", momentum.all)] }

    /// Takes up the momentum.
    public func restore(step: Int, from file: Safetensors) throws {
        try momentum.fill(from: file, "lion.momentum")
        self.step = step
    }
}
