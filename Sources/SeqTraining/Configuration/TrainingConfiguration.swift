import SeqFiles
public import SeqData
import SeqDecoding
public import SeqMetrics
public import SeqTensor

/// How a model is trained.
public struct TrainingConfiguration: Codable, Sendable, Hashable {
    /// The model folder that the run starts from, or nothing to start from fresh parameters.
    public var initFrom = ""
    /// Whether the vocabularies of that model grow by the tokens of the corpora.
    public var extendVocabulary = false
    /// How pairs are put into batches.
    public var batch = BatchingConfiguration()
    /// The number of batches that make one update: their gradients are added up.
    public var accumulation = 1
    /// The memory that a run may take, such as `4GB`; empty for what the machine has free.
    public var memory = ""
    /// How parameters follow gradients.
    public var optimizer = OptimizerConfiguration()
    /// What is different for some parameters; the first group whose pattern matches a name counts.
    public var groups: [ParameterGroupConfiguration] = []
    /// How the learning rate changes.
    public var schedule = ScheduleConfiguration()
    /// The largest norm of the gradients, to which larger ones are scaled down; 0 for no limit.
    ///
    /// Pascanu, Mikolov and Bengio 2013.
    public var clipNorm: Float = 5
    /// The percentile of the norms of the last updates to which larger gradients are scaled down; 0 for no
    /// such limit.
    ///
    /// AutoClip, Seetharaman and others 2020.
    public var clipPercentile: Float = 0
    /// Each element of the gradients is limited to ± this; 0 for no limit.
    public var clipValue: Float = 0
    /// Random numbers that are added to the gradients.
    public var gradientNoise = GradientNoiseConfiguration()
    /// The share of probability that targets give to all tokens alike.
    ///
    /// Szegedy and others 2016, section 7.
    public var labelSmoothing: Float = 0.1
    /// The weight of the cross-entropy between attention and the alignments of `data.alignment`.
    ///
    /// Chen and others 2016, Guided alignment training.
    public var guidedAlignment: Float = 0
    /// How often the decoder reads its own tokens instead of the true ones.
    public var scheduledSampling = ScheduledSamplingConfiguration()
    /// The probability that the decoder reads the true target; otherwise it reads its own greedy output.
    ///
    /// Williams & Zipser 1989 force it always.
    public var teacherForcing: Float = 1
    /// How often words are replaced by the unknown one.
    public var wordDropout = WordDropoutConfiguration()
    /// α of R-Drop, the weight of the divergence between two passes with different dropout; 0 for one pass.
    ///
    /// Wu and others 2021, equation 4.
    public var rDrop: Float = 0
    /// Training on a measure of whole outputs.
    public var sequence = SequenceTrainingConfiguration()
    /// Learning from what another model makes of the sources.
    public var distillation = DistillationConfiguration()
    /// Training ends after so many passes over the corpus.
    public var epochs = 10
    /// Training ends after so many updates, if not 0, even when the epochs are not over.
    public var maximumSteps = 0
    /// The number type of matrix products: float32 or bfloat16.
    public var precision = Precision.float32
    /// Updates between validations; 0 validates after each epoch.
    public var validateEvery = 0
    /// Updates between savings of the state; 0 saves when validation is due.
    public var saveEvery = 0
    /// Updates between reports.
    public var reportEvery = 50
    /// When to stop before the end.
    public var earlyStopping = EarlyStoppingConfiguration()
    /// Which models are kept, and averaged.
    public var averaging = AveragingConfiguration()
    /// What is written for TensorBoard.
    public var tensorboard = TensorBoardConfiguration()

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case initFrom = "init_from"
        case extendVocabulary = "extend_vocabulary"
        case batch, accumulation, memory, optimizer, groups, schedule
        case clipNorm = "clip_norm"
        case clipPercentile = "clip_percentile"
        case clipValue = "clip_value"
        case gradientNoise = "gradient_noise"
        case labelSmoothing = "label_smoothing"
        case guidedAlignment = "guided_alignment"
        case scheduledSampling = "scheduled_sampling"
        case teacherForcing = "teacher_forcing"
        case wordDropout = "word_dropout"
        case rDrop = "r_drop"
        case sequence, distillation
        case epochs
        case maximumSteps = "maximum_steps"
        case precision
        case validateEvery = "validate_every"
        case saveEvery = "save_every"
        case reportEvery = "report_every"
        case earlyStopping = "early_stopping"
        case averaging, tensorboard
    }

    func validate() throws {
        func check(_ isGood: Bool, _ name: String, _ value: Any, _ remedy: String) throws {
            guard isGood else {
                throw Seq2SeqError(option: "training.\(name)", "is \(value)", remedy: remedy)
            }
        }
        try checkBatchSize()
        try check(
            (1...1_000_000).contains(accumulation), "accumulation", accumulation,
            "choose a number from 1 to 1000000")
        try check(batch.bucket >= 1, "batch.bucket", batch.bucket, "choose a number of at least 1")
        for (name, value) in [("clip_norm", clipNorm), ("clip_value", clipValue)] {
            try check(
                value >= 0 && value.isFinite, name, value,
                "choose 0 for no limit, or a positive number")
        }
        try check(
            (0..<100).contains(clipPercentile), "clip_percentile", clipPercentile,
            "choose 0 for no limit, or a number below 100, such as 10")
        try gradientNoise.validate()
        try check(
            (0..<1).contains(labelSmoothing), "label_smoothing", labelSmoothing,
            "choose a number from 0 up to, not including, 1")
        try check(
            guidedAlignment >= 0 && guidedAlignment.isFinite, "guided_alignment", guidedAlignment,
            "choose 0 for none, or a positive number")
        try check(
            (1...1_000_000_000).contains(epochs), "epochs", epochs,
            "choose a number from 1 to 1000000000")
        for (name, value) in [
            ("maximum_steps", maximumSteps), ("validate_every", validateEvery),
            ("save_every", saveEvery), ("early_stopping.patience", earlyStopping.patience),
        ] {
            try check(value >= 0, name, value, "choose 0 or more")
        }
        try check(
            earlyStopping.minimumChange >= 0 && earlyStopping.minimumChange.isFinite,
            "early_stopping.minimum_change", earlyStopping.minimumChange, "choose 0 or more")
        try check(reportEvery >= 1, "report_every", reportEvery, "choose a number of at least 1")
        try optimizer.validate()
        for (index, group) in groups.enumerated() {
            try group.validate("training.groups[\(index)]")
        }
        try schedule.validate()
        try averaging.validate()
        try scheduledSampling.validate()
        try wordDropout.validate()
        try sequence.validate()
        try distillation.validate()
    }
}

extension TrainingConfiguration {
    /// The limit that ``memory`` states, in bytes; nil if there is none.
    ///
    /// - Throws: a ``Seq2SeqError`` when it is not a size.
    func memoryLimit() throws -> Int? {
        guard !memory.isEmpty else { return nil }
        guard let bytes = ByteCount(memory)?.bytes, bytes > 0 else {
            throw Seq2SeqError(
                option: "training.memory", "is \(memory)",
                remedy: "give a size with its unit, such as 4GB or 800MB")
        }
        return bytes
    }

    fileprivate func checkBatchSize() throws {
        let limit = try memoryLimit()
        guard batch.size < 1 else { return }
        guard batch.size == 0 else {
            throw Seq2SeqError(
                option: "training.batch.size", "is \(batch.size)",
                remedy: "choose a number of at least 1")
        }
        guard batch.unit == .tokens, limit != nil else {
            throw Seq2SeqError(
                option: "training.batch.size", "is 0",
                remedy:
                    "choose a number of at least 1; 0, for as large as memory allows, needs training.memory and training.batch.unit: tokens"
            )
        }
    }
}

/// When to stop before the end.
public struct EarlyStoppingConfiguration: Codable, Sendable, Hashable {
    /// The metric that decides, here and on what is `best`.
    public var metric = Metric.perplexity
    /// Training ends after so many validations without improvement; 0 for never.
    public var patience = 0
    /// A change of the metric smaller than this is no improvement to patience; `best` is the best
    /// whatever the difference.
    public var minimumChange: Float = 0

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case metric, patience
        case minimumChange = "minimum_change"
    }
}

/// Whether a metric improves, validation by validation.
struct ImprovementTracker: Codable, Sendable, Hashable {
    let metric: Metric
    private(set) var best: Double?
    /// The value of the last validation that improved enough; nil when that was always the best.
    private var milestone: Double?
    /// Validations since then.
    private(set) var validationsWithout = 0

    init(_ metric: Metric) { self.metric = metric }

    /// The values of validations that it goes by.
    var remembered: [Double] { [best, milestone].compactMap { $0 } }

    /// Starts counting anew, without forgetting the best.
    mutating func forgive() { validationsWithout = 0 }

    /// Takes the value of a validation and tells whether it is the best so far.
    ///
    /// Only a change of at least `minimumChange` since the last such change counts as an improvement.
    mutating func update(_ value: Double, minimumChange: Double = 0) -> Bool {
        func isBetter(than other: Double?) -> Bool {
            value.isFinite && (other.map { metric.isBetter(value, than: $0) } ?? true)
        }
        let start = milestone ?? best
        if isBetter(than: start), abs(value - (start ?? .infinity)) >= minimumChange {
            milestone = value
            validationsWithout = 0
        } else {
            milestone = start
            validationsWithout += 1
        }
        let isBest = isBetter(than: best)
        if isBest { best = value }
        return isBest
    }
}
