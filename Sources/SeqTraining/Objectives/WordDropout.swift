import SeqFiles
import SeqModels
import SeqTensor

/// Word dropout: in training, tokens that encoder and decoder read are replaced by the unknown token, each
/// with a probability (Bowman and others 2016, section 3.1; Iyyer and others 2015).
///
/// It is a token that is replaced, not a vector that is set to zero (Gal & Ghahramani 2016; Sennrich and
/// others 2016), so that nothing has to be scaled, models that read characters see it too, and the unknown
/// token learns to mean any word. Targets, start and end tokens and what may be copied stay as they are.
public struct WordDropoutConfiguration: Codable, Sendable, Hashable {
    /// The probability of a token of the source.
    public var source: Float = 0
    /// The probability of a token of the target where the decoder reads it.
    public var target: Float = 0

    /// Creates the default configuration: no word dropout.
    public init() {}

    func validate() throws {
        for (name, rate) in [("source", source), ("target", target)]
        where !(0..<1).contains(rate) {
            throw Seq2SeqError(
                option: "training.word_dropout.\(name)", "is \(rate)",
                remedy: "choose a number from 0 up to, not including, 1")
        }
    }

    /// The pairs as a model takes them, with words dropped.
    func batch(of pairs: TrainingPairs, for model: TranslationModel) -> TranslationBatch {
        var changed = pairs
        if source > 0 {
            for place in pairs.pairs.indices {
                var generator = pairs.generator("source word", place)
                changed.pairs[place].source =
                    dropped(pairs.pairs[place].source, source, &generator)[...]
            }
        }
        var batch = changed.batch(for: model)
        guard target > 0 else { return batch }
        let (tokens, layout) = (batch.decoderInput.tokens, batch.decoderInput.layout)
        batch.decoderInput = TokenSequences(
            tokens: layout.lengths.indices.flatMap { place in
                var generator = pairs.generator("target word", place)
                let rows = layout.rows(of: place)
                return [tokens[rows.lowerBound]]
                    + dropped(tokens[rows.dropFirst()], target, &generator)
            }, layout: layout)
        return batch
    }

    private func dropped(
        _ tokens: ArraySlice<Int32>, _ rate: Float, _ generator: inout RandomGenerator
    ) -> [Int32] {
        tokens.map {
            generator.nextUnit() < Double(rate) ? TranslationModel.unknownToken : $0
        }
    }
}
