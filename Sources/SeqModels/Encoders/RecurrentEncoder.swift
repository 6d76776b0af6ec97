import SeqNN
import SeqTensor

/// A stack of recurrent layers over a ragged batch of vectors.
///
/// It runs in one direction, in both, with only the lowest layers in both (Wu et al. 2016), or as a
/// pyramid that joins every two steps from layer to layer (Chan et al. 2016).
struct RecurrentEncoder: SequenceEncoder {
    private let layers: RecurrentStack

    /// The width of the states of a layer, all directions together.
    var outputs: Int { layers.outputs }

    init(_ configuration: EncoderConfiguration, inputs: Int, in scope: ParameterScope) throws {
        let both = configuration.bidirectionalLayers
        layers = try RecurrentStack(
            configuration.recurrent, inputs: inputs, hidden: configuration.hidden,
            layers: configuration.layers,
            bidirectionalLayers: !configuration.isBidirectional
                ? 0 : both == 0 ? configuration.layers : both,
            summary: configuration.summary, reducesTime: configuration.type == .pyramidal, in: scope
        )
    }

    /// What the layers work with.
    var numbersPerStep: Int { layers.numbersPerStep }

    /// Encodes `input`, `[steps, inputs]`.
    func callAsFunction(_ input: Sequences, dropout: inout Dropout) -> EncodedSource {
        let (memory, final) = layers(input, dropout: &dropout)
        return EncodedSource(memory: memory, final: final)
    }
}
