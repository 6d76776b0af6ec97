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

/// A table of vectors, one a token.
public struct Embedding: Sendable {
    /// `[vocabulary, features]`.
    public let weight: Parameter

    /// Creates a table; of a sparse one training changes only the rows of tokens that a step meets.
    public init(
        vocabulary: Int, features: Int, isSparse: Bool = false, in scope: ParameterScope
    ) throws {
        weight = try scope.parameter(
            "weight", [vocabulary, features], .embedding, isSparse: isSparse)
    }

    /// The vectors of `tokens`, `[tokens, features]`.
    public func callAsFunction(_ tokens: [Int32]) -> Tensor { weight.value.gatheringRows(tokens) }
}
