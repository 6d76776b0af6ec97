public import SeqTensor

/// Adafactor (Shazeer & Stern 2018) as PyTorch defines it: second moments of matrices are two vectors.
///
/// Steps are relative to the size of a parameter, and the learning rate is the largest relative step.
/// Weight decay is decoupled. As steps depend on means over a whole parameter, none may be sparse.
public final class Adafactor: Optimizer {
    /// The settings.
    public struct Options: Codable, Sendable, Hashable {
        /// The exponent d of the share tᵈ that the squared gradients of update t have in their mean.
        public var beta2Decay: Float = -0.8
        /// The least root of the second moment; 0 for the precision of float32, 1.19e-7.
        public var epsilon1: Float = 0
        /// The least size of a parameter to which steps are relative.
        public var epsilon2: Float = 1e-3
        /// The root mean square of a step, before it is scaled, above which it is scaled down to that.
        public var threshold: Float = 1

        /// The defaults of PyTorch.
        public init() {}

        private enum CodingKeys: String, CodingKey {
            case beta2Decay = "beta2_decay"
            case epsilon1, epsilon2, threshold
        }
    }

    private let options: Options
    private let weightDecay: Float
    /// The parameters and where their moments start.
    private let places: [(parameter: Parameter, moment: Int)]
    private let moments: FlatBuffer
    /// The number of updates so far.
    public private(set) var step = 0

    /// Creates the optimizer for the parameters of `buffer`, of which none may be sparse.
    ///
    /// - Parameters:
    ///   - buffer: the parameters.
    ///   - options: the settings.
    ///   - weightDecay: the share of a parameter that a step with the learning rate 1 takes from it.
    public init(_ buffer: ParameterBuffer, options: Options = Options(), weightDecay: Float = 0) {
        precondition(
            buffer.tables.isEmpty,
            "Adafactor: parameters with sparse gradients: \(buffer.tables.map { $0.parameter.name })"
        )
        self.options = options
        self.weightDecay = weightDecay
        var places: [(parameter: Parameter, moment: Int)] = []
        var total = 0
        for parameter in buffer.denseParameters {
            places.append((parameter, total))
            total += Adafactor.momentCount(parameter.shape)
        }
        self.places = places
        moments = FlatBuffer(count: total, isPersistent: false)
    }

    /// One step.
    public func update(_ buffer: ParameterBuffer, learningRate: Float, gradientScale: Float) {
        step += 1
        let epsilon1 = options.epsilon1 == 0 ? Float.ulpOfOne : options.epsilon1
        for (parameter, moment) in places {
            let rule = buffer.rule(of: parameter)
            OptimizerKernels.adafactor(
                buffer.values, parameter.value, gradients: buffer.gradients, moments: moments,
                moment: moment, gradientScale: gradientScale,
                learningRate: learningRate * rule.learningRate,
                decay: weightDecay * rule.weightDecay, beta2Decay: options.beta2Decay,
                epsilon1: epsilon1,
                epsilon2: options.epsilon2, threshold: options.threshold, step: step)
        }
    }

    /// The moments of all parameters, one after the other.
    public var state: [(name: String, tensor: Tensor)] {
        [("adafactor.second_moments", moments.all)]
    }

    /// Takes up the moments.
    public func restore(step: Int, from file: Safetensors) throws {
        try moments.fill(from: file, "adafactor.second_moments")
        self.step = step
    }

    /// One for each row and one for each column of a matrix, or one for each element of a vector.
    private static func momentCount(_ shape: [Int]) -> Int {
        guard shape.count > 1 else { return shape.reduce(1, *) }
        return shape.dropLast(2).reduce(1, *) * shape.suffix(2).reduce(0, +)
    }
}
