import SeqNN
import SeqTensor

/// The decoder of Luong and others 2015: recurrence first, then attention by the new state, then
/// the attentional vector tanh(W_c·context + W_h·state), which input feeding gives to the next
/// step.
///
/// Without attention it is the decoder of Sutskever et al. 2014, whose output is the state itself.
struct LuongDecoder: RecurrentDecoder {
    let parts: RecurrentDecoderParts
    private let readout: Readout?
    private let feedWeight: Parameter?

    /// The width of the attentional vector, or of the state without attention.
    let outputs: Int

    init(_ configuration: ModelConfiguration, memory: Int, in scope: ParameterScope) throws {
        let decoder = configuration.decoder
        outputs = decoder.hidden
        parts = try RecurrentDecoderParts(configuration, memory: memory, in: scope)
        readout = try parts.attention.map { _ in
            try Readout(
                state: decoder.hidden, context: memory, embedding: nil, outputs: decoder.hidden,
                gate: decoder.contextGate, in: scope.scope("attentional"))
        }
        feedWeight =
            decoder.hasInputFeeding
            ? try scope.parameter(
                "feed_weight", [decoder.hidden, parts.layers.projectedWidth], .weight) : nil
    }

    /// The bridged states and, for input feeding, a zero attentional vector.
    func initialState(_ source: EncodedSource, dropout: inout Dropout) -> DecoderState {
        let feed = feedWeight.map { _ in Tensor.zeros([source.memory.layout.batch, outputs]) }
        return parts.initialState(
            source, tensors: [feed].compactMap { $0 }, dropout: &dropout)
    }

    /// One time step; see ``SequenceDecoder``.
    func step(
        _ input: DecoderInput, state: inout DecoderState, memory: DecoderMemory,
        layout: AttentionLayout, dropout: inout Dropout
    ) -> DecoderOutput {
        let feed = feedWeight.map { [(input: state.tensors[0], weight: $0.value)] }
        let top = parts.layers.step(
            input.embedded, projected: input.projected, state: &state.layers,
            extra: feed.map { [$0] } ?? [], dropout: &dropout)
        var output = attend(
            top, embedded: input.embedded, memory: memory, layout: layout, state: &state,
            dropout: &dropout)
        output.vectors = state.layers.dropping(output.vectors, dropout: &dropout)
        if feed != nil { state.tensors = [output.vectors] }
        state.step += 1
        return output
    }

    /// All steps: where the recurrence does not wait for attention, each layer is one operation over the
    /// whole batch.
    func run(
        _ embedded: Sequences, state: DecoderState, memory: DecoderMemory, dropout: inout Dropout
    ) -> DecoderOutput {
        guard feedWeight == nil, parts.attention?.hasHistory != true else {
            return runStepwise(embedded, state: state, memory: memory, dropout: &dropout)
        }
        var state = state
        let (top, _) = parts.layers(
            embedded, initial: state.layers.layers, dropout: &dropout)
        var output = attend(
            top.steps, embedded: embedded.steps, positions: embedded.layout.stepOfRow,
            memory: memory,
            layout: AttentionLayout(memory: memory.layout, queries: embedded.layout),
            state: &state, dropout: &dropout)
        output.vectors =
            dropout(
                embedded.with(output.vectors),
                isVariational: parts.layers.hasVariationalDropout
            ).steps
        return output
    }

    /// The attentional vectors of states `[rows, hidden]`; the states themselves without attention.
    private func attend(
        _ states: Tensor, embedded: Tensor, positions: [Int32]? = nil, memory: DecoderMemory,
        layout: AttentionLayout, state: inout DecoderState, dropout: inout Dropout
    ) -> DecoderOutput {
        guard let readout else { return DecoderOutput(vectors: states) }
        let found = parts.attend(
            states, positions: positions, memory: memory, layout: layout, state: &state,
            dropout: &dropout)
        let vectors = readout(state: states, context: found.context, embedded: embedded)
        return DecoderOutput(vectors: vectors, weights: found.weights, loss: found.loss)
    }
}
