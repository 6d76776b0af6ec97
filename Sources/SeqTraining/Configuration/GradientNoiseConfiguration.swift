import SeqFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Random numbers that are added to the gradients, less and less (Neelakantan and others 2015).
public struct GradientNoiseConfiguration: Codable, Sendable, Hashable {
    /// η, the variance in the first update; 0 for no noise.
    public var eta: Float = 0
    /// γ, how fast the variance falls.
    public var gamma: Float = 0.55

    /// Creates the default configuration.
    public init() {}

    /// The standard deviation after `step` updates: √(η / (1 + t)^γ), the paper's equation 1.
    func deviation(after step: Int) -> Float {
        Float((Double(eta) / pow(1 + Double(step), Double(gamma))).squareRoot())
    }

    func validate() throws {
        for (name, value) in [("eta", eta), ("gamma", gamma)] {
            guard value >= 0, value.isFinite else {
                throw Seq2SeqError(
                    option: "training.gradient_noise.\(name)", "is \(value)",
                    remedy: "choose 0 or a positive number")
            }
        }
    }
}
