import SeqData
public import SeqModels
import SeqNN
public import SeqTensor
import SeqText
import Synchronization

/// A translation of one text.
public struct Translation: Sendable {
    /// The output text.
    public var text: String
    /// The log-probability normalised by length; higher is better.
    public var score: Float
    /// The log-probability of the output, its end included, in nats.
    public var logProbability: Float
    /// The output's tokens.
    public var tokens: [String]
    /// The log-probability of each token and, last, of the end.
    public var tokenLogProbabilities: [Float]
    /// For each output token, how much attention it paid to each source token; empty unless asked for,
    /// and for models without attention.
    public var alignment: [[Float]]
    /// Whether the output came to its end before the length limit.
    public var isComplete: Bool

    /// What stands where there is no translation: no text, of probability 0.
    public static let missing = Translation(
        text: "", score: -.infinity, logProbability: -.infinity, tokens: [],
        tokenLogProbabilities: [], alignment: [], isComplete: false)
}

/// A loaded model that translates text.
///
/// It is loaded once and may be used from any task.
public struct Translator: Sendable {
    /// The model with its tokenizers.
    public let folder: ModelFolder
    /// How it searches.
    public var options = DecodingOptions()
    /// The number type of matrix products.
    public var precision = Precision.float32
    /// Whether translations carry alignments.
    public var keepsAlignments = false
    /// What stands in for unknown tokens of the output, found by attention; nil leaves them.
    public var unknownReplacement: UnknownReplacement?

    /// Loads the model in `folder`.
    public init(contentsOf folder: String) throws {
        self.folder = try ModelFolder(contentsOf: folder)
    }

    /// Uses a model that is loaded already.
    public init(_ folder: ModelFolder) { self.folder = folder }

    /// The best translation of one text.
    public func translate(_ text: String) throws -> Translation {
        try translate([text])[0][0]
    }

    /// The best translations of each text, as many as ``DecodingOptions/nBest`` says, best first.
    ///
    /// A text without tokens has the empty translation.
    public func translate(_ texts: [String]) throws -> [[Translation]] {
        try options.validate()
        var unknownWords = UnknownWords()
        let sources = try texts.map { try sourceTokens($0, &unknownWords) }
        let copies = folder.model.output.needsContext ? texts.map(copyEncoding) : []
        let found = search(
            sources, copies: copies.map(\.targets), unknownWords: unknownWords.words)
        return try found.indices.map { index in
            let unknowns = copies.isEmpty ? [] : copies[index].unknowns
            return try found[index].map {
                try translation(
                    $0, of: texts[index], sourceLength: sources[index].count, unknowns: unknowns)
            }
        }
    }

    /// The tokens of a source; models that know words by their characters tell unknown words apart.
    ///
    /// A text that shows nothing has none, and so its translation is empty without the model being asked.
    func sourceTokens(_ text: String, _ unknownWords: inout UnknownWords) throws -> [Int32] {
        if isBlank(text) { return [] }
        return try folder.model.configuration.encoder.wordVectors == .characters
            ? unknownWords.encode(text, with: folder.source) : folder.source.ids(of: text)
    }

    /// The tokens of a source as the target vocabulary knows them.
    func copyEncoding(_ text: String) -> CopyEncoding {
        folder.target.copyEncoding(of: folder.source.tokens(text))
    }

    /// The best hypotheses for each source, given as tokens without an end token.
    ///
    /// - Parameters:
    ///   - sources: the tokens of each source.
    ///   - copies: for models that copy, the ids of the same tokens in the target vocabulary, extended by
    ///     the unknown tokens of the source.
    ///   - unknownWords: the words with the ids behind the vocabulary, for models that know words by their
    ///     characters.
    public func search(
        _ sources: [[Int32]], copies: [[Int32]] = [], unknownWords: [String] = []
    ) -> [[Hypothesis]] {
        let nothing = Hypothesis(
            tokens: [], logProbability: 0, score: 0, tokenLogProbabilities: [], alignment: [],
            isComplete: true)
        let order = sources.indices.filter { !sources[$0].isEmpty }
            .sorted { (sources[$0].count, $0) < (sources[$1].count, $1) }
        let batches = cut(order)
        let search = BeamSearch(
            folder.model, options: options,
            keepsAlignments: keepsAlignments || unknownReplacement != nil)
        let results = Mutex([[Hypothesis]](repeating: [nothing], count: sources.count))
        // The longest first, so that threads finish together.
        let queue = Array(batches.reversed())
        @Sendable func run(_ number: Int) {
            let batch = queue[number]
            let found = Precision.$current.withValue(precision) {
                search(
                    folder.model.source(
                        batch.map { sources[$0] },
                        copies: copies.isEmpty ? [] : batch.map { copies[$0] },
                        unknownWords: unknownWords))
            }
            results.withLock { results in
                for (index, hypotheses) in zip(batch, found) { results[index] = hypotheses }
            }
        }
        // One batch uses the whole team inside its products; several are shared out to the threads.
        if queue.count == 1 { run(0) } else { ThreadTeam.forEach(queue.count, run) }
        return results.withLock { $0 }
    }

    /// Batches of neighbours in `order`: as many as fill the threads evenly, none above the batch size.
    private func cut(_ order: [Int]) -> [[Int]] {
        let most = options.batchSize
        guard order.count > 1 else { return order.isEmpty ? [] : [order] }
        let threads = ThreadTeam.count
        // Few sources are still worth dividing once a thread has some rows to work on.
        let divided = order.count >= 4 * threads ? threads : 1
        let size = min(most, (order.count + divided - 1) / divided)
        return stride(from: 0, to: order.count, by: size).map {
            Array(order[$0..<min($0 + size, order.count)])
        }
    }

    private func translation(
        _ hypothesis: Hypothesis, of source: String, sourceLength: Int, unknowns: [String]
    ) throws -> Translation {
        let alignment = hypothesis.alignment.map {
            folder.model.sourceWeights($0, sourceLength: sourceLength)
        }
        var tokens = folder.target.tokens(of: hypothesis.tokens, unknowns: unknowns)
        var isSpelt = unknowns.isEmpty
        if let unknownReplacement, !alignment.isEmpty,
            hypothesis.tokens.contains(TranslationModel.unknownToken)
        {
            tokens = unknownReplacement(
                tokens, isUnknown: hypothesis.tokens.map { $0 == TranslationModel.unknownToken },
                alignment: alignment, source: folder.source.tokens(source))
            isSpelt = false
        }
        return Translation(
            text: try isSpelt
                ? folder.target.text(of: hypothesis.tokens)
                : folder.target.detokenize(
                    zip(hypothesis.tokens, tokens).filter { $0.0 != TranslationModel.startToken }
                        .map(\.1)),
            score: hypothesis.score, logProbability: hypothesis.logProbability, tokens: tokens,
            tokenLogProbabilities: hypothesis.tokenLogProbabilities,
            alignment: keepsAlignments ? alignment : [], isComplete: hypothesis.isComplete)
    }
}
