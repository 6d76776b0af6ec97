import SeqFiles
public import SeqMetrics

/// Training on a measure of whole outputs.
public struct SequenceTrainingConfiguration: Codable, Sendable, Hashable {
    /// The objectives on whole outputs.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// None: the loss of tokens alone.
        case none
        /// Minimum risk training (Shen et al. 2016).
        case mrt
        /// Self-critical sequence training (Rennie et al. 2017).
        case scst
    }

    /// The objective.
    public var type = Kind.none
    /// What judges an output.
    public var metric = Metric.bleu
    /// The number of outputs that are drawn for each source.
    public var samples = 10
    /// What logits are divided by before outputs are drawn.
    public var temperature: Float = 1
    /// α of minimum risk training.
    public var sharpness: Float = 0.005
    /// Whether the target is a candidate of minimum risk training too.
    public var hasReference = true
    /// The share of the loss of tokens in the objective.
    public var crossEntropy: Float = 0

    /// Creates the default configuration: no training on whole outputs.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case type, metric, samples, temperature, sharpness
        case hasReference = "reference"
        case crossEntropy = "cross_entropy"
    }

    func validate() throws {
        func check(_ isGood: Bool, _ name: String, _ value: Any, _ remedy: String) throws {
            guard isGood else {
                throw Seq2SeqError(
                    option: "training.sequence.\(name)", "is \(value)", remedy: remedy)
            }
        }
        try check(
            SequenceReward.metrics.contains(metric), "metric", metric,
            "choose \(SequenceReward.metrics.map(\.rawValue).joined(separator: ", "))")
        try check(
            (1...1000).contains(samples), "samples", samples, "choose a number from 1 to 1000")
        try check(
            type != .mrt || hasReference || samples > 1, "samples", samples,
            "risks are compared: choose at least 2, or reference: true")
        try check(
            (0.001...1000).contains(temperature), "temperature", temperature,
            "choose a number from 0.001 to 1000; 1 draws from the model itself")
        try check(
            sharpness > 0 && sharpness <= 1000, "sharpness", sharpness,
            "choose a positive number, such as 0.005; at most 1000")
        try check(
            (0..<1).contains(crossEntropy), "cross_entropy", crossEntropy,
            "choose a number from 0 up to, not including, 1")
    }
}
