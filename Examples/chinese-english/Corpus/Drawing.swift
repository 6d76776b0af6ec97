/// Draws sentences from the patterns such that no two share a side, and no word is too rare.
struct Drawing {
    /// A drawn sentence with the topic of its pattern.
    typealias Drawn = (sentence: Sentence, topic: Topic)

    /// The sentences, in random order.
    private(set) var sentences: [Drawn] = []

    /// How often each word and character shall at least be seen, if the grammar has it so often.
    private static let wantedOccurrences = 15
    /// Among how many sentences of each pattern the rare words are looked for.
    private static let searched = 500

    private var chinese: Set<String>
    private var english: Set<String>

    /// Draws so many sentences besides the set phrases.
    ///
    /// - Throws: `ChineseEnglishCorpusError` when the grammar has fewer.
    init(_ phrases: [Sentence], pairs wanted: Int, seed: UInt64) throws {
        chinese = Set(phrases.map(\.chinese) + [Corpus.quickStart.chinese])
        english = Set(phrases.map(\.english) + [Corpus.quickStart.english])
        let patterns = Grammar.patterns.filter { !$0.isSetPhrase }
        var generator = SplitMix64(seed: seed)
        sentences = try drawn(wanted, from: patterns, seed: seed)
        generator.shuffle(&sentences)
        sentences.removeLast(sentences.count - wanted)
        enrich(from: patterns, besides: phrases, seed: ~seed, using: &generator)
        generator.shuffle(&sentences)
    }

    /// Whether neither side is known yet; notes both.
    private mutating func isNew(_ sentence: Sentence) -> Bool {
        guard !chinese.contains(sentence.chinese), !english.contains(sentence.english) else {
            return false
        }
        chinese.insert(sentence.chinese)
        english.insert(sentence.english)
        return true
    }

    /// Returns at least the wanted number of sentences, shared out by the patterns' weights.
    private mutating func drawn(_ wanted: Int, from patterns: [Pattern], seed: UInt64) throws
        -> [Drawn]
    {
        let counts = patterns.map { $0.count() }
        let capacity = counts.reduce(0, +)
        let (chineseBefore, englishBefore) = (chinese, english)
        var target = min(capacity, wanted + wanted / 5)
        while true {
            (chinese, english) = (chineseBefore, englishBefore)
            let shares = Sampling.shares(
                counts: counts, weights: patterns.map(\.weight), target: target)
            var drawn: [Drawn] = []
            for (pattern, share) in zip(patterns, shares) {
                for sentence in pattern.draw(share, seed: seed) where isNew(sentence) {
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

    /// Replaces some sentences by others that have the words that are still rare.
    private mutating func enrich(
        from patterns: [Pattern], besides phrases: [Sentence], seed: UInt64,
        using generator: inout SplitMix64
    ) {
        var occurrences: [String: Int] = [:]
        for sentence in phrases + sentences.map(\.sentence) {
            for unit in Split.units(of: sentence.bare) {
                occurrences[unit, default: 0] += 1
            }
        }
        var candidates: [Drawn] = patterns.flatMap { pattern in
            pattern.draw(Self.searched, seed: seed).map { ($0, pattern.topic) }
        }
        generator.shuffle(&candidates)
        var found: [Drawn] = []
        for candidate in candidates where found.count < sentences.count / 5 {
            let units = Split.units(of: candidate.sentence.bare)
            let isRare = units.contains { (occurrences[$0] ?? 0) < Self.wantedOccurrences }
            if isRare, isNew(candidate.sentence) {
                found.append(candidate)
                for unit in units {
                    occurrences[unit, default: 0] += 1
                }
            }
        }
        sentences.removeLast(found.count)
        sentences += found
    }
}
