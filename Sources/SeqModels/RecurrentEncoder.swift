public import SeqNN
public import SeqTensor

/// What an encoder knows of a batch of sources.
public struct EncodedSource: Sendable {
    /// The states of the last layer, `[steps, hidden]`.
    public var memory: Sequences
    /// The final state of each layer, directions beside each other, `[batch, hidden]`.
    public var final: [LSTMState]
}

/// A stack of LSTM layers over a ragged batch of vectors.
public struct RecurrentEncoder: Sendable {
    let layers: LSTM

    init(_ configuration: EncoderConfiguration, inputs: Int, in scope: ParameterScope) throws {
        layers = try LSTM(
            inputs: inputs,
            hidden: configuration.isBidirectional ? configuration.hidden / 2 : configuration.hidden,
            layers: configuration.layers, isBidirectional: configuration.isBidirectional, in: scope)
    }

    /// Encodes `input`, `[steps, inputs]`.
    public func callAsFunction(_ input: Sequences, dropout: inout Dropout) -> EncodedSource {
        let (memory, final) = layers(input, dropout: &dropout)
        return EncodedSource(
            memory: memory,
            final: final.map { directions in
                LSTMState(
                    hidden: .concatenatingColumns(directions.map(\.hidden)),
                    cell: .concatenatingColumns(directions.map(\.cell)))
            })
    }
}
