import SeqFiles
import SeqNN

extension EncoderConfiguration {
    /// The encoder that is configured, over embedded source tokens.
    func makeEncoder(in scope: ParameterScope) throws -> any Encoder {
        switch type {
        case .recurrent, .pyramidal:
            try RecurrentEncoder(self, inputs: embedding, in: scope)
        case .convolutionalSequence:
            try ConvolutionalSequenceEncoder(
                convolution, inputs: embedding, hidden: hidden, layers: layers, in: scope)
        case .convolutional:
            try ConvolutionalEncoder(
                convolution, inputs: embedding, hidden: hidden, layers: layers, in: scope)
        case .transformer:
            try TransformerEncoder(
                transformer, inputs: embedding, hidden: hidden, layers: layers, in: scope)
        case .bag: try BagEncoder(inputs: embedding, hidden: hidden, in: scope)
        }
    }
}

extension EncoderConfiguration {
    /// The vectors of words from their characters.
    func characters(
        of tokens: [String], vocabulary: Int, in scope: ParameterScope
    ) throws -> SourceEmbedding {
        guard tokens.count == vocabulary else {
            throw Seq2SeqError(
                option: "model.encoder.word_vectors",
                "is characters, but the spelling of \(tokens.count) of \(vocabulary) source tokens is known",
                remedy: "give the tokens of the source vocabulary")
        }
        let spelling = Spelling(tokens)
        return .characters(
            try CharacterEmbedding(
                characters: spelling.count, features: embedding, embedding: characters.embedding,
                widths: characters.widths, filters: characters.filters,
                highwayLayers: characters.highwayLayers, in: scope), spelling)
    }
}

extension ModelConfiguration {
    /// The decoder that is configured, over a memory of width `memory`.
    func makeDecoder(memory: Int, in scope: ParameterScope) throws -> any Decoder {
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
