/// Chinese-English sentence pairs for training, validation and test, made by a grammar.
public struct Corpus: Sendable {
    /// The pairs to learn from.
    public let training: [SentencePair]
    /// The pairs on which training is watched.
    public let validation: [SentencePair]
    /// The pairs on which the result is measured.
    public let test: [SentencePair]
    /// How many pairs each topic has, in the order of the topics.
    public let topics: [(name: String, pairs: Int)]

    /// The pair that the quick start translates: always in the test part, never in another.
    public static let quickStart = SentencePair(chinese: "我爱吃苹果", english: "I love eating apples.")

    /// The number of pairs made unless told otherwise.
    public static let defaultPairs = 25_000

    /// One pair of this many goes into the validation part, and as many into the test part.
    static let heldOutEvery = 50
    /// How often each word and character of a held-out pair is at least seen in training.
    static let leastOccurrences = 5
    /// Below this number the words would be too rare to hold sentences out.
    static let leastPairs = 5_000

    /// Creates the corpus of so many pairs in all; the same seed gives the same corpus anywhere.
    ///
    /// - Throws: `ChineseEnglishCorpusError` when the grammar cannot make so many pairs.
    public init(pairs: Int = Corpus.defaultPairs, seed: UInt64 = 1) throws {
        guard pairs >= Self.leastPairs else {
            throw ChineseEnglishCorpusError(
                .badConfiguration, reason: "\(pairs) pairs are too few to learn from",
                remedy: "ask for at least \(Self.leastPairs)")
        }
        let phrases = Grammar.patterns.filter(\.isSetPhrase).flatMap { $0.sentences() }
        let setPairs = phrases.flatMap(\.forms)
        let drawn = try Drawing(phrases, pairs: pairs - setPairs.count - 1, seed: seed).sentences
        let drawnPairs = drawn.map(\.sentence.pair)

        var split = Split(setPairs + drawnPairs + [Self.quickStart])
        let size = pairs / Self.heldOutEvery
        let test = split.holdOut(size - 1, from: drawnPairs)
        let validation = split.holdOut(size, from: drawnPairs)
        var training = setPairs + drawnPairs.filter { !split.isHeldOut($0) }
        var generator = SplitMix64(seed: seed)
        generator.shuffle(&training)
        self.training = training
        self.validation = validation
        self.test = [Self.quickStart] + test

        self.topics = Topic.allCases.map { topic in
            let count = drawn.count { $0.topic == topic }
            return (topic.rawValue, topic == .phrases ? setPairs.count : count)
        }
    }
}
