public import SeqTensor

/// How parameters follow their gradients.
public protocol Optimizer: AnyObject {
    /// Updates the parameters by the gradients in the buffer.
    ///
    /// - Parameters:
    ///   - learningRate: the step size.
    ///   - gradientScale: multiplies the gradients first, for clipping by norm.
    func update(_ buffer: ParameterBuffer, learningRate: Float, gradientScale: Float)

    /// What must be saved to continue later: named vectors as long as the buffer.
    var state: [(name: String, tensor: Tensor)] { get }

    /// The number of updates so far.
    var step: Int { get }

    /// Takes up a saved state.
    func restore(step: Int, from file: Safetensors) throws
}

/// Adam (Kingma & Ba 2015).
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
    private let firstMoment: FlatBuffer
    private let secondMoment: FlatBuffer
    /// The number of updates so far.
    public private(set) var step = 0

    /// Creates the optimizer for the parameters of `buffer`.
    public init(_ buffer: ParameterBuffer, options: Options = Options()) {
        self.options = options
        firstMoment = FlatBuffer(count: buffer.count, isPersistent: false)
        secondMoment = FlatBuffer(count: buffer.count, isPersistent: false)
    }

    /// One step.
    public func update(_ buffer: ParameterBuffer, learningRate: Float, gradientScale: Float) {
        step += 1
        OptimizerKernels.adam(
            buffer.values, gradients: buffer.gradients, firstMoment: firstMoment,
            secondMoment: secondMoment, gradientScale: gradientScale, learningRate: learningRate,
            beta1: options.beta1, beta2: options.beta2, epsilon: options.epsilon, step: step)
        for table in buffer.tables {
            OptimizerKernels.adam(
                buffer.values, table: table.parameter.value, gradient: table.gradient,
                firstMoment: firstMoment, secondMoment: secondMoment, gradientScale: gradientScale,
                learningRate: learningRate, beta1: options.beta1, beta2: options.beta2,
                epsilon: options.epsilon, step: step)
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

/// Stochastic gradient descent, with momentum if asked for.
///
/// Of sparse parameters only the rows with a gradient and their velocity change.
public final class SGD: Optimizer {
    private let momentum: Float
    private let velocity: FlatBuffer?
    /// The number of updates so far.
    public private(set) var step = 0

    /// Creates the optimizer for the parameters of `buffer`.
    public init(_ buffer: ParameterBuffer, momentum: Float = 0) {
        self.momentum = momentum
        velocity = momentum == 0 ? nil : FlatBuffer(count: buffer.count, isPersistent: false)
    }

    /// One step: velocity = momentum · velocity + gradient; parameters -= rate · velocity.
    public func update(_ buffer: ParameterBuffer, learningRate: Float, gradientScale: Float) {
        step += 1
        OptimizerKernels.sgd(
            buffer.values, gradients: buffer.gradients, velocity: velocity,
            gradientScale: gradientScale, learningRate: learningRate, momentum: momentum)
        for table in buffer.tables {
            OptimizerKernels.sgd(
                buffer.values, table: table.parameter.value, gradient: table.gradient,
                velocity: velocity, gradientScale: gradientScale, learningRate: learningRate,
                momentum: momentum)
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

extension FlatBuffer {
    fileprivate func fill(from file: Safetensors, _ name: String) throws {
        let tensor = try file.tensor(name, shape: all.shape)
        update { destination in
            tensor.withUnsafeValues { _ = destination.update(from: $0) }
        }
    }
}
