import SeqNN
import SeqTensor

/// From source tokens to vectors: a table of the vocabulary, the characters of each word, or both.
enum SourceEmbedding: Sendable {
    case table(Embedding)
    case characters(CharacterEmbedding, Spelling)
    case both(Embedding, CharacterEmbedding, Spelling)

    /// The vectors of all tokens, `[steps, features]`.
    func callAsFunction(_ source: TranslationSource) -> Tensor {
        switch self {
        case .table(let embedding): embedding(source.tokens.tokens)
        case .characters(let embedding, let spelling):
            embedding(spelling.words(of: source))
        case .both(let table, let embedding, let spelling):
            .concatenatingColumns([
                table(
                    source.tokens.tokens.map {
                        Int($0) < table.weight.shape[0] ? $0 : TranslationModel.unknownToken
                    }), embedding(spelling.words(of: source)),
            ])
        }
    }

    /// The table, unless words are known by their characters alone.
    var table: Embedding? {
        switch self {
        case .table(let table), .both(let table, _, _): table
        case .characters: nil
        }
    }
}

/// The characters of words as numbers: those that occur in a vocabulary, in the order of their Unicode
/// scalars, behind a number for all others, one for the begin of a word, one for its end, and one for each
/// special token.
struct Spelling: Sendable {
    private let numbers: [Unicode.Scalar: Int32]
    private let vocabulary: [[Int32]]
    /// The number of different characters.
    let count: Int

    private static let (unknown, begin, end): (Int32, Int32, Int32) = (0, 1, 2)
    private static let firstSpecial: Int32 = 3

    /// - Parameter tokens: the vocabulary; the first three are special tokens.
    init(_ tokens: [String]) {
        let special = 3
        let scalars = Set(tokens.dropFirst(special).flatMap(\.unicodeScalars)).sorted()
        let first = Spelling.firstSpecial + Int32(special)
        let numbers = Dictionary(
            uniqueKeysWithValues: zip(scalars, first..<(first + Int32(scalars.count))))
        self.numbers = numbers
        count = Int(first) + scalars.count
        vocabulary = tokens.enumerated().map { id, token in
            id < special
                ? [Spelling.begin, Spelling.firstSpecial + Int32(id), Spelling.end]
                : Spelling.characters(of: token, numbers)
        }
    }

    private static func characters(
        of word: String, _ numbers: [Unicode.Scalar: Int32]
    ) -> [Int32] {
        [begin] + word.unicodeScalars.map { numbers[$0] ?? unknown } + [end]
    }

    /// The words of a source by their characters.
    func words(of source: TranslationSource) -> DistinctWords {
        DistinctWords(
            source.tokens.tokens.map { characters(of: $0, unknownWords: source.unknownWords) })
    }

    /// The characters of a token of the vocabulary, or of an unknown word that has an id behind it.
    func characters(of id: Int32, unknownWords: [String]) -> [Int32] {
        if Int(id) < vocabulary.count { return vocabulary[Int(id)] }
        return Spelling.characters(of: unknownWords[Int(id) - vocabulary.count], numbers)
    }
}
