import SeqData
import SeqMetrics
import SeqModels
import SeqNN
import SeqText

/// The corpora of a run as tokens, with the tokenizers that made them.
struct TrainingData {
    var source: TextCodec
    var target: TextCodec
    var train: EncodedCorpus
    var trainReport: CorpusReport
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
            for text in sources + references { hash.update(Array("\(text)\n".utf8)) }
            return hash.hexadecimal
        }
    }

    /// Reads the corpora; trains tokenizers unless the ones of a saved model are given.
    init(_ configuration: RunConfiguration, codecs: (source: TextCodec, target: TextCodec)? = nil)
        throws
    {
        let corpus = configuration.data.train.corpus
        let made = try codecs ?? TrainingData.trainCodecs(configuration, on: corpus)
        (source, target) = made
        let limit = configuration.data.maximumLength
        let encoder = PairEncoder(configuration, codecs: made)
        let path = configuration.data.alignment
        let alignments = path.isEmpty ? nil : try AlignmentFile(path: path)
        (train, trainReport) = try corpus.encoded(
            isOverlong: { $0 > limit || $1 > limit },
            encode: { try encoder.encode($0, $1, line: $2, alignments: alignments) })
        guard configuration.data.validation.isGiven else {
            unknownWords = encoder.unknownWords.words
            return
        }
        var pairs: [(String, String)] = []
        try configuration.data.validation.corpus.forEachPair { source, target, _ in
            pairs.append((source, target))
        }
        let longest = max(limit, TrainingData.longestValidation)
        let (encoded, report) = try configuration.data.validation.corpus.encoded(
            isOverlong: { $0 > longest || $1 > longest },
            encode: { try encoder.encode($0, $1, line: $2) })
        unknownWords = encoder.unknownWords.words
        // Only pairs that count for perplexity are translated, so that both speak of the same.
        let kept = pairs.filter {
            (1...longest).contains(made.source.encode($0.0).count)
                && (1...longest).contains(made.target.encode($0.1).count)
        }
        validation = Validation(
            corpus: encoded, report: report, sources: kept.map(\.0), references: kept.map(\.1))
    }

    private static func trainCodecs(
        _ configuration: RunConfiguration, on corpus: ParallelCorpus
    ) throws -> (source: TextCodec, target: TextCodec) {
        var sources: [String] = []
        var targets: [String] = []
        try corpus.forEachPair { source, target, _ in
            sources.append(source)
            targets.append(target)
        }
        guard !sources.isEmpty else {
            throw TrainingError(
                .badData, path: corpus.description, "the training corpus is empty",
                "give files with at least one pair")
        }
        if configuration.tokenizer.joint {
            let codec = try TextCodec.train(
                on: sources + targets, configuration: configuration.tokenizer.source)
            return (codec, codec)
        }
        return (
            try TextCodec.train(on: sources, configuration: configuration.tokenizer.source),
            try TextCodec.train(on: targets, configuration: configuration.tokenizer.target)
        )
    }
}

/// Turns pairs of lines into what a model learns from: tokens, and what it may copy and align.
private final class PairEncoder {
    private let codecs: (source: TextCodec, target: TextCodec)
    private let copies: Bool
    private let spells: Bool
    /// The words that the source vocabulary lacks, for models that know words by their characters.
    private(set) var unknownWords = UnknownWords()

    init(_ configuration: RunConfiguration, codecs: (source: TextCodec, target: TextCodec)) {
        self.codecs = codecs
        copies = configuration.model.output.type.copies
        spells = configuration.model.encoder.wordVectors == .characters
    }

    func encode(
        _ source: String, _ target: String, line: Int, alignments: AlignmentFile? = nil
    ) throws -> EncodedPair {
        let tokens =
            spells
            ? unknownWords.encode(source, with: codecs.source) : codecs.source.encode(source)
        var pair = EncodedPair(source: tokens[...], target: [])
        if copies {
            let copying = codecs.target.copyEncoding(of: codecs.source.tokens(source))
            pair.copies = copying.targets[...]
            pair.target = codecs.target.encode(target, copying: copying)[...]
        } else {
            pair.target = codecs.target.encode(target)[...]
        }
        if let alignments {
            pair.links =
                try alignments.links(
                    line: line, source: pair.source.count, target: pair.target.count)[...]
        }
        return pair
    }
}

extension EncodedPair {
    /// The pair as a model takes it.
    var translationPair: TranslationPair {
        TranslationPair(
            source: source, target: target, copies: copies, links: links, weight: weight)
    }
}

extension ParallelCorpus {
    fileprivate var description: String {
        switch origin {
        case .files(let source, let target): "\(source), \(target)"
        case .table(let path, _, _): path
        }
    }
}
