public import SeqNN
public import SeqTensor

/// A decoder that goes token by token over encoded sources, as search and sampling do, one row for each
/// sequence that grows.
public struct StepwiseDecoder: Sendable {
    /// What a step gives for each of its rows.
    public struct Step: Sendable {
        /// The logits of the next token, `[rows, vocabulary]`.
        public var logits: Tensor
        /// Attention weights, row after row, where they are kept.
        public var weights: Tensor?
        /// Which weights belong to which row.
        public var layout: AttentionLayout
    }

    private let model: TranslationModel
    private let source: TranslationSource
    private let memory: DecoderMemory
    private let outputMemory: Tensor?
    private var state: DecoderState

    /// Prepares what all steps share; at first there is a row for each source.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - source: the sources.
    ///   - encoded: what the model's encoder made of them.
    ///   - keepsWeights: whether steps carry attention weights.
    ///   - dropout: for training.
    public init(
        _ model: TranslationModel, source: TranslationSource, encoded: EncodedSource,
        keepsWeights: Bool = false, dropout: inout Dropout
    ) {
        self.model = model
        self.source = source
        var memory = model.decoder.memory(encoded)
        memory.keepsWeights = keepsWeights || model.output.needsContext
        self.memory = memory
        outputMemory = model.output.memory(encoded.memory.steps)
        state = model.decoder.initialState(encoded, dropout: &dropout)
    }

    /// Goes on with the given rows, in the given order; rows may repeat.
    public mutating func keepRows(_ rows: [Int32]) { state = state.gatheringRows(rows) }

    /// Goes on with the first `count` rows.
    mutating func keepFirst(_ count: Int) { state = state.prefix(count) }

    /// The next step.
    ///
    /// - Parameters:
    ///   - tokens: the token that each row ends with.
    ///   - sources: the index of each row's source.
    ///   - dropout: for training.
    public mutating func step(
        _ tokens: [Int32], sources: [Int32], dropout: inout Dropout
    ) -> Step {
        step(embedded: model.embedded(tokens), sources: sources, dropout: &dropout)
    }

    /// The next step for embedded tokens, `[rows, embedding]`.
    mutating func step(
        embedded: Tensor, sources: [Int32], dropout: inout Dropout
    ) -> Step {
        let layout = AttentionLayout(memory: memory.layout, sequenceOfQuery: sources)
        let output = model.decoder.step(
            model.decoder.input(embedded), state: &state, memory: memory, layout: layout,
            dropout: &dropout)
        let logits = model.output.logits(
            output.vectors,
            context: model.context(output, layout: layout, source: source, memory: outputMemory))
        return Step(logits: logits, weights: output.weights, layout: layout)
    }
}
