import SeqFiles
public import SeqDecoding
public import SeqMetrics
public import SeqModels
import SeqNN
public import SeqText

/// Everything about a training run: the content of a configuration file.
public struct RunConfiguration: Codable, Sendable, Hashable {
    /// Where all randomness starts.
    public var seed: UInt64 = 1
    /// The number of threads; 0 means one a core.
    public var threads = 0
    /// The run folder to write.
    public var run = ""
    /// What comes out of the model, in order.
    public var outputs: [OutputPart] {
        get { model.outputs }
        set { model.outputs = newValue }
    }
    /// The corpora.
    public var data = DataConfiguration()
    /// How text becomes tokens.
    public var tokenizer = TokenizersConfiguration()
    /// What is trained.
    public var model = ModelConfiguration()
    /// How it is trained.
    public var training = TrainingConfiguration()
    /// How it is judged while it is trained.
    public var validation = ValidationConfiguration()
    /// How outputs are searched in validation.
    public var decoding = DecodingOptions()

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: CodingKey {
        case seed, threads, run, outputs, data, tokenizer, model, training, validation, decoding
    }

    /// Reads a configuration in which nothing is left out.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        seed = try values.decode(UInt64.self, forKey: .seed)
        threads = try values.decode(Int.self, forKey: .threads)
        run = try values.decode(String.self, forKey: .run)
        data = try values.decode(DataConfiguration.self, forKey: .data)
        tokenizer = try values.decode(TokenizersConfiguration.self, forKey: .tokenizer)
        model = try values.decode(ModelConfiguration.self, forKey: .model)
        training = try values.decode(TrainingConfiguration.self, forKey: .training)
        validation = try values.decode(ValidationConfiguration.self, forKey: .validation)
        decoding = try values.decode(DecodingOptions.self, forKey: .decoding)
        outputs = try values.decode([OutputPart].self, forKey: .outputs)
    }

    /// Writes everything.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(seed, forKey: .seed)
        try values.encode(threads, forKey: .threads)
        try values.encode(run, forKey: .run)
        try values.encode(outputs, forKey: .outputs)
        try values.encode(data, forKey: .data)
        try values.encode(tokenizer, forKey: .tokenizer)
        try values.encode(model, forKey: .model)
        try values.encode(training, forKey: .training)
        try values.encode(validation, forKey: .validation)
        try values.encode(decoding, forKey: .decoding)
    }

    /// Checks every part.
    ///
    /// - Throws: a ``Seq2SeqError`` that names the option.
    public func validate() throws {
        func fail(_ option: String, _ problem: String, _ remedy: String) -> Seq2SeqError {
            Seq2SeqError(option: option, problem, remedy: remedy)
        }
        guard (0...1024).contains(threads) else {
            throw fail("threads", "is \(threads)", "choose a number from 0 to 1024")
        }
        try data.validate()
        guard tokenizer.sample >= 1 else {
            throw fail(
                "tokenizer.sample", "is \(tokenizer.sample)", "choose a number of at least 1")
        }
        for (side, tokenizer) in [("source", tokenizer.source), ("target", tokenizer.target)] {
            do { try tokenizer.validate() } catch let error as Seq2SeqError {
                throw error.within("tokenizer.\(side)")
            }
        }
        try model.validate()
        try model.validateUnused()
        try validateLabels()
        if training.guidedAlignment > 0, data.alignment.isEmpty {
            throw fail(
                "training.guided_alignment",
                "is \(training.guidedAlignment) without data.alignment",
                "name the file of alignments, or set guided_alignment: 0")
        }
        if training.guidedAlignment > 0, !model.hasAttention {
            throw fail(
                "training.guided_alignment", "guides attention, which the model does not have",
                "set guided_alignment: 0, or choose model.attention.score")
        }
        try training.validate()
        try validateObjective()
        try validateOrigin()
        if training.optimizer.type == .adafactor, model.hasText, model.output.isSparse {
            throw fail(
                "training.optimizer.type",
                "is adafactor, which cannot update single rows, with model.output.type: \(model.output.type.rawValue)",
                "choose another optimizer, or model.output.type: full or adaptive")
        }
        try validateSparseEmbeddings()
        if !training.distillation.teacher.isEmpty, !data.train.weights.isEmpty {
            throw fail(
                "data.train.weights",
                "belongs to the lines of a corpus that training.distillation replaces",
                "set data.train.weights: '', or training.distillation.teacher: ''")
        }
        try validation.validate()
        try decoding.validate()
        let stopsEarly = training.earlyStopping.patience > 0
        let watches = training.schedule.type == .plateau
        if stopsEarly || watches, !data.validation.isGiven {
            throw fail(
                stopsEarly ? "training.early_stopping" : "training.schedule",
                "needs validation data",
                "give data.validation, or set training.early_stopping.patience: 0 and training.schedule.type: constant"
            )
        }
        if training.averaging.best > 1, !data.validation.isGiven {
            throw fail(
                "training.averaging.best", "is \(training.averaging.best) without validation data",
                "give data.validation, or set training.averaging.best: 1")
        }
        // `best` is chosen by the metric of early stopping, with patience or without.
        let deciding = [training.earlyStopping.metric] + (watches ? [training.schedule.metric] : [])
        for metric in deciding where data.validation.isGiven && metric != .perplexity {
            guard !validation.metrics.contains(metric) else { continue }
            throw fail(
                "validation.metrics",
                "is \(validation.list) without \(metric), which decides what is best or how the rate changes",
                "add \(metric) to validation.metrics, or decide by the metric perplexity")
        }
    }

    /// Refuses what belongs to text where the outputs are labels, and metrics that no output has.
    private func validateLabels() throws {
        let possible = Set(outputs.flatMap(\.possibleMetrics))
        if let metric = validation.metrics.first(where: {
            $0 != .perplexity && !possible.contains($0)
        }) {
            throw Seq2SeqError(
                option: "validation.metrics",
                "has \(metric), which outputs of type \(outputs[0].kind.rawValue) do not have",
                remedy:
                    "choose among \(Metric.allCases.filter(possible.contains).map(\.rawValue).joined(separator: ", "))"
            )
        }
        guard !model.hasText else { return }
        let defaults = TrainingConfiguration()
        let options: [(String, Bool)] = [
            ("training.guided_alignment", training.guidedAlignment > 0),
            (
                "training.scheduled_sampling",
                training.scheduledSampling != defaults.scheduledSampling
            ),
            ("training.teacher_forcing", training.teacherForcing < 1),
            ("training.r_drop", training.rDrop > 0),
            ("training.sequence", training.sequence.type != .none),
            ("training.distillation", !training.distillation.teacher.isEmpty),
            ("training.init_from", !training.initFrom.isEmpty),
            ("data.alignment", !data.alignment.isEmpty),
            ("tokenizer.joint", tokenizer.joint),
        ]
        for (name, isGiven) in options where isGiven {
            throw Seq2SeqError(
                option: name, "is given, but the outputs are labels",
                remedy: "leave it out, or write output: {type: text}")
        }
    }

    private func validateSparseEmbeddings() throws {
        guard training.optimizer.hasSparseEmbeddings else { return }
        if training.optimizer.type == .adafactor {
            throw Seq2SeqError(
                option: "training.optimizer.sparse_embeddings",
                "is true, but adafactor cannot update single rows",
                remedy: "set sparse_embeddings: false, or choose another optimizer")
        }
        if model.hasText, model.output.tied != .none, !model.output.isSparse {
            throw Seq2SeqError(
                option: "training.optimizer.sparse_embeddings",
                "is true, but with model.output.tied: \(model.output.tied.rawValue) every row of the shared table has a gradient in every update",
                remedy: "set sparse_embeddings: false, or model.output.tied: none")
        }
    }

    /// The configuration without what a run may change when it is resumed: where its files are, how
    /// long it lasts, how often it reports and saves.
    var withoutResumableChanges: RunConfiguration {
        var fixed = self
        let defaults = RunConfiguration()
        fixed.run = defaults.run
        fixed.threads = defaults.threads
        fixed.data = data.withoutPlaces
        fixed.training.distillation.teacher = defaults.training.distillation.teacher
        fixed.validation.samples = defaults.validation.samples
        fixed.training.initFrom = defaults.training.initFrom
        // Earlier versions ignored it.
        if tokenizer.joint { fixed.tokenizer.target.language = tokenizer.source.language }
        fixed.training.epochs = defaults.training.epochs
        fixed.training.maximumSteps = defaults.training.maximumSteps
        fixed.training.memory = defaults.training.memory
        fixed.decoding.memory = defaults.decoding.memory
        fixed.training.saveEvery = defaults.training.saveEvery
        fixed.training.reportEvery = defaults.training.reportEvery
        fixed.training.earlyStopping.patience = defaults.training.earlyStopping.patience
        fixed.training.tensorboard = defaults.training.tensorboard
        fixed.training.earlyStopping.minimumChange = defaults.training.earlyStopping.minimumChange
        fixed.training.averaging.keepLast = defaults.training.averaging.keepLast
        return fixed
    }
}

/// How text of both sides becomes tokens.
public struct TokenizersConfiguration: Codable, Sendable, Hashable {
    /// Whether both sides share one vocabulary, made from both; the settings are then those of `source`,
    /// but each side keeps its language.
    public var joint = false
    /// The number of training pairs, drawn at random from all corpora, that tokenizers learn from.
    public var sample = 1_000_000
    /// The source side.
    public var source = TokenizerConfiguration()
    /// The target side.
    public var target = TokenizerConfiguration()

    /// Creates the default configuration.
    public init() {}

    /// Gives languages their canonical tags.
    ///
    /// - Parameters:
    ///   - isStrict: whether what is no language is refused where the user has given it.
    ///   - isGiven: whether the user has given an option.
    /// - Throws: a ``Seq2SeqError`` that names the option.
    mutating func canonicalize(isStrict: Bool, isGiven: (String) -> Bool) throws {
        for (side, path) in [("source", \TokenizersConfiguration.source), ("target", \.target)] {
            let name = "tokenizer.\(side).language"
            do { self[keyPath: path] = try self[keyPath: path].canonical() } catch let error
                as Seq2SeqError
            {
                guard isStrict, isGiven(name) else { continue }
                throw error.within("tokenizer.\(side)")
            }
        }
    }
}

/// How a model is judged while it is trained.
public struct ValidationConfiguration: Codable, Sendable, Hashable {
    /// What is computed of translations of the validation sources; nothing is translated for it if empty.
    public var metrics = [Metric.bleu]
    /// The tokenizer of BLEU: 13a, zh, char, intl or none; `auto` is zh for Chinese, char for other
    /// languages without spaces, such as Japanese and Thai, and 13a otherwise.
    public var tokenize = "auto"
    /// Whether case is ignored; needed when the target tokenizer lower-cases.
    public var lowercase = false
    /// How many validation pairs are translated; 0 means all.
    public var pairs = 0
    /// How many translations a report shows.
    public var samples = 3

    /// Creates the default configuration.
    public init() {}

    /// The BLEU to compute for targets of `language`.
    public func metric(language: String) -> BLEU {
        let name =
            tokenize == "auto" ? automaticTokenizer(LanguageTag(lenient: language)) : tokenize
        return BLEU(tokenizer: BLEUTokenizer(rawValue: name) ?? .mteval13a, lowercase: lowercase)
    }

    private func automaticTokenizer(_ tag: LanguageTag) -> String {
        guard tag.isWithoutSpaces else { return "13a" }
        return tag.language == "zh" ? "zh" : "char"
    }

    /// The metric to compute for targets of `language`; nil for perplexity, which needs no translations.
    ///
    /// TER takes the characters of Chinese and Japanese for words.
    public func metric(_ metric: Metric, language: String) -> (any CorpusMetric)? {
        let isAsian = LanguageTag(lenient: language).isChineseOrJapanese
        switch metric {
        case .bleu: return self.metric(language: language)
        case .chrf: return ChrF(lowercase: lowercase)
        case .chrfPlusPlus: return ChrF(wordOrder: 2, lowercase: lowercase)
        case .ter: return TranslationEditRate(normalized: isAsian, asianSupport: isAsian)
        case .wer: return WordErrorRate(lowercase: lowercase)
        case .cer: return CharacterErrorRate(lowercase: lowercase)
        case .tokenAccuracy: return TokenAccuracy()
        case .sentenceAccuracy: return SentenceAccuracy()
        case .accuracy: return LabelAccuracy()
        case .macroF1: return MacroF1()
        case .spanF1: return SpanF1Metric()
        case .segmentationF1: return SegmentationF1Metric()
        case .perplexity: return nil
        }
    }

    /// The names of the metrics as configurations have them.
    var list: String { "[\(metrics.map(\.rawValue).joined(separator: ", "))]" }

    func validate() throws {
        guard tokenize == "auto" || BLEUTokenizer(rawValue: tokenize) != nil else {
            throw Seq2SeqError(
                option: "validation.tokenize", "is \(tokenize)",
                remedy: "choose auto, 13a, zh, char, intl or none")
        }
        guard Set(metrics).count == metrics.count else {
            throw Seq2SeqError(
                option: "validation.metrics", "is \(list)", remedy: "name each metric once")
        }
        guard !metrics.contains(.perplexity) else {
            throw Seq2SeqError(
                option: "validation.metrics", "is \(list)",
                remedy: "leave perplexity out, which is always computed")
        }
        for (name, value) in [("pairs", pairs), ("samples", samples)] where value < 0 {
            throw Seq2SeqError(
                option: "validation.\(name)", "is \(value)", remedy: "choose 0 or more")
        }
    }
}
