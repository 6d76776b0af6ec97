import SeqFiles
import SeqData
import SeqDecoding
import SeqModels
import SeqNN
import SeqText
import SeqTraining
import TestSupport
import Testing

extension TrainingRuns {
    /// Models that copy put words into their outputs that no vocabulary has.
    @Suite struct CopyTaskTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// A word that nobody has seen before, in a sentence of known ones: `a b #17 c` becomes
        /// `c #17 b a`.
        private func examples(_ count: Int) -> [(source: String, target: String)] {
            var generator = SplitMix(state: 11)
            return (0..<count).map { number in
                var words = (0..<Int.random(in: 2...4, using: &generator)).map { _ in
                    ["a", "b", "c", "d", "e"].randomElement(using: &generator) ?? "a"
                }
                words.insert("#\(number)", at: Int.random(in: 0...words.count, using: &generator))
                return (
                    words.joined(separator: " "), words.reversed().joined(separator: " ")
                )
            }
        }

        private func configuration(_ output: OutputConfiguration.Kind) throws -> RunConfiguration {
            var configuration = try folder.configuration(train: 1, validation: 1)
            let (held, seen) = (examples(2200).prefix(200), examples(2200).dropFirst(200))
            configuration.data.train.source = try folder.write("s", seen.map(\.source))
            configuration.data.train.target = try folder.write("t", seen.map(\.target))
            configuration.data.validation.source = try folder.write("hs", held.map(\.source))
            configuration.data.validation.target = try folder.write("ht", held.map(\.target))
            configuration.tokenizer.source.vocabularySize = 8
            configuration.tokenizer.target.vocabularySize = 8
            configuration.model.encoder.embedding = 32
            configuration.model.encoder.hidden = 64
            configuration.model.decoder.embedding = 32
            configuration.model.decoder.hidden = 64
            configuration.model.output.type = output
            configuration.training.epochs = 8
            return configuration
        }

        @Test(arguments: [OutputConfiguration.Kind.pointerGenerator, .copy])
        func `words that the vocabulary lacks are copied`(
            _ output: OutputConfiguration.Kind
        ) throws {
            let configuration = try configuration(output)
            try Trainer(configuration).run()
            let folder = try ModelFolder(contentsOf: "\(configuration.output)/best")
            #expect(folder.target.vocabulary.tokens.dropFirst(3).allSatisfy { $0.count == 1 })
            #expect(folder.target.encode("#0") == [Vocabulary.unknownID])
            #expect(try configuration.sentenceAccuracy() >= 0.95)
        }

        @Test func `a model that does not copy can only say that it does not know`() throws {
            var configuration = try configuration(.full)
            configuration.training.epochs = 1
            try Trainer(configuration).run()
            #expect(try configuration.sentenceAccuracy() == 0)
        }

        /// A word of the source that the target vocabulary lacks scores as it was found.
        @Test(arguments: [OutputConfiguration.Kind.pointerGenerator, .copy])
        func `copied words are scored as they are found`(
            _ output: OutputConfiguration.Kind
        ) throws {
            var configuration = try configuration(output)
            configuration.training.epochs = 3
            try Trainer(configuration).run()
            let translator = try Translator(contentsOf: "\(configuration.output)/best")
            let sources = try TextLineReader.lines(path: configuration.data.validation.source)
            let found = try translator.translate(sources)
            #expect(found.contains { $0[0].text.contains("#") })
            let scored = try translator.score(zip(sources, found).map { ($0, $1[0].text) })
            var complete = 0
            for (translation, score) in zip(found.map { $0[0] }, scored)
            where translation.tokenLogProbabilities.count == translation.tokens.count + 1 {
                #expect(abs(translation.logProbability - score.logProbability) < 1e-3)
                complete += 1
            }
            #expect(complete > 100)
        }
    }
}
