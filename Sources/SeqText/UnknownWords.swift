/// Words that a vocabulary lacks, each with an id of its own behind those of the vocabulary, for models
/// that know words by their characters.
public struct UnknownWords: Sendable {
    /// The words, in the order of their ids.
    public private(set) var words: [String] = []
    private var ids: [TokenKey: Int32] = [:]

    /// Creates an empty list.
    public init() {}

    /// The ids of the tokens of a text; words that are new are added.
    public mutating func encode(_ text: String, with codec: TextCodec) -> [Int32] {
        let known = codec.encode(text)
        guard known.contains(Vocabulary.unknownID) else { return known }
        let size = codec.count
        return zip(known, codec.tokens(text)).map { id, token in
            guard id == Vocabulary.unknownID else { return id }
            if let found = ids[TokenKey(token)] { return found }
            let new = Int32(size + words.count)
            ids[TokenKey(token)] = new
            words.append(token)
            return new
        }
    }
}
