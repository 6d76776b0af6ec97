/// A Chinese sentence and its English translation.
public struct SentencePair: Sendable, Hashable {
    /// The Chinese sentence, with or without its final mark.
    public let chinese: String
    /// The English sentence, always with its final mark.
    public let english: String

    /// Creates a pair of two finished sentences.
    public init(chinese: String, english: String) {
        (self.chinese, self.english) = (chinese, english)
    }
}

/// What a sentence does, which decides its final mark.
enum Mood: Sendable {
    case statement
    case question
    case exclamation

    var chineseMark: String {
        switch self {
        case .statement: "。"
        case .question: "？"
        case .exclamation: "！"
        }
    }

    var englishMark: String {
        switch self {
        case .statement: "."
        case .question: "?"
        case .exclamation: "!"
        }
    }
}

/// A pair as the grammar makes it: the Chinese has no final mark yet.
struct Sentence: Sendable {
    let chinese: String
    let english: String
    let mood: Mood

    /// Percentage of the Chinese sentences that are written without a final mark, as in a chat.
    private static let bareShare: UInt64 = 20

    init(_ chinese: String, _ english: String, _ mood: Mood) {
        self.chinese = chinese
        self.english = EnglishMorphology.capitalized(english) + mood.englishMark
        self.mood = mood
    }

    /// The pair with its final mark, or without it for the share that the sentence's hash selects.
    var pair: SentencePair {
        SplitMix64.hash(chinese) % 100 < Self.bareShare ? bare : marked
    }

    var marked: SentencePair {
        SentencePair(chinese: chinese + mood.chineseMark, english: english)
    }

    /// The sentence in each form in which people type it: without a mark, with it, and unless it
    /// asks, with an exclamation mark.
    var forms: [SentencePair] {
        let called = Sentence(chinese, String(english.dropLast()), .exclamation).marked
        return mood == .question || mood == .exclamation ? [bare, marked] : [bare, marked, called]
    }

    var bare: SentencePair { SentencePair(chinese: chinese, english: english) }
}
