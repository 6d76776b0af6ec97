import SeqFiles
public import SeqNN
public import SeqTensor

/// An encoder–decoder from tokens to tokens.
public struct TranslationModel: Module {
    /// What the model consists of.
    public let configuration: ModelConfiguration
    /// The sizes of the vocabularies.
    public let sourceVocabulary: Int
    /// The sizes of the vocabularies.
    public let targetVocabulary: Int
    /// All parameters, in the order of the checkpoint.
    public let parameters: [Parameter]

    private let sourceEmbedding: SourceEmbedding
    private let encoder: any Encoder
    private let targetEmbedding: Embedding
    /// The decoder.
    public let decoder: any Decoder
    /// The output layer.
    public let output: any OutputLayer

    /// Creates a model whose parameters come from `scope`.
    ///
    /// - Parameters:
    ///   - configuration: what it consists of.
    ///   - sourceVocabulary: the number of source tokens.
    ///   - targetVocabulary: the number of target tokens.
    ///   - sourceTokens: the source tokens as they are spelt; only models that know words by their
    ///     characters ask for them.
    ///   - scope: where parameters come from.
    /// - Throws: a ``Seq2SeqError`` when the configuration makes no sense, or a checkpoint does not fit it.
    public init(
        _ configuration: ModelConfiguration, sourceVocabulary: Int, targetVocabulary: Int,
        sourceTokens: @autoclosure () -> [String] = [], parametersFrom scope: ParameterScope
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        self.sourceVocabulary = sourceVocabulary
        self.targetVocabulary = targetVocabulary
        let isSparse = configuration.output.isSparse
        func embedding(_ side: String, _ vocabulary: Int, _ features: Int) throws -> Embedding {
            try Embedding(
                vocabulary: vocabulary, features: features, isSparse: isSparse,
                in: scope.scope("\(side).embedding"))
        }
        sourceEmbedding =
            configuration.encoder.wordVectors == .characters
            ? try configuration.encoder.characters(
                of: sourceTokens(), vocabulary: sourceVocabulary,
                in: scope.scope("encoder.embedding"))
            : .table(
                try embedding("encoder", sourceVocabulary, configuration.encoder.embedding))
        encoder = try configuration.encoder.makeEncoder(in: scope.scope("encoder"))
        if configuration.output.tied == .all, let table = sourceEmbedding.table {
            guard sourceVocabulary == targetVocabulary else {
                throw Seq2SeqError(
                    option: "model.output.tied",
                    "is all, but the vocabularies have \(sourceVocabulary) and \(targetVocabulary) tokens",
                    remedy: "set tokenizer.joint: true, or choose tied: target")
            }
            targetEmbedding = table
        } else {
            targetEmbedding = try embedding(
                "decoder", targetVocabulary, configuration.decoder.embedding)
        }
        decoder = try configuration.makeDecoder(
            memory: encoder.outputs, in: scope.scope("decoder"))
        if let problem = configuration.output.problem(vocabulary: targetVocabulary) {
            throw problem.within("model.output")
        }
        output = try configuration.output.layer(
            hidden: decoder.outputs, vocabulary: targetVocabulary,
            tiedTo: configuration.output.tied == .none ? nil : targetEmbedding.weight,
            memory: encoder.outputs, in: scope.scope("output"))
        parameters = scope.parameters
    }

    /// Creates a model with fresh parameters, which take no more than `memory` bytes.
    public init(
        _ configuration: ModelConfiguration, sourceVocabulary: Int, targetVocabulary: Int,
        sourceTokens: @autoclosure () -> [String] = [], seed: UInt64, memory: Int = .max
    ) throws {
        let scope = ParameterScope(
            initialization: configuration.initialization,
            generator: RandomGenerator(seed: seed).split("parameters"), memory: memory)
        do {
            try self.init(
                configuration, sourceVocabulary: sourceVocabulary,
                targetVocabulary: targetVocabulary, sourceTokens: sourceTokens(),
                parametersFrom: scope)
        } catch let error as Seq2SeqError where error.kind == .outOfMemory {
            throw Seq2SeqError(
                option: "model",
                "is too large for \(memory / 1_000_000) MB of memory: \(error.reason)",
                remedy: "lower hidden, embedding, layers or the vocabularies")
        }
    }

    /// The tables of which a batch uses the rows of its tokens.
    public var embeddingTables: [Parameter] {
        var tables = [targetEmbedding.weight]
        if let source = sourceEmbedding.table?.weight, source !== targetEmbedding.weight {
            tables.insert(source, at: 0)
        }
        return tables
    }

    /// The numbers that the encoder works with for each step.
    var encoderNumbersPerStep: Int { encoder.numbersPerStep }

    /// Encodes sources.
    public func encode(_ source: TranslationSource, dropout: inout Dropout) -> EncodedSource {
        let embedded = Sequences(sourceEmbedding(source), layout: source.tokens.layout)
        let recurrent = configuration.encoder.recurrent
        return encoder(
            dropout(
                embedded,
                isVariational: recurrent.hasVariationalDropout
                    && configuration.encoder.type.isRecurrent),
            dropout: &dropout)
    }

    /// What the decoder makes of each step of given targets; vectors are `[steps, outputs]`.
    ///
    /// - Parameters:
    ///   - batch: pairs of sequences.
    ///   - source: what ``encode(_:dropout:)`` made of its sources, if it has been called.
    ///   - keepsWeights: whether attention weights are wanted.
    ///   - dropout: for training.
    public func hidden(
        _ batch: TranslationBatch, source: EncodedSource? = nil, keepsWeights: Bool = false,
        dropout: inout Dropout
    ) -> DecodedBatch {
        let source = source ?? encode(batch.source, dropout: &dropout)
        let embedded = Sequences(
            targetEmbedding(batch.decoderInput.tokens), layout: batch.decoderInput.layout)
        let input = dropout(embedded, isVariational: hasVariationalInput)
        var memory = decoder.memory(source)
        memory.keepsWeights = keepsWeights || output.needsContext
        memory.attention?.lossWeights = batch.pairWeights
        let state = decoder.initialState(source, dropout: &dropout)
        return DecodedBatch(
            output: decoder.run(input, state: state, memory: memory, dropout: &dropout),
            layout: AttentionLayout(memory: memory.layout, queries: embedded.layout),
            memory: output.memory(source.memory.steps))
    }

    /// Whether dropout of the decoder's input is the same in all steps.
    var hasVariationalInput: Bool {
        configuration.decoder.recurrent.hasVariationalDropout
            && configuration.decoder.type.isRecurrent
    }

    /// The loss of a batch, with the gradient's scale given.
    ///
    /// - Parameters:
    ///   - batch: pairs of sequences.
    ///   - source: what ``encode(_:dropout:)`` made of its sources, if it has been called.
    ///   - labelSmoothing: ε of the target distribution.
    ///   - alignmentWeight: the weight of the cross-entropy between attention and known alignments.
    ///   - scale: multiplies the objective, usually 1 / tokens.
    ///   - dropout: for training.
    public func loss(
        of batch: TranslationBatch, source: EncodedSource? = nil, labelSmoothing: Float = 0,
        alignmentWeight: Float = 0, scale: Float = 1, dropout: inout Dropout
    ) -> TokenLoss {
        let decoded = hidden(
            batch, source: source, keepsWeights: alignmentWeight > 0 && !batch.links.isEmpty,
            dropout: &dropout)
        let loss = output.loss(
            decoded.output.vectors, targets: batch.targets, weights: batch.rowWeights,
            context: context(decoded, of: batch), labelSmoothing: labelSmoothing, scale: scale,
            generator: &dropout.generator)
        return adding(
            decoded, of: batch, alignmentWeight: alignmentWeight, scale: scale, to: loss)
    }

    /// A loss with what coverage and known alignments add to it.
    func adding(
        _ decoded: DecodedBatch, of batch: TranslationBatch, alignmentWeight: Float, scale: Float,
        to tokens: TokenLoss
    ) -> TokenLoss {
        var loss = tokens
        if let further = decoded.output.loss { loss.objective = loss.objective + further * scale }
        if alignmentWeight > 0, !batch.links.isEmpty, let weights = decoded.output.weights {
            let guided = guidedAlignmentLoss(
                weights: weights, layout: decoded.layout, links: batch.links,
                rowWeights: batch.rowWeights)
            loss.objective = loss.objective + guided * (alignmentWeight * scale)
        }
        return loss
    }

    /// What the output layer may know beside the decoder's vectors; nil for layers that need no more.
    ///
    /// - Parameters:
    ///   - found: what the decoder made of some rows.
    ///   - layout: which source each row looks at.
    ///   - source: the sources.
    ///   - memory: what the output layer made of the encoder's states, once for all steps.
    func context(
        _ found: DecoderOutput, layout: AttentionLayout, source: TranslationSource, memory: Tensor?
    ) -> OutputContext? {
        guard let copies = source.copies else { return nil }
        return OutputContext(
            weights: found.weights, memory: memory, layout: layout, source: copies)
    }

    func context(_ decoded: DecodedBatch, of batch: TranslationBatch) -> OutputContext? {
        context(
            decoded.output, layout: decoded.layout, source: batch.source, memory: decoded.memory)
    }

    /// The vectors of the tokens chosen last, a row each, `[rows, embedding]`.
    func embedded(_ tokens: [Int32]) -> Tensor { targetEmbedding(known(tokens)) }

    /// The tokens with the unknown one in place of those that only a source has.
    func known(_ tokens: [Int32]) -> [Int32] {
        let size = Int32(targetVocabulary)
        return tokens.map { $0 < size ? $0 : TranslationModel.unknownToken }
    }

    /// The log-probability of each target token of each pair, the end token included.
    public func tokenLogProbabilities(_ batch: TranslationBatch) -> [[Float]] {
        var dropout = Dropout.none
        return tokenLogProbabilities(batch, hidden(batch, dropout: &dropout))
    }

    /// The same from what the decoder has made of the batch.
    func tokenLogProbabilities(
        _ batch: TranslationBatch, _ decoded: DecodedBatch
    ) -> [[Float]] {
        let flat = output.logProbabilities(
            decoded.output.vectors, targets: batch.targets, context: context(decoded, of: batch))
        return batch.decoderInput.layout.lengths.indices.map {
            Array(flat[batch.decoderInput.layout.rows(of: $0)])
        }
    }
}

/// What the decoder made of a batch with given targets.
public struct DecodedBatch: Sendable {
    /// Vectors `[steps, outputs]`, and weights where they are wanted.
    public let output: DecoderOutput
    /// Which source each step looks at.
    public let layout: AttentionLayout
    /// What the output layer made of the encoder's states.
    public let memory: Tensor?
}
