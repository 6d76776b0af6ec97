import SeqFiles
import SeqNN

extension EncoderConfiguration {
    /// The encoder that is configured, over embedded source tokens.
    func makeEncoder(in scope: ParameterScope) throws -> any SequenceEncoder {
        switch type {
        case .recurrent, .pyramidal:
            try RecurrentEncoder(self, inputs: inputs, in: scope)
        case .convolutionalSequence:
            try ConvolutionalSequenceEncoder(
                convolution, inputs: inputs, hidden: hidden, layers: layers, in: scope)
        case .convolutional:
            try ConvolutionalEncoder(
                convolution, inputs: inputs, hidden: hidden, layers: layers, in: scope)
        case .transformer:
            try TransformerEncoder(
                transformer, inputs: inputs, hidden: hidden, layers: layers, in: scope)
        case .bag: try BagEncoder(inputs: inputs, hidden: hidden, in: scope)
        }
    }
}

extension EncoderConfiguration {
    /// The vectors of words from their characters.
    func characters(
        of tokens: [String], vocabulary: Int, in scope: ParameterScope
    ) throws -> (CharacterEmbedding, Spelling) {
        guard tokens.count == vocabulary else {
            throw Seq2SeqError(
                option: "model.encoder.word_vectors",
                "is \(wordVectors.rawValue), but the spelling of \(tokens.count) of \(vocabulary) source tokens is known",
                remedy: "give the tokens of the source vocabulary")
        }
        let spelling = Spelling(tokens)
        return (
            try CharacterEmbedding(
                characters: spelling.count, features: embedding, embedding: characters.embedding,
                widths: characters.widths, filters: characters.filters,
                highwayLayers: characters.highwayLayers, in: scope), spelling
        )
    }
}

extension ModelConfiguration {
    /// The decoder that is configured, over a memory of width `memory`.
    func makeDecoder(memory: Int, in scope: ParameterScope) throws -> any SequenceDecoder {
        switch decoder.type {
        case .luong: try LuongDecoder(self, memory: memory, in: scope)
        case .bahdanau, .cho: try BahdanauDecoder(self, memory: memory, in: scope)
        case .conditional: try ConditionalDecoder(self, memory: memory, in: scope)
        case .gnmt: try GNMTDecoder(self, memory: memory, in: scope)
        case .convolutionalSequence:
            try ConvolutionalSequenceDecoder(
                decoder.convolution, inputs: decoder.embedding, hidden: decoder.hidden,
                layers: decoder.layers, memory: memory, in: scope)
        case .transformer:
            try TransformerDecoder(
                decoder.transformer, inputs: decoder.embedding, hidden: decoder.hidden,
                layers: decoder.layers, memory: memory, in: scope)
        }
    }
}
