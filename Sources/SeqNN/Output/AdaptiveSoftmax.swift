public import SeqTensor

/// The adaptive softmax (Grave and others 2017): frequent tokens and one entry for each cluster of rarer
/// ones share a first softmax, and the tokens of a cluster a second one of less width.
///
/// Ids must be in the order of falling frequency, as those of our vocabularies are. Label smoothing
/// spreads over the tokens of each softmax that a target passes. Parameters: `head.weight`
/// `[hidden, cutoffs[0] + clusters]`, `head.bias` if asked for, and for each cluster
/// `tails.I.projection.weight` `[hidden, hidden / divisor^(I + 1)]` and `tails.I.weight` to its tokens.
public struct AdaptiveSoftmax: OutputLayer {
    private struct Tail: Sendable {
        let projection: Linear
        let linear: Linear
        let tokens: Range<Int>
    }

    private let head: Linear
    private let tails: [Tail]
    private let shortlist: Int
    /// The number of tokens.
    public let vocabulary: Int

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - hidden: the width of the vectors that come in.
    ///   - vocabulary: the number of tokens.
    ///   - cutoffs: the first token of each cluster, ascending.
    ///   - divisor: by how much each cluster is narrower than the one before.
    ///   - hasBias: whether the entries of the first softmax have biases.
    ///   - scope: where parameters come from.
    public init(
        hidden: Int, vocabulary: Int, cutoffs: [Int], divisor: Float = 4, hasBias: Bool = true,
        in scope: ParameterScope
    ) throws {
        let ends = cutoffs.dropFirst() + [vocabulary]
        precondition(
            (cutoffs.first ?? 0) > 0 && zip(cutoffs, ends).allSatisfy { $0 < $1 },
            "AdaptiveSoftmax: cutoffs \(cutoffs) of a vocabulary of \(vocabulary)")
        self.vocabulary = vocabulary
        shortlist = cutoffs[0]
        head = try Linear(
            hidden, shortlist + cutoffs.count, hasBias: hasBias, in: scope.scope("head"))
        var width = Float(hidden)
        tails = try zip(cutoffs, ends).enumerated().map { index, range in
            width /= divisor
            let part = scope.scope("tails.\(index)")
            let inner = max(1, Int(width))
            return Tail(
                projection: try Linear(
                    hidden, inner, hasBias: false, in: part.scope("projection")),
                linear: try Linear(inner, range.1 - range.0, hasBias: false, in: part),
                tokens: range.0..<range.1)
        }
    }

    /// The logits of the head and of each tail beside the result.
    public var numbersPerRow: Int { 2 * vocabulary }

    /// Yes.
    public var isNormalized: Bool { true }

    /// The rows whose targets each cluster holds.
    private func rowsByCluster(_ targets: [Int32]) -> [[Int32]] {
        tails.map { tail in
            targets.indices.filter { tail.tokens.contains(Int(targets[$0])) }.map(Int32.init)
        }
    }

    /// The cross-entropy of `targets`.
    public func loss(
        _ hidden: Tensor, targets: [Int32], weights: [Float]?, context: OutputContext?,
        labelSmoothing: Float, scale: Float, generator: inout RandomGenerator?
    ) -> TokenLoss {
        let clusters = rowsByCluster(targets)
        var headTargets = targets
        for (cluster, rows) in clusters.enumerated() {
            for row in rows { headTargets[Int(row)] = Int32(shortlist + cluster) }
        }
        var total = linearCrossEntropy(
            hidden, weight: head.weight.value, bias: head.bias?.value, targets: headTargets,
            weights: weights, labelSmoothing: labelSmoothing, scale: scale)
        for (tail, rows) in zip(tails, clusters) where !rows.isEmpty {
            let part = linearCrossEntropy(
                tail.projection(hidden.gatheringRows(rows)), weight: tail.linear.weight.value,
                bias: nil,
                targets: rows.map { targets[Int($0)] - Int32(tail.tokens.lowerBound) },
                weights: weights.map { weights in rows.map { weights[Int($0)] } },
                labelSmoothing: labelSmoothing, scale: scale)
            total.objective = total.objective + part.objective
            total.negativeLogLikelihood += part.negativeLogLikelihood
            total.smoothedLoss += part.smoothedLoss
        }
        return total
    }

    /// The log-probabilities, `[rows, vocabulary]`.
    public func logits(_ hidden: Tensor, context: OutputContext?) -> Tensor {
        adaptiveLogProbabilities(
            head: head(hidden), tails: tails.map { $0.linear($0.projection(hidden)) })
    }

    /// The log-probability of each target, from the clusters that the targets are in.
    public func logProbabilities(
        _ hidden: Tensor, targets: [Int32], context: OutputContext?
    ) -> [Float] {
        var result = [Float](repeating: 0, count: targets.count)
        func fill(_ rows: [Int32], _ tail: (index: Int, tail: Tail)?) {
            for start in stride(from: 0, to: rows.count, by: 256) {
                let part = Array(rows[start..<min(start + 256, rows.count)])
                let vectors = hidden.gatheringRows(part)
                let found = adaptiveLogProbabilities(
                    head: head(vectors), shortlist: shortlist,
                    cluster: tail.map { ($0.index, $0.tail.linear($0.tail.projection(vectors))) },
                    words: part.map {
                        Int(targets[Int($0)]) - (tail?.tail.tokens.lowerBound ?? 0)
                    })
                for (row, value) in zip(part, found) { result[Int(row)] = value }
            }
        }
        let frequent = targets.indices.filter { targets[$0] < shortlist }
        fill(frequent.map(Int32.init), nil)
        for (index, rows) in rowsByCluster(targets).enumerated() {
            fill(rows, (index, tails[index]))
        }
        return result
    }
}
