/// Replaces each unknown word of an output by a translation of the source word that it is aligned with
/// (Luong and others 2015, "Addressing the rare word problem"; Jean and others 2014, section 3.3).
public struct UnknownReplacement: Sendable {
    /// Translations; a source word that is not among them is copied as it is.
    public var lexicon: Lexicon?
    /// What stands for an unknown word in an output.
    public var unknown: String

    /// Creates a replacement.
    public init(lexicon: Lexicon? = nil, unknown: String = "<unk>") {
        self.lexicon = lexicon
        self.unknown = unknown
    }

    /// The tokens with unknown ones replaced.
    ///
    /// - Parameters:
    ///   - tokens: the output.
    ///   - alignment: for each token, how much attention it paid to each source token; empty for models
    ///     without attention, whose unknown words stay.
    ///   - source: the tokens of the source, as they were written and not as the vocabulary has them.
    ///   - words: what the lexicon may have instead: the same tokens without marks of their spaces.
    public func callAsFunction(
        _ tokens: [String], alignment: [[Float]], source: [String],
        words: [String]? = nil
    ) -> [String] {
        if alignment.isEmpty { return tokens }
        precondition(
            alignment.count == tokens.count,
            "UnknownReplacement: \(alignment.count) rows of alignment for \(tokens.count) tokens")
        return zip(tokens, alignment).map { token, weights in
            guard token == unknown else { return token }
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
