public import SeqTensor

/// Stochastic gradient descent, with momentum (Polyak 1964) if asked for.
///
/// The momentum can be that of Nesterov 1983, in PyTorch's form. Of sparse parameters only the rows with
/// a gradient and their velocity change.
public final class SGD: Optimizer {
    private let momentum: Float
    private let isNesterov: Bool
    private let weightDecay: Float
    private let velocity: FlatBuffer?
    /// The number of updates so far.
    public private(set) var step = 0

    /// Creates the optimizer for the parameters of `buffer`.
    ///
    /// - Parameters:
    ///   - buffer: the parameters.
    ///   - momentum: how much of the velocity stays from step to step.
    ///   - isNesterov: whether a step looks one step ahead, which needs momentum.
    ///   - weightDecay: the share of a parameter that is added to its gradient.
    public init(
        _ buffer: ParameterBuffer, momentum: Float = 0, isNesterov: Bool = false,
        weightDecay: Float = 0
    ) {
        precondition(!isNesterov || momentum > 0, "SGD: Nesterov with momentum \(momentum)")
        self.momentum = momentum
        self.isNesterov = isNesterov
        self.weightDecay = weightDecay
        velocity = momentum == 0 ? nil : FlatBuffer(count: buffer.trainedCount, isPersistent: false)
    }

    /// One step: velocity = momentum · velocity + gradient; parameters -= rate · velocity.
    ///
    /// Nesterov's form takes gradient + momentum · velocity in place of the velocity.
    public func update(_ buffer: ParameterBuffer, learningRate: Float, gradientScale: Float) {
        step += 1
        for (part, rule) in buffer.updates {
            let learningRate = learningRate * rule.learningRate
            let weightDecay = weightDecay * rule.weightDecay
            OptimizerKernels.sgd(
                buffer.values, part, velocity: velocity, gradientScale: gradientScale,
                decay: weightDecay, learningRate: learningRate, momentum: momentum,
                isNesterov: isNesterov)
        }
    }

    /// The velocity, if there is momentum.
    public var state: [(name: String, tensor: Tensor)] {
        velocity.map { [("sgd.velocity", $0.all)] } ?? []
    }

    /// Takes up the velocity.
    public func restore(step: Int, from file: Safetensors) throws {
        try velocity?.fill(from: file, "sgd.velocity")
        self.step = step
    }
}
