import SeqFiles
import SeqData
import SeqMetrics
import SeqModels
import SeqNN
import SeqTensor
import SeqText

/// The corpora of a run as tokens, with the tokenizers that made them.
struct TrainingData {
    var codecs: RunCodecs
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
        /// The right texts or labels of each output.
        var outputs: [[String]]

        /// Those of the first output.
        var references: [String] { outputs[0] }

        /// The SHA-256 of tokens and texts, by which a resumed run knows that they are the same.
        var contentHash: String {
            var hash = ContentHash()
            hash.update(Array(examples.contentHash.utf8))
            for text in sources.prefix(examples.count)
                + outputs.flatMap({ $0.prefix(examples.count) })
            {
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
        _ configuration: RunConfiguration, codecs: RunCodecs? = nil,
        progress: @escaping (CacheProgress) throws -> Void = { _ in },
        damaged: (Seq2SeqError) -> Void = { _ in }
    ) throws {
        try Self.checkFields(configuration)
        var hashes: [String: String] = [:]
        let made: RunCodecs
        if let codecs {
            made = codecs
        } else {
            (made, hashes) = try TrainingData.trainCodecs(configuration)
        }
        FreedMemory.giveBack()
        self.codecs = made
        let encoder = RecordEncoder(configuration, codecs: made)
        let threads = CacheThreads(count: ThreadTeam.count, run: ThreadTeam.forEach)
        let data = configuration.data
        let caches = try data.trainingCorpora.enumerated().map { number, corpus in
            try ExampleCache.open(
                encoder.encoding(
                    of: corpus, alignment: number == 0 ? data.alignment : "", data),
                in: data.cache.isEmpty ? "\(configuration.run)/cache" : data.cache,
                hashes: hashes, threads: threads, progress: progress, damaged: damaged)
        }
        train = TrainingCorpora(
            caches, configuration: data, hasEndSymbols: configuration.model.hasText)
        unknownWords = train.unknownWords
        guard data.validation.isGiven else { return }
        var kept: [[String]] = []
        // Perplexity has nothing to say of a pair with an empty side, but scores count it.
        var blank: [[String]] = []
        let hasText = configuration.model.hasText
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
            guard
                case .example(var example, let spellings) = try record.locating({
                    try encoder.encode(record.fields)
                })
            else { return .dropped(.empty) }
            let texts = record.fields.map(\.text)
            let lengths = example.columns.prefix(texts.count).map(\.count)
            if lengths.contains(0) {
                blank.append(texts)
                return .dropped(.empty)
            }
            if lengths.contains(where: { $0 > longest }) { return .dropped(.overlong) }
            kept.append(texts)
            example.source =
                example.source.map { $0 >= 0 ? $0 : id(of: spellings[-1 - Int($0)]) }[...]
            return .example(example)
        }
        unknownWords = words
        if hasText, report.emptyDropped > blank.count {
            try data.validation.corpus.forEachPair { source, target, _ in
                let isBlank = [source, target].contains {
                    $0.unicodeScalars.allSatisfy(\.properties.isWhitespace)
                }
                if isBlank { blank.append([source, target]) }
            }
        }
        let all = kept + (hasText ? blank : [])
        validation = Validation(
            examples: examples, report: report, sources: all.map { $0[0] },
            outputs: configuration.outputs.indices.map { output in all.map { $0[output + 1] } })
    }

    /// Refuses corpora with more or fewer fields than the model has inputs and outputs.
    private static func checkFields(_ configuration: RunConfiguration) throws {
        let (data, outputs) = (configuration.data, configuration.outputs.count)
        let corpora = data.trainingCorpora.map(\.corpus)
        for corpus in corpora + (data.validation.isGiven ? [data.validation.corpus] : [])
        where corpus.fieldCount != outputs + 1 {
            throw Seq2SeqError(
                .badConfiguration, path: corpus.paths[0],
                reason:
                    "\(corpus.fieldCount) fields are given for one input and \(outputs == 1 ? "one output" : "\(outputs) outputs")",
                remedy: outputs == 1 ? "name two fields" : "name \(outputs + 1) fields")
        }
    }

    /// Draws the records that tokenizers and labels are learnt from, from all corpora.
    ///
    /// - Returns: the fields, and the hashes of the files read by their paths.
    static func sample(
        _ configuration: RunConfiguration
    ) throws -> (fields: [[Field]], hashes: [String: String]) {
        let corpora = configuration.data.trainingCorpora
        var hashes: [String: String] = [:]
        var sample = ReservoirSample<[Field]>(
            size: configuration.tokenizer.sample, seed: configuration.seed)
        for corpus in corpora {
            let files = try corpus.corpus.forEachRecord { record in
                sample.add(record.fields)
            }
            for file in files { hashes[file.path] = file.sha256 }
        }
        let records = sample.elements
        guard !records.isEmpty else {
            throw Seq2SeqError(
                .badData, path: corpora[0].corpus.paths.joined(separator: ", "),
                reason: "the training corpus is empty", remedy: "give files with at least one pair")
        }
        return (records, hashes)
    }

    private static func trainCodecs(
        _ configuration: RunConfiguration
    ) throws -> (codecs: RunCodecs, hashes: [String: String]) {
        let (records, hashes) = try sample(configuration)
        let tokenizer = configuration.tokenizer
        let sources = records.map { $0[0] }
        guard configuration.model.hasText else {
            let labels = try configuration.outputs.enumerated().map { index, output in
                try LabelCodec(
                    learntFrom: records.lazy.map { $0[index + 1] }, extent: output.extent,
                    scheme: output.scheme)
            }
            let source = try TextCodec.train(onFields: sources, configuration: tokenizer.source)
            return (RunCodecs(source: source, labels: labels), hashes)
        }
        let targets = records.map { $0[1] }
        if tokenizer.joint {
            let codecs = try TextCodec.trainJoint(
                on: sources.map(\.text), targets.map(\.text), configuration: tokenizer.source,
                targetLanguage: tokenizer.target.language)
            return (RunCodecs(source: codecs.source, text: codecs.target), hashes)
        }
        let codecs = RunCodecs(
            source: try TextCodec.train(onFields: sources, configuration: tokenizer.source),
            text: try TextCodec.train(onFields: targets, configuration: tokenizer.target))
        return (codecs, hashes)
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
