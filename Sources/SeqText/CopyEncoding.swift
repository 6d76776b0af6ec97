/// The tokens of a source as a model sees them that may copy them.
///
/// Each has its id in the target vocabulary, extended by the source's own tokens that the vocabulary lacks
/// (See et al. 2017, section 2.2).
public struct CopyEncoding: Sendable, Hashable {
    /// For each source token, its id in the extended target vocabulary.
    public let targets: [Int32]
    /// The tokens with the ids from the vocabulary's size on.
    public let unknowns: [String]

    /// Creates the encoding of a source.
    public init(targets: [Int32], unknowns: [String]) {
        self.targets = targets
        self.unknowns = unknowns
    }
}

extension TextCodec {
    /// The tokens of a source with their ids in this target vocabulary.
    ///
    /// - Parameter sourceTokens: what the source's codec cut the source into.
    public func copyEncoding(of sourceTokens: [String]) -> CopyEncoding {
        let vocabulary = vocabulary
        var unknowns: [String] = []
        var numbers: [TokenKey: Int32] = [:]
        let targets = sourceTokens.map { token in
            let id = vocabulary.id(of: token)
            if id >= Int32(Vocabulary.specialTokens.count) { return id }
            if let number = numbers[TokenKey(token)] { return number }
            let number = Int32(vocabulary.count + unknowns.count)
            numbers[TokenKey(token)] = number
            unknowns.append(token)
            return number
        }
        return CopyEncoding(targets: targets, unknowns: unknowns)
    }

    /// The ids of a target's tokens, extended by the unknown tokens of its source.
    public func encode(_ text: String, copying source: CopyEncoding) -> [Int32] {
        extended(encode(text), of: tokens(text), by: source)
    }

    /// The ids of tokens, with those of the unknown tokens of a source where tokens are spelt so.
    func extended(_ ids: [Int32], of tokens: [String], by source: CopyEncoding) -> [Int32] {
        guard ids.contains(Vocabulary.unknownID), !source.unknowns.isEmpty else { return ids }
        let size = Int32(count)
        return zip(ids, tokens).map { id, token in
            guard id == Vocabulary.unknownID,
                let number = source.unknowns.firstIndex(where: { TokenKey($0) == TokenKey(token) })
            else { return id }
            return size + Int32(number)
        }
    }

    /// The spelling of ids, some of which may be unknown tokens of the source.
    public func tokens(of ids: [Int32], unknowns: [String]) -> [String] {
        let size = count
        return ids.map { id in
            let number = Int(id) - size
            return unknowns.indices.contains(number) ? unknowns[number] : token(of: id)
        }
    }
}
