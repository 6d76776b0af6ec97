public import SeqData

/// What happens in training, for whoever shows it.
public enum TrainingEvent: Sendable {
    /// A teacher has translated some of the sources.
    case distillation(done: Int, total: Int)
    /// The quick check of the corpora has found flaws.
    case dataCheck([CorpusFinding])
    /// A cache of a corpus is being built.
    case caching(CacheProgress)
    /// The corpora are read.
    case data(
        train: CorpusReport, validation: CorpusReport?, sourceVocabulary: Int, targetVocabulary: Int
    )
    /// The parameters are those of another model, whose vocabularies may have grown.
    case origin(FileFingerprint, newSourceTokens: Int, newTargetTokens: Int)
    /// Something to know about the run, in words.
    case notice(String)
    /// The model is made; training starts or goes on.
    case started(parameters: Int, stepsPerEpoch: Int, totalSteps: Int, resumedAt: Int)
    /// What memory the run needs.
    case memory(MemoryEstimate)
    /// The first updates say how long an epoch takes.
    case epochTime(seconds: Double)
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
        /// The mean reward of the outputs that training on whole outputs has drawn.
        public var reward: Double?
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
