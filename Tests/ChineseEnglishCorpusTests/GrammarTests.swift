import Testing

@testable import ChineseEnglishCorpus

@Suite struct GrammarTests {
    /// Everything that the grammar can say: about six hundred thousand sentences.
    private static let everything: [(pattern: Pattern, sentences: [Sentence])] =
        Grammar.patterns.map { ($0, $0.sentences()) }

    /// Some sentences of every pattern.
    private static let samples = Grammar.patterns.flatMap { $0.draw(800, seed: 11) }

    @Test func everyPatternHasItsGoldenPairs() {
        let names = Grammar.patterns.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Set(names) == Set(GoldenPairs.byPattern.keys))
        for (pattern, sentences) in Self.everything {
            let golden = GoldenPairs.byPattern[pattern.name] ?? []
            let wanted = Set(golden.map { $0.chinese.dropLast() })
            let made = sentences.filter { wanted.contains($0.chinese[...]) }.map(\.marked)
            for (chinese, english) in golden {
                let pair = SentencePair(chinese: chinese, english: english)
                #expect(made.contains(pair), "\(pattern.name): \(chinese) \(english)")
            }
        }
    }

    @Test func everyTopicHasPatterns() {
        for topic in Topic.allCases {
            #expect(Grammar.patterns.contains { $0.topic == topic }, "\(topic)")
        }
    }

    @Test func theSameChineseSentenceAlwaysMeansTheSame() {
        var meanings: [String: String] = [:]
        var conflicts: [String] = []
        for (_, sentences) in Self.everything {
            for sentence in sentences {
                let known = meanings.updateValue(sentence.english, forKey: sentence.chinese)
                if let known, known != sentence.english {
                    conflicts.append("\(sentence.chinese): \(known) \(sentence.english)")
                }
            }
        }
        #expect(meanings.count > 500_000)
        #expect(conflicts == [])
    }

    @Test func sentencesAreWellFormed() {
        let faults = Self.samples.filter { !isWellFormed($0) }
            .map { "\($0.chinese) \($0.english)" }
        #expect(faults.prefix(20) == [])
    }

    @Test func sentencesAreOfTheLengthOfEverydaySpeech() {
        let lengths = Self.samples.map { words(of: $0.english).count }
        #expect(lengths.max() ?? 0 <= 18)
        #expect(lengths.min() ?? 0 >= 1)
    }

    private func words(of english: String) -> [Substring] {
        english.split(separator: " ")
    }

    private func isWellFormed(_ sentence: Sentence) -> Bool {
        let english = sentence.english
        guard let first = english.first, first.isUppercase, let last = english.last,
            ".?!".contains(last), english.unicodeScalars.allSatisfy(\.isASCII),
            !english.contains("  "), !english.contains("%"), !english.contains(" ."),
            !sentence.chinese.isEmpty,
            sentence.chinese.unicodeScalars.allSatisfy({ $0 == "，" || $0.properties.isIdeographic })
        else { return false }
        let words = words(of: english.lowercased())
        for (article, next) in zip(words, words.dropFirst()) {
            let soundsLikeVowel = next.first.map { "aeiou".contains($0) } ?? false
            if article == "an" && !soundsLikeVowel
                || article == "a" && soundsLikeVowel && next != "useful" || article == next
            {
                return false
            }
        }
        return true
    }
}
