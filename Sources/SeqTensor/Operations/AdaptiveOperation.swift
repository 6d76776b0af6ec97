import CSeqKernels

/// The log-probabilities of an adaptive softmax (Grave and others 2017), `[rows, vocabulary]`, outside
/// the tape.
///
/// - Parameters:
///   - head: the logits of the shortlist and, behind them, of each cluster, `[rows, shortlist +
///     clusters]`.
///   - tails: the logits of the words of each cluster, `[rows, words]`.
public func adaptiveLogProbabilities(head: Tensor, tails: [Tensor]) -> Tensor {
    let (rows, shortlist) = (head.rows, head.rowWidth - tails.count)
    precondition(
        tails.allSatisfy { $0.rows == rows } && shortlist > 0,
        "adaptiveLogProbabilities: head \(head.shape), tails \(tails.map(\.shape))")
    precondition(
        !Tape.isRecording([head] + tails),
        "adaptiveLogProbabilities: has no gradient; use the loss")
    let vocabulary = tails.reduce(shortlist) { $0 + $1.rowWidth }
    let result = Tensor(uninitialized: [rows, vocabulary])
    let headShifts = head.logSumExp().map { -$0 }
    seq_shift_rows(
        result.pointer, vocabulary, head.pointer, head.rowWidth, headShifts, rows, shortlist)
    var column = shortlist
    for (cluster, tail) in tails.enumerated() {
        let shifts = head.clusterShifts(column: shortlist + cluster, headShifts, tail.logSumExp())
        seq_shift_rows(
            result.pointer + column, vocabulary, tail.pointer, tail.rowWidth, shifts, rows,
            tail.rowWidth)
        column += tail.rowWidth
    }
    return result
}

extension Tensor {
    /// What turns the logits of a cluster's words into log-probabilities: the cluster's own
    /// log-probability less the normalizer of the words.
    fileprivate func clusterShifts(
        column: Int, _ headShifts: [Float], _ normalizers: [Float]
    ) -> [Float] {
        (0..<rows).map {
            (pointer[$0 * rowWidth + column] + headShifts[$0]) - normalizers[$0]
        }
    }
}

/// The log-probabilities of one word a row in an adaptive softmax, the same numbers as in
/// ``adaptiveLogProbabilities(head:tails:)``.
///
/// - Parameters:
///   - head: the logits of the shortlist and the clusters, of the rows whose words are in one place.
///   - cluster: the cluster of these words and their logits in these rows; nil for the shortlist.
///   - words: the word of each row, counted from the first of the cluster.
public func adaptiveLogProbabilities(
    head: Tensor, shortlist: Int, cluster: (index: Int, tail: Tensor)?, words: [Int]
) -> [Float] {
    let headShifts = head.logSumExp().map { -$0 }
    guard let cluster else {
        return words.indices.map {
            head.pointer[$0 * head.rowWidth + words[$0]] + headShifts[$0]
        }
    }
    let tail = cluster.tail
    let shifts = head.clusterShifts(
        column: shortlist + cluster.index, headShifts, tail.logSumExp())
    return words.indices.map { tail.pointer[$0 * tail.rowWidth + words[$0]] + shifts[$0] }
}
