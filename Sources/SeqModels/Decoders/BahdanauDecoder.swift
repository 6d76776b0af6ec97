import SeqNN
import SeqTensor

/// The decoder of Bahdanau and others 2015: the previous state attends, its context is an input of
/// the recurrence, and the output vector tanh(W_h·state + W_c·context + W_e·embedding) sees all
/// three.
///
/// Without attention it is the decoder of Cho et al. 2014: the context is the same at every step, the
/// final state of the encoder's last layer, or the mean of the memory where there is none.
struct BahdanauDecoder: RecurrentDecoder {
    let parts: RecurrentDecoderParts
    private let readout: Readout
    private let contextInputWeight: Parameter

    /// The width of the output vector.
    let outputs: Int

    init(_ configuration: ModelConfiguration, memory: Int, in scope: ParameterScope) throws {
        let decoder = configuration.decoder
        outputs = decoder.hidden
        parts = try RecurrentDecoderParts(configuration, memory: memory, in: scope)
        contextInputWeight = try scope.parameter(
            "context_input_weight", [memory, parts.layers.projectedWidth], .weight)
        readout = try Readout(
            state: decoder.hidden, context: memory, embedding: decoder.embedding,
            outputs: decoder.hidden, gate: decoder.contextGate, in: scope.scope("attentional"))
    }

    /// The bridged states and, without attention, the context of all steps.
    func initialState(_ source: EncodedSource, dropout: inout Dropout) -> DecoderState {
        let context = source.final.last?.hidden ?? source.memory.means()
        return parts.initialState(
            source, tensors: parts.attention == nil ? [context] : [], dropout: &dropout)
    }

    /// One time step; see ``SequenceDecoder``.
    func step(
        _ input: DecoderInput, state: inout DecoderState, memory: DecoderMemory,
        layout: AttentionLayout, dropout: inout Dropout
    ) -> DecoderOutput {
        let previous = state.layers.layers[state.layers.layers.count - 1].hidden
        let found =
            parts.attention == nil
            ? nil
            : parts.attend(
                previous, memory: memory, layout: layout, state: &state, dropout: &dropout)
        let context = found?.context ?? state.tensors[0]
        let top = parts.layers.step(
            input.embedded, projected: input.projected, state: &state.layers,
            extra: [[(context, contextInputWeight.value)]], dropout: &dropout)
        state.step += 1
        let vectors = readout(state: top, context: context, embedded: input.embedded)
        return DecoderOutput(
            vectors: state.layers.dropping(vectors, dropout: &dropout), weights: found?.weights,
            loss: found?.loss)
    }
}
