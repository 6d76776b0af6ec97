import SeqFiles
import SeqData
import SeqModels
import SeqNN
import SeqText

/// Turns the fields of records into the columns of examples: tokens, labels, and what may be copied.
struct RecordEncoder: Sendable {
    private let codecs: RunCodecs
    private let outputs: [OutputPart]
    private let copies: Bool
    private let spells: Bool

    init(_ configuration: RunConfiguration, codecs: RunCodecs) {
        self.codecs = codecs
        outputs = configuration.outputs
        copies = configuration.model.hasText && configuration.model.output.type.copies
        spells = configuration.model.encoder.wordVectors.spellsWords
    }

    /// How a corpus is encoded into its cache.
    func encoding(
        of corpus: TrainingCorpusConfiguration, alignment: String, _ data: DataConfiguration
    ) throws -> CorpusEncoding {
        var encoding = CorpusEncoding(
            corpus.corpus, columns: columns(data.maximumLength), maximumLength: data.maximumLength,
            tokenizers: codecs.fingerprint, encode: encode)
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
        let source = ColumnDescription.text(
            "source", vocabulary: codecs.source.count, role: .input, keepsSpellings: spells)
        guard let text = codecs.text else {
            return [source]
                + zip(outputs, codecs.labels).map {
                    .ids($0.name, vocabulary: $1.count, role: .output)
                }
        }
        // A source of n tokens gives up to n ids behind the target vocabulary.
        let extended = text.count + (copies ? min(maximumLength, Int(Int32.max)) : 0)
        let columns = [source, .text("target", vocabulary: extended, role: .output)]
        return copies
            ? columns + [.ids("copies", vocabulary: extended, role: .aside)] : columns
    }

    /// The example of a record; words that the source vocabulary lacks are numbered by themselves.
    ///
    /// - Throws: a `Seq2SeqError` when the labels of steps are not as many as these.
    @Sendable func encode(_ fields: [Field]) throws -> EncodedRecord {
        var tokens = try codecs.source.encode(fields[0])
        var unknown: [String] = []
        if spells, tokens.contains(Vocabulary.unknownID) {
            for (index, word) in codecs.source.tokens(fields[0]).enumerated()
            where tokens[index] == Vocabulary.unknownID {
                unknown.append(word)
                tokens[index] = -Int32(unknown.count)
            }
        }
        guard let text = codecs.text else {
            let labels = try zip(outputs, codecs.labels).enumerated().map { index, output in
                try output.0.column(
                    output.1.encode(fields[index + 1]), steps: tokens.count)
            }
            return .example(Example([.ids(tokens[...])] + labels), spellings: unknown)
        }
        guard copies else {
            return .example(
                Example(source: tokens[...], target: try text.encode(fields[1])[...]),
                spellings: unknown)
        }
        let words =
            switch fields[0] {
            case .text(let source): codecs.source.tokens(source, copiedBy: text)
            case .tokens: codecs.source.tokens(fields[0])
            }
        let copying = text.copyEncoding(of: words)
        return .example(
            Example(
                source: tokens[...], target: text.encode(fields[1].text, copying: copying)[...],
                copies: copying.targets[...]), spellings: unknown)
    }
}
