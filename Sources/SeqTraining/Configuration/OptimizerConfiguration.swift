import SeqFiles
public import SeqNN

/// How parameters follow gradients.
public struct OptimizerConfiguration: Codable, Sendable, Hashable {
    /// The optimizers on offer.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Adam (Kingma & Ba 2015).
        case adam
        /// Stochastic gradient descent, with momentum if that is not 0.
        case sgd
        /// Adam with decoupled weight decay (Loshchilov & Hutter 2019).
        case adamw
        /// AdaGrad (Duchi, Hazan and Singer 2011).
        case adagrad
        /// AdaDelta (Zeiler 2012).
        case adadelta
        /// RMSProp (Hinton 2012), with momentum if that is not 0.
        case rmsprop
        /// Adafactor (Shazeer & Stern 2018).
        case adafactor
        /// Lion (Chen and others 2023).
        case lion
    }

    /// The optimizer.
    public var type = Kind.adam
    /// The step size at the start.
    public var learningRate: Float = 1e-3
    /// The momentum of `sgd` and `rmsprop`.
    public var momentum: Float = 0
    /// Whether the momentum of `sgd` is that of Nesterov 1983.
    public var nesterov = false
    /// The share of each parameter that is added to its gradient or, with `adamw`, `adafactor` and
    /// `lion`, times the learning rate taken from the parameter.
    public var weightDecay: Float = 0
    /// Whether of embedding tables only the rows of tokens that an update meets change, and what is
    /// remembered of them.
    public var hasSparseEmbeddings = false
    /// The settings of `adam` and `adamw`.
    public var adam = Adam.Options()
    /// The settings of `adagrad`.
    public var adagrad = AdaGrad.Options()
    /// The settings of `adadelta`.
    public var adadelta = AdaDelta.Options()
    /// The settings of `rmsprop`.
    public var rmsprop = RMSProp.Options()
    /// The settings of `adafactor`.
    public var adafactor = Adafactor.Options()
    /// The settings of `lion`.
    public var lion = Lion.Options()

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case type
        case learningRate = "learning_rate"
        case momentum, nesterov
        case weightDecay = "weight_decay"
        case hasSparseEmbeddings = "sparse_embeddings"
        case adam, adagrad, adadelta, rmsprop, adafactor, lion
    }

    func make(_ buffer: ParameterBuffer) -> any Optimizer {
        switch type {
        case .adam: Adam(buffer, options: adam, weightDecay: weightDecay)
        case .sgd:
            SGD(buffer, momentum: momentum, isNesterov: nesterov, weightDecay: weightDecay)
        case .adamw: Adam(buffer, options: adam, weightDecay: weightDecay, isDecoupled: true)
        case .adagrad: AdaGrad(buffer, options: adagrad, weightDecay: weightDecay)
        case .adadelta: AdaDelta(buffer, options: adadelta, weightDecay: weightDecay)
        case .rmsprop:
            RMSProp(buffer, options: rmsprop, momentum: momentum, weightDecay: weightDecay)
        case .adafactor: Adafactor(buffer, options: adafactor, weightDecay: weightDecay)
        case .lion: Lion(buffer, options: lion, weightDecay: weightDecay)
        }
    }

    func validate() throws {
        func check(_ isGood: Bool, _ name: String, _ value: Any, _ remedy: String) throws {
            guard isGood else {
                throw Seq2SeqError(
                    option: "training.optimizer.\(name)", "is \(value)", remedy: remedy)
            }
        }
        for (name, value) in [
            ("learning_rate", learningRate), ("adam.epsilon", adam.epsilon),
            ("adagrad.epsilon", adagrad.epsilon), ("adadelta.epsilon", adadelta.epsilon),
            ("rmsprop.epsilon", rmsprop.epsilon),
        ] {
            try check(value > 0 && value.isFinite, name, value, "choose a positive number")
        }
        for (name, value) in [
            ("momentum", momentum), ("adam.beta1", adam.beta1), ("adam.beta2", adam.beta2),
            ("adadelta.rho", adadelta.rho), ("rmsprop.alpha", rmsprop.alpha),
            ("lion.beta1", lion.beta1), ("lion.beta2", lion.beta2),
        ] {
            try check(
                (0..<1).contains(value), name, value,
                "choose a number from 0 up to, not including, 1")
        }
        for (name, value) in [
            ("weight_decay", weightDecay), ("adagrad.initial_sum", adagrad.initialSum),
            ("adafactor.epsilon1", adafactor.epsilon1), ("adafactor.epsilon2", adafactor.epsilon2),
        ] {
            try check(value >= 0 && value.isFinite, name, value, "choose 0 or a positive number")
        }
        try check(
            adafactor.beta2Decay <= 0 && adafactor.beta2Decay.isFinite, "adafactor.beta2_decay",
            adafactor.beta2Decay, "choose a negative number, or 0 to forget earlier gradients")
        try check(
            adafactor.threshold >= 1 && adafactor.threshold.isFinite, "adafactor.threshold",
            adafactor.threshold, "choose a number of at least 1")
        if type == .sgd, nesterov, momentum == 0 {
            throw Seq2SeqError(
                option: "training.optimizer.nesterov", "is true without momentum",
                remedy: "choose a momentum above 0, such as 0.9, or nesterov: false")
        }
    }
}
