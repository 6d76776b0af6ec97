import SeqData
import SeqDecoding
import SeqModels
import SeqNN
import SeqText
import SeqTraining
import TestSupport
import Testing

extension TrainingRuns {
    /// Models that know words by their characters understand words that no vocabulary has.
    @Suite struct CharacterEmbeddingTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// Words, of which each becomes its last letter as a capital: `xuka nolto` gives `A O`.
        ///
        /// Nearly every word occurs once.
        private func examples(_ count: Int) -> [(source: String, target: String)] {
            var generator = SplitMix(state: 17)
            let consonants = Array("bcdfgklmnprstvxz"), vowels = Array("aeiou")
            return (0..<count).map { _ in
                let words = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                    (0..<Int.random(in: 2...4, using: &generator)).map { _ in
                        "\(consonants.randomElement(using: &generator) ?? "b")\(vowels.randomElement(using: &generator) ?? "a")"
                    }.joined()
                }
                return (
                    words.joined(separator: " "),
                    words.map { "\($0.last ?? "?")".uppercased() }.joined(separator: " ")
                )
            }
        }

        private func accuracy(_ vectors: EncoderConfiguration.WordVectors) throws -> Double {
            var configuration = try folder.configuration(train: 1, validation: 1)
            let (held, seen) = (examples(2200).prefix(200), examples(2200).dropFirst(200))
            configuration.data.train.source = try folder.write("s", seen.map(\.source))
            configuration.data.train.target = try folder.write("t", seen.map(\.target))
            configuration.data.validation.source = try folder.write("hs", held.map(\.source))
            configuration.data.validation.target = try folder.write("ht", held.map(\.target))
            configuration.tokenizer.source.vocabularySize = 200
            configuration.model.encoder.wordVectors = vectors
            configuration.model.encoder.characters.filters = 8
            configuration.model.encoder.characters.widths = 3
            configuration.model.encoder.embedding = 32
            configuration.model.encoder.hidden = 64
            configuration.model.decoder.embedding = 16
            configuration.model.decoder.hidden = 64
            configuration.training.epochs = 14
            configuration.training.optimizer.learningRate = 0.005
            configuration.training.labelSmoothing = 0
            configuration.training.batch.size = 32
            try Trainer(configuration).run()
            return try configuration.sentenceAccuracy()
        }

        @Test func `words that the vocabulary lacks are understood by their characters`() throws {
            #expect(try accuracy(.characters) >= 0.97)
        }

        @Test func `a table knows nothing of them`() throws {
            #expect(try accuracy(.table) < 0.5)
        }
    }
}
