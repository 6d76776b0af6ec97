public import SeqData
import SeqText

/// Looks at what tokenizers make of samples of corpora.
struct VocabularyCheck {
    let source: TextCodec
    let target: TextCodec
    /// Whether the tokenizers come from elsewhere than the corpora.
    let isGiven: Bool
    let limits: CorpusLimits

    private static let mostExamples = 10
    /// The lines on which other spellings are tried.
    private static let spellingSample = 2000

    /// The figures of all corpora, and what they mean.
    func report(
        _ corpora: [(summary: CorpusSummary, sample: ReservoirSample<SampledPair>)]
    ) -> (figures: [TokenizerSummary], findings: [CorpusFinding]) {
        var figures: [TokenizerSummary] = []
        var findings: [CorpusFinding] = []
        for (corpus, sample) in corpora {
            let pairs = sample.elements
            var lengths: [[Int]] = []
            for side in CorpusFinding.Side.allCases {
                let texts = pairs.map { side == .source ? $0.source : $0.target }
                var usage = Usage(side == .source ? source : target)
                for (pair, text) in zip(pairs, texts) { usage.add(text, line: pair.line) }
                lengths.append(usage.allLengths)
                figures.append(usage.summary(corpus.corpus, side))
                findings += unknown(usage, corpus, side) + spelling(usage, texts, corpus, side)
                if isGiven, corpus.corpus == .training { findings += unseen(usage, corpus, side) }
            }
            findings += overlong(lengths, pairs.map(\.line), corpus)
        }
        return (figures, findings)
    }

    /// What a codec has made of texts.
    private struct Usage {
        let codec: TextCodec
        var lengths = LengthHistogram()
        var allLengths: [Int] = []
        var unknown = 0
        var unknownTokens: [String: Int] = [:]
        var unknownLines: [Int] = []
        var seen: [Bool]
        var samples: [TokenizerSummary.Sample] = []

        init(_ codec: TextCodec) {
            self.codec = codec
            seen = [Bool](repeating: false, count: codec.count)
        }

        mutating func add(_ text: String, line: Int) {
            let ids = codec.encode(text)
            lengths.add(ids.count)
            allLengths.append(ids.count)
            for id in ids where seen.indices.contains(Int(id)) { seen[Int(id)] = true }
            if samples.count < 3 {
                samples.append(.init(line: line, text: text, tokens: spelt(text, ids)))
            }
            let count = ids.count { $0 == Vocabulary.unknownID }
            guard count > 0 else { return }
            unknown += count
            if unknownLines.count < 5 { unknownLines.append(line) }
            for (token, id) in zip(codec.tokens(text), ids) where id == Vocabulary.unknownID {
                if unknownTokens[token] != nil || unknownTokens.count < 100_000 {
                    unknownTokens[token, default: 0] += 1
                }
            }
        }

        /// The tokens, the unknown ones in brackets as they are spelt.
        private func spelt(_ text: String, _ ids: [Int32]) -> [String] {
            zip(codec.tokens(text), ids).map { token, id in
                id == Vocabulary.unknownID ? "⟨\(token)⟩" : token
            }
        }

        var unknownShare: Double {
            lengths.total > 0 ? Double(unknown) / Double(lengths.total) : 0
        }

        var frequentUnknown: [String] {
            unknownTokens.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
                .prefix(VocabularyCheck.mostExamples).map(\.key)
        }

        var unseenTokens: [String] {
            zip(codec.vocabulary.tokens, seen).dropFirst(Vocabulary.specialTokens.count)
                .filter { !$0.1 }.map(\.0)
        }

        func summary(
            _ corpus: CorpusFinding.Corpus, _ side: CorpusFinding.Side
        ) -> TokenizerSummary {
            TokenizerSummary(
                corpus: corpus, side: side, kind: codec.configuration.kind.rawValue,
                vocabulary: codec.count, sampledPairs: lengths.lines, tokens: lengths,
                unknown: unknown, unknownShare: unknownShare, frequentUnknown: frequentUnknown,
                unseenVocabulary: unseenTokens.count, samples: samples)
        }
    }

    private func finding(
        _ code: CorpusFinding.Code, _ severity: CorpusFinding.Severity,
        _ corpus: CorpusSummary, _ side: CorpusFinding.Side?, _ message: String,
        _ remedy: String, count: Int = 1, lines: [Int] = []
    ) -> CorpusFinding {
        let path =
            switch side {
            case .source: corpus.source.path
            case .target: corpus.target.path
            case nil: "\(corpus.source.path), \(corpus.target.path)"
            }
        return CorpusFinding(
            code, severity, corpus.corpus, side, path: path, message, remedy: remedy, count: count,
            lines: lines)
    }

    private func unknown(
        _ usage: Usage, _ corpus: CorpusSummary, _ side: CorpusFinding.Side
    ) -> [CorpusFinding] {
        guard usage.unknown > 0 else { return [] }
        let isError = usage.unknownShare > limits.maximumUnknown
        var found = finding(
            .unknownTokens, isError ? .error : .note, corpus, side,
            "\(percent(usage.unknownShare)) of the tokens are not in the vocabulary",
            "use subwords (tokenizer.\(side.rawValue).kind: sentencepiece) or a larger vocabulary_size; if the words look usual, the vocabulary is of another corpus, case or language",
            count: usage.unknown, lines: usage.unknownLines)
        found.examples = usage.frequentUnknown
        found.share = usage.unknownShare
        found.limit = limits.maximumUnknown
        return [found]
    }

    private func overlong(
        _ lengths: [[Int]], _ lines: [Int], _ corpus: CorpusSummary
    ) -> [CorpusFinding] {
        let overlong = lines.indices.filter {
            max(lengths[0][$0], lengths[1][$0]) > limits.maximumLength
        }
        guard !overlong.isEmpty else { return [] }
        let share = Double(overlong.count) / Double(lines.count)
        var found = finding(
            .overlongLines, share > limits.maximumOverlong ? .error : .note, corpus, nil,
            "\(overlong.count) pairs have a side of more than \(limits.maximumLength) tokens",
            "split them into sentences, raise data.maximum_length, or use larger tokens",
            count: overlong.count, lines: overlong.prefix(5).map { lines[$0] })
        found.share = share
        found.limit = limits.maximumOverlong
        return [found]
    }

    /// Whether text and vocabulary write letters differently: in case, or in Unicode normalisation.
    private func spelling(
        _ usage: Usage, _ texts: [String], _ corpus: CorpusSummary,
        _ side: CorpusFinding.Side
    ) -> [CorpusFinding] {
        let codec = usage.codec
        var findings: [CorpusFinding] = []
        let sample = texts.prefix(Self.spellingSample)
        let words = sample.flatMap { $0.split(separator: " ") }
        let cased = words.filter { isCased($0) }
        let upper = share(cased) { hasUpperCase($0) }
        let entries = codec.vocabulary.tokens.dropFirst(Vocabulary.specialTokens.count)
            .filter { isCased($0) }
        let upperEntries = share(entries) { hasUpperCase($0) }
        if !codec.configuration.lowercase, cased.count >= 100, entries.count >= 20 {
            if upper > 0.02, upperEntries == 0 {
                findings.append(
                    finding(
                        .caseMismatch, .warning, corpus, side,
                        "\(percent(upper)) of the words have upper-case letters, but no entry of the vocabulary has",
                        "lower-case the corpus, or train a tokenizer with lowercase: true",
                        count: cased.count { hasUpperCase($0) }))
            } else if upper == 0, upperEntries > 0.05 {
                findings.append(
                    finding(
                        .caseMismatch, .warning, corpus, side,
                        "the text is all lower-case, but \(percent(upperEntries)) of the vocabulary has upper-case letters",
                        "use the corpus in its original case, or a vocabulary of lower-case text",
                        count: entries.count { hasUpperCase($0) }))
            }
        }
        for (form, name) in [(TextNormalization.Form.nfc, "NFC"), (.nfkc, "NFKC")]
        where usage.unknown > 0 && codec.configuration.normalization != .nfkc {
            let normalization = TextNormalization(form: form)
            let before = codec.unknownRate(on: sample)
            let after = codec.unknownRate(on: sample.lazy.map { normalization.normalized($0) })
            guard before > after + 0.002, after < before / 2 else { continue }
            findings.append(
                finding(
                    .normalizationMismatch, .warning, corpus, side,
                    "in Unicode form \(name), \(percent(after)) of the tokens are unknown instead of \(percent(before))",
                    "set tokenizer.\(side.rawValue).normalization: \(form.rawValue), or normalise the corpus as that of the vocabulary",
                    count: usage.unknown))
            break
        }
        return findings
    }

    private func unseen(
        _ usage: Usage, _ corpus: CorpusSummary, _ side: CorpusFinding.Side
    ) -> [CorpusFinding] {
        let unseen = usage.unseenTokens
        guard !unseen.isEmpty else { return [] }
        let share = Double(unseen.count) / Double(usage.codec.count)
        var found = finding(
            .unseenVocabulary, share > 0.5 ? .warning : .note, corpus, side,
            "\(unseen.count) of \(usage.codec.count) entries of the vocabulary do not occur in the \(usage.lengths.lines) pairs looked at",
            "nothing, if the model is to be trained further; otherwise train a tokenizer on this corpus",
            count: unseen.count)
        found.examples = Array(unseen.prefix(Self.mostExamples))
        found.share = share
        return [found]
    }

    private func isCased(_ text: some StringProtocol) -> Bool {
        text.unicodeScalars.contains { $0.properties.isLowercase || $0.properties.isUppercase }
    }

    private func hasUpperCase(_ text: some StringProtocol) -> Bool {
        text.unicodeScalars.contains(where: \.properties.isUppercase)
    }

    private func share<Text>(_ texts: [Text], _ condition: (Text) -> Bool) -> Double {
        texts.isEmpty ? 0 : Double(texts.count(where: condition)) / Double(texts.count)
    }

    private func percent(_ share: Double) -> String {
        let tenths = Int((1000 * share).rounded())
        return tenths == 0 && share > 0 ? "less than 0.1 %" : "\(tenths / 10).\(tenths % 10) %"
    }
}

/// What a tokenizer makes of a side of a corpus.
public struct TokenizerSummary: Encodable, Sendable {
    /// The corpus.
    public var corpus: CorpusFinding.Corpus
    /// The side.
    public var side: CorpusFinding.Side
    /// The kind of tokens.
    public var kind: String
    /// The size of the vocabulary.
    public var vocabulary: Int
    /// The number of pairs looked at.
    public var sampledPairs: Int
    /// Lengths in tokens.
    public var tokens: LengthHistogram
    /// Tokens that the vocabulary lacks.
    public var unknown: Int
    /// Their share.
    public var unknownShare: Double
    /// The most frequent of them.
    public var frequentUnknown: [String]
    /// Entries of the vocabulary that do not occur.
    public var unseenVocabulary: Int
    /// Some lines.
    public var samples: [Sample]

    /// A line and its tokens, the unknown ones in brackets.
    public struct Sample: Encodable, Sendable {
        /// The line, counted from 1.
        public var line: Int
        /// The text.
        public var text: String
        /// Its tokens.
        public var tokens: [String]
    }
}
