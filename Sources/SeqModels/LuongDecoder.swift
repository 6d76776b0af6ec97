public import SeqNN
public import SeqTensor

/// The decoder of Luong and others 2015: recurrence first, then attention by the new state, then
/// the attentional vector tanh(W_c·context + W_h·state), which input feeding gives to the next
/// step.
///
/// Without attention it is the decoder of Sutskever et al. 2014, whose output is the state itself.
public struct LuongDecoder: Decoder {
    private let layers: LSTM
    private let bridge: StateBridge
    private let attention: Attention?
    private let contextWeight: Parameter?
    private let stateWeight: Parameter?
    private let feedWeight: Parameter?

    /// The width of the attentional vector, or of the state without attention.
    public let outputs: Int

    init(_ configuration: ModelConfiguration, in scope: ParameterScope) throws {
        let (memory, hidden) = (configuration.encoder.hidden, configuration.decoder.hidden)
        outputs = hidden
        bridge = try StateBridge(configuration, in: scope.scope("bridge"))
        layers = try LSTM(
            inputs: configuration.decoder.embedding, hidden: hidden,
            layers: configuration.decoder.layers, in: scope)
        if let kind = configuration.attention.score.kind {
            attention = try Attention(
                kind, query: hidden, memory: memory, in: scope.scope("attention"))
            let scope = scope.scope("attentional")
            contextWeight = try scope.parameter("context_weight", [memory, hidden], .weight)
            stateWeight = try scope.parameter("state_weight", [hidden, hidden], .weight)
        } else {
            (attention, contextWeight, stateWeight) = (nil, nil, nil)
        }
        feedWeight =
            configuration.decoder.hasInputFeeding
            ? try scope.parameter("feed_weight", [hidden, 4 * hidden], .weight) : nil
    }

    /// Keys and values of attention.
    public func memory(_ source: EncodedSource) -> DecoderMemory {
        DecoderMemory(
            attention: attention?.memory(source.memory), layout: source.memory.layout)
    }

    /// The bridged states and, for input feeding, a zero attentional vector.
    public func initialState(_ source: EncodedSource) -> DecoderState {
        let feed = feedWeight.map { _ in Tensor.zeros([source.memory.layout.batch, outputs]) }
        return DecoderState(bridge(source), more: [feed].compactMap { $0 })
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
        let feed = feedWeight.map { (input: state.tensors[2 * depth], weight: $0.value) }
        let top = layers.step(
            input.embedded, states: &states, extra: feed, preactivation: input.projected,
            dropout: &dropout)
        let output = attend(top, memory: memory, layout: layout, dropout: &dropout)
        state = DecoderState(states, more: feed == nil ? [] : [output.vectors])
        return output
    }

    /// All steps: without input feeding the recurrence does not wait for attention, so that each layer
    /// is one operation over the whole batch.
    public func run(
        _ embedded: Sequences, state: DecoderState, memory: DecoderMemory, dropout: inout Dropout
    ) -> Tensor {
        guard feedWeight == nil else {
            return runStepwise(embedded, state: state, memory: memory, dropout: &dropout)
        }
        let initial = state.layers(layers.layers.count).map { [$0] }
        let (top, _) = layers(embedded, initial: initial, dropout: &dropout)
        let layout = AttentionLayout(memory: memory.layout, queries: embedded.layout)
        return attend(top.steps, memory: memory, layout: layout, dropout: &dropout).vectors
    }

    /// The attentional vectors of states `[rows, hidden]`.
    private func attend(
        _ states: Tensor, memory: DecoderMemory, layout: AttentionLayout, dropout: inout Dropout
    ) -> DecoderOutput {
        guard let attention, let source = memory.attention, let contextWeight, let stateWeight
        else {
            return DecoderOutput(vectors: dropout(states), weights: nil)
        }
        let (context, weights) = attention(states, memory: source, layout: layout)
        let vectors = affine([(context, contextWeight.value), (states, stateWeight.value)]).tanh()
        return DecoderOutput(vectors: dropout(vectors), weights: weights)
    }
}
