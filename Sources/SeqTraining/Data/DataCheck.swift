import SeqFiles
public import SeqData
import SeqModels
public import SeqText

/// Looks at the corpora of a run before it starts: at the text itself, and at what tokenizers make of it.
public struct DataCheck: Sendable {
    /// Where tokenizers come from.
    public enum Tokenizers: Sendable {
        /// There are none: only the text is looked at.
        case none
        /// They are trained on the sample, as a run would on all of the corpus.
        case trained(TokenizersConfiguration)
        /// They are those of a model.
        case given(source: TextCodec, target: TextCodec)
    }

    /// What the model is to learn from.
    public var training: [ParallelCorpus]
    /// What it is judged by in training.
    public var validation: ParallelCorpus?
    /// What it is judged by in the end.
    public var test: ParallelCorpus?
    /// Where tokenizers come from.
    public var tokenizers = Tokenizers.none
    /// What is tolerated.
    public var limits = CorpusLimits()
    /// The number of pairs of each corpus that tokenizers are tried on.
    public var sampleSize = 20_000
    /// Where the sample comes from.
    public var seed: UInt64 = 1
    /// The number of lines of a corpus that are read.
    public var maximumLines = Int.max
    /// Findings that are known and accepted: they become notes.
    public var accepted: Set<CorpusFinding.Code> = []

    /// Whether outputs in lower case count as equal to what they are compared with.
    public var ignoresCase = false
    /// The codec of the targets where a run goes on from another model, whatever its configuration says.
    var originTarget: TextCodec?

    /// Creates the check of a training corpus.
    public init(training: ParallelCorpus) { self.training = [training] }

    /// Creates the check of the corpora of a run, with the tokenizers that it would train.
    public init(_ configuration: RunConfiguration) {
        training = configuration.data.trainingCorpora.map(\.corpus)
        let validation = configuration.data.validation
        self.validation = validation.isGiven ? validation.corpus : nil
        tokenizers = .trained(configuration.tokenizer)
        limits.maximumLength = configuration.data.maximumLength
        seed = configuration.seed
        ignoresCase = configuration.validation.lowercase
    }

    /// Reads the corpora and returns what was found.
    ///
    /// - Parameter progress: told how many lines of which corpus have been read, now and then.
    /// - Throws: `Seq2SeqError` when a file cannot be read; all other flaws are findings.
    public func report(
        progress: (CorpusFinding.Corpus, Int) -> Void = { _, _ in }
    ) throws -> DataCheckReport {
        var check = CorpusCheck()
        check.limits = limits
        check.seed = seed
        check.maximumLines = maximumLines
        check.loss = loss
        switch tokenizers {
        case .none: break
        case .trained(let configuration):
            check.sampleSize = sampleSize
            check.scripts = (
                Script(tag: configuration.source.languageTag),
                Script(tag: configuration[.target].languageTag)
            )
        case .given(let source, let target):
            check.sampleSize = sampleSize
            check.scripts = (
                Script(tag: source.configuration.languageTag),
                Script(tag: target.configuration.languageTag)
            )
        }
        var found = try check.report(
            training: training, validation: validation, test: test, progress: progress)
        var figures: [TokenizerSummary] = []
        do {
            if let codecs = try codecs(found.corpora.map(\.sample).prefix(training.count)) {
                let vocabulary = VocabularyCheck(
                    source: codecs.source, target: codecs.target, isGiven: codecs.isGiven,
                    limits: limits)
                let (summaries, findings) = vocabulary.report(found.corpora)
                figures = summaries
                // Tokens are what the limit of a run counts.
                found.findings.removeAll { $0.code == .overlongLines }
                found.add(findings)
            }
        } catch let error as Seq2SeqError {
            found.add([
                CorpusFinding(
                    .tokenizer, .error, .training, path: found.corpora[0].summary.source.path,
                    "the tokenizer of the configuration cannot be trained: \(error.reason)",
                    remedy: error.remedy ?? "correct the section tokenizer")
            ])
        }
        for index in found.findings.indices {
            if accepted.contains(found.findings[index].code) {
                found.findings[index].severity = .note
            }
        }
        found.add([])
        return DataCheckReport(
            limits: limits, corpora: found.corpora.map(\.summary), tokenizers: figures,
            findings: found.findings)
    }

    /// Why a target does not come back from its tokens, in words that go with a number of lines.
    ///
    /// Without tokenizers it is what the default of ``TokenizerConfiguration`` keeps.
    private var loss: @Sendable (String) -> String? {
        let roundTrip: TextRoundTrip?
        switch tokenizers {
        case .trained where originTarget != nil:
            roundTrip = originTarget.map { TextRoundTrip($0, ignoresCase: ignoresCase) }
        case .none:
            roundTrip = try? TextRoundTrip(TokenizerConfiguration(kind: .character))
        case .trained(let configuration):
            // Where a dictionary is missing, training the tokenizer says so.
            roundTrip = try? TextRoundTrip(configuration[.target], ignoresCase: ignoresCase)
        case .given(_, let target): roundTrip = TextRoundTrip(target, ignoresCase: ignoresCase)
        }
        return { text in
            roundTrip?.loss(of: text).map { loss in
                switch loss {
                case .whitespace: "with outer, repeated or unusual white space"
                case .composition: "not in Unicode form NFC"
                case .compatibility: "with characters that NFKC replaces, such as ½, ² and １"
                case .letterCase: "with upper-case letters, which the tokenizer makes lower case"
                case .other: "with spaces that the tokenizer guesses, or several flaws at once"
                }
            }
        }
    }

    private func codecs(
        _ samples: ArraySlice<ReservoirSample<SampledPair>>
    ) throws -> (source: TextCodec, target: TextCodec, isGiven: Bool)? {
        switch tokenizers {
        case .none: return nil
        case .given(let source, let target): return (source, target, true)
        case .trained(let configuration):
            let pairs = samples.flatMap(\.elements)
            guard !pairs.isEmpty else { return nil }
            let (sources, targets) = (pairs.map(\.source), pairs.map(\.target))
            if configuration.joint {
                let codecs = try TextCodec.trainJoint(
                    on: sources, targets, configuration: configuration.source,
                    targetLanguage: configuration.target.language)
                return (codecs.source, codecs.target, false)
            }
            return (
                try TextCodec.train(on: sources, configuration: configuration.source),
                try TextCodec.train(on: targets, configuration: configuration.target), false
            )
        }
    }
}

/// What a check of the corpora of a run has found.
public struct DataCheckReport: Encodable, Sendable {
    /// The version of the JSON form; keys may be added without a new one.
    public var version = 1
    /// The limits that were applied.
    public var limits: CorpusLimits
    /// The figures of the corpora: training, then those held out.
    public var corpora: [CorpusSummary]
    /// What the tokenizers make of them; empty without tokenizers.
    public var tokenizers: [TokenizerSummary]
    /// What to know, the worst first.
    public var findings: [CorpusFinding]

    /// Whether a finding is an error.
    public var hasErrors: Bool { findings.contains { $0.severity == .error } }
}

extension Script {
    /// The script that a language is written in, where there is one; the tag may name it.
    init?(tag: LanguageTag) {
        guard let name = tag.script else {
            self.init(language: tag.language)
            return
        }
        let named: [String: Script] = [
            "Latn": .latin, "Cyrl": .cyrillic, "Arab": .arabic, "Deva": .devanagari, "Grek": .greek,
            "Hebr": .hebrew, "Hans": .han, "Hant": .han, "Hani": .han, "Jpan": .han,
            "Hang": .hangul,
            "Kore": .hangul, "Armn": .armenian, "Geor": .georgian, "Mong": .mongolian,
        ]
        guard let script = named[name] else { return nil }
        self = script
    }
}

extension TokenizersConfiguration {
    /// The settings that count for a side.
    subscript(side: CorpusFinding.Side) -> TokenizerConfiguration {
        guard side == .target else { return source }
        guard joint else { return target }
        var settings = source
        settings.language = target.language
        return settings
    }
}

/// What `train` does about flaws that a quick check of its corpora finds.
public enum DataCheckMode: String, Codable, Sendable, CaseIterable {
    /// Refuses where there is no doubt that training would be wasted, and warns of the rest.
    case refuse
    /// Warns only.
    case warn
    /// Does not look.
    case off
}

extension DataCheck {
    /// The lines of each corpus that the quick check reads.
    private static let quickLines = 50_000

    /// Looks at the beginnings of the corpora of a run.
    ///
    /// - Returns: The errors and warnings; what the configuration leaves to the reading of the data is
    ///   not among them.
    /// - Throws: a ``Seq2SeqError`` with the first mistake that is beyond doubt, unless the run is
    ///   configured to warn only; `Seq2SeqError` when a file cannot be read.
    static func quick(
        _ configuration: RunConfiguration, originTarget: TextCodec? = nil
    ) throws -> [CorpusFinding] {
        guard configuration.data.check != .off else { return [] }
        var check = DataCheck(configuration)
        check.sampleSize = 0
        check.originTarget = originTarget
        check.maximumLines = quickLines
        // Overlong pairs are told when the data are read, in tokens.
        let findings = try check.report().findings.filter {
            $0.severity != .note && $0.code != .overlongLines
        }
        guard configuration.data.check == .refuse,
            let mistake = findings.first(where: \.isCertain)
        else { return findings }
        throw Seq2SeqError(
            .badData, path: mistake.path, reason: mistake.message,
            remedy: "\(mistake.remedy); to train all the same, set data.check: warn")
    }
}
