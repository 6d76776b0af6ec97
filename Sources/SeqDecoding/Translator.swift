import SeqFiles
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
    ///
    /// - Throws: a ``Seq2SeqError``, also when the model computes what is not a number.
    public func translate(_ texts: [String]) throws -> [[Translation]] {
        var unknownWords = UnknownWords()
        let sources = try texts.map { try sourceTokens($0, &unknownWords) }
        let copies = folder.model.output.needsContext ? texts.map(copyEncoding) : []
        let found = try search(
            sources, copies: copies.map(\.targets), unknownWords: unknownWords.words)
        try checkNumbers(found.joined().map(\.logProbability))
        return try found.indices.map { index in
            let unknowns = copies.isEmpty ? [] : copies[index].unknowns
            return try found[index].map {
                try translation(
                    $0, of: texts[index], sourceLength: sources[index].count, unknowns: unknowns)
            }
        }
    }

    /// Refuses log-probabilities that are not finite.
    ///
    /// - Throws: a ``Seq2SeqError`` of kind `notANumber`.
    public func checkNumbers(_ logProbabilities: some Sequence<Float>) throws {
        guard logProbabilities.contains(where: { !$0.isFinite }) else { return }
        throw Seq2SeqError(
            .notANumber,
            reason: "the model computes what is not a finite number",
            remedy: "its parameters are damaged, or its training diverged; take another model"
                + (precision == .float32 ? "" : ", or try float32"))
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
        folder.target.copyEncoding(of: folder.source.tokens(text, copiedBy: folder.target))
    }

    /// The best hypotheses for each source, given as tokens without an end token.
    ///
    /// - Parameters:
    ///   - sources: the tokens of each source.
    ///   - copies: for models that copy, the ids of the same tokens in the target vocabulary, extended by
    ///     the unknown tokens of the source.
    ///   - unknownWords: the words with the ids behind the vocabulary, for models that know words by their
    ///     characters.
    /// - Throws: a ``Seq2SeqError`` for options or tokens that are none, and for a source that does not fit into
    ///   ``DecodingOptions/memory``; it names the source by its index.
    public func search(
        _ sources: [[Int32]], copies: [[Int32]] = [], unknownWords: [String] = []
    ) throws -> [[Hypothesis]] {
        try options.validate()
        try checkSources(sources, copies: copies, unknownWords: unknownWords)
        for (index, source) in sources.enumerated() where !source.isEmpty {
            try naming("source \(index)") { try checkFits(source: source.count) }
        }
        let nothing = Hypothesis(
            tokens: [], logProbability: 0, score: 0, tokenLogProbabilities: [], alignment: [],
            isComplete: true)
        let order = sources.indices.filter { !sources[$0].isEmpty }
            .sorted { (sources[$0].count, $0) < (sources[$1].count, $1) }
        let search = BeamSearch(
            folder.model, options: options,
            keepsAlignments: keepsAlignments || unknownReplacement != nil)
        let results = Mutex([[Hypothesis]](repeating: [nothing], count: sources.count))
        try forEachBatch(order, most: mostTogether(order.count), { cost(sources[$0].count) }) {
            batch in
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
        return results.withLock { $0 }
    }

    /// As many of `count` sources as fill the threads evenly, none above the batch size.
    private func mostTogether(_ count: Int) -> Int {
        let threads = ThreadTeam.count
        // Few sources are still worth dividing once a thread has some rows to work on.
        let divided = count >= 4 * threads ? threads : 1
        return max(1, min(options.batchSize, (count + divided - 1) / divided))
    }

    /// Lets an error of the model say whose it is.
    func naming<Result>(_ place: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch var error as Seq2SeqError {
            error.reason = "\(place): \(error.reason)"
            throw error
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
                alignment: alignment,
                source: folder.source.tokens(source, copiedBy: folder.target),
                words: folder.source.tokens(source).map(folder.source.content))
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
