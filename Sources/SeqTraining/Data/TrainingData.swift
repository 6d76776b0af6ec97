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
        var examples: [Example]
        var report: CorpusReport
        var sources: [String]
        var references: [String]

        /// The SHA-256 of tokens and texts, by which a resumed run knows that they are the same.
        var contentHash: String {
            var hash = ContentHash()
            hash.update(Array(examples.contentHash.utf8))
            for text in sources.prefix(examples.count) + references.prefix(examples.count) {
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
        damaged: (DataError) -> Void = { _ in }
    ) throws {
        try Self.checkFields(configuration.data)
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
            try ExampleCache.open(
                encoder.encoding(
                    of: corpus, alignment: number == 0 ? data.alignment : "", data),
                in: data.cache.isEmpty ? "\(configuration.output)/cache" : data.cache,
                hashes: hashes, threads: threads, progress: progress, damaged: damaged)
        }
        train = TrainingCorpora(caches, configuration: data)
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
        let (examples, report) = try data.validation.corpus.encoded { record in
            guard case .example(var example, let spellings) = try encoder.encode(record.fields)
            else { return .dropped(.empty) }
            let (source, target) = (record.fields[0].text, record.fields[1].text)
            let lengths = [example.source.count, example.target.count]
            if lengths.contains(0) {
                blank.append((source, target))
                return .dropped(.empty)
            }
            if lengths.contains(where: { $0 > longest }) { return .dropped(.overlong) }
            sources.append(source)
            references.append(target)
            example.source =
                example.source.map { $0 >= 0 ? $0 : id(of: spellings[-1 - Int($0)]) }[...]
            return .example(example)
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
            examples: examples, report: report, sources: sources + blank.map(\.source),
            references: references + blank.map(\.target))
    }

    /// Refuses corpora with more fields than the model has inputs and outputs.
    private static func checkFields(_ data: DataConfiguration) throws {
        let corpora = data.trainingCorpora.map(\.corpus)
        for corpus in corpora + (data.validation.isGiven ? [data.validation.corpus] : [])
        where corpus.fieldCount != 2 {
            throw TrainingError(
                .badConfiguration, path: corpus.paths[0],
                "\(corpus.fieldCount) fields are given for one input and one output",
                "name two fields")
        }
    }

    /// Draws the pairs that tokenizers learn from, from all corpora.
    ///
    /// - Returns: the two sides, and the hashes of the files read by their paths.
    static func sample(
        _ configuration: RunConfiguration
    ) throws -> (sources: [Field], targets: [Field], hashes: [String: String]) {
        let corpora = configuration.data.trainingCorpora
        var hashes: [String: String] = [:]
        var sample = ReservoirSample<(source: Field, target: Field)>(
            size: configuration.tokenizer.sample, seed: configuration.seed)
        for corpus in corpora {
            let files = try corpus.corpus.forEachRecord { record in
                sample.add((record.fields[0], record.fields[1]))
            }
            for file in files { hashes[file.path] = file.sha256 }
        }
        let pairs = sample.elements
        guard !pairs.isEmpty else {
            throw TrainingError(
                .badData, path: corpora[0].corpus.paths.joined(separator: ", "),
                "the training corpus is empty", "give files with at least one pair")
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
                on: sources.map(\.text), targets.map(\.text), configuration: tokenizer.source,
                targetLanguage: tokenizer.target.language)
            return (codecs, hashes)
        }
        let codecs = (
            try TextCodec.train(onFields: sources, configuration: tokenizer.source),
            try TextCodec.train(onFields: targets, configuration: tokenizer.target)
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
            corpus.corpus, columns: columns(data.maximumLength), maximumLength: data.maximumLength,
            tokenizers: "\(source.fingerprint) \(target.fingerprint)", encode: encode)
        encoding.alignment = alignment
        encoding.weights = corpus.weights
        encoding.filters = data.filters
        let scripts = try data.filters.scripts()
        encoding.isInScript = { source, target in
            scripts.source?.isMost(of: source) ?? true && scripts.target?.isMost(of: target) ?? true
        }
        return encoding
    }

    /// The columns of examples whose sources have up to so many tokens.
    private func columns(_ maximumLength: Int) -> [ColumnDescription] {
        // A source of n tokens gives up to n ids behind the target vocabulary.
        let extended = target.count + (copies ? min(maximumLength, Int(Int32.max)) : 0)
        let columns: [ColumnDescription] = [
            .text("source", vocabulary: source.count, role: .input, keepsSpellings: spells),
            .text("target", vocabulary: extended, role: .output),
        ]
        return copies
            ? columns + [.ids("copies", vocabulary: extended, role: .aside)] : columns
    }

    /// The tokens of a record; words that the source vocabulary lacks are numbered by themselves.
    @Sendable func encode(_ fields: [Field]) throws -> EncodedRecord {
        var tokens = try source.encode(fields[0])
        var unknown: [String] = []
        if spells, tokens.contains(Vocabulary.unknownID) {
            for (index, word) in source.tokens(fields[0]).enumerated()
            where tokens[index] == Vocabulary.unknownID {
                unknown.append(word)
                tokens[index] = -Int32(unknown.count)
            }
        }
        guard copies else {
            return .example(
                Example(source: tokens[...], target: try target.encode(fields[1])[...]),
                spellings: unknown)
        }
        let words =
            switch fields[0] {
            case .text(let text): source.tokens(text, copiedBy: target)
            case .tokens: source.tokens(fields[0])
            }
        let copying = target.copyEncoding(of: words)
        return .example(
            Example(
                source: tokens[...],
                target: target.encode(fields[1].text, copying: copying)[...],
                copies: copying.targets[...]), spellings: unknown)
    }
}

extension FilterConfiguration {
    /// The scripts that the two sides must be in.
    ///
    /// - Throws: a ``TrainingError`` that names the option.
    func scripts() throws -> (source: TextScript?, target: TextScript?) {
        func script(_ names: String, _ option: String) throws -> TextScript? {
            if names.isEmpty { return nil }
            do { return try TextScript(names) } catch let error as SeqTextError {
                throw TrainingError(
                    .badConfiguration, "data.filters.\(option) \(error.reason)",
                    error.remedy ?? "leave it empty")
            }
        }
        return (
            try script(sourceScript, "source_script"), try script(targetScript, "target_script")
        )
    }
}
