public import SeqNN
public import SeqTensor

/// The decoder of Bahdanau and others 2015: the previous state attends, its context is an input of
/// the recurrence, and the output vector tanh(W_h·state + W_c·context + W_e·embedding) sees all
/// three.
public struct BahdanauDecoder: Decoder {
    private let layers: LSTM
    private let bridge: StateBridge
    private let attention: Attention
    private let contextInputWeight: Parameter
    private let stateWeight: Parameter
    private let contextWeight: Parameter
    private let embeddingWeight: Parameter

    /// The width of the output vector.
    public let outputs: Int

    init(
        _ configuration: ModelConfiguration, attention kind: AttentionKind, in scope: ParameterScope
    ) throws {
        let (memory, hidden) = (configuration.encoder.hidden, configuration.decoder.hidden)
        let embedding = configuration.decoder.embedding
        outputs = hidden
        bridge = try StateBridge(configuration, in: scope.scope("bridge"))
        layers = try LSTM(
            inputs: embedding, hidden: hidden, layers: configuration.decoder.layers, in: scope)
        attention = try Attention(kind, query: hidden, memory: memory, in: scope.scope("attention"))
        contextInputWeight = try scope.parameter(
            "context_input_weight", [memory, 4 * hidden], .weight)
        let output = scope.scope("attentional")
        stateWeight = try output.parameter("state_weight", [hidden, hidden], .weight)
        contextWeight = try output.parameter("context_weight", [memory, hidden], .weight)
        embeddingWeight = try output.parameter("embedding_weight", [embedding, hidden], .weight)
    }

    /// Keys and values of attention.
    public func memory(_ source: EncodedSource) -> DecoderMemory {
        DecoderMemory(attention: attention.memory(source.memory), layout: source.memory.layout)
    }

    /// The bridged states.
    public func initialState(_ source: EncodedSource) -> DecoderState {
        DecoderState(bridge(source))
    }

    /// The share of the first layer's pre-activations.
    public func input(_ embedded: Tensor) -> DecoderInput {
        DecoderInput(embedded: embedded, projected: layers.projected(embedded))
    }

    /// One time step; see ``Decoder``.
    public func step(
        _ input: DecoderInput, state: inout DecoderState, memory: DecoderMemory,
        layout: AttentionLayout, dropout: inout Dropout
    ) -> DecoderOutput {
        let depth = layers.layers.count
        var states = state.layers(depth)
        guard let source = memory.attention else {
            preconditionFailure("BahdanauDecoder: the memory was prepared by another decoder")
        }
        let (context, weights) = attention(
            states[depth - 1].hidden, memory: source, layout: layout)
        let top = layers.step(
            input.embedded, states: &states, extra: (context, contextInputWeight.value),
            preactivation: input.projected, dropout: &dropout)
        let vectors = affine([
            (top, stateWeight.value), (context, contextWeight.value),
            (input.embedded, embeddingWeight.value),
        ]).tanh()
        state = DecoderState(states)
        return DecoderOutput(vectors: dropout(vectors), weights: weights)
    }

    /// All steps, one after the other: attention waits for the state.
    public func run(
        _ embedded: Sequences, state: DecoderState, memory: DecoderMemory, dropout: inout Dropout
    ) -> Tensor {
        runStepwise(embedded, state: state, memory: memory, dropout: &dropout)
    }
}
