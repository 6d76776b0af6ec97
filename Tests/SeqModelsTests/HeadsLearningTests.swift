import Foundation
import SeqModels
import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Copying words whose frequencies differ, with states of the usual width: small models of a few words
/// learn whatever happens to them, these can stop at the frequencies.
struct HeadsLearningTests {
    private static let words = 2996
    private static let lengths = 8...20

    /// Words of which number `i` has probability ((i + 1)/n)^¼ - (i/n)^¼.
    private static func sentence(_ generator: inout RandomGenerator) -> ArraySlice<Int32> {
        (0..<Int.random(in: lengths, using: &generator)).map { _ in
            3 + Int32(Double(words) * pow(Double.random(in: 0..<1, using: &generator), 4))
        }[...]
    }

    /// The loss per token of a model that knows only how frequent words and ends of sentences are.
    private static var entropy: Double {
        let length = Double(lengths.lowerBound + lengths.upperBound) / 2
        let ofWords = (0..<words).map {
            pow(Double($0 + 1) / Double(words), 0.25) - pow(Double($0) / Double(words), 0.25)
        }
        let all = [1 / (length + 1)] + ofWords.map { $0 * length / (length + 1) }
        return all.reduce(0) { $0 - $1 * log($1) }
    }

    /// Four heads learn more than the frequencies within 500 updates.
    @Test func headsLearnMoreThanFrequencies() throws {
        var configuration = ModelConfiguration()
        configuration.encoder.embedding = 128
        configuration.encoder.hidden = 128
        configuration.encoder.layers = 1
        configuration.decoder.embedding = 128
        configuration.decoder.hidden = 128
        configuration.decoder.layers = 1
        configuration.attention.score = .dot
        configuration.attention.heads = 4
        configuration.initialization.kind = .glorot
        let vocabulary = 3 + Self.words
        let model = try TranslationModel(
            configuration, sourceVocabulary: vocabulary, targetVocabulary: vocabulary, seed: 1)
        let buffer = ParameterBuffer(model.parameters)
        let optimizer = Adam(buffer)
        var generator = RandomGenerator(seed: 5)
        var losses: [Double] = []
        for _ in 0..<500 {
            let batch = model.batch(
                (0..<32).map { _ in
                    let words = Self.sentence(&generator)
                    return (words, words)
                })
            var dropout = Dropout(rate: 0, generator: nil)
            _ = buffer.valueAndGradient {
                let loss = model.loss(
                    of: batch, scale: 1 / Float(batch.targetTokens), dropout: &dropout)
                losses.append(loss.negativeLogLikelihood / Double(loss.tokens))
                return loss.objective
            }
            let norm = Float(buffer.gradientNorm)
            optimizer.update(buffer, learningRate: 0.001, gradientScale: norm > 1 ? 1 / norm : 1)
        }
        let late = losses.suffix(50).reduce(0, +) / 50
        #expect(late < Self.entropy - 0.1, "\(late), entropy \(Self.entropy)")
    }
}
