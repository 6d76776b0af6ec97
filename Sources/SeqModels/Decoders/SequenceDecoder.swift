public import SeqNN
public import SeqTensor

/// The state of a decoder between steps, one row a hypothesis.
public struct DecoderState: Sendable {
    /// The states of recurrent layers.
    public var recurrent: RecurrentStackState?
    /// What else the decoder remembers, `[rows, width]` each, in an order only the decoder knows.
    public var tensors: [Tensor]
    /// What attention remembers of earlier steps.
    public var attention: AttentionState
    /// The keys and values of earlier steps.
    public var cache: StepCache
    /// The number of steps so far, the same for all rows.
    public var step = 0

    /// Collects the parts of a state before the first step.
    public init(
        recurrent: RecurrentStackState? = nil, tensors: [Tensor] = [],
        attention: AttentionState = AttentionState(), cache: StepCache = StepCache()
    ) {
        self.recurrent = recurrent
        self.tensors = tensors
        self.attention = attention
        self.cache = cache
    }

    /// The states of other rows; rows may repeat.
    public func gatheringRows(_ rows: [Int32]) -> DecoderState {
        var result = self
        result.recurrent = recurrent?.gatheringRows(rows)
        result.tensors = tensors.map { $0.gatheringRows(rows) }
        result.attention = attention.gatheringRows(rows)
        result.cache = cache.gatheringRows(rows)
        return result
    }

    /// The states of the first `count` rows.
    func prefix(_ count: Int) -> DecoderState {
        var result = self
        result.recurrent = recurrent?.prefix(count)
        result.tensors = tensors.map { $0.rows(0..<count) }
        result.attention = attention.prefix(count)
        result.cache = cache.prefix(count)
        return result
    }
}

/// What a decoder may look at while it runs: the source, prepared once for all steps.
public struct DecoderMemory: Sendable {
    /// The memory of attention, unless the decoder has none of its own.
    public var attention: AttentionMemory?
    /// The lengths of the memory.
    public var layout: SequenceLayout
    /// What else the decoder prepared, in an order only it knows.
    public var tensors: [Tensor]
    /// Whether outputs shall carry attention weights.
    public var keepsWeights = false

    /// Collects what a decoder prepared.
    public init(
        layout: SequenceLayout, attention: AttentionMemory? = nil, tensors: [Tensor] = []
    ) {
        self.layout = layout
        self.attention = attention
        self.tensors = tensors
    }
}

/// The input of a decoder at one time step or at many.
public struct DecoderInput: Sendable {
    /// Embedded tokens, `[rows, embedding]`.
    public var embedded: Tensor
    /// Their share of the first recurrent layer's pre-activations; the embedded tokens themselves for
    /// decoders without recurrence.
    public var projected: Tensor

    /// Collects the parts of an input.
    public init(embedded: Tensor, projected: Tensor) {
        self.embedded = embedded
        self.projected = projected
    }

    func rows(_ range: Range<Int>) -> DecoderInput {
        DecoderInput(embedded: embedded.rows(range), projected: projected.rows(range))
    }
}

/// What a decoder makes of one time step, or of all.
public struct DecoderOutput: Sendable {
    /// What the output layer sees, `[rows, width]`.
    public var vectors: Tensor
    /// Attention weights, row after row; nil without attention or where they are not wanted.
    public var weights: Tensor?
    /// What attention adds to the loss, summed over rows.
    public var loss: Tensor?

    /// Collects the parts of an output.
    public init(vectors: Tensor, weights: Tensor? = nil, loss: Tensor? = nil) {
        self.vectors = vectors
        self.weights = weights
        self.loss = loss
    }
}

/// A decoder: written once as a step, which serves training and search alike.
public protocol SequenceDecoder: Sendable {
    /// The width of what the output layer sees.
    var outputs: Int { get }

    /// What it holds while outputs are searched.
    var footprint: SearchFootprint { get }

    /// Prepares the encoder's states for all steps.
    func memory(_ source: EncodedSource) -> DecoderMemory

    /// The state before the first step, a row a source; in training it draws the masks that stay the
    /// same for all steps.
    func initialState(_ source: EncodedSource, dropout: inout Dropout) -> DecoderState

    /// The input for embedded tokens `[rows, embedding]` of any steps.
    func input(_ embedded: Tensor) -> DecoderInput

    /// One time step.
    ///
    /// - Parameters:
    ///   - input: a row a hypothesis.
    ///   - state: updated, its count of steps included.
    ///   - memory: the sources.
    ///   - layout: which source each row belongs to.
    ///   - dropout: for training.
    func step(
        _ input: DecoderInput, state: inout DecoderState, memory: DecoderMemory,
        layout: AttentionLayout, dropout: inout Dropout
    ) -> DecoderOutput

    /// All steps of given targets, embedded as `[steps, embedding]`; vectors and weights come in the same
    /// order.
    func run(
        _ embedded: Sequences, state: DecoderState, memory: DecoderMemory, dropout: inout Dropout
    ) -> DecoderOutput
}

extension SequenceDecoder {
    /// The step repeated over time; at each step only the sequences that still have one.
    func runStepwise(
        _ embedded: Sequences, state: DecoderState, memory: DecoderMemory, dropout: inout Dropout
    ) -> DecoderOutput {
        let schedule = embedded.layout.schedule()
        let inputs = input(embedded.steps.gatheringRows(schedule.rows))
        var state = state.gatheringRows(schedule.sequences)
        var rows = schedule.sequences.count
        var vectors: [Tensor] = []
        var weights: [Tensor] = []
        var loss: Tensor?
        for range in schedule.timeSteps {
            if range.count < rows { state = state.prefix(range.count) }
            rows = range.count
            let layout = AttentionLayout(
                memory: memory.layout,
                sequenceOfQuery: Array(schedule.sequences.prefix(range.count)))
            let output = step(
                inputs.rows(range), state: &state, memory: memory, layout: layout, dropout: &dropout
            )
            vectors.append(output.vectors)
            if memory.keepsWeights, let found = output.weights { weights.append(found) }
            if let part = output.loss { loss = loss.map { $0 + part } ?? part }
        }
        let packedRows = schedule.packedRows
        let sequenceOfRow = embedded.layout.sequenceOfRow
        let packed = AttentionLayout(
            memory: memory.layout,
            sequenceOfQuery: schedule.rows.map { sequenceOfRow[Int($0)] })
        return DecoderOutput(
            vectors: Tensor.concatenatingRows(vectors).gatheringRows(packedRows),
            weights: weights.isEmpty
                ? nil
                : RaggedRows(.concatenatingRows(weights), layout: packed)
                    .gatheringRows(packedRows).values,
            loss: loss)
    }
}
