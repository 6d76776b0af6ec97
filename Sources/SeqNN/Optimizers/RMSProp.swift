public import SeqTensor

/// RMSProp (Hinton 2012, lecture 6e): gradients over the root of the mean of their squares.
public final class RMSProp: Optimizer {
    /// The settings.
    public struct Options: Codable, Sendable, Hashable {
        /// Decay of the mean of squared gradients.
        public var alpha: Float = 0.99
        /// Added to the root of that mean.
        public var epsilon: Float = 1e-8
        /// Whether the root is of the variance of gradients (Graves 2013, section 4.2).
        public var isCentered = false

        /// The defaults of PyTorch.
        public init() {}

        private enum CodingKeys: String, CodingKey {
            case alpha, epsilon
            case isCentered = "centered"
        }
    }

    private let options: Options
    private let momentum: Float
    private let weightDecay: Float
    private let squares: FlatBuffer
    private let mean: FlatBuffer?
    private let velocity: FlatBuffer?
    /// The number of updates so far.
    public private(set) var step = 0

    /// Creates the optimizer for the parameters of `buffer`.
    ///
    /// - Parameters:
    ///   - buffer: the parameters.
    ///   - options: the settings.
    ///   - momentum: how much of the velocity stays from step to step.
    ///   - weightDecay: the share of a parameter that is added to its gradient.
    public init(
        _ buffer: ParameterBuffer, options: Options = Options(), momentum: Float = 0,
        weightDecay: Float = 0
    ) {
        self.options = options
        self.momentum = momentum
        self.weightDecay = weightDecay
        squares = FlatBuffer(count: buffer.trainedCount, isPersistent: false)
        mean =
            options.isCentered ? FlatBuffer(count: buffer.trainedCount, isPersistent: false) : nil
        velocity = momentum == 0 ? nil : FlatBuffer(count: buffer.trainedCount, isPersistent: false)
    }

    /// One step.
    public func update(_ buffer: ParameterBuffer, learningRate: Float, gradientScale: Float) {
        step += 1
        for (part, rule) in buffer.updates {
            let learningRate = learningRate * rule.learningRate
            let weightDecay = weightDecay * rule.weightDecay
            OptimizerKernels.rmsprop(
                buffer.values, part, squares: squares, mean: mean, velocity: velocity,
                gradientScale: gradientScale, decay: weightDecay, learningRate: learningRate,
                alpha: options.alpha, momentum: momentum, epsilon: options.epsilon)
        }
    }

    private var buffers: [(name: String, buffer: FlatBuffer)] {
        var buffers: [(name: String, buffer: FlatBuffer)] = [("rmsprop.squares", squares)]
        if let mean { buffers.append(("rmsprop.mean", mean)) }
        if let velocity { buffers.append(("rmsprop.velocity", velocity)) }
        return buffers
    }

    /// The mean of squares, and what centering and momentum need.
    public var state: [(name: String, tensor: Tensor)] { buffers.map { ($0.name, $0.buffer.all) } }

    /// Takes up the means and the velocity.
    public func restore(step: Int, from file: Safetensors) throws {
        for (name, buffer) in buffers { try buffer.fill(from: file, name) }
        self.step = step
    }
}
