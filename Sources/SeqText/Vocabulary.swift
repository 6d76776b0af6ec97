import SeqFiles

/// The tokens that a model knows, each with an id and the number of times it was seen.
///
/// The special tokens come first; then tokens by falling count, equal counts by their UTF-8
/// bytes, so that the same counts always give the same ids.
public struct Vocabulary: Sendable {
    /// The token for everything that has no id of its own.
    public static let unknownToken = "<unk>"
    /// The token before the first one of a sequence.
    public static let startToken = "<s>"
    /// The token after the last one of a sequence.
    public static let endToken = "</s>"
    /// The special tokens, in the order of their ids.
    public static let specialTokens = [unknownToken, startToken, endToken]
    /// The id of `unknownToken`.
    public static let unknownID: Int32 = 0
    /// The id of `startToken`.
    public static let startID: Int32 = 1
    /// The id of `endToken`.
    public static let endID: Int32 = 2

    /// The tokens, in the order of their ids.
    public let tokens: [String]
    /// How often each token was seen in training.
    ///
    /// The unknown token counts what did not enter the vocabulary. All are zero where counts are
    /// not known, as in a SentencePiece model.
    public let counts: [Int]

    private let ids: [TokenKey: Int32]

    /// Creates a vocabulary from the number of times each token was seen.
    ///
    /// Special tokens among the counted are left out, since text must never become one. Throws
    /// for an empty token and one with white space that a vocabulary file could not hold.
    ///
    /// - Parameters:
    ///   - counts: Tokens and their counts; counts of a repeated token add up.
    ///   - minimumCount: How often a token must have been seen.
    ///   - maximumSize: The largest number of tokens, the special ones included.
    public init(
        counts: some Sequence<(String, Int)>, minimumCount: Int = 1, maximumSize: Int = .max
    ) throws {
        var counter = TokenCounter()
        for (token, count) in counts { counter.add(token, count: count) }
        try self.init(counter, minimumCount: minimumCount, maximumSize: maximumSize)
    }

    init(_ counter: TokenCounter, minimumCount: Int, maximumSize: Int) throws {
        let special = Self.specialTokens
        precondition(
            maximumSize >= special.count,
            "a vocabulary of \(maximumSize) cannot hold \(special.count) special tokens")
        let empty = Vocabulary(uniqueTokens: special, counts: special.map { _ in 0 })
        try self.init(
            extending: empty, by: counter, minimumCount: minimumCount, maximumSize: maximumSize)
    }

    /// Creates a vocabulary whose first tokens are those of another one, with their ids, and whose
    /// further tokens come from counts; counts of the old ones add up.
    init(
        extending old: Vocabulary, by counter: TokenCounter, minimumCount: Int, maximumSize: Int
    ) throws {
        var counts = old.counts
        var kept: [(key: TokenKey, value: Int)] = []
        for entry in counter.counts {
            let token = entry.key.token
            if token == Self.startToken || token == Self.endToken { continue }
            if let id = old.ids[entry.key] {
                counts[Int(id)] += entry.value
                continue
            }
            if entry.value < minimumCount {
                counts[Int(Self.unknownID)] += entry.value
                continue
            }
            if let reason = Self.problem(of: token) { throw Seq2SeqError(.badData, reason: reason) }
            kept.append(entry)
        }
        kept.sort { left, right in
            left.value != right.value
                ? left.value > right.value
                : left.key.token.utf8.lexicographicallyPrecedes(right.key.token.utf8)
        }
        let room = max(0, maximumSize - old.count)
        if kept.count > room {
            counts[Int(Self.unknownID)] += kept[room...].reduce(0) { $0 + $1.value }
            kept.removeSubrange(room...)
        }
        self.init(
            uniqueTokens: old.tokens + kept.map(\.key.token), counts: counts + kept.map(\.value))
    }

    /// Creates a vocabulary of tokens that are known to differ.
    init(uniqueTokens tokens: [String], counts: [Int]) {
        var ids: [TokenKey: Int32] = [:]
        ids.reserveCapacity(tokens.count)
        for (index, token) in tokens.enumerated() { ids[TokenKey(token)] = Int32(index) }
        self.init(tokens: tokens, counts: counts, ids: ids)
    }

    /// Creates a vocabulary whose parts are known to agree.
    init(tokens: [String], counts: [Int], ids: [TokenKey: Int32]) {
        precondition(
            tokens.count == counts.count, "\(tokens.count) tokens and \(counts.count) counts")
        self.tokens = tokens
        self.counts = counts
        self.ids = ids
    }

    /// The number of tokens.
    public var count: Int { tokens.count }

    /// Returns the id of a token, or `unknownID`.
    public func id(of token: String) -> Int32 { ids[TokenKey(token)] ?? Self.unknownID }

    /// Returns whether a token has an id of its own.
    public func contains(_ token: String) -> Bool { ids[TokenKey(token)] != nil }

    /// Returns the token with an id, or `unknownToken` for an id outside the vocabulary.
    public func token(of id: Int32) -> String {
        id >= 0 && Int(id) < tokens.count ? tokens[Int(id)] : Self.unknownToken
    }

    /// Why a token cannot be in a vocabulary, or nil.
    static func problem(of token: String) -> String? {
        if token.isEmpty { return "a token is empty" }
        if token.utf8.contains(where: { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) {
            return "token \(token.debugDescription) contains a tab or the end of a line"
        }
        return nil
    }
}

/// A token that is compared by its bytes.
///
/// Two strings are equal in Swift when they are canonically equivalent, and hashing normalises
/// them; ids belong to exact spellings, and bytes are faster.
struct TokenKey: Hashable, Sendable {
    let token: String

    init(_ token: String) { self.token = token }

    static func == (left: TokenKey, right: TokenKey) -> Bool {
        left.token.utf8.elementsEqual(right.token.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var token = token
        token.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

/// Counts tokens.
struct TokenCounter {
    private(set) var counts: [TokenKey: Int] = [:]

    mutating func add(_ token: String, count: Int = 1) {
        counts[TokenKey(token), default: 0] += count
    }

    mutating func add(_ other: TokenCounter) {
        counts.merge(other.counts) { $0 + $1 }
    }
}
