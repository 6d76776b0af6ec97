public import SeqNN
public import SeqTensor

/// The decoder of ConvS2S (Gehring and others 2017, sections 3.2 to 3.4): causal convolutions with gated
/// linear units, attention in every layer, and a map back to the width of the embeddings.
///
/// With h the output of a gated linear unit, g the embedded targets with positions, S the length of the
/// source and x the input of the layer:
///
/// ```
/// d       = (W_d·h + b_d + g)·√½
/// context = √S · Σ_j softmax_j(d·z_j) · (z_j + e_j)·√½
/// x'      = ((W_c·context + b_c + h)·√½ + x)·√½
/// ```
///
/// Parameters: `positions.weight`; of `input`, `layers.N.convolution`, `layers.N.query`,
/// `layers.N.context` and `output` those of ``Convolution``; of `key` too where the memory is not as
/// wide as the embeddings.
public struct ConvolutionalSequenceDecoder: SequenceDecoder {
    private struct Layer: Sendable {
        let convolution: Convolution
        let query: Convolution
        let context: Convolution
    }

    private let positions: StepPositions
    private let input: Convolution
    private let key: Convolution?
    private let layers: [Layer]
    private let output: Convolution
    private let hidden: Int

    /// The width of the embeddings.
    public let outputs: Int

    /// Creates a decoder of embeddings of width `inputs` over a memory of width `memory`.
    public init(
        _ configuration: ConvolutionConfiguration, inputs: Int, hidden: Int, layers: Int,
        memory: Int, in scope: ParameterScope
    ) throws {
        outputs = inputs
        self.hidden = hidden
        let isNormalized = configuration.normalizesWeights
        func linear(_ inputs: Int, _ outputs: Int, _ name: String) throws -> Convolution {
            try Convolution(inputs, outputs, isNormalized: isNormalized, in: scope.scope(name))
        }
        positions = try StepPositions(
            configuration.maximumLength, features: inputs, in: scope.scope("positions"))
        input = try linear(inputs, hidden, "input")
        key = memory == inputs ? nil : try linear(memory, inputs, "key")
        self.layers = try (0..<layers).map { layer in
            Layer(
                convolution: try Convolution(
                    hidden, 2 * hidden, kernel: configuration.kernel, alignment: .causal,
                    isNormalized: isNormalized, norm: 2,
                    in: scope.scope("layers.\(layer).convolution")),
                query: try linear(hidden, inputs, "layers.\(layer).query"),
                context: try linear(memory, hidden, "layers.\(layer).context"))
        }
        output = try linear(hidden, inputs, "output")
    }

    /// The last inputs of each convolution, twice where rows are chosen anew; keys, values and their sum; and
    /// the weights of all layers until they are averaged.
    public var footprint: SearchFootprint {
        let windows = layers.map { $0.convolution.kernel * hidden }
        return SearchFootprint(
            perRow: 2 * windows.reduce(0, +) + 6 * hidden + 4 * outputs,
            perMemoryStep: 2 * outputs, perRowAndMemoryStep: 1,
            perWantedWeight: layers.count + 1)
    }

    /// What queries are compared with, and what contexts are made of, times √S: the weights are an
    /// average over S steps, whose variance that restores.
    public func memory(_ source: EncodedSource) -> DecoderMemory {
        let layout = source.memory.layout
        let roots = layout.lengths.flatMap { length in
            repeatElement(Float(length).squareRoot(), count: length)
        }
        let values = source.values ?? source.memory.steps
        return DecoderMemory(
            layout: layout,
            tensors: [
                key?(windows: source.memory.steps) ?? source.memory.steps,
                values.scalingRows(by: roots),
            ])
    }

    /// For each layer the last kernel - 1 inputs of its convolution, `[batch, (kernel - 1) · hidden]`,
    /// zeros at first.
    public func initialState(_ source: EncodedSource, dropout: inout Dropout) -> DecoderState {
        let batch = source.memory.layout.batch
        return DecoderState(
            tensors: layers.map { .zeros([batch, ($0.convolution.kernel - 1) * hidden]) })
    }

    /// The embedded tokens as they are: their positions are known in the step.
    public func input(_ embedded: Tensor) -> DecoderInput {
        DecoderInput(embedded: embedded, projected: embedded)
    }

    /// One time step; see ``SequenceDecoder``.
    public func step(
        _ input: DecoderInput, state: inout DecoderState, memory: DecoderMemory,
        layout: AttentionLayout, dropout: inout Dropout
    ) -> DecoderOutput {
        let rows = input.embedded.rows
        let embedded = positions(
            input.embedded, steps: Array(repeating: Int32(state.step), count: rows))
        var pass = Pass(embedded: embedded, memory: memory, layout: layout)
        var states = self.input(windows: embedded)
        for (index, layer) in layers.enumerated() {
            let windows = Tensor.concatenatingColumns([state.tensors[index], dropout(states)])
            state.tensors[index] = windows.columns(hidden..<windows.rowWidth)
            states = apply(
                layer, to: layer.convolution(windows: windows), residual: states, &pass)
        }
        state.step += 1
        return result(of: states, pass, dropout: &dropout)
    }

    /// All steps at once: nothing waits for an earlier step.
    public func run(
        _ embedded: Sequences, state: DecoderState, memory: DecoderMemory, dropout: inout Dropout
    ) -> DecoderOutput {
        precondition(
            state.step == 0, "ConvolutionalSequenceDecoder.run: begins at step \(state.step)")
        let targets = positions(embedded.steps, steps: embedded.layout.stepOfRow)
        var pass = Pass(
            embedded: targets, memory: memory,
            layout: AttentionLayout(memory: memory.layout, queries: embedded.layout))
        var states = input(windows: targets)
        for layer in layers {
            let convolved = layer.convolution(embedded.with(dropout(states))).steps
            states = apply(layer, to: convolved, residual: states, &pass)
        }
        return result(of: states, pass, dropout: &dropout)
    }

    /// What all layers see, and the attention weights of each.
    private struct Pass {
        let embedded: Tensor
        let memory: DecoderMemory
        let layout: AttentionLayout
        var weights: [Tensor] = []
    }

    /// A layer after its convolution, of `[rows, 2 · hidden]` and the layer's input.
    private func apply(
        _ layer: Layer, to convolved: Tensor, residual: Tensor, _ pass: inout Pass
    ) -> Tensor {
        let states = convolved.gatedLinearUnit()
        let queries = layer.query(windows: states, addend: pass.embedded)
        let (context, weights) = attend(
            queries, keys: pass.memory.tensors[0], values: pass.memory.tensors[1],
            layout: pass.layout, score: .dot(scale: halfRoot))
        if pass.memory.keepsWeights { pass.weights.append(weights) }
        return layer.context(windows: context, addend: states)
            .scaled(0.5, adding: residual, scaled: halfRoot)
    }

    /// The mapped states and the mean of the layers' attention weights.
    private func result(
        of states: Tensor, _ pass: Pass, dropout: inout Dropout
    ) -> DecoderOutput {
        let weights = pass.weights.first.map { first in
            pass.weights.dropFirst().reduce(first, +) * (1 / Float(pass.weights.count))
        }
        return DecoderOutput(vectors: dropout(output(windows: states)), weights: weights)
    }
}
