import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Word vectors from characters: against PyTorch, in other batches, and with repeated words.
struct CharacterEmbeddingTests {
    private func fresh() throws -> CharacterEmbedding {
        try CharacterEmbedding(
            characters: 40, features: 32, embedding: 8, widths: 4, filters: 5, highwayLayers: 2,
            in: ParameterScope(
                initialization: Initialization(kind: .uniform, range: 0.4),
                generator: RandomGenerator(seed: 1)))
    }

    @Test func golden() throws {
        let golden = try Golden("character_embedding")
        let names = golden.file.names.filter { $0.hasPrefix("parameter.") }
        let scope = ParameterScope(
            checkpoint: try checkpoint(
                try names.map { (String($0.dropFirst("parameter.".count)), try golden($0)) }))
        let embedding = try CharacterEmbedding(
            characters: 12, features: 9, embedding: 5, widths: 3, filters: 4, highwayLayers: 2,
            in: scope)
        try scope.checkEverythingWasUsed()
        let words = TokenSequences(
            tokens: try golden.integers("input.characters").map(Int32.init),
            layout: try golden.layout("input.lengths"))
        var output = Tensor(0)
        let (_, gradients) = try valueAndGradient(of: scope.parameters.map(\.value)) {
            output = embedding(words)
            return (output * (try golden.weighting("words"))).sum()
        }
        #expect(distance(output, try golden("output.words")) < 1e-6)
        for (parameter, gradient) in zip(scope.parameters, gradients) {
            let expected = try golden("gradient.\(parameter.name)")
            #expect(distance(gradient, expected) < 2e-6, "\(parameter.name)")
        }
    }

    /// A word gets the same bits alone, in a batch, and repeated, even one without characters.
    @Test func batchComposition() throws {
        let embedding = try fresh()
        let words = drawTokens([3, 0, 1, 9, 4, 2, 7, 5], below: 40, seed: 2)
        let all = embedding(TokenSequences(words))
        #expect(all.shape == [8, 32] && all.isFinite)
        for (index, word) in words.enumerated() {
            #expect(
                identical(embedding(TokenSequences([word])), all.rows(index..<index + 1)))
        }
        let order: [Int32] = [4, 1, 4, 0, 7, 7, 1, 3]
        let distinct = DistinctWords(order.map { words[Int($0)] })
        #expect(distinct.distinct.layout.lengths == [4, 0, 3, 5, 9])
        #expect(distinct.indices == [0, 1, 0, 2, 3, 3, 1, 4])
        #expect(identical(embedding(distinct), all.gatheringRows(order)))
    }

    @Test func noWords() throws {
        let embedding = try fresh()
        #expect(embedding(DistinctWords([])).shape == [0, 32])
    }

    /// A fresh highway layer mostly carries its input on, and widths have at most 200 filters.
    @Test func filters() throws {
        let scope = ParameterScope(
            initialization: Initialization(), generator: RandomGenerator(seed: 1))
        _ = try CharacterEmbedding(
            characters: 10, features: 6, widths: 5, filters: 60, in: scope)
        let shapes = Dictionary(uniqueKeysWithValues: scope.parameters.map { ($0.name, $0.shape) })
        #expect(shapes["widths.3.weight"] == [48, 180] && shapes["widths.5.weight"] == [80, 200])
        #expect(shapes["projection.weight"] == [60 + 120 + 180 + 200 + 200, 6])
    }
}
