public import SeqFiles

/// How a recurrent or convolutional decoder attends to the encoder's states: a score function, the part
/// of the source that it looks at, and what becomes of the scores.
public struct AttentionConfiguration: Codable, Sendable, Hashable {
    /// How well a query matches a position of the source.
    public enum Score: String, Codable, Sendable, CaseIterable {
        /// No attention: the decoder knows the source by its first state alone.
        case none
        /// query·key (Luong et al. 2015, section 3.1); with several heads, of projections of both.
        case dot
        /// query·key / √features (Vaswani et al. 2017).
        case scaledDot = "scaled_dot"
        /// queryᵀ·W·key (Luong et al. 2015, section 3.1); with several heads the same as `dot`.
        case general
        /// v·tanh(W_q·query + W_m·key) (Bahdanau et al. 2015; Luong's "concat").
        case concat
        /// W·query, one number a position (Luong et al. 2015, eq. 8): the query alone decides, and
        /// positions from ``AttentionConfiguration/maximumSource`` on have the score 0.
        case location
        /// The same for all positions: the floor that shows what learned scores bring.
        case fixed

        /// Whether it compares the query with something of each position.
        var usesKeys: Bool {
            switch self {
            case .dot, .scaledDot, .general, .concat: true
            case .none, .location, .fixed: false
            }
        }
    }

    /// The part of the source that a query looks at.
    public enum Range: String, Codable, Sendable, CaseIterable {
        /// All of it.
        case global
        /// The positions around the time step of the query (Luong et al. 2015, section 3.2, local-m).
        case localMonotonic = "local_m"
        /// The positions around a place that the query predicts, under a Gaussian (Luong et al. 2015,
        /// eq. 9-10, local-p).
        case localPredictive = "local_p"
        /// `global` and `local_p` by the same scores, mixed by a gate that the query sets.
        case hybrid
    }

    /// What becomes of the scores.
    public enum Normalization: String, Codable, Sendable, CaseIterable {
        /// The softmax.
        case softmax
        /// The sparsemax, in which small scores get exactly zero (Martins & Astudillo 2016).
        case sparsemax
        /// The expected alignment of a process that only moves forward (Raffel et al. 2017).
        case softMonotonic = "soft_monotonic"
        /// The same in training, with noise on the scores; the process itself otherwise.
        case hardMonotonic = "hard_monotonic"

        /// Whether the alignment continues that of the step before.
        public var isMonotonic: Bool { self == .softMonotonic || self == .hardMonotonic }
    }

    /// What scores know of earlier steps.
    public enum Coverage: String, Codable, Sendable, CaseIterable {
        /// Nothing.
        case none
        /// The sum of earlier weights, with a loss on attending twice (See et al. 2017).
        case see
        /// The same, divided by a fertility that each source state predicts (Tu et al. 2016, section
        /// 3.2, linguistic coverage).
        case tu
    }

    /// The score function.
    public var score = Score.general
    /// The number of heads, each with its own projections of queries, keys and values; the contexts of
    /// several are joined by an output projection.
    public var heads = 1
    /// The part of the source that a query looks at.
    public var range = Range.global
    /// D of local attention: the positions up to so far from the center are looked at.
    public var window = 10
    /// What becomes of the scores.
    public var normalization = Normalization.softmax
    /// What scores know of earlier steps.
    public var coverage = Coverage.none
    /// The weight λ of the loss Σ min(weight, coverage) of `coverage: see` (See and others 2017,
    /// equation 13); 0 for none.
    public var coverageLoss: Float = 1
    /// The number of positions that the `location` score knows.
    public var maximumSource = 256

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case score, heads, range, window, normalization, coverage
        case coverageLoss = "coverage_loss"
        case maximumSource = "maximum_source"
    }

    /// Whether alignments depend on those of earlier steps.
    public var hasHistory: Bool { coverage != .none || normalization.isMonotonic }

    /// What does not fit together, for queries of width `query` over a memory of width `memory`.
    ///
    /// - Returns: nil where nothing is wrong, else what is, in the terms of the configuration, and what
    ///   to do.
    public func problem(query: Int, memory: Int) -> Seq2SeqError? {
        guard score != .none else { return nil }
        return problemOfNumbers ?? problemOfHeads(query: query, memory: memory) ?? problemOfHistory
    }

    private func problemOfHeads(query: Int, memory: Int) -> Seq2SeqError? {
        if heads == 1 {
            guard score == .dot || score == .scaledDot, query != memory else { return nil }
            return Seq2SeqError(
                option: "score",
                "is \(score.rawValue), but the encoder has width \(memory) and the decoder \(query)",
                remedy: "make them equal or choose score: general")
        }
        guard score.usesKeys else {
            return Seq2SeqError(
                option: "score", "is \(score.rawValue) with \(heads) heads",
                remedy: "choose heads: 1, since this score does not look at the memory")
        }
        guard query % heads == 0, memory % heads == 0 else {
            return Seq2SeqError(
                option: "heads",
                "is \(heads), which does not divide the decoder's width \(query) and the encoder's \(memory)",
                remedy: "choose a divisor of both")
        }
        return nil
    }

    private var problemOfHistory: Seq2SeqError? {
        if normalization.isMonotonic {
            let name = normalization.rawValue
            guard range == .global else {
                return Seq2SeqError(
                    option: "normalization", "is \(name) with range \(range.rawValue)",
                    remedy:
                        "choose range: global, since monotonic attention moves through the source by itself"
                )
            }
            guard heads == 1 else {
                return Seq2SeqError(
                    option: "normalization", "is \(name) with \(heads) heads",
                    remedy: "choose heads: 1")
            }
            guard score != .fixed else {
                return Seq2SeqError(
                    option: "normalization", "is \(name) with score fixed",
                    remedy: "choose a score that is learned")
            }
        }
        if coverage != .none, score == .fixed {
            return Seq2SeqError(
                option: "coverage", "is \(coverage.rawValue) with score fixed",
                remedy: "choose coverage: none, or a score that is learned")
        }
        return nil
    }

    /// What is wrong with the first number that makes no sense, whether or not there is attention.
    public var problemOfNumbers: Seq2SeqError? {
        guard (1...1024).contains(heads) else {
            return Seq2SeqError(
                option: "heads", "is \(heads)", remedy: "choose a number from 1 to 1024")
        }
        guard (1...65536).contains(window) else {
            return Seq2SeqError(
                option: "window", "is \(window)", remedy: "choose a number from 1 to 65536")
        }
        guard (1...65536).contains(maximumSource) else {
            return Seq2SeqError(
                option: "maximum_source", "is \(maximumSource)",
                remedy: "choose a number from 1 to 65536")
        }
        guard coverageLoss >= 0, coverageLoss.isFinite else {
            return Seq2SeqError(
                option: "coverage_loss", "is \(coverageLoss)",
                remedy: "choose 0 or a positive number")
        }
        return nil
    }
}
