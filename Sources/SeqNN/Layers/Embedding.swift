public import SeqTensor

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
