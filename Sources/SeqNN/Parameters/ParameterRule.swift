/// How one parameter is trained in comparison with others.
public struct ParameterRule: Sendable, Hashable {
    /// Multiplies the learning rate.
    public var learningRate: Float = 1
    /// Multiplies the weight decay.
    public var weightDecay: Float = 1
    /// Whether it stays as it is; then it has no gradient.
    public var isFrozen = false
    /// Whether its gradients are kept and applied by rows, as if ``Parameter/isSparse`` were true.
    public var isSparse = false

    /// Creates the rule of a parameter of which nothing is different.
    public init() {}
}
