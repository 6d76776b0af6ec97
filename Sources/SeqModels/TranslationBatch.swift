public import SeqData
import SeqNN
public import SeqTensor

/// Sources as a model takes them.
public struct TranslationSource: Sendable {
    /// What the encoder reads.
    public let tokens: TokenSequences
    /// What may be copied: for each step its id in the target vocabulary, extended by the unknown tokens
    /// of its source; nil for models that do not copy.
    public let copies: CopySource?
    /// The words with the ids behind the vocabulary, for models that know words by their characters.
    public let unknownWords: [String]
}

/// Pairs of token sequences as a model takes them.
public struct TranslationBatch: Sendable {
    /// The sources.
    public let source: TranslationSource
    /// What the decoder sees: the start token and the target, unless training puts other tokens there.
    public var decoderInput: TokenSequences
    /// What it should say: the target and the end token.
    public let targets: [Int32]
    /// The right labels of each output of labels, one input after the other; -1 where the model does not know
    /// one.
    public var labels: [[Int32]] = []
    /// What is known of the alignment, each time a row of the targets and a step of its source.
    public let links: [(query: Int, position: Int)]
    /// What each pair counts in the loss; nil where all count 1.
    public let pairWeights: [Float]?

    /// What each row of the targets counts in the loss; nil where all count 1.
    public var rowWeights: [Float]? {
        pairWeights.map { weights in
            decoderInput.layout.sequenceOfRow.map { weights[Int($0)] }
        }
    }

    /// The number of target tokens, end tokens included.
    public var targetTokens: Int {
        labels.isEmpty ? targets.count : labels.reduce(0) { $0 + $1.count }
    }

    /// The number of pairs.
    public var count: Int { source.tokens.layout.batch }
}

extension TranslationModel {
    /// The token for what the vocabulary lacks.
    public static let unknownToken: Int32 = 0
    /// The token that starts what the decoder sees.
    public static let startToken: Int32 = 1
    /// The token that ends a sequence.
    public static let endToken: Int32 = 2

    /// Sources as the encoder takes them: reversed and with an end token if configured.
    ///
    /// - Parameters:
    ///   - sequences: the tokens of each source.
    ///   - copies: the ids of the same tokens in the extended target vocabulary, for models that copy.
    ///   - unknownWords: the words with the ids behind the vocabulary, for models that know words by their
    ///     characters.
    public func source(
        _ sequences: some Collection<some BidirectionalCollection<Int32>>,
        copies: some Collection<some BidirectionalCollection<Int32>>, unknownWords: [String] = []
    ) -> TranslationSource {
        let tokens = TokenSequences(sequences.map(asRead))
        guard needsContext else {
            return TranslationSource(tokens: tokens, copies: nil, unknownWords: unknownWords)
        }
        let ids = copies.flatMap(asRead)
        let known = ids.max().map { Int($0) + 1 } ?? 0
        return TranslationSource(
            tokens: tokens,
            copies: CopySource(
                tokens: ids, layout: tokens.layout,
                extendedVocabulary: max(targetVocabulary, known)), unknownWords: unknownWords)
    }

    /// Sources as the encoder takes them, of models that do not copy.
    public func source(
        _ sequences: some Collection<some BidirectionalCollection<Int32>>
    ) -> TranslationSource {
        source(sequences, copies: [[Int32]]())
    }

    private func asRead(_ tokens: some BidirectionalCollection<Int32>) -> [Int32] {
        let read = configuration.encoder.reversesSource ? Array(tokens.reversed()) : Array(tokens)
        return configuration.encoder.hasEndToken ? read + [TranslationModel.endToken] : read
    }

    /// The column of examples that says what may be copied: for each source token its id in the extended
    /// target vocabulary; `nil` for models that do not copy.
    public var copiesColumn: Int? { needsContext ? 2 : nil }

    /// Whether an output of text copies from the source.
    var needsContext: Bool { configuration.hasText && output.needsContext }

    /// The column of known alignments, source and target position by turns, which examples may lack.
    public var linksColumn: Int { needsContext ? 3 : 2 }

    /// A batch of examples: source, target, what may be copied where the model copies, and known
    /// alignments where they are given.
    ///
    /// - Parameters:
    ///   - examples: sequences without start and end tokens; in targets of models that copy, ids from the
    ///     target vocabulary's size on stand for unknown tokens of the source.
    ///   - unknownWords: the words whose ids in the sources are behind the vocabulary.
    public func batch(_ examples: [Example], unknownWords: [String] = []) -> TranslationBatch {
        guard configuration.hasText else { return labelBatch(examples, unknownWords) }
        let size = Int32(targetVocabulary)
        let decoderInput = TokenSequences(
            examples.map { example in
                [TranslationModel.startToken]
                    + example.target.map { $0 < size ? $0 : TranslationModel.unknownToken }
            })
        var links: [(query: Int, position: Int)] = []
        for (example, start) in zip(examples, decoderInput.layout.starts) {
            var rest = example.ids(linksColumn)
            while let position = rest.popFirst(), let step = rest.popFirst() {
                let read =
                    configuration.encoder.reversesSource
                    ? example.source.count - 1 - Int(position) : Int(position)
                links.append((Int(start + step), read / memorySpan))
            }
        }
        return TranslationBatch(
            source: source(
                examples.map(\.source), copies: examples.map { $0.ids(copiesColumn) },
                unknownWords: unknownWords),
            decoderInput: decoderInput,
            targets: examples.flatMap { $0.target + [TranslationModel.endToken] }, links: links,
            pairWeights: examples.contains { $0.weight != 1 } ? examples.map(\.weight) : nil)
    }

    /// A batch of examples whose outputs are labels.
    private func labelBatch(_ examples: [Example], _ unknownWords: [String]) -> TranslationBatch {
        var batch = TranslationBatch(
            source: source(examples.map(\.source), copies: [[Int32]](), unknownWords: unknownWords),
            decoderInput: TokenSequences([]), targets: [], links: [],
            pairWeights: examples.contains { $0.weight != 1 } ? examples.map(\.weight) : nil)
        batch.labels = heads.indices.map { index in examples.flatMap { $0.ids(index + 1) } }
        return batch
    }

    /// A batch of pairs of sequences.
    public func batch(
        _ pairs: [(source: ArraySlice<Int32>, target: ArraySlice<Int32>)]
    ) -> TranslationBatch {
        batch(pairs.map { Example(source: $0.source, target: $0.target) })
    }

    /// Attention weights over the steps of a memory as weights over the tokens of its source, in the order
    /// of the source.
    ///
    /// What falls on an end token is left out; what falls on a step that joins several tokens is shared
    /// among them.
    ///
    /// - Parameters:
    ///   - weights: one a step of the memory.
    ///   - sourceLength: the number of tokens of the source.
    public func sourceWeights(_ weights: [Float], sourceLength: Int) -> [Float] {
        let encoder = configuration.encoder
        let read = sourceLength + (encoder.hasEndToken ? 1 : 0)
        let span = memorySpan
        var result = (0..<read).map { position in
            let step = position / span
            let members = min(span, read - step * span)
            return step < weights.count ? weights[step] / Float(members) : 0
        }
        result.removeLast(read - sourceLength)
        return encoder.reversesSource ? result.reversed() : result
    }

    /// The most steps of the memory of a source of so many tokens.
    func memorySteps(of length: Int) -> Double {
        (Double(length) / Double(memorySpan)).rounded(.down) + 1
    }

    /// The number of source tokens that a step of the memory stands for.
    private var memorySpan: Int {
        configuration.encoder.type == .pyramidal ? 1 << (configuration.encoder.layers - 1) : 1
    }
}
