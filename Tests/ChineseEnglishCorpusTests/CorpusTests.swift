import Testing

@testable import ChineseEnglishCorpus

@Suite struct CorpusTests {
    private static let corpus = Result { try Corpus() }

    private func corpus() throws -> Corpus { try Self.corpus.get() }

    @Test func hasTheSizesOfTheDefault() throws {
        let corpus = try corpus()
        #expect(corpus.training.count == 24_000)
        #expect(corpus.validation.count == 500)
        #expect(corpus.test.count == 500)
        #expect(corpus.topics.map(\.pairs).reduce(0, +) + 1 == 25_000)
        #expect(corpus.topics.allSatisfy { $0.pairs > 100 })
    }

    @Test func noTwoPairsShareASide() throws {
        let corpus = try corpus()
        let all = corpus.training + corpus.validation + corpus.test
        #expect(Set(all.map(\.chinese)).count == all.count)
        let phrases = Set(
            Grammar.patterns.filter(\.isSetPhrase).flatMap { $0.sentences() }
                .flatMap(\.forms).map(\.english))
        let others = all.map(\.english).filter { !phrases.contains($0) }
        #expect(Set(others).count == others.count)
        #expect(others.count > 24_500)
    }

    @Test func heldOutSentencesAreNotInTrainingInAnyForm() throws {
        let corpus = try corpus()
        let chinese = Set(corpus.training.map { bare($0.chinese) })
        let english = Set(corpus.training.map { bare($0.english) })
        let held = corpus.validation + corpus.test
        #expect(Set(held).count == held.count)
        for pair in held {
            #expect(!chinese.contains(bare(pair.chinese)), "\(pair)")
            #expect(!english.contains(bare(pair.english)), "\(pair)")
        }
    }

    @Test func theQuickStartIsHeldOutButItsNeighborsAreNot() throws {
        let corpus = try corpus()
        #expect(
            corpus.test.first == SentencePair(chinese: "我爱吃苹果", english: "I love eating apples."))
        let training = Set(corpus.training)
        #expect(
            training.contains(SentencePair(chinese: "我爱吃香蕉", english: "I love eating bananas.")))
        #expect(
            training.contains(SentencePair(chinese: "他爱吃苹果", english: "He loves eating apples.")))
        #expect(
            training.contains(SentencePair(chinese: "我爱吃香蕉。", english: "I love eating bananas.")))
        #expect(!corpus.training.contains { bare($0.chinese) == "我爱吃苹果" })
        #expect(!corpus.training.contains { $0.english == "I love eating apples." })
    }

    @Test func everyHeldOutWordIsFrequentInTraining() throws {
        let corpus = try corpus()
        var occurrences: [String: Int] = [:]
        for unit in corpus.training.flatMap({ Split.units(of: $0) }) {
            occurrences[unit, default: 0] += 1
        }
        for pair in corpus.validation + corpus.test {
            for unit in Split.units(of: pair) {
                #expect(occurrences[unit] ?? 0 >= Corpus.leastOccurrences, "\(unit) in \(pair)")
            }
        }
    }

    @Test func someChineseSentencesHaveNoFinalMark() throws {
        let corpus = try corpus()
        for part in [corpus.training, corpus.validation, corpus.test] {
            let bare = part.count { !"。？！".contains($0.chinese.last ?? "。") }
            #expect((0.13...0.27).contains(Double(bare) / Double(part.count)))
        }
    }

    @Test func marksAgree() throws {
        let marks: [Character: Character] = ["。": ".", "？": "?", "！": "!"]
        for pair in try corpus().training {
            if let last = pair.chinese.last, let mark = marks[last] {
                #expect(pair.english.last == mark, "\(pair)")
            }
        }
    }

    @Test func theVocabularyIsThatOfABeginner() throws {
        let corpus = try corpus()
        let words = Set(
            corpus.training.flatMap { Split.units(of: $0).filter { $0.utf8.first ?? 255 < 128 } })
        #expect((400...1100).contains(words.count), "\(words.count)")
        let characters = Set(corpus.training.flatMap(\.chinese))
        #expect((300...700).contains(characters.count), "\(characters.count)")
    }

    @Test func theSameSeedGivesTheSameCorpusEverywhere() throws {
        let corpus = try corpus()
        let text = (corpus.training + corpus.validation + corpus.test)
            .map { "\($0.chinese)\t\($0.english)\n" }.joined()
        // Made on x86-64 Linux; a change of the grammar or the lexicon changes it.
        #expect(SplitMix64.hash(text) == 9_238_748_505_239_573_640)
        #expect(try Corpus().training == corpus.training)
    }

    @Test func anotherSeedGivesAnotherCorpus() throws {
        let other = try Corpus(pairs: 6_000, seed: 2)
        #expect(other.training.count + other.validation.count + other.test.count == 6_000)
        #expect(other.training != (try Corpus(pairs: 6_000, seed: 3)).training)
        #expect(other.test.first == Corpus.quickStart)
    }

    @Test func refusesTooFewAndTooMany() {
        for pairs in [-1, 0, Corpus.leastPairs - 1, 5_000_000] {
            let error = #expect(throws: ChineseEnglishCorpusError.self) { try Corpus(pairs: pairs) }
            #expect(error?.kind == .badConfiguration)
        }
    }

    private func bare(_ text: String) -> String {
        text.filter { !"。？！.?!".contains($0) }
    }
}

@Suite struct SamplingTests {
    @Test func sharesFollowTheWeightsUpToWhatThereIs() {
        #expect(
            Sampling.shares(counts: [10, 1000, 1000], weights: [1, 1, 2], target: 610) == [
                10, 200, 400,
            ])
        #expect(Sampling.shares(counts: [10, 20], weights: [1, 1], target: 100) == [10, 20])
        #expect(Sampling.shares(counts: [], weights: [], target: 100) == [])
    }

    @Test func positionsAreDistinctAndAscending() {
        var generator = SplitMix64(seed: 7)
        for (wanted, count) in [(0, 10), (10, 10), (3, 1000), (999, 1000)] {
            let positions = Sampling.positions(wanted, of: count, using: &generator)
            #expect(positions.count == wanted)
            #expect(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 })
            #expect(positions.allSatisfy { (0..<count).contains($0) })
        }
    }

    /// The first outputs of the reference implementation by Sebastiano Vigna for the seed 1234567.
    @Test func splitMixFollowsItsReference() {
        var generator = SplitMix64(seed: 1_234_567)
        let outputs: [UInt64] = (0..<3).map { _ in generator.next() }
        #expect(
            outputs == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
    }
}
