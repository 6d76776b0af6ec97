public import SeqNN
public import SeqTensor

/// Pairs of token sequences as a model takes them.
public struct TranslationBatch: Sendable {
    /// Source tokens.
    public let source: TokenSequences
    /// What the decoder sees: the start token and the target.
    public let decoderInput: TokenSequences
    /// What it should say: the target and the end token.
    public let targets: [Int32]

    /// The number of target tokens, end tokens included.
    public var targetTokens: Int { targets.count }

    /// The number of pairs.
    public var count: Int { source.layout.batch }
}

/// A recurrent encoder–decoder from tokens to tokens.
public struct TranslationModel: Module {
    /// What the model consists of.
    public let configuration: ModelConfiguration
    /// The sizes of the vocabularies.
    public let sourceVocabulary: Int
    /// The sizes of the vocabularies.
    public let targetVocabulary: Int
    /// All parameters, in the order of the checkpoint.
    public let parameters: [Parameter]

    private let sourceEmbedding: Embedding
    private let encoder: RecurrentEncoder
    private let targetEmbedding: Embedding
    /// The decoder.
    public let decoder: any Decoder
    private let output: OutputLayer

    /// The token that starts what the decoder sees.
    public static let startToken: Int32 = 1
    /// The token that ends a sequence.
    public static let endToken: Int32 = 2

    /// Creates a model whose parameters come from `scope`.
    ///
    /// - Throws: a ``ModelError`` when the configuration makes no sense, a ``TensorError`` when a
    ///   checkpoint does not fit it.
    public init(
        _ configuration: ModelConfiguration, sourceVocabulary: Int, targetVocabulary: Int,
        parametersFrom scope: ParameterScope
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        self.sourceVocabulary = sourceVocabulary
        self.targetVocabulary = targetVocabulary
        sourceEmbedding = try Embedding(
            vocabulary: sourceVocabulary, features: configuration.encoder.embedding,
            in: scope.scope("encoder.embedding"))
        encoder = try RecurrentEncoder(
            configuration.encoder, inputs: configuration.encoder.embedding,
            in: scope.scope("encoder"))
        targetEmbedding = try Embedding(
            vocabulary: targetVocabulary, features: configuration.decoder.embedding,
            in: scope.scope("decoder.embedding"))
        let decoderScope = scope.scope("decoder")
        if configuration.decoder.type == .bahdanau, let kind = configuration.attention.score.kind {
            decoder = try BahdanauDecoder(configuration, attention: kind, in: decoderScope)
        } else {
            decoder = try LuongDecoder(configuration, in: decoderScope)
        }
        output = try OutputLayer(
            hidden: decoder.outputs, vocabulary: targetVocabulary, in: scope.scope("output"))
        parameters = scope.parameters
    }

    /// Creates a model with fresh parameters.
    public init(
        _ configuration: ModelConfiguration, sourceVocabulary: Int, targetVocabulary: Int,
        seed: UInt64
    ) throws {
        let scope = ParameterScope(
            initialization: configuration.initialization,
            generator: RandomGenerator(seed: seed).split("parameters"))
        try self.init(
            configuration, sourceVocabulary: sourceVocabulary, targetVocabulary: targetVocabulary,
            parametersFrom: scope)
    }

    /// The source tokens of `sequences` as the encoder takes them: reversed if configured.
    public func source(_ sequences: some Sequence<some BidirectionalCollection<Int32>>)
        -> TokenSequences
    {
        TokenSequences(
            sequences.map { tokens in
                configuration.encoder.reversesSource ? Array(tokens.reversed()) : Array(tokens)
            })
    }

    /// A batch of pairs of sequences without start and end tokens.
    public func batch(
        _ pairs: [(source: ArraySlice<Int32>, target: ArraySlice<Int32>)]
    ) -> TranslationBatch {
        TranslationBatch(
            source: source(pairs.map(\.source)),
            decoderInput: TokenSequences(
                pairs.map { [TranslationModel.startToken] + $0.target }),
            targets: pairs.flatMap { $0.target + [TranslationModel.endToken] })
    }

    /// Encodes sources.
    public func encode(_ source: TokenSequences, dropout: inout Dropout) -> EncodedSource {
        let embedded = dropout(sourceEmbedding(source.tokens))
        return encoder(Sequences(embedded, layout: source.layout), dropout: &dropout)
    }

    /// What the output layer sees at each step of given targets, `[steps, outputs]`.
    public func hidden(_ batch: TranslationBatch, dropout: inout Dropout) -> Tensor {
        let source = encode(batch.source, dropout: &dropout)
        let embedded = dropout(targetEmbedding(batch.decoderInput.tokens))
        return decoder.run(
            Sequences(embedded, layout: batch.decoderInput.layout),
            state: decoder.initialState(source), memory: decoder.memory(source), dropout: &dropout)
    }

    /// The loss of a batch, with the gradient's scale given.
    public func loss(
        of batch: TranslationBatch, labelSmoothing: Float = 0, scale: Float = 1,
        dropout: inout Dropout
    ) -> TokenLoss {
        output.loss(
            hidden(batch, dropout: &dropout), targets: batch.targets,
            labelSmoothing: labelSmoothing, scale: scale)
    }

    /// The decoder's input for the tokens chosen last, a row each.
    public func decoderInput(_ tokens: [Int32]) -> DecoderInput {
        decoder.input(targetEmbedding(tokens))
    }

    /// The logits, `[rows, vocabulary]`, of decoder outputs `[rows, outputs]`.
    public func logits(_ vectors: Tensor) -> Tensor { output(vectors) }

    /// The log-probability of each target token of each pair, the end token included.
    public func tokenLogProbabilities(_ batch: TranslationBatch) -> [[Float]] {
        var dropout = Dropout.none
        let vectors = hidden(batch, dropout: &dropout)
        let block = 256
        var flat: [Float] = []
        flat.reserveCapacity(batch.targets.count)
        for start in stride(from: 0, to: vectors.rows, by: block) {
            let range = start..<min(start + block, vectors.rows)
            let logits = logits(vectors.rows(range))
            let normalizers = logits.logSumExp()
            logits.withUnsafeValues { values in
                for (row, target) in batch.targets[range].enumerated() {
                    flat.append(values[row * targetVocabulary + Int(target)] - normalizers[row])
                }
            }
        }
        return batch.decoderInput.layout.lengths.indices.map {
            Array(flat[batch.decoderInput.layout.rows(of: $0)])
        }
    }
}
