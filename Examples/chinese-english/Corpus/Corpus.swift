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
        var generator = SplitMix64(seed: seed)
        let phrases = Grammar.patterns.filter(\.isSetPhrase).flatMap { $0.sentences() }
        let setPairs = phrases.flatMap { [$0.marked, $0.bare] }
        let wanted = pairs - setPairs.count - 1
        var drawn = try Self.drawn(wanted, besides: phrases, seed: seed)
        generator.shuffle(&drawn)
        drawn.removeLast(drawn.count - wanted)

        var split = Split(setPairs + drawn.map(\.sentence.pair) + [Self.quickStart])
        let size = pairs / Self.heldOutEvery
        let test = split.holdOut(size - 1, from: drawn.map(\.sentence.pair))
        let validation = split.holdOut(size, from: drawn.map(\.sentence.pair))
        var training = setPairs + drawn.map(\.sentence.pair).filter { !split.isHeldOut($0) }
        generator.shuffle(&training)
        self.training = training
        self.validation = validation
        self.test = [Self.quickStart] + test

        self.topics = Topic.allCases.map { topic in
            (
                topic.rawValue,
                topic == .phrases ? setPairs.count : drawn.count { $0.topic == topic }
            )
        }
    }

    /// Returns at least the wanted number of sentences of which no two share a side.
    private static func drawn(_ wanted: Int, besides phrases: [Sentence], seed: UInt64) throws
        -> [(sentence: Sentence, topic: Topic)]
    {
        let patterns = Grammar.patterns.filter { !$0.isSetPhrase }
        let counts = patterns.map { $0.count() }
        let capacity = counts.reduce(0, +)
        var target = wanted + wanted / 5
        while true {
            let shares = Sampling.shares(
                counts: counts, weights: patterns.map(\.weight), target: target)
            var chinese = Set(phrases.map(\.chinese) + [quickStart.chinese])
            var english = Set(phrases.map(\.english) + [quickStart.english])
            var drawn: [(sentence: Sentence, topic: Topic)] = []
            for (index, pattern) in patterns.enumerated() {
                var generator = SplitMix64(seed: seed ^ SplitMix64.hash(pattern.name))
                let positions = Sampling.positions(
                    shares[index], of: counts[index], using: &generator)
                for sentence in pattern.sentences(at: positions)
                where !chinese.contains(sentence.chinese) && !english.contains(sentence.english) {
                    chinese.insert(sentence.chinese)
                    english.insert(sentence.english)
                    drawn.append((sentence, pattern.topic))
                }
            }
            if drawn.count >= wanted {
                return drawn
            }
            guard target < capacity else {
                throw ChineseEnglishCorpusError(
                    .badConfiguration,
                    reason: "the grammar makes \(drawn.count) pairs, not \(wanted)",
                    remedy: "ask for fewer with --pairs")
            }
            target = min(capacity, target + target / 2)
        }
    }
}
