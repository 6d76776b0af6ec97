public import SeqData

/// What happens in training, for whoever shows it.
public enum TrainingEvent: Sendable {
    /// The quick check of the corpora has found flaws.
    case dataCheck([CorpusFinding])
    /// The corpora are read.
    case data(
        train: CorpusReport, validation: CorpusReport?, sourceVocabulary: Int, targetVocabulary: Int
    )
    /// The model is made; training starts or goes on.
    case started(parameters: Int, stepsPerEpoch: Int, totalSteps: Int, resumedAt: Int)
    /// Some updates are done.
    case progress(Progress)
    /// A validation is done.
    case validation(ValidationResult)
    /// The state is saved.
    case saved(folder: String)
    /// Training is over.
    case finished(reason: String, best: ValidationResult?)

    /// The figures of the updates since the last report.
    public struct Progress: Sendable {
        /// Updates so far.
        public var step: Int
        /// Updates until the end, as far as known.
        public var totalSteps: Int
        /// The epoch that is running, from 1.
        public var epoch: Int
        /// The smoothed cross-entropy a token.
        public var loss: Double
        /// e to the negative log-likelihood a token.
        public var perplexity: Double
        /// The mean norm of the gradients before clipping.
        public var gradientNorm: Double
        /// The learning rate.
        public var learningRate: Float
        /// Target tokens a second.
        public var tokensPerSecond: Double
        /// The share of the time that went into getting batches.
        public var dataShare: Double
        /// The multiply-adds a second of matrix products, as a share of what the machine does at best; nil
        /// where they are not counted.
        public var shareOfPeak: Double?
        /// Seconds of training, those of validation and saving not counted.
        public var seconds: Double
        /// Seconds left, as far as known.
        public var remaining: Double
        /// Whether it is time for a report; otherwise the figures only move a bar.
        public var isReport: Bool
    }
}

/// The figures of one validation.
public struct ValidationResult: Sendable, Codable {
    /// Updates before it.
    public var step: Int
    /// The epoch, from 1.
    public var epoch: Int
    /// Of the targets.
    public var perplexity: Double
    /// Of translations, if computed, with its signature.
    public var bleu: Double?
    /// What BLEU it is.
    public var signature: String?
    /// Whether it is the best so far.
    public var isBest = false
    /// BLEU by the length of the source, if computed.
    public var bleuByLength: [LengthBin]?
    /// What is likely to be wrong, and what to do about it.
    public var warnings: [String] = []
    /// Some translations.
    public var samples: [Sample] = []

    init(step: Int, epoch: Int, perplexity: Double) {
        self.step = step
        self.epoch = epoch
        self.perplexity = perplexity
    }

    // Warnings are shown, not logged.
    private enum CodingKeys: CodingKey {
        case step, epoch, perplexity, bleu, signature, isBest, bleuByLength, samples
    }

    /// Its figures with their names, for whoever shows them.
    public var figures: [(name: String, value: Double)] {
        [("perplexity", perplexity)] + (bleu.map { [("BLEU", $0)] } ?? [])
    }

    /// A source, its reference and its translation.
    public struct Sample: Sendable, Codable {
        /// The text to translate.
        public var source: String
        /// The translation in the corpus.
        public var reference: String
        /// The model's.
        public var hypothesis: String
        /// What the model looked at, for pictures; it is not written to files.
        public var attention: AttentionMap?

        private enum CodingKeys: CodingKey {
            case source, reference, hypothesis
        }
    }

    func value(_ metric: ValidationMetric) -> Double {
        metric == .perplexity ? perplexity : bleu ?? .nan
    }
}
