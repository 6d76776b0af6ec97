#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
public import SeqNN
public import SeqTensor

/// A softmax over the labels of each step, which are independent given the input.
///
/// Parameters: those of `FullSoftmax`.
public struct StepSoftmaxHead: OutputHead {
    private let softmax: FullSoftmax

    /// Creates a head over steps of `width` features.
    public init(width: Int, labels: Int, in scope: ParameterScope) throws {
        softmax = try FullSoftmax(hidden: width, vocabulary: labels, in: scope)
    }

    /// The number of different labels.
    public var labels: Int { softmax.vocabulary }

    /// A label for each step.
    public func count(steps: Int) -> Int { steps }

    /// The cross-entropy of the labels; see ``OutputHead``.
    public func loss(
        _ encoded: EncodedSource, targets: [Int32], weights: [Float]?, labelSmoothing: Float,
        scale: Float
    ) -> TokenLoss {
        softmax.lossOfKnown(
            encoded.memory.steps, targets: targets,
            weights: weights.map { all in
                encoded.memory.layout.sequenceOfRow.map { all[Int($0)] }
            }, labelSmoothing: labelSmoothing, scale: scale)
    }

    /// The most probable label of each step; of equally probable ones the first.
    public func predict(_ encoded: EncodedSource) -> [PredictedLabels] {
        let (labels, probabilities) = softmax.best(encoded.memory.steps)
        return (0..<encoded.memory.layout.batch).map { index in
            let rows = encoded.memory.layout.rows(of: index)
            return PredictedLabels(
                labels: Array(labels[rows]), probabilities: Array(probabilities[rows]),
                logProbability: probabilities[rows].reduce(0) { $0 + log($1) })
        }
    }

    /// The log-probability of each label.
    public func logProbabilities(_ encoded: EncodedSource, of targets: [Int32]) -> [[Float]] {
        let found = softmax.logProbabilitiesOfKnown(encoded.memory.steps, targets: targets)
        return (0..<encoded.memory.layout.batch).map {
            Array(found[encoded.memory.layout.rows(of: $0)])
        }
    }
}
