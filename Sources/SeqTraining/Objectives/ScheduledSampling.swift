import SeqFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Scheduled sampling (Bengio and others 2015): with a probability that grows during training the decoder
/// reads what the model itself says instead of the true token.
///
/// Recurrent decoders, and those of models that copy, say their tokens step by step, each given those that
/// were read before; Transformer and ConvS2S say all at once given the true ones (Mihaylova & Martins 2019).
/// In both cases it is a pass of its own, with dropout and without gradients, after which the loss is computed
/// as always on the input that it has mixed.
public struct ScheduledSamplingConfiguration: Codable, Sendable, Hashable {
    /// How the probability of the true token falls with the number i of updates.
    public enum Decay: String, Codable, Sendable, CaseIterable {
        /// It is 1: no scheduled sampling.
        case none
        /// k - slope·i.
        case linear
        /// k^i.
        case exponential
        /// k / (k + e^(i/k)).
        case inverseSigmoid = "inverse_sigmoid"
    }

    /// How the probability of the true token falls.
    public var decay = Decay.none
    /// The k of the formulas.
    public var k = 1.0
    /// The slope of linear decay, an update.
    public var slope = 0.0
    /// What the probability does not fall below.
    public var minimum = 0.0
    /// Whether the model's token is drawn from its distribution; otherwise it is the most probable one.
    public var samples = false

    /// Creates the default configuration: no scheduled sampling.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case decay, k, slope, minimum
        case samples = "sample"
    }

    func validate() throws {
        func check(_ isGood: Bool, _ name: String, _ value: Any, _ remedy: String) throws {
            guard isGood else {
                throw Seq2SeqError(
                    option: "training.scheduled_sampling.\(name)", "is \(value)", remedy: remedy)
            }
        }
        switch decay {
        case .none:
            try check(k >= 0 && k.isFinite, "k", k, "choose a number of at least 0")
        case .linear:
            try check((0...1).contains(k), "k", k, "choose a number from 0 to 1 for linear decay")
        case .exponential:
            try check(
                k > 0 && k < 1, "k", k,
                "choose a number between 0 and 1 for exponential decay, such as 0.9999")
        case .inverseSigmoid:
            try check(
                k >= 1 && k.isFinite, "k", k,
                "choose a number of at least 1 for inverse_sigmoid, such as 3000")
        }
        try check(
            slope >= 0 && slope.isFinite, "slope", slope, "choose 0 or a positive number")
        try check((0...1).contains(minimum), "minimum", minimum, "choose a number from 0 to 1")
    }

    /// The probability with which the decoder reads the true token after `step` updates.
    func probability(step: Int) -> Double {
        let i = Double(step)
        switch decay {
        case .none: return 1
        case .linear: return max(minimum, k - slope * i)
        case .exponential: return max(minimum, pow(k, i))
        case .inverseSigmoid: return max(minimum, k / (k + exp(i / k)))
        }
    }
}
