/// Replaces each unknown word of an output by a translation of the source word that it is aligned with
/// (Luong and others 2015, "Addressing the rare word problem"; Jean and others 2014, section 3.3).
public struct UnknownReplacement: Sendable {
    /// Translations; a source word that is not among them is copied as it is.
    public var lexicon: Lexicon?

    /// Creates a replacement.
    public init(lexicon: Lexicon? = nil) { self.lexicon = lexicon }

    /// The tokens with unknown ones replaced.
    ///
    /// - Parameters:
    ///   - tokens: the output.
    ///   - isUnknown: for each token, whether it stands for an unknown word; its spelling does not tell,
    ///     since a source may have a word that is spelt so.
    ///   - alignment: for each token, how much attention it paid to each source token; empty for models
    ///     without attention, whose unknown words stay.
    ///   - source: the tokens of the source, as they were written and not as the vocabulary has them.
    ///   - words: what the lexicon may have instead: the same tokens without marks of their spaces.
    public func callAsFunction(
        _ tokens: [String], isUnknown: [Bool], alignment: [[Float]], source: [String],
        words: [String]? = nil
    ) -> [String] {
        if alignment.isEmpty { return tokens }
        precondition(
            alignment.count == tokens.count && isUnknown.count == tokens.count,
            "UnknownReplacement: \(alignment.count) rows of alignment for \(tokens.count) tokens")
        return tokens.indices.map { index in
            let (token, weights) = (tokens[index], alignment[index])
            guard isUnknown[index] else { return token }
            precondition(
                weights.count == source.count,
                "UnknownReplacement: \(weights.count) weights for \(source.count) source words")
            guard let best = UnknownReplacement.mostAttended(weights) else { return token }
            return lexicon?[source[best]] ?? words.flatMap { lexicon?[$0[best]] } ?? source[best]
        }
    }

    /// The position of the largest weight, the first of equal ones; nil when there are none.
    static func mostAttended(_ weights: [Float]) -> Int? {
        weights.indices.reduce(nil) { best, index in
            guard let best else { return index }
            return weights[index] > weights[best] ? index : best
        }
    }
}
