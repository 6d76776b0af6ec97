import SeqNN
public import SeqTensor

/// What a model says of its input in labels, and the loss on it.
///
/// An id of -1 among targets is a label that the model does not know: it counts nothing in a loss and has
/// the probability 0.
public protocol OutputHead: Sendable {
    /// The number of different labels.
    var labels: Int { get }

    /// The number of labels of an input of so many steps.
    func count(steps: Int) -> Int

    /// The loss of training: the cross-entropy of the labels in nats, summed.
    ///
    /// - Parameters:
    ///   - encoded: what the encoder made of the input.
    ///   - targets: the right labels of all inputs, one input after the other.
    ///   - weights: what each input counts in the objective; 1 if nil.
    ///   - labelSmoothing: ε of Szegedy and others 2016; a conditional random field has none.
    ///   - scale: multiplies the objective, usually 1 / labels.
    func loss(
        _ encoded: EncodedSource, targets: [Int32], weights: [Float]?, labelSmoothing: Float,
        scale: Float
    ) -> TokenLoss

    /// The most probable labels of each input.
    func predict(_ encoded: EncodedSource) -> [PredictedLabels]

    /// The log-probability of given labels of each input, label by label where they are independent, and
    /// otherwise of all together.
    func logProbabilities(_ encoded: EncodedSource, of targets: [Int32]) -> [[Float]]
}

/// The labels of one input.
public struct PredictedLabels: Sendable, Hashable {
    /// The labels.
    public var labels: [Int32]
    /// The probability of each, whatever the others are.
    public var probabilities: [Float]
    /// The logarithm of the probability of all together, in nats.
    public var logProbability: Float

    /// Collects what is said of one input.
    public init(labels: [Int32], probabilities: [Float], logProbability: Float) {
        self.labels = labels
        self.probabilities = probabilities
        self.logProbability = logProbability
    }
}

extension OutputPart {
    /// The head that is configured; nil for text, which has a decoder.
    ///
    /// - Parameters:
    ///   - width: the width of the encoder's steps.
    ///   - labels: the labels as they are spelt.
    ///   - scope: where parameters come from.
    func makeHead(
        width: Int, labels: [String], in scope: ParameterScope
    ) throws -> (any OutputHead)? {
        switch self {
        case .text: nil
        case .labels(let output):
            switch output.head {
            case .softmax: try StepSoftmaxHead(width: width, labels: labels.count, in: scope)
            case .crf:
                try RandomFieldHead(
                    width: width, labels: labels.count,
                    allowed: output.scheme.transitions(among: labels), in: scope)
            }
        case .label(let output):
            try PooledHead(output.pooling, width: width, labels: labels.count, in: scope)
        }
    }
}
