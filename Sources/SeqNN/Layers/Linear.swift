public import SeqTensor

/// A linear layer, x·W + b.
public struct Linear: Sendable {
    /// `[inputs, outputs]`.
    public let weight: Parameter
    /// `[outputs]`, unless the layer has none.
    public let bias: Parameter?

    /// Creates a layer, with a bias unless told otherwise.
    public init(_ inputs: Int, _ outputs: Int, hasBias: Bool = true, in scope: ParameterScope)
        throws
    {
        weight = try scope.parameter("weight", [inputs, outputs], .weight)
        bias = hasBias ? try scope.parameter("bias", [outputs], .bias) : nil
    }

    /// The outputs, `[rows, outputs]`, for inputs `[rows, inputs]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        affine([(input, weight.value)], bias: bias?.value)
    }
}
