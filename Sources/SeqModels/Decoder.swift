public import SeqNN
public import SeqTensor

/// The state of a decoder between steps: tensors `[rows, width]`, one row a hypothesis.
public struct DecoderState: Sendable {
    /// The parts, in an order only the decoder knows.
    public var tensors: [Tensor]

    /// The states of other rows; rows may repeat.
    public func gatheringRows(_ rows: [Int32]) -> DecoderState {
        DecoderState(tensors: tensors.map { $0.gatheringRows(rows) })
    }

    /// The states of the first `count` rows.
    func prefix(_ count: Int) -> DecoderState {
        DecoderState(tensors: tensors.map { $0.rows(0..<count) })
    }
}

/// What a decoder may look at while it runs: the source, prepared once for all steps.
public struct DecoderMemory: Sendable {
    /// The memory of attention, unless the decoder has none.
    public var attention: AttentionMemory?
    /// The lengths of the sources.
    public var layout: SequenceLayout
}

/// The input of a decoder at one time step or at many.
public struct DecoderInput: Sendable {
    /// Embedded tokens, `[rows, embedding]`.
    var embedded: Tensor
    /// Their share of the first layer's pre-activations, `[rows, 4 · hidden]`.
    var projected: Tensor

    func rows(_ range: Range<Int>) -> DecoderInput {
        DecoderInput(embedded: embedded.rows(range), projected: projected.rows(range))
    }
}

/// What a decoder makes of one time step.
public struct DecoderOutput: Sendable {
    /// What the output layer sees, `[rows, width]`.
    public var vectors: Tensor
    /// Attention weights, row after row; nil without attention.
    public var weights: Tensor?
}

/// A decoder: written once as a step, which serves training and search alike.
public protocol Decoder: Sendable {
    /// The width of what the output layer sees.
    var outputs: Int { get }

    /// Prepares the encoder's states for all steps.
    func memory(_ source: EncodedSource) -> DecoderMemory

    /// The state before the first step, a row a source.
    func initialState(_ source: EncodedSource) -> DecoderState

    /// The input for embedded tokens `[rows, embedding]` of any steps.
    func input(_ embedded: Tensor) -> DecoderInput

    /// One time step.
    ///
    /// - Parameters:
    ///   - input: a row a hypothesis.
    ///   - state: updated.
    ///   - memory: the sources.
    ///   - layout: which source each row belongs to.
    func step(
        _ input: DecoderInput, state: inout DecoderState, memory: DecoderMemory,
        layout: AttentionLayout, dropout: inout Dropout
    ) -> DecoderOutput

    /// All steps of given targets, embedded as `[steps, embedding]`; the result is `[steps, outputs]`
    /// in the same order.
    func run(
        _ embedded: Sequences, state: DecoderState, memory: DecoderMemory, dropout: inout Dropout
    ) -> Tensor
}

extension Decoder {
    /// Runs the step over time; at each step only the sequences that still have one.
    func runStepwise(
        _ embedded: Sequences, state: DecoderState, memory: DecoderMemory, dropout: inout Dropout
    ) -> Tensor {
        let schedule = embedded.layout.schedule()
        let inputs = input(embedded.steps.gatheringRows(schedule.rows))
        var state = state.gatheringRows(schedule.sequences)
        var outputs: [Tensor] = []
        for range in schedule.timeSteps {
            if range.count < state.tensors[0].rows { state = state.prefix(range.count) }
            let layout = AttentionLayout(
                memory: memory.layout,
                sequenceOfQuery: Array(schedule.sequences.prefix(range.count)))
            let output = step(
                inputs.rows(range), state: &state, memory: memory, layout: layout, dropout: &dropout
            )
            outputs.append(output.vectors)
        }
        return Tensor.concatenatingRows(outputs).gatheringRows(schedule.packedRows)
    }
}
