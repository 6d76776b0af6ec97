public import SeqNN

/// What a model consists of.
///
/// The same names stand in YAML files and in `config.json`.
public struct ModelConfiguration: Codable, Sendable, Hashable {
    /// The encoder.
    public var encoder = EncoderConfiguration()
    /// The decoder.
    public var decoder = DecoderConfiguration()
    /// Attention, or none.
    public var attention = AttentionConfiguration()
    /// How the encoder's final state becomes the decoder's first state.
    public var bridge = Bridge.copy
    /// The probability of dropping an element of embeddings, of the input of each further layer, and
    /// of the vector that the output layer sees.
    public var dropout: Float = 0.3
    /// How parameters start.
    public var initialization = Initialization()

    /// How the encoder's final state becomes the decoder's first state.
    public enum Bridge: String, Codable, Sendable, CaseIterable {
        /// Layer by layer, the directions beside each other; needs equal layers and widths.
        case copy
        /// tanh(W·state + b) of the last encoder layer, for each decoder layer.
        case dense
        /// Zeros.
        case zero
    }

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case encoder, decoder, attention, bridge, dropout, initialization
    }

    /// Checks that the parts fit each other.
    public func validate() throws {
        func fail(_ reason: String, _ remedy: String) -> ModelError {
            ModelError(kind: .badConfiguration, path: nil, reason: reason, remedy: remedy)
        }
        for (name, value) in [
            ("encoder.embedding", encoder.embedding), ("encoder.hidden", encoder.hidden),
            ("encoder.layers", encoder.layers), ("decoder.embedding", decoder.embedding),
            ("decoder.hidden", decoder.hidden), ("decoder.layers", decoder.layers),
        ] where !(1...65536).contains(value) {
            throw fail("model.\(name) is \(value)", "choose a number from 1 to 65536")
        }
        guard (0..<1).contains(dropout) else {
            throw fail(
                "model.dropout is \(dropout)", "choose a number from 0 up to, not including, 1")
        }
        guard initialization.range > 0, initialization.range.isFinite else {
            throw fail(
                "model.initialization.range is \(initialization.range)", "choose a positive number")
        }
        if encoder.isBidirectional, encoder.hidden % 2 != 0 {
            throw fail(
                "model.encoder.hidden is \(encoder.hidden), odd, with two directions",
                "choose an even number: each direction has half of it")
        }
        if bridge == .copy, encoder.layers != decoder.layers || encoder.hidden != decoder.hidden {
            throw fail(
                "model.bridge is copy, but the encoder has \(encoder.layers) layers of \(encoder.hidden) and the decoder \(decoder.layers) of \(decoder.hidden)",
                "make them equal or choose bridge: dense")
        }
        if attention.score == .dot, encoder.hidden != decoder.hidden {
            throw fail(
                "model.attention.score is dot, but the encoder has width \(encoder.hidden) and the decoder \(decoder.hidden)",
                "make them equal or choose score: general")
        }
        if decoder.type == .bahdanau, attention.score == .none {
            throw fail(
                "model.decoder.type is bahdanau without attention",
                "choose attention.score: concat, or decoder.type: luong")
        }
        if decoder.hasInputFeeding, attention.score == .none || decoder.type != .luong {
            throw fail(
                "model.decoder.input_feeding needs decoder.type: luong with attention",
                "set input_feeding: false")
        }
    }
}

/// The encoder: a stack of LSTM layers over embedded tokens.
public struct EncoderConfiguration: Codable, Sendable, Hashable {
    /// The width of source embeddings.
    public var embedding = 256
    /// The width of the states of a layer, all directions together.
    public var hidden = 512
    /// The number of layers.
    public var layers = 2
    /// Whether each layer also reads from the end to the start.
    public var isBidirectional = true
    /// Whether the source is given in reverse (Sutskever and others 2014, section 3.3).
    public var reversesSource = false

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case embedding, hidden, layers
        case isBidirectional = "bidirectional"
        case reversesSource = "reverse_source"
    }
}

/// The decoder: a stack of LSTM layers over embedded tokens and what attention tells.
public struct DecoderConfiguration: Codable, Sendable, Hashable {
    /// The order of attention and recurrence.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Recurrence, then attention, then tanh(W[context; state]) (Luong et al. 2015); without
        /// attention the decoder of Sutskever et al. 2014.
        case luong
        /// Attention by the previous state; its context is an input of the recurrence (Bahdanau et al.
        /// 2015).
        case bahdanau
    }

    /// The order of attention and recurrence.
    public var type = Kind.luong
    /// The width of target embeddings.
    public var embedding = 256
    /// The width of the states of a layer.
    public var hidden = 512
    /// The number of layers.
    public var layers = 2
    /// Whether the attentional vector is an input of the next step (Luong and others 2015, section
    /// 3.3).
    public var hasInputFeeding = false

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case type, embedding, hidden, layers
        case hasInputFeeding = "input_feeding"
    }
}

/// Attention of the decoder over the encoder's states.
public struct AttentionConfiguration: Codable, Sendable, Hashable {
    /// The score functions, and none.
    public enum Score: String, Codable, Sendable, CaseIterable {
        /// No attention: the decoder knows the source by its first state alone.
        case none
        /// query·key (Luong et al. 2015, eq. 8).
        case dot
        /// queryᵀ·W·key (Luong et al. 2015, eq. 8).
        case general
        /// v·tanh(W_q·query + W_m·key) (Bahdanau et al. 2015).
        case concat

        /// The layer's name for it.
        var kind: AttentionKind? { AttentionKind(rawValue: rawValue) }
    }

    /// The score function.
    public var score = Score.general

    /// Creates the default configuration.
    public init() {}
}
