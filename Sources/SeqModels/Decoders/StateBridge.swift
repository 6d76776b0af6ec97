import SeqNN
import SeqTensor

/// Turns what the encoder found into the decoder's first states.
struct StateBridge: Sendable {
    private let kind: ModelConfiguration.Bridge
    private let layers: Int
    private let hidden: Int
    private let stateCount: Int
    /// For each decoder layer and each tensor of its state.
    private let dense: [[Linear]]

    /// - Parameters:
    ///   - configuration: of the model.
    ///   - memory: the width of the encoder's memory and of its states.
    ///   - stateCount: the number of tensors in the state of a decoder layer.
    init(
        _ configuration: ModelConfiguration, memory: Int, stateCount: Int, in scope: ParameterScope
    ) throws {
        kind = configuration.bridge
        layers = configuration.decoder.layers
        hidden = configuration.decoder.hidden
        self.stateCount = stateCount
        let outputs = hidden
        switch kind {
        case .copy, .zero: dense = []
        case .dense, .tanhDense, .mean:
            let names = ["hidden", "cell"]
            dense = try (0..<layers).map { layer in
                try (0..<stateCount).map { part in
                    try Linear(memory, outputs, in: scope.scope("layers.\(layer).\(names[part])"))
                }
            }
        }
    }

    /// A state for each decoder layer, `[batch, hidden]`.
    func callAsFunction(_ source: EncodedSource) -> [RecurrentState] {
        switch kind {
        case .copy: return source.final.map(fitted)
        case .zero:
            let state = fitted(RecurrentState([]), batch: source.memory.layout.batch)
            return Array(repeating: state, count: layers)
        case .dense: return states(from: source.final[source.final.count - 1]) { $0 }
        case .tanhDense:
            return states(from: source.final[source.final.count - 1]) { $0.tanh() }
        case .mean:
            return states(from: RecurrentState([source.memory.means()])) { $0.tanh() }
        }
    }

    private func states(
        from state: RecurrentState, _ activation: (Tensor) -> Tensor
    ) -> [RecurrentState] {
        dense.map { parts in
            RecurrentState(
                parts.enumerated().map { part, linear in
                    // A GRU has no cell to hand on: its hidden state serves for both.
                    let tensors = state.tensors
                    return activation(linear(part < tensors.count ? tensors[part] : tensors[0]))
                })
        }
    }

    /// A state with as many tensors as the decoder's cells have: surplus ones go, missing ones are zero.
    private func fitted(_ state: RecurrentState) -> RecurrentState {
        fitted(state, batch: state.hidden.rows)
    }

    private func fitted(_ state: RecurrentState, batch: Int) -> RecurrentState {
        let missing = max(0, stateCount - state.tensors.count)
        return RecurrentState(
            state.tensors.prefix(stateCount)
                + Array(repeating: Tensor.zeros([batch, hidden]), count: missing))
    }
}
