public import SeqFiles

/// What convolutional encoders and decoders consist of, beside widths and number of layers.
public struct ConvolutionConfiguration: Codable, Sendable, Hashable {
    /// What stands after each convolution of the plain encoder; the layers of ConvS2S always have gated
    /// linear units.
    public enum Activation: String, Codable, Sendable, CaseIterable {
        /// max(x, 0).
        case relu
        /// The hyperbolic tangent.
        case tanh
        /// The gated linear unit (Dauphin and others 2017).
        case glu
    }

    /// The steps that a convolution sees; by default 3.
    public var kernel = 3
    /// The activation of the plain encoder; by default relu.
    public var activation = Activation.relu
    /// Whether the layers of the plain encoder whose input is as wide as their output add it to that; by
    /// default they do.
    public var isResidual = true
    /// Whether weights are direction and gain (Salimans & Kingma 2016), as in ConvS2S; by default they
    /// are.
    public var normalizesWeights = true
    /// The number of position embeddings, the last of which serves all further positions; 0 for none; by
    /// default 1024.
    public var maximumLength = 1024

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case kernel, activation
        case isResidual = "residual"
        case normalizesWeights = "weight_normalization"
        case maximumLength = "maximum_length"
    }

    /// What is wrong with the first option that makes no sense, and what to do about it.
    public var problem: Seq2SeqError? {
        if !(1...255).contains(kernel) {
            return Seq2SeqError(
                option: "kernel", "is \(kernel)", remedy: "choose a number from 1 to 255")
        }
        if !(0...1_000_000).contains(maximumLength) {
            return Seq2SeqError(
                option: "maximum_length", "is \(maximumLength)",
                remedy: "choose a number from 0 (no position embeddings) to 1000000")
        }
        return nil
    }
}
