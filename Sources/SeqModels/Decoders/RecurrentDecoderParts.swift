import SeqNN
import SeqTensor

/// What all recurrent decoders have: a bridge from the encoder, a stack of layers and, unless the
/// decoder knows the source by its first state alone, attention.
struct RecurrentDecoderParts: Sendable {
    let bridge: StateBridge
    let layers: RecurrentStack
    let attention: Attention?

    /// - Parameters:
    ///   - configuration: of the model.
    ///   - memory: the width of the encoder's memory.
    init(_ configuration: ModelConfiguration, memory: Int, in scope: ParameterScope) throws {
        let decoder = configuration.decoder
        layers = try RecurrentStack(
            decoder.recurrent, inputs: decoder.embedding, hidden: decoder.hidden,
            layers: decoder.layers, in: scope)
        bridge = try StateBridge(
            configuration, memory: memory, stateCount: layers.stateCount,
            in: scope.scope("bridge"))
        attention =
            configuration.attention.score == .none
            ? nil
            : try Attention(
                configuration.attention, query: decoder.hidden, memory: memory,
                in: scope.scope("attention"))
    }

    /// States, pre-activations and attention; a decoder's own vectors are no wider than a few states.
    var footprint: SearchFootprint {
        SearchFootprint(perRow: layers.numbersPerRow + 6 * layers.outputs)
            + (attention?.footprint ?? SearchFootprint())
    }

    func memory(_ source: EncodedSource) -> DecoderMemory {
        DecoderMemory(
            layout: source.memory.layout,
            attention: attention?.memory(source.memory, contextsFrom: source.values))
    }

    func initialState(
        _ source: EncodedSource, tensors: [Tensor] = [], dropout: inout Dropout
    ) -> DecoderState {
        DecoderState(
            recurrent: layers.start(bridge(source), dropout: &dropout), tensors: tensors,
            attention: attention?.initialState(layout: source.memory.layout) ?? AttentionState())
    }

    func input(_ embedded: Tensor) -> DecoderInput {
        DecoderInput(embedded: embedded, projected: layers.projected(embedded))
    }

    /// Attention of rows.
    ///
    /// - Parameter positions: the time step of each row; that of the state if nil.
    func attend(
        _ queries: Tensor, positions: [Int32]? = nil, memory: DecoderMemory,
        layout: AttentionLayout, state: inout DecoderState, dropout: inout Dropout
    ) -> AttentionResult {
        guard let attention, let source = memory.attention else {
            preconditionFailure("attend: the decoder has no attention, or another one's memory")
        }
        return attention(
            queries, memory: source, layout: layout,
            positions: positions ?? Array(repeating: Int32(state.step), count: queries.rows),
            state: &state.attention, generator: &dropout.generator)
    }
}

/// A decoder that consists of recurrent layers; what is the same in all of them is written here.
protocol RecurrentDecoder: SequenceDecoder {
    var parts: RecurrentDecoderParts { get }
}

extension RecurrentDecoder {
    /// What its parts hold.
    var footprint: SearchFootprint { parts.footprint }

    /// Keys and values of attention.
    func memory(_ source: EncodedSource) -> DecoderMemory { parts.memory(source) }

    /// The bridged states.
    func initialState(_ source: EncodedSource, dropout: inout Dropout) -> DecoderState {
        parts.initialState(source, dropout: &dropout)
    }

    /// The share of the first layer's pre-activations.
    func input(_ embedded: Tensor) -> DecoderInput { parts.input(embedded) }

    /// All steps, one after the other: attention waits for the state.
    func run(
        _ embedded: Sequences, state: DecoderState, memory: DecoderMemory, dropout: inout Dropout
    ) -> DecoderOutput {
        runStepwise(embedded, state: state, memory: memory, dropout: &dropout)
    }
}

extension DecoderState {
    /// The states of the recurrent layers of a decoder that has some.
    var layers: RecurrentStackState {
        get {
            guard let recurrent else {
                preconditionFailure("DecoderState: no recurrent layers; made by another decoder")
            }
            return recurrent
        }
        set { recurrent = newValue }
    }
}
