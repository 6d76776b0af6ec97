import SeqFiles

/// A source sequence with its target sequence, as token ids.
public struct EncodedPair: Hashable, Sendable {
    /// The token ids of the source.
    public var source: ArraySlice<Int32>
    /// The token ids of the target.
    public var target: ArraySlice<Int32>
    /// For each source token, its id in the extended target vocabulary; empty unless the model copies.
    public var copies: ArraySlice<Int32> = []
    /// Known alignment: source and target position by turns; empty unless given.
    public var links: ArraySlice<Int32> = []
    /// The weight of the pair in the loss.
    public var weight: Float = 1
    /// The words that the source vocabulary lacks, for models that know words by their characters: the id
    /// -1 - n in ``source`` stands for the n-th.
    public var unknownWords: [String] = []

    /// Creates a pair.
    public init(
        source: ArraySlice<Int32>, target: ArraySlice<Int32>, copies: ArraySlice<Int32> = [],
        links: ArraySlice<Int32> = []
    ) {
        self.source = source
        self.target = target
        self.copies = copies
        self.links = links
    }
}

/// Sequences of token ids, one after the other in one array.
public struct EncodedSequences: Hashable, Sendable {
    /// The token ids of all sequences.
    public private(set) var tokens: [Int32] = []
    /// Where each sequence starts in ``tokens``, and where the last one ends: `count + 1` numbers.
    public private(set) var offsets: [Int] = [0]

    /// Creates a list of no sequences.
    public init() {}

    /// The number of sequences.
    public var count: Int { offsets.count - 1 }

    /// The length of each sequence.
    public var lengths: [Int] { (0..<count).map { offsets[$0 + 1] - offsets[$0] } }

    /// Accesses the token ids of a sequence.
    public subscript(index: Int) -> ArraySlice<Int32> {
        tokens[offsets[index]..<offsets[index + 1]]
    }

    /// Appends a sequence.
    public mutating func append(_ sequence: some Collection<Int32>) {
        tokens.append(contentsOf: sequence)
        offsets.append(tokens.count)
    }

    /// Appends the number of sequences, their offsets and their token ids to a hash.
    fileprivate func update(_ hash: inout ContentHash) {
        offsets.withUnsafeBytes { hash.update($0) }
        tokens.withUnsafeBytes { hash.update($0) }
    }
}

/// Pairs of sequences of token ids, in flat arrays.
public struct EncodedCorpus: Hashable, Sendable {
    /// The source sequences.
    public private(set) var source = EncodedSequences()
    /// The target sequences, as many.
    public private(set) var target = EncodedSequences()
    /// The ids of source tokens in the extended target vocabulary; no sequences unless the model copies.
    public private(set) var copies = EncodedSequences()
    /// Known alignments; no sequences unless given.
    public private(set) var links = EncodedSequences()

    /// Creates a corpus of no pairs.
    public init() {}

    /// The number of pairs.
    public var count: Int { source.count }

    /// Accesses a pair.
    public subscript(index: Int) -> EncodedPair {
        EncodedPair(
            source: source[index], target: target[index],
            copies: index < copies.count ? copies[index] : [],
            links: index < links.count ? links[index] : [])
    }

    /// Appends a pair.
    public mutating func append(
        source: some Collection<Int32>, target: some Collection<Int32>
    ) {
        self.source.append(source)
        self.target.append(target)
    }

    /// Appends a pair with what else is known of it.
    public mutating func append(_ pair: EncodedPair) {
        append(source: pair.source, target: pair.target)
        if !pair.copies.isEmpty { copies.append(pair.copies) }
        links.append(pair.links)
    }

    /// The SHA-256 of offsets and token ids in little-endian order, in hexadecimal digits.
    ///
    /// It differs when the text, the tokenizer, the vocabulary or the limits differ. Computed anew at each
    /// call.
    public var contentHash: String {
        var hash = ContentHash()
        source.update(&hash)
        target.update(&hash)
        if copies.count > 0 { copies.update(&hash) }
        if !links.tokens.isEmpty { links.update(&hash) }
        return hash.hexadecimal
    }
}
