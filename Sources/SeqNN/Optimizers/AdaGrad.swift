public import SeqTensor

/// AdaGrad (Duchi, Hazan and Singer 2011): steps shrink with the sum of squared gradients.
public final class AdaGrad: Optimizer {
    /// The settings.
    public struct Options: Codable, Sendable, Hashable {
        /// The sum of squared gradients at the start.
        public var initialSum: Float = 0
        /// Added to the root of the sum.
        public var epsilon: Float = 1e-10

        /// The defaults of PyTorch.
        public init() {}

        private enum CodingKeys: String, CodingKey {
            case initialSum = "initial_sum"
            case epsilon
        }
    }

    private let options: Options
    private let weightDecay: Float
    private let sumOfSquares: FlatBuffer
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
        sumOfSquares = FlatBuffer(count: buffer.trainedCount, isPersistent: false)
        sumOfSquares.update { $0.update(repeating: options.initialSum) }
    }

    /// One step: sum += gradient²; parameters -= rate · gradient / (√sum + epsilon).
    public func update(_ buffer: ParameterBuffer, learningRate: Float, gradientScale: Float) {
        step += 1
        for (part, rule) in buffer.updates {
            let learningRate = learningRate * rule.learningRate
            let weightDecay = weightDecay * rule.weightDecay
            OptimizerKernels.adagrad(
                buffer.values, part, sumOfSquares: sumOfSquares, gradientScale: gradientScale,
                decay: weightDecay, learningRate: learningRate, epsilon: options.epsilon)
        }
    }

    /// The sum of squared gradients.
    public var state: [(name: String, tensor: Tensor)] {
        [("adagrad.sum_of_squares", sumOfSquares.all)]
    }

    /// Takes up the sum.
    public func restore(step: Int, from file: Safetensors) throws {
        try sumOfSquares.fill(from: file, "adagrad.sum_of_squares")
        self.step = step
    }
}
