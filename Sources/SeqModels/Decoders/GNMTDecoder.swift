import SeqNN
import SeqTensor

/// The decoder of Google's system (Wu and others 2016, section 3): the bottom layer attends with its
/// previous output, and the context is an input of every layer.
///
/// Attention in the bottom layer lets the layers above run one step behind each other. The output vector
/// is the state of the last layer.
///
/// Parameters: those of a stack, `context_input_weights.N` `[memory, gates · hidden]`, `attention.*`.
struct GNMTDecoder: RecurrentDecoder {
    let parts: RecurrentDecoderParts
    private let contextInputWeights: [Parameter]

    /// The width of the output vector.
    let outputs: Int

    init(_ configuration: ModelConfiguration, memory: Int, in scope: ParameterScope) throws {
        let decoder = configuration.decoder
        outputs = decoder.hidden
        let parts = try RecurrentDecoderParts(configuration, memory: memory, in: scope)
        contextInputWeights = try (0..<decoder.layers).map { layer in
            try scope.parameter(
                "context_input_weights.\(layer)", [memory, parts.layers.projectedWidth], .weight)
        }
        self.parts = parts
    }

    /// One time step; see ``SequenceDecoder``.
    func step(
        _ input: DecoderInput, state: inout DecoderState, memory: DecoderMemory,
        layout: AttentionLayout, dropout: inout Dropout
    ) -> DecoderOutput {
        let found = parts.attend(
            state.layers.layers[0].hidden, memory: memory, layout: layout, state: &state,
            dropout: &dropout)
        let top = parts.layers.step(
            input.embedded, projected: input.projected, state: &state.layers,
            extra: contextInputWeights.map { [(found.context, $0.value)] }, dropout: &dropout)
        state.step += 1
        return DecoderOutput(
            vectors: state.layers.dropping(top, dropout: &dropout), weights: found.weights,
            loss: found.loss)
    }
}
