import SeqNN
import SeqTensor

/// The conditional recurrence of Nematus (Sennrich and others 2017, section 4.1): a first cell sees
/// the last token, its state attends, and a second cell takes the context into that state.
///
/// Further layers stand above the pair. The output vector is tanh(W_h·state + W_c·context +
/// W_e·embedding), where the state is that of the last layer.
///
/// Parameters: those of a stack, `conditional.*` of the second cell, `attention.*`, `attentional.*`.
struct ConditionalDecoder: RecurrentDecoder {
    let parts: RecurrentDecoderParts
    private let readout: Readout
    private let second: any RecurrentCell

    /// The width of the output vector.
    let outputs: Int

    init(_ configuration: ModelConfiguration, memory: Int, in scope: ParameterScope) throws {
        let decoder = configuration.decoder
        outputs = decoder.hidden
        parts = try RecurrentDecoderParts(configuration, memory: memory, in: scope)
        second = try decoder.recurrent.makeCell(
            inputs: memory, hidden: decoder.hidden, in: scope.scope("conditional"))
        readout = try Readout(
            state: decoder.hidden, context: memory, embedding: decoder.embedding,
            outputs: decoder.hidden, gate: decoder.contextGate, in: scope.scope("attentional"))
    }

    /// One time step; see ``SequenceDecoder``.
    func step(
        _ input: DecoderInput, state: inout DecoderState, memory: DecoderMemory,
        layout: AttentionLayout, dropout: inout Dropout
    ) -> DecoderOutput {
        _ = parts.layers.stepLayer(
            0, input.embedded, projected: input.projected, state: &state.layers, extra: [],
            dropout: &dropout)
        let found = parts.attend(
            state.layers.layers[0].hidden, memory: memory, layout: layout, state: &state,
            dropout: &dropout)
        parts.layers.pass(
            second, second.projected(found.context), layer: 0, state: &state.layers,
            dropout: &dropout)
        var current = state.layers.layers[0].hidden
        for layer in 1..<max(1, parts.layers.layers.count) {
            current = parts.layers.stepLayer(
                layer, current, projected: nil, state: &state.layers, extra: [], dropout: &dropout)
        }
        state.step += 1
        let vectors = readout(state: current, context: found.context, embedded: input.embedded)
        return DecoderOutput(
            vectors: state.layers.dropping(vectors, dropout: &dropout), weights: found.weights,
            loss: found.loss)
    }
}
