import Synchronization

/// The pieces of a model as a vocabulary, made when first asked for.
///
/// Encoding and decoding never need it, and making it takes as long as loading the model.
final class LazyVocabulary: Sendable {
    private let pieces: SentencePieceTokenizer
    private let made = Mutex<Vocabulary?>(nil)

    init(_ pieces: SentencePieceTokenizer) {
        self.pieces = pieces
    }

    var value: Vocabulary {
        made.withLock { made in
            if let made { return made }
            let tokens = (0..<Int32(pieces.count)).map { pieces.piece($0) ?? "" }
            let vocabulary = Vocabulary(
                uniqueTokens: tokens, counts: [Int](repeating: 0, count: tokens.count))
            made = vocabulary
            return vocabulary
        }
    }
}
