import SeqNN
import SeqTensor

/// Turns the encoder's final states into the decoder's first ones.
struct StateBridge: Sendable {
    private let kind: ModelConfiguration.Bridge
    private let layers: Int
    private let hidden: Int
    /// For each decoder layer, the layers for hidden and cell.
    private let dense: [(hidden: Linear, cell: Linear)]

    init(_ configuration: ModelConfiguration, in scope: ParameterScope) throws {
        kind = configuration.bridge
        layers = configuration.decoder.layers
        hidden = configuration.decoder.hidden
        guard kind == .dense else {
            dense = []
            return
        }
        let inputs = configuration.encoder.hidden
        let outputs = hidden
        dense = try (0..<layers).map { layer in
            (
                hidden: try Linear(inputs, outputs, in: scope.scope("layers.\(layer).hidden")),
                cell: try Linear(inputs, outputs, in: scope.scope("layers.\(layer).cell"))
            )
        }
    }

    /// A state for each decoder layer, `[batch, hidden]`.
    func callAsFunction(_ source: EncodedSource) -> [LSTMState] {
        switch kind {
        case .copy: return source.final
        case .zero:
            let zeros = Tensor.zeros([source.memory.layout.batch, hidden])
            return (0..<layers).map { _ in LSTMState(hidden: zeros, cell: zeros) }
        case .dense:
            let last = source.final[source.final.count - 1]
            return dense.map {
                LSTMState(hidden: $0.hidden(last.hidden).tanh(), cell: $0.cell(last.cell).tanh())
            }
        }
    }
}

extension DecoderState {
    /// The states of the layers come first: hidden and cell of each.
    init(_ layers: [LSTMState], more: [Tensor] = []) {
        self.init(tensors: layers.flatMap { [$0.hidden, $0.cell] } + more)
    }

    func layers(_ count: Int) -> [LSTMState] {
        (0..<count).map { LSTMState(hidden: tensors[2 * $0], cell: tensors[2 * $0 + 1]) }
    }
}
