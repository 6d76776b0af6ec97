/// The F1 of words in text without spaces, and how well words that training has not seen are found.
///
/// The numbers are those of the scorer of the SIGHAN bakeoffs (Sproat and Emerson 2003): a word is right when
/// both its ends are, and words are out of vocabulary when the training text has none of their spelling.
public struct SegmentationF1: MetricStatistics, Hashable {
    /// The counts of all words.
    public private(set) var words = PrecisionRecall()
    /// The expected words that the training text does not have, and how many of them are found.
    public private(set) var unseen = Accuracy()
    /// The expected words that the training text has, and how many of them are found.
    public private(set) var seen = Accuracy()

    /// Creates the counts of nothing.
    public init() {}

    /// Creates the counts of one text, cut twice.
    ///
    /// Positions are counted in code points, so that words need not be spelt alike.
    ///
    /// - Parameters:
    ///   - predicted: the words found.
    ///   - expected: the right words.
    ///   - vocabulary: the words of the training text.
    public init(predicted: [String], expected: [String], vocabulary: Set<String> = []) {
        let found = Set(Self.ranges(of: predicted))
        words.predicted = predicted.count
        words.expected = expected.count
        for (word, range) in zip(expected, Self.ranges(of: expected)) {
            let isFound = found.contains(range)
            if isFound { words.correct += 1 }
            let counts = Accuracy(correct: isFound ? 1 : 0, total: 1)
            if vocabulary.contains(word) { seen += counts } else { unseen += counts }
        }
    }

    private static func ranges(of words: [String]) -> [Range<Int>] {
        var end = 0
        return words.map { word in
            let start = end
            end += word.unicodeScalars.count
            return start..<end
        }
    }

    /// The share of the expected words that the training text does not have.
    public var unseenRate: Double {
        words.expected == 0 ? 0 : Double(unseen.total) / Double(words.expected)
    }

    /// Adds the counts of further texts.
    public static func += (left: inout Self, right: Self) {
        left.words += right.words
        left.unseen += right.unseen
        left.seen += right.seen
    }
}
