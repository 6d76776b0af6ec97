import SeqFiles
import SeqData
import SeqMetrics
import SeqModels
import SeqNN
import SeqTensor
import SeqText

/// The corpora of a run as tokens, with the tokenizers that made them.
struct TrainingData {
    var source: TextCodec
    var target: TextCodec
    var train: TrainingCorpora
    var validation: Validation?
    /// The source words with the ids behind the vocabulary, for models that know words by their
    /// characters.
    var unknownWords: [String]

    /// Validation pairs are not cut to the length of training pairs, but one with a side of more tokens
    /// than this is dropped: attention needs memory for source times target.
    private static let longestValidation = 1000

    /// Validation pairs as tokens and as text.
    struct Validation {
        var corpus: EncodedCorpus
        var report: CorpusReport
        var sources: [String]
        var references: [String]

        /// The SHA-256 of tokens and texts, by which a resumed run knows that they are the same.
        var contentHash: String {
            var hash = ContentHash()
            hash.update(Array(corpus.contentHash.utf8))
            for text in sources.prefix(corpus.count) + references.prefix(corpus.count) {
                hash.update(Array("\(text)\n".utf8))
            }
            return hash.hexadecimal
        }
    }

    /// Reads the corpora; trains tokenizers unless the ones of a saved model are given.
    ///
    /// - Parameters:
    ///   - progress: told how far the building of a cache has come; what it throws ends it.
    ///   - damaged: told what is wrong with a cache that is there and is built anew.
    init(
        _ configuration: RunConfiguration, codecs: (source: TextCodec, target: TextCodec)? = nil,
        progress: @escaping (CacheProgress) throws -> Void = { _ in },
        damaged: (Seq2SeqError) -> Void = { _ in }
    ) throws {
        var hashes: [String: String] = [:]
        let made: (source: TextCodec, target: TextCodec)
        if let codecs {
            made = codecs
        } else {
            (made, hashes) = try TrainingData.trainCodecs(configuration)
        }
        FreedMemory.giveBack()
        (source, target) = made
        let encoder = PairEncoder(configuration, codecs: made)
        let threads = CacheThreads(count: ThreadTeam.count, run: ThreadTeam.forEach)
        let data = configuration.data
        let caches = try data.trainingCorpora.enumerated().map { number, corpus in
            try TokenCache.open(
                encoder.encoding(
                    of: corpus, alignment: number == 0 ? data.alignment : "", data),
                in: data.cache.isEmpty ? "\(configuration.output)/cache" : data.cache,
                hashes: hashes, threads: threads, progress: progress, damaged: damaged)
        }
        train = TrainingCorpora(caches, configuration: data, sourceVocabulary: made.source.count)
        unknownWords = train.unknownWords
        guard data.validation.isGiven else { return }
        var (sources, references): ([String], [String]) = ([], [])
        // Perplexity has nothing to say of a pair with an empty side, but scores count it.
        var blank: [(source: String, target: String)] = []
        var ids: [String: Int32] = [:]
        var words = unknownWords
        func id(of word: String) -> Int32 {
            if let id = ids[word] { return id }
            words.append(word)
            ids[word] = Int32(made.source.count + words.count - 1)
            return Int32(made.source.count + words.count - 1)
        }
        let longest = max(data.maximumLength, TrainingData.longestValidation)
        let (corpus, report) = try data.validation.corpus.encoded(
            isOverlong: { $0 > longest || $1 > longest }
        ) { source, target, _ in
            var pair = try encoder.encode(source, target)
            let lengths = [pair.source.count, pair.target.count]
            if lengths.contains(0) {
                blank.append((source, target))
            } else if lengths.allSatisfy({ $0 <= longest }) {
                sources.append(source)
                references.append(target)
            }
            let unknown = pair.unknownWords
            pair.source = pair.source.map { $0 >= 0 ? $0 : id(of: unknown[-1 - Int($0)]) }[...]
            return pair
        }
        unknownWords = words
        if report.emptyDropped > blank.count {
            try data.validation.corpus.forEachPair { source, target, _ in
                let isBlank = [source, target].contains {
                    $0.unicodeScalars.allSatisfy(\.properties.isWhitespace)
                }
                if isBlank { blank.append((source, target)) }
            }
        }
        validation = Validation(
            corpus: corpus, report: report, sources: sources + blank.map(\.source),
            references: references + blank.map(\.target))
    }

    /// Draws the pairs that tokenizers learn from, from all corpora.
    ///
    /// - Returns: the two sides, and the hashes of the files read by their paths.
    static func sample(
        _ configuration: RunConfiguration
    ) throws -> (sources: [String], targets: [String], hashes: [String: String]) {
        let corpora = configuration.data.trainingCorpora
        var hashes: [String: String] = [:]
        var sample = ReservoirSample<(source: String, target: String)>(
            size: configuration.tokenizer.sample, seed: configuration.seed)
        for corpus in corpora {
            let files = try corpus.corpus.forEachPair { source, target, _ in
                sample.add((source, target))
            }
            for file in files { hashes[file.path] = file.sha256 }
        }
        let pairs = sample.elements
        guard !pairs.isEmpty else {
            throw Seq2SeqError(
                .badData, path: corpora[0].corpus.paths.joined(separator: ", "),
                reason: "the training corpus is empty", remedy: "give files with at least one pair")
        }
        return (pairs.map(\.source), pairs.map(\.target), hashes)
    }

    private static func trainCodecs(
        _ configuration: RunConfiguration
    ) throws -> (codecs: (source: TextCodec, target: TextCodec), hashes: [String: String]) {
        let (sources, targets, hashes) = try sample(configuration)
        let tokenizer = configuration.tokenizer
        if tokenizer.joint {
            let codecs = try TextCodec.trainJoint(
                on: sources, targets, configuration: tokenizer.source,
                targetLanguage: tokenizer.target.language)
            return (codecs, hashes)
        }
        let codecs = (
            try TextCodec.train(on: sources, configuration: tokenizer.source),
            try TextCodec.train(on: targets, configuration: tokenizer.target)
        )
        return (codecs, hashes)
    }
}

/// Turns pairs of lines into what a model learns from: tokens, and what it may copy and align.
private struct PairEncoder: Sendable {
    private let source: TextCodec
    private let target: TextCodec
    private let copies: Bool
    private let spells: Bool

    init(_ configuration: RunConfiguration, codecs: (source: TextCodec, target: TextCodec)) {
        (source, target) = codecs
        copies = configuration.model.output.type.copies
        spells = configuration.model.encoder.wordVectors == .characters
    }

    /// How a corpus is encoded into its cache.
    func encoding(
        of corpus: TrainingCorpusConfiguration, alignment: String, _ data: DataConfiguration
    ) throws -> CorpusEncoding {
        var encoding = CorpusEncoding(
            corpus.corpus, maximumLength: data.maximumLength,
            tokenizers: "\(source.fingerprint) \(target.fingerprint)",
            vocabularies: (source.count, target.count), encode: encode)
        encoding.alignment = alignment
        encoding.weights = corpus.weights
        encoding.filters = data.filters
        encoding.copies = copies
        encoding.findsUnknownWords = spells
        let scripts = try data.filters.scripts()
        encoding.isInScript = { source, target in
            scripts.source?.isMost(of: source) ?? true && scripts.target?.isMost(of: target) ?? true
        }
        return encoding
    }

    /// The tokens of a pair; words that the source vocabulary lacks are numbered by themselves.
    @Sendable func encode(_ source: String, _ target: String) throws -> EncodedPair {
        var tokens = self.source.encode(source)
        var unknown: [String] = []
        if spells, tokens.contains(Vocabulary.unknownID) {
            for (index, word) in self.source.tokens(source).enumerated()
            where tokens[index] == Vocabulary.unknownID {
                unknown.append(word)
                tokens[index] = -Int32(unknown.count)
            }
        }
        var pair = EncodedPair(source: tokens[...], target: [])
        pair.unknownWords = unknown
        if copies {
            let copying = self.target.copyEncoding(
                of: self.source.tokens(source, copiedBy: self.target))
            pair.copies = copying.targets[...]
            pair.target = self.target.encode(target, copying: copying)[...]
        } else {
            pair.target = self.target.encode(target)[...]
        }
        return pair
    }
}

extension FilterConfiguration {
    /// The scripts that the two sides must be in.
    ///
    /// - Throws: a ``Seq2SeqError`` that names the option.
    func scripts() throws -> (source: TextScript?, target: TextScript?) {
        func script(_ names: String, _ option: String) throws -> TextScript? {
            if names.isEmpty { return nil }
            do { return try TextScript(names) } catch let error as Seq2SeqError {
                throw Seq2SeqError(
                    option: "data.filters.\(option)", "\(error.reason)",
                    remedy: error.remedy ?? "leave it empty")
            }
        }
        return (
            try script(sourceScript, "source_script"), try script(targetScript, "target_script")
        )
    }
}
