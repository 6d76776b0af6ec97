import CSeqKernels

/// What queries have attended to so far, as a term of their scores.
public struct CoverageTerm: Sendable {
    /// A number for each position of each query row, in the order of the weights.
    public let coverage: Tensor
    /// `[features]` inside the tanh of ``AttentionScore/concat(v:)``, `[1]` beside
    /// ``AttentionScore/dot(scale:)``.
    public let weight: Tensor

    /// Creates the term weight · coverage.
    public init(_ coverage: Tensor, weight: Tensor) {
        self.coverage = coverage
        self.weight = weight
    }
}

/// Scores of query rows against the keys of their sources.
///
/// - Parameters:
///   - queries: `[queries, features]`.
///   - keys: `[memory steps, features]`.
///   - layout: which query attends to which sequence.
///   - score: how a query is compared with a key.
///   - coverage: a further term: scale · query·key + w·c, or v·tanh(query + key + c·w) (See et al.
///     2017, eq. 11).
///   - window: where scores are wanted; they are zero elsewhere.
/// - Returns: the scores of all queries one after the other, of each as many as its sequence has steps.
public func attentionScores(
    _ queries: Tensor, keys: Tensor, layout: AttentionLayout, score: AttentionScore,
    coverage: CoverageTerm? = nil, window: AttentionWindow? = nil
) -> Tensor {
    precondition(
        queries.rows == layout.queryCount && keys.rows == layout.memory.steps
            && queries.rowWidth == keys.rowWidth,
        "attentionScores: queries \(queries.shape), keys \(keys.shape), memory of \(layout.memory.steps) steps"
    )
    let width = queries.rowWidth
    var v: Tensor?
    if case .concat(let vector) = score { v = vector }
    if let coverage {
        layout.check(coverage.coverage, "attentionScores")
        precondition(
            coverage.weight.count == (v == nil ? 1 : width),
            "attentionScores: coverage weight \(coverage.weight.shape) for \(width) features")
    }
    let result = Tensor(uninitialized: [layout.weightCount])
    layout.withRagged(window) { ragged in
        score.withKernel(width: width, coverage: coverage) { kernel in
            seq_ragged_scores(ragged, kernel, queries.pointer, keys.pointer, result.pointer)
        }
    }
    let parameters = [v, coverage?.coverage, coverage?.weight].compactMap { $0 }
    Tape.record("attentionScores", inputs: [queries, keys] + parameters, outputs: [result]) {
        pass in
        guard let gradient = pass.gradient(result) else { return }
        let batch = layout.memory.batch
        let queryGradient = Tensor(uninitialized: queries.shape)
        let vGradient = v.map { _ in Tensor(uninitialized: [batch, width]) }
        let coverageGradient = coverage.map { Tensor(uninitialized: $0.coverage.shape) }
        let weightGradient = coverage.map { Tensor(uninitialized: [batch, $0.weight.count]) }
        layout.withRagged(window) { ragged in
            score.withKernel(width: width, coverage: coverage) { kernel in
                pass.withPart(keys) { keyGradient in
                    seq_ragged_scores_backward(
                        ragged, kernel, queries.pointer, keys.pointer, gradient.pointer,
                        queryGradient.pointer, keyGradient, vGradient?.pointer,
                        coverageGradient?.pointer, weightGradient?.pointer)
                }
            }
        }
        pass.accumulate(queries, taking: queryGradient)
        if let v, let vGradient { pass.accumulateSum(v, ofRows: vGradient) }
        if let coverage, let coverageGradient, let weightGradient {
            pass.accumulate(coverage.coverage, taking: coverageGradient)
            pass.accumulateSum(coverage.weight, ofRows: weightGradient)
        }
    }
    return result
}

extension AttentionScore {
    fileprivate func withKernel(
        width: Int, coverage: CoverageTerm?, _ body: (UnsafePointer<seq_ragged_score>) -> Void
    ) {
        var kernel = seq_ragged_score(
            score: SEQ_SCORE_DOT, H: Int32(width), scale: 1, v: nil, coverage: nil,
            coverage_weight: nil)
        switch self {
        case .dot(let scale): kernel.scale = scale
        case .concat(let v):
            precondition(v.count == width, "attention: v \(v.shape) for \(width) features")
            kernel.score = SEQ_SCORE_CONCAT
            kernel.v = UnsafePointer(v.pointer)
        }
        if let coverage {
            kernel.coverage = UnsafePointer(coverage.coverage.pointer)
            kernel.coverage_weight = UnsafePointer(coverage.weight.pointer)
        }
        withExtendedLifetime((self, coverage)) { body(&kernel) }
    }
}

extension BackwardPass {
    /// Adds the sum of the rows of `parts` to the gradient of a vector.
    fileprivate func accumulateSum(_ vector: Tensor, ofRows parts: Tensor) {
        accumulate(vector) { destination, beta in
            seq_sum_rows(destination, parts.pointer, beta, parts.rows, parts.rowWidth)
        }
    }
}

/// Scores that stand in the columns of a matrix, one column a source position, as those of the location
/// score do (Luong and others 2015, equation 9).
///
/// - Parameters:
///   - matrix: `[queries, positions]`.
///   - layout: which query attends to which sequence; a position of a source beyond the columns has
///     the score 0.
///   - window: where scores are wanted; they are zero elsewhere.
public func attentionScores(
    columnsOf matrix: Tensor, layout: AttentionLayout, window: AttentionWindow? = nil
) -> Tensor {
    precondition(
        matrix.rows == layout.queryCount,
        "attentionScores: \(matrix.shape) for \(layout.queryCount) queries")
    let columns = Int32(matrix.rowWidth)
    let result = Tensor(uninitialized: [layout.weightCount])
    layout.withRagged(window) {
        seq_ragged_from_columns($0, matrix.pointer, columns, result.pointer)
    }
    Tape.record("attentionScoresOfColumns", inputs: [matrix], outputs: [result]) { pass in
        guard let gradient = pass.gradient(result) else { return }
        layout.withRagged(window) { ragged in
            pass.accumulatePart(matrix) { destination in
                seq_ragged_from_columns_backward(ragged, gradient.pointer, columns, destination)
            }
        }
    }
    return result
}

extension Tensor {
    /// The products of the rows of `[rows, columns]` with one vector `[columns]`: `[rows]`.
    ///
    /// Unlike a product with a matrix of one column, it sees each row alone.
    public func dottingRows(with vector: Tensor) -> Tensor {
        precondition(
            vector.count == rowWidth, "dottingRows: rows of \(shape) with \(vector.shape)")
        let (rows, width) = (rows, rowWidth)
        let result = Tensor(uninitialized: [rows])
        seq_dot_rows(result.pointer, pointer, vector.pointer, rows, width)
        Tape.record("dottingRows", inputs: [self, vector], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulate(self) { destination, beta in
                seq_outer(destination, gradient.pointer, vector.pointer, beta, rows, width)
            }
            pass.accumulateProduct(
                weight: vector, input: self, gradient: gradient.reshaped([rows, 1]),
                precision: .float32)
        }
        return result
    }
}
