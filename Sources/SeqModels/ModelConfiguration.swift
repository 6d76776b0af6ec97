public import SeqNN

/// What a model consists of.
///
/// The same names stand in YAML files and in `config.json`.
public struct ModelConfiguration: Codable, Sendable, Hashable {
    /// The encoder.
    public var encoder = EncoderConfiguration()
    /// The decoder.
    public var decoder = DecoderConfiguration()
    /// Attention of recurrent decoders, or none.
    public var attention = AttentionConfiguration()
    /// How what the encoder found becomes the first state of a recurrent decoder.
    public var bridge = Bridge.copy
    /// The output layer.
    public var output = OutputConfiguration()
    /// The probability of dropping an element of embeddings, of the input of each further layer, and
    /// of the vector that the output layer sees.
    public var dropout: Float = 0.3
    /// How parameters start.
    public var initialization = Initialization()
    /// What comes out, in order.
    ///
    /// It stands beside the rest in files and not among it, since it is what the model is for.
    public var outputs = [OutputPart.text]

    /// How what the encoder found becomes the first state of a recurrent decoder.
    public enum Bridge: String, Codable, Sendable, CaseIterable {
        /// The final states layer by layer, the directions joined; needs equal layers and widths.
        case copy
        /// W·state + b of the last encoder layer, for each decoder layer.
        case dense
        /// tanh(W·state + b) of the last encoder layer, for each decoder layer.
        case tanhDense = "tanh_dense"
        /// tanh(W·mean + b) of the mean of the memory, for each decoder layer (Sennrich et al. 2017).
        case mean
        /// Zeros.
        case zero

        /// Whether it needs the final states of a recurrent encoder.
        var needsStates: Bool {
            switch self {
            case .copy, .dense, .tanhDense: true
            case .mean, .zero: false
            }
        }
    }

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case encoder, decoder, attention, bridge, output, dropout, initialization
    }
}

/// The encoder.
public struct EncoderConfiguration: Codable, Sendable, Hashable {
    /// The kinds of encoder.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Recurrent layers (Sutskever et al. 2014; Bahdanau et al. 2015).
        case recurrent
        /// Recurrent layers, each but the first on half as many steps (Chan et al. 2016).
        case pyramidal
        /// Gated convolutions (Gehring and others 2017, "ConvS2S").
        case convolutionalSequence = "convs2s"
        /// A plain one-dimensional convolutional network.
        case convolutional = "cnn"
        /// Self-attention (Vaswani et al. 2017).
        case transformer
        /// The embeddings alone, a floor for the others.
        case bag

        /// Whether it has states to hand to a recurrent decoder.
        public var isRecurrent: Bool { self == .recurrent || self == .pyramidal }
    }

    /// Where the vectors of source tokens come from.
    public enum WordVectors: String, Codable, Sendable, CaseIterable {
        /// A table with a row for each token of the vocabulary.
        case table
        /// The characters of each word, unknown words included (Kim et al. 2016).
        case characters
        /// Both beside each other, each as wide as `embedding` (Ma & Hovy 2016).
        case both = "table_and_characters"

        /// Whether words are known by their spelling, so that unknown ones are told apart.
        public var spellsWords: Bool { self != .table }
    }

    /// The kind.
    public var type = Kind.recurrent
    /// The width of the vectors of source tokens.
    public var embedding = 256
    /// Where the vectors of source tokens come from.
    public var wordVectors = WordVectors.table
    /// How vectors come from characters.
    public var characters = CharacterConfiguration()
    /// The width of the states of a layer, all directions together.
    public var hidden = 512
    /// The number of layers.
    public var layers = 2
    /// Whether recurrent layers also read from the end to the start.
    public var isBidirectional = true
    /// How many layers do, from the bottom; 0 for all.
    public var bidirectionalLayers = 0
    /// How two directions become one vector.
    public var summary = RecurrentStack.Summary.concat
    /// Whether the source is given in reverse (Sutskever and others 2014, section 3.3).
    public var reversesSource = false
    /// Whether the source ends with an end token.
    public var hasEndToken = false
    /// Cell and connections of recurrent layers.
    public var recurrent = RecurrentConfiguration()
    /// Convolutional layers.
    public var convolution = ConvolutionConfiguration()
    /// Transformer layers.
    public var transformer = TransformerConfiguration()

    /// The width of the vectors that the layers read.
    var inputs: Int { wordVectors == .both ? 2 * embedding : embedding }

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case type, embedding
        case wordVectors = "word_vectors"
        case characters, hidden, layers, recurrent, convolution, transformer
        case isBidirectional = "bidirectional"
        case bidirectionalLayers = "bidirectional_layers"
        case summary = "directions"
        case reversesSource = "reverse_source"
        case hasEndToken = "end_token"
    }
}

/// How the vector of a word comes from its characters (Kim and others 2016).
public struct CharacterConfiguration: Codable, Sendable, Hashable {
    /// The width of the vectors of characters.
    public var embedding = 16
    /// The largest number of characters that a filter sees; there are filters of all widths up to it.
    public var widths = 6
    /// The number of filters of width 1; a width w has w times as many, up to 200.
    public var filters = 25
    /// The number of highway layers.
    public var highwayLayers = 1

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case embedding, widths, filters
        case highwayLayers = "highway_layers"
    }
}

/// The decoder.
public struct DecoderConfiguration: Codable, Sendable, Hashable {
    /// The kinds of decoder.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Recurrence, then attention, then tanh(W[context; state]) (Luong et al. 2015); without
        /// attention the decoder of Sutskever et al. 2014.
        case luong
        /// Attention by the previous state; its context is an input of the recurrence (Bahdanau et al.
        /// 2015).
        case bahdanau
        /// No attention; the encoder's final state is an input of every step and of the output (Cho et
        /// al. 2014).
        case cho
        /// Two cells with attention between them (Sennrich et al. 2017).
        case conditional
        /// Attention in the bottom layer, its context an input of all layers (Wu et al. 2016).
        case gnmt
        /// Gated convolutions with attention in every layer (Gehring and others 2017).
        case convolutionalSequence = "convs2s"
        /// Self-attention and attention in every layer (Vaswani et al. 2017).
        case transformer

        /// Whether it consists of recurrent layers, and so uses `attention` and `bridge`.
        public var isRecurrent: Bool { self != .convolutionalSequence && self != .transformer }
    }

    /// The kind.
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
    /// How source and target are weighed in the output vector.
    public var contextGate = ContextGate.none
    /// Cell and connections of recurrent layers.
    public var recurrent = RecurrentConfiguration()
    /// Convolutional layers.
    public var convolution = ConvolutionConfiguration()
    /// Transformer layers.
    public var transformer = TransformerConfiguration()

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case type, embedding, hidden, layers, recurrent, convolution, transformer
        case hasInputFeeding = "input_feeding"
        case contextGate = "context_gate"
    }
}
