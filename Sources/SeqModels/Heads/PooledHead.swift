#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
public import SeqNN
public import SeqTensor

/// A softmax over the labels of the whole input, whose steps become one vector.
///
/// Parameters: those of `FullSoftmax`, and of pooling by attention `pooling.weight` `[width, width]`,
/// `pooling.bias` `[width]` and `pooling.query` `[width, 1]`.
public struct PooledHead: OutputHead {
    private let pooling: SingleLabelConfiguration.Pooling
    private let key: Linear?
    private let query: Parameter?
    private let softmax: FullSoftmax

    /// Creates a head over steps of `width` features.
    public init(
        _ pooling: SingleLabelConfiguration.Pooling, width: Int, labels: Int,
        in scope: ParameterScope
    ) throws {
        self.pooling = pooling
        let isLearnt = pooling == .attention
        let own = scope.scope("pooling")
        key = isLearnt ? try Linear(width, width, in: own) : nil
        query = isLearnt ? try own.parameter("query", [width, 1], .weight) : nil
        softmax = try FullSoftmax(hidden: width, vocabulary: labels, in: scope)
    }

    /// The number of different labels.
    public var labels: Int { softmax.vocabulary }

    /// One label.
    public func count(steps: Int) -> Int { 1 }

    /// One vector for each input, `[batch, width]`.
    private func pooled(_ encoded: EncodedSource) -> Tensor {
        let memory = encoded.memory
        switch pooling {
        case .mean: return memory.means()
        case .max: return memory.maxima()
        case .last:
            return encoded.final.last?.hidden
                ?? memory.steps.gatheringRows(
                    (0..<memory.layout.batch).map {
                        Int32(memory.layout.rows(of: $0).upperBound - 1)
                    }
                )
        case .attention:
            guard let key, let query else { preconditionFailure("PooledHead: no query") }
            let scores = affine([(key(memory.steps).tanh(), query.value)], bias: nil)
            let layout = AttentionLayout(
                memory: memory.layout, sequenceOfQuery: (0..<Int32(memory.layout.batch)).map { $0 })
            let weights = raggedSoftmax(scores.reshaped([memory.layout.steps]), layout: layout)
            return attentionContext(weights, values: memory.steps, layout: layout)
        }
    }

    /// The cross-entropy of the labels; see ``OutputHead``.
    public func loss(
        _ encoded: EncodedSource, targets: [Int32], weights: [Float]?, labelSmoothing: Float,
        scale: Float
    ) -> TokenLoss {
        softmax.lossOfKnown(
            pooled(encoded), targets: targets, weights: weights, labelSmoothing: labelSmoothing,
            scale: scale)
    }

    /// The most probable label; of equally probable ones the first.
    public func predict(_ encoded: EncodedSource) -> [PredictedLabels] {
        let (labels, probabilities) = softmax.best(pooled(encoded))
        return zip(labels, probabilities).map {
            PredictedLabels(labels: [$0], probabilities: [$1], logProbability: log($1))
        }
    }

    /// The log-probability of the label.
    public func logProbabilities(_ encoded: EncodedSource, of targets: [Int32]) -> [[Float]] {
        softmax.logProbabilitiesOfKnown(pooled(encoded), targets: targets).map { [$0] }
    }
}
