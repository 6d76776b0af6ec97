import SeqTensor

/// Where an output layer's matrix comes from: a weight of its own, or a table of embeddings that it
/// shares (Press & Wolf 2017; Inan and others 2017).
///
/// Parameters: `weight` `[hidden, vocabulary]` unless it is shared, `bias` `[vocabulary]`,
/// `projection.weight` `[hidden, table width]` where a shared table has another width than the hidden
/// vectors.
public struct OutputWeights: Sendable {
    let weight: Parameter
    let bias: Parameter?
    let isTransposed: Bool
    let projection: Linear?

    /// - Parameters:
    ///   - hidden: the width of the vectors that come in.
    ///   - vocabulary: the number of tokens.
    ///   - table: the embeddings to share, `[vocabulary, width]`.
    ///   - hasBias: whether each token has a bias.
    ///   - isSparse: whether an own weight has a row a token, and few rows are used in a step.
    ///   - hasProjection: whether vectors of another width than the table's are projected here.
    init(
        hidden: Int, vocabulary: Int, tiedTo table: Parameter?, hasBias: Bool,
        isSparse: Bool = false, hasProjection: Bool = true, in scope: ParameterScope
    ) throws {
        if let table {
            precondition(
                table.shape.count == 2 && table.shape[0] == vocabulary,
                "output layer: a table \(table.shape) for a vocabulary of \(vocabulary)")
            projection =
                hasProjection && table.shape[1] != hidden
                ? try Linear(
                    hidden, table.shape[1], hasBias: false, in: scope.scope("projection")) : nil
            weight = table
            isTransposed = true
        } else {
            projection = nil
            isTransposed = isSparse
            weight = try scope.parameter(
                "weight", isSparse ? [vocabulary, hidden] : [hidden, vocabulary],
                isSparse ? .embedding : .weight, isSparse: isSparse)
        }
        bias = hasBias ? try scope.parameter("bias", [vocabulary], .bias, isSparse: isSparse) : nil
    }

    /// The matrix with its current values.
    var matrix: OutputMatrix {
        OutputMatrix(weight: weight.value, bias: bias?.value, isTransposed: isTransposed)
    }

    /// The number of tokens.
    var vocabulary: Int { isTransposed ? weight.shape[0] : weight.shape[1] }

    /// The width of the vectors that the matrix takes.
    var inputs: Int { isTransposed ? weight.shape[1] : weight.shape[0] }

    /// Hidden vectors at the width of the matrix.
    func projected(_ hidden: Tensor) -> Tensor { projection.map { $0(hidden) } ?? hidden }
}
