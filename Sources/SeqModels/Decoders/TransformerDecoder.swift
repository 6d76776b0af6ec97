public import SeqNN
public import SeqTensor

/// The decoder of the Transformer (Vaswani and others 2017, section 3).
///
/// Training runs whole sequences with causal self-attention; search runs steps, over the keys and values
/// that earlier steps left in the state's ``StepCache``. Both give the same bits. Its alignments are the
/// weights of the last layer's attention over the memory, averaged over the heads.
///
/// Parameters: `input.weight` and `input.bias` where the embeddings are not as wide as the layers;
/// `positions.weight` of learned positions; of `layers.N` those of ``TransformerDecoderLayer``; of `norm`
/// those of ``LayerNormalization`` with norm before the sublayers.
public struct TransformerDecoder: SequenceDecoder {
    private let input: Linear?
    private let positions: PositionalEncoding
    private let layers: [TransformerDecoderLayer]
    private let finalNorm: LayerNormalization?
    private let norm: TransformerConfiguration.Norm

    /// The width of the layers.
    public let outputs: Int

    /// Creates a decoder of embeddings of width `inputs` over a memory of width `memory`.
    public init(
        _ configuration: TransformerConfiguration, inputs: Int, hidden: Int, layers: Int,
        memory: Int, in scope: ParameterScope
    ) throws {
        outputs = hidden
        norm = configuration.norm
        input = inputs == hidden ? nil : try Linear(inputs, hidden, in: scope.scope("input"))
        positions = try PositionalEncoding(configuration, width: hidden, in: scope)
        self.layers = try (0..<layers).map { layer in
            try TransformerDecoderLayer(
                configuration, width: hidden, memory: memory, in: scope.scope("layers.\(layer)"))
        }
        finalNorm =
            norm == .pre ? try LayerNormalization(hidden, in: scope.scope("norm")) : nil
    }

    /// Keys and values of all layers; a layer works after the other.
    public var footprint: SearchFootprint {
        let all = layers.reduce(SearchFootprint()) { $0 + $1.footprint }
        guard let one = layers.first?.footprint else { return all }
        var result = all
        result.perRow = one.perRow
        result.perRowAndMemoryStep = one.perRowAndMemoryStep
        result.perWantedWeight = one.perWantedWeight
        return result
    }

    /// Keys and values of each layer, `[memory steps, 2 · hidden]`.
    public func memory(_ source: EncodedSource) -> DecoderMemory {
        DecoderMemory(
            layout: source.memory.layout,
            tensors: layers.map {
                $0.projected(memory: source.memory.steps, values: source.values)
            })
    }

    /// No step so far.
    public func initialState(_ source: EncodedSource, dropout: inout Dropout) -> DecoderState {
        DecoderState()
    }

    /// The embedded tokens, `[rows, embedding]`, at the width of the layers; their positions are known
    /// in the step.
    public func input(_ embedded: Tensor) -> DecoderInput {
        DecoderInput(embedded: embedded, projected: input?(embedded) ?? embedded)
    }

    /// One time step; see ``SequenceDecoder``.
    public func step(
        _ input: DecoderInput, state: inout DecoderState, memory: DecoderMemory,
        layout: AttentionLayout, dropout: inout Dropout
    ) -> DecoderOutput {
        let position = state.step
        let rows = input.projected.rows
        let output = run(
            input.projected, positions: Array(repeating: Int32(position), count: rows),
            memory: memory, layout: layout
        ) { layer, index, stream, next, source in
            layer.step(
                &stream, next: next, position: position, cache: &state.cache, slot: index,
                source: source, dropout: &dropout)
        }
        state.step += 1
        return output
    }

    /// All steps at once: nothing waits for an earlier step.
    public func run(
        _ embedded: Sequences, state: DecoderState, memory: DecoderMemory, dropout: inout Dropout
    ) -> DecoderOutput {
        precondition(state.step == 0, "TransformerDecoder.run: begins at step \(state.step)")
        let steps = embedded.layout.stepOfRow
        return run(
            input(embedded.steps).projected, positions: steps, memory: memory,
            layout: AttentionLayout(memory: memory.layout, queries: embedded.layout)
        ) { layer, _, stream, next, source in
            layer(
                &stream, next: next, layout: embedded.layout, positions: steps, source: source,
                dropout: &dropout)
        }
    }

    /// Runs all layers, each by `apply(layer, index, stream, next norm, source)`, which returns the
    /// weights if they are wanted.
    private func run(
        _ input: Tensor, positions steps: [Int32], memory: DecoderMemory, layout: AttentionLayout,
        _ apply: (
            TransformerDecoderLayer, Int, inout ResidualStream, LayerNormalization,
            TransformerDecoderLayer.Source
        ) -> Tensor?
    ) -> DecoderOutput {
        var stream = ResidualStream(
            positions(input, positions: steps), norm: norm, first: layers[0].attentionNorm)
        var weights: Tensor?
        for (index, layer) in layers.enumerated() {
            let isLast = index + 1 == layers.count
            let source = TransformerDecoderLayer.Source(
                memory: memory.tensors[index], layout: layout,
                keepsWeights: isLast && memory.keepsWeights)
            let next =
                isLast ? finalNorm ?? layer.attentionNorm : layers[index + 1].attentionNorm
            weights = apply(layer, index, &stream, next, source)
        }
        return DecoderOutput(vectors: stream.normalized, weights: weights)
    }
}
