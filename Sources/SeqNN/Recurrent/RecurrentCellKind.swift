import SeqTensor

/// The recurrent cells on offer.
public enum RecurrentCellKind: String, Codable, Sendable, CaseIterable {
    /// The simple recurrent network with tanh (Elman 1990).
    case rnnTanh = "rnn_tanh"
    /// The simple recurrent network with ReLU (Le and others 2015).
    case rnnReLU = "rnn_relu"
    /// The long short-term memory (Hochreiter & Schmidhuber 1997; Gers and others 2000).
    case lstm
    /// The gated recurrent unit with the reset gate after the product, as in PyTorch.
    case gru
    /// The gated recurrent unit with the reset gate before the product (Cho and others 2014).
    case gruOriginal = "gru_original"
    /// The LSTM with layer normalisation (Ba, Kiros & Hinton 2016).
    case layerNormLSTM = "layer_norm_lstm"
    /// The GRU with layer normalisation (Ba, Kiros & Hinton 2016).
    case layerNormGRU = "layer_norm_gru"
    /// The simple recurrent unit (Lei and others 2018).
    case sru

    /// Whether a step depends on the hidden state before it.
    ///
    /// That of the SRU sees the cell only, so that it cannot follow another cell in a deep transition.
    public var seesHiddenState: Bool { self != .sru }

    /// Makes a cell of this kind; with 0 inputs it has no input weight, and its share is its bias.
    public func cell(
        inputs: Int, hidden: Int, in scope: ParameterScope
    ) throws -> any RecurrentCell {
        switch self {
        case .rnnTanh: try ElmanCell(inputs: inputs, hidden: hidden, in: scope)
        case .rnnReLU: try ElmanCell(inputs: inputs, hidden: hidden, activation: .relu, in: scope)
        case .lstm: try LSTMCell(inputs: inputs, hidden: hidden, in: scope)
        case .gru: try GRUCell(inputs: inputs, hidden: hidden, in: scope)
        case .gruOriginal:
            try GRUCell(inputs: inputs, hidden: hidden, form: .resetBefore, in: scope)
        case .layerNormLSTM: try LayerNormLSTMCell(inputs: inputs, hidden: hidden, in: scope)
        case .layerNormGRU: try LayerNormGRUCell(inputs: inputs, hidden: hidden, in: scope)
        case .sru: try SRUCell(inputs: inputs, hidden: hidden, in: scope)
        }
    }
}
