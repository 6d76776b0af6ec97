/// What can be seen of translations without judging them: whether they end, repeat themselves, depend on
/// their source.
///
/// Shares are from 0 to 1. What good translations may have too is also measured on the references.
public struct OutputHealth: Codable, Sendable, Hashable {
    /// The number of translations.
    public var outputs: Int
    /// The tokens of the outputs for each token of the references.
    public var lengthRatio: Double
    /// The share of outputs in which some tokens stand three or more times in a row: `a a a`, or
    /// `a b a b a b`.
    public var repetition: Double
    /// The same of the references.
    public var referenceRepetition: Double
    /// The share of sequences of four tokens that the same output had before.
    public var repeatedFourGrams: Double
    /// The same of the references.
    public var referenceRepeatedFourGrams: Double
    /// The share of output tokens that are unknown.
    public var unknown: Double
    /// The share of outputs without any token.
    public var empty: Double
    /// The share of outputs that were cut at the longest allowed length.
    public var cut: Double
    /// The share of the most frequent output among all.
    public var mostFrequent: Double
    /// The same of the references.
    public var referenceMostFrequent: Double
    /// The share of outputs that are their source, word for word.
    public var copied: Double
    /// The same of the references.
    public var referenceCopied: Double

    /// A translation with what belongs to it.
    struct Output {
        var source: String
        var reference: String
        var referenceTokens: [String]
        var text: String
        var tokens: [String]
        var isCut: Bool
    }

    /// Measures `outputs`, of which there is at least one.
    ///
    /// - Parameter unknownToken: the token that stands for what the vocabulary lacks.
    init(_ outputs: [Output], unknownToken: String) {
        func share(_ isMeant: (Output) -> Bool) -> Double {
            Double(outputs.count(where: isMeant)) / Double(outputs.count)
        }
        func tokens(_ count: (Output) -> Int) -> Double {
            Double(outputs.reduce(0) { $0 + count($1) })
        }
        let length = tokens(\.tokens.count)
        self.outputs = outputs.count
        lengthRatio = length / max(1, tokens(\.referenceTokens.count))
        repetition = share { OutputHealth.repeatsItself($0.tokens) }
        referenceRepetition = share { OutputHealth.repeatsItself($0.referenceTokens) }
        repeatedFourGrams = OutputHealth.repeatedFourGrams(outputs.map(\.tokens))
        referenceRepeatedFourGrams = OutputHealth.repeatedFourGrams(outputs.map(\.referenceTokens))
        unknown = tokens { $0.tokens.count { $0 == unknownToken } } / max(1, length)
        empty = share(\.tokens.isEmpty)
        cut = share(\.isCut)
        mostFrequent = OutputHealth.mostFrequent(outputs.map(\.text))
        referenceMostFrequent = OutputHealth.mostFrequent(outputs.map(\.reference))
        copied = share { OutputHealth.words($0.text) == OutputHealth.words($0.source) }
        referenceCopied = share {
            OutputHealth.words($0.reference) == OutputHealth.words($0.source)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case outputs, repetition, unknown, empty, cut, copied
        case lengthRatio = "length_ratio"
        case referenceRepetition = "reference_repetition"
        case repeatedFourGrams = "repeated_4grams"
        case referenceRepeatedFourGrams = "reference_repeated_4grams"
        case mostFrequent = "most_frequent"
        case referenceMostFrequent = "reference_most_frequent"
        case referenceCopied = "reference_copied"
    }

    /// Whether some n-gram stands three or more times in a row: then, for its length n, 2n tokens in a
    /// row are the same as the token n before.
    static func repeatsItself(_ tokens: [String]) -> Bool {
        guard tokens.count >= 3 else { return false }
        for length in 1...tokens.count / 3 {
            var run = 0
            for index in length..<tokens.count {
                run = tokens[index] == tokens[index - length] ? run + 1 : 0
                if run == 2 * length { return true }
            }
        }
        return false
    }

    /// The share of 4-grams that stood in the same text before.
    static func repeatedFourGrams(_ texts: [[String]]) -> Double {
        var (repeated, total) = (0, 0)
        for tokens in texts where tokens.count >= 4 {
            let all = tokens.count - 3
            let different = Set((0..<all).map { tokens[$0..<$0 + 4] }).count
            repeated += all - different
            total += all
        }
        return Double(repeated) / Double(max(1, total))
    }

    private static func mostFrequent(_ texts: [String]) -> Double {
        let counts = Dictionary(texts.map { ($0, 1) }, uniquingKeysWith: +)
        return Double(counts.values.max() ?? 0) / Double(max(1, texts.count))
    }

    private static func words(_ text: String) -> [Substring] {
        text.split(whereSeparator: \.isWhitespace)
    }
}
