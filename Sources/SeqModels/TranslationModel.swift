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
    private let encoder: any SequenceEncoder
    private let text: TextOutput?
    /// The outputs that are labels, in the order of the configuration.
    public let heads: [NamedHead]

    /// What makes text: a decoder with its embeddings and output layer.
    private struct TextOutput: Sendable {
        var embedding: Embedding
        var decoder: any SequenceDecoder
        var output: any OutputLayer
    }

    /// An output of labels.
    public struct NamedHead: Sendable {
        /// What the output is called.
        public var name: String
        /// What its loss counts.
        public var lossWeight: Float
        /// Its layers.
        public var head: any OutputHead
    }

    /// The decoder of a model of text.
    public var decoder: any SequenceDecoder { textOutput.decoder }
    /// The output layer of a model of text.
    public var output: any OutputLayer { textOutput.output }
    private var targetEmbedding: Embedding { textOutput.embedding }

    private var textOutput: TextOutput {
        guard let text else {
            preconditionFailure("TranslationModel: the model has no output of text")
        }
        return text
    }

    /// Creates a model whose parameters come from `scope`.
    ///
    /// - Parameters:
    ///   - configuration: what it consists of.
    ///   - sourceVocabulary: the number of source tokens.
    ///   - targetVocabulary: the number of target tokens.
    ///   - labels: the labels of each output of labels, as they are spelt.
    ///   - sourceTokens: the source tokens as they are spelt; only models that know words by their
    ///     characters ask for them.
    ///   - scope: where parameters come from.
    /// - Throws: a ``Seq2SeqError`` when the configuration makes no sense, or a checkpoint does not fit it.
    public init(
        _ configuration: ModelConfiguration, sourceVocabulary: Int, targetVocabulary: Int,
        labels: [[String]] = [], sourceTokens: @autoclosure () -> [String] = [],
        parametersFrom scope: ParameterScope
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
        func table() throws -> Embedding {
            try embedding("encoder", sourceVocabulary, configuration.encoder.embedding)
        }
        func characters(_ name: String) throws -> (CharacterEmbedding, Spelling) {
            try configuration.encoder.characters(
                of: sourceTokens(), vocabulary: sourceVocabulary, in: scope.scope(name))
        }
        switch configuration.encoder.wordVectors {
        case .table: sourceEmbedding = .table(try table())
        case .characters:
            let (embedding, spelling) = try characters("encoder.embedding")
            sourceEmbedding = .characters(embedding, spelling)
        case .both:
            let words = try table()
            let (embedding, spelling) = try characters("encoder.characters")
            sourceEmbedding = .both(words, embedding, spelling)
        }
        encoder = try configuration.encoder.makeEncoder(in: scope.scope("encoder"))
        let named = configuration.outputs.filter { $0.kind != .text }
        precondition(
            labels.count == named.count,
            "TranslationModel: \(labels.count) lists of labels for \(named.count) outputs")
        heads = try zip(named, labels).compactMap { [encoder] part, labels in
            try part.makeHead(
                width: encoder.outputs, labels: labels, in: scope.scope("heads.\(part.name)")
            ).map { NamedHead(name: part.name, lossWeight: part.lossWeight, head: $0) }
        }
        guard configuration.hasText else {
            text = nil
            parameters = scope.parameters
            return
        }
        let targetEmbedding: Embedding
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
        let decoder = try configuration.makeDecoder(
            memory: encoder.outputs, in: scope.scope("decoder"))
        let output = try configuration.output.layer(
            hidden: decoder.outputs, vocabulary: targetVocabulary,
            tiedTo: configuration.output.tied == .none ? nil : targetEmbedding.weight,
            memory: encoder.outputs, in: scope.scope("output"))
        text = TextOutput(embedding: targetEmbedding, decoder: decoder, output: output)
        parameters = scope.parameters
    }

    /// Creates a model with fresh parameters, which take no more than `memory` bytes.
    public init(
        _ configuration: ModelConfiguration, sourceVocabulary: Int, targetVocabulary: Int,
        labels: [[String]] = [], sourceTokens: @autoclosure () -> [String] = [],
        seed: UInt64, memory: Int = .max
    ) throws {
        let scope = ParameterScope(
            initialization: configuration.initialization,
            generator: RandomGenerator(seed: seed).split("parameters"), memory: memory)
        do {
            try self.init(
                configuration, sourceVocabulary: sourceVocabulary,
                targetVocabulary: targetVocabulary, labels: labels,
                sourceTokens: sourceTokens(),
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
        var tables = text.map { [$0.embedding.weight] } ?? []
        if let source = sourceEmbedding.table?.weight, !tables.contains(where: { $0 === source }) {
            tables.insert(source, at: 0)
        }
        return tables
    }

    /// The numbers that the encoder works with for each step.
    var encoderNumbersPerStep: Int { encoder.numbersPerStep }

    /// Encodes sources.
    public func encode(_ source: TranslationSource, dropout: inout Dropout) -> EncodedSource {
        let embedded = Sequences(sourceEmbedding(source), layout: source.tokens.layout)
        return encoder(
            dropout(embedded, isVariational: hasVariationalEncoderInput), dropout: &dropout)
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

    /// The loss of a batch over all outputs, with the gradient's scale given.
    ///
    /// - Parameters:
    ///   - batch: inputs with the right outputs.
    ///   - source: what ``encode(_:dropout:)`` made of its sources, if it has been called.
    ///   - labelSmoothing: ε of the target distribution.
    ///   - alignmentWeight: the weight of the cross-entropy between attention and known alignments.
    ///   - scale: multiplies the objective of text, usually 1 / tokens.
    ///   - labelScales: the same for each output of labels, usually 1 / its labels; `scale` if nil.
    ///   - dropout: for training.
    public func loss(
        of batch: TranslationBatch, source: EncodedSource? = nil, labelSmoothing: Float = 0,
        alignmentWeight: Float = 0, scale: Float = 1, labelScales: [Float]? = nil,
        dropout: inout Dropout
    ) -> TokenLoss {
        guard text == nil else {
            return textLoss(
                of: batch, source: source, labelSmoothing: labelSmoothing,
                alignmentWeight: alignmentWeight, scale: scale, dropout: &dropout)
        }
        let encoded = dropping(
            source ?? encode(batch.source, dropout: &dropout), dropout: &dropout)
        let losses = heads.enumerated().map { index, named in
            named.head.loss(
                encoded, targets: batch.labels[index], weights: batch.pairWeights,
                labelSmoothing: labelSmoothing,
                scale: (labelScales?[index] ?? scale) * named.lossWeight)
        }
        return losses.dropFirst().reduce(losses[0], +)
    }

    /// What the heads see in training: steps and final states of the encoder with elements dropped.
    private func dropping(
        _ encoded: EncodedSource, dropout: inout Dropout
    ) -> EncodedSource {
        var dropped = encoded
        dropped.memory = dropout(encoded.memory, isVariational: hasVariationalEncoderInput)
        if let last = encoded.final.last {
            dropped.final = [RecurrentState([dropout(last.hidden)])]
        }
        return dropped
    }

    /// The most probable labels of each input, output by output.
    public func labels(of source: TranslationSource) -> [[PredictedLabels]] {
        withoutGradient {
            var dropout = Dropout.none
            let encoded = encode(source, dropout: &dropout)
            return heads.map { $0.head.predict(encoded) }
        }
    }

    /// The log-probabilities of given labels, output by output and input by input; see
    /// ``OutputHead/logProbabilities(_:of:)``.
    public func labelLogProbabilities(_ batch: TranslationBatch) -> [[[Float]]] {
        withoutGradient {
            var dropout = Dropout.none
            let encoded = encode(batch.source, dropout: &dropout)
            return heads.enumerated().map { index, named in
                named.head.logProbabilities(encoded, of: batch.labels[index])
            }
        }
    }

    /// Whether dropout of the encoder's input is the same in all steps.
    private var hasVariationalEncoderInput: Bool {
        configuration.encoder.recurrent.hasVariationalDropout
            && configuration.encoder.type.isRecurrent
    }

    /// The loss of an output of text; see ``loss(of:source:labelSmoothing:alignmentWeight:scale:labelScales:dropout:)``.
    private func textLoss(
        of batch: TranslationBatch, source: EncodedSource?, labelSmoothing: Float,
        alignmentWeight: Float, scale: Float, dropout: inout Dropout
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
