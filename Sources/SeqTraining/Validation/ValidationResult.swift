public import SeqMetrics

/// The figures of one validation.
public struct ValidationResult: Sendable {
    /// Updates before it.
    public var step: Int
    /// The epoch, from 1.
    public var epoch: Int
    /// Of the targets.
    public var perplexity: Double
    /// Of the training targets since the last validation, as they were learned from; nil before the first
    /// update.
    public var trainingPerplexity: Double?
    /// Of translations, by the metrics that were asked for.
    public var scores: [Metric: Double] = [:]
    /// Of outputs of labels behind the first, by their names.
    public var outputs: [String: [Metric: Double]] = [:]
    /// How each score was made.
    public var signatures: [Metric: String] = [:]
    /// BLEU by the length of the source, if computed.
    public var bleuByLength: [LengthBin]?
    /// What can be seen of the translations without judging them; nil without scores.
    public var health: OutputHealth?
    /// What is likely to be wrong, and what to do about it.
    public var warnings: [String] = []
    /// Whether it is the best so far.
    public var isBest = false
    /// Some translations.
    public var samples: [Sample] = []

    init(step: Int, epoch: Int, perplexity: Double) {
        self.step = step
        self.epoch = epoch
        self.perplexity = perplexity
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

    /// Its figures with their names, for whoever shows them.
    public var figures: [(name: String, value: Double)] {
        [("perplexity", perplexity)]
            + Metric.allCases.compactMap { metric in scores[metric].map { (metric.title, $0) } }
            + outputs.sorted { $0.key < $1.key }.flatMap { name, scores in
                Metric.allCases.compactMap { metric in
                    scores[metric].map { ("\(name) \(metric.title)", $0) }
                }
            }
    }

    /// How its scores were made, each with its name.
    public var signatureLines: [String] {
        Metric.allCases.compactMap { metric in
            signatures[metric].map { "\(metric.title): \($0)" }
        }
    }

    /// The figure that decisions rest on; not a number where it was not computed.
    func value(_ metric: Metric) -> Double {
        metric == .perplexity ? perplexity : scores[metric] ?? .nan
    }
}

/// In JSON a score stands under the name of its metric, beside the perplexity.
extension ValidationResult: Codable {
    private enum CodingKeys: String, CodingKey {
        case step, epoch, perplexity, signatures, health, warnings, samples, outputs
        case trainingPerplexity = "training_perplexity"
        case bleuByLength = "bleu_by_length"
        case isBest = "is_best"
    }

    /// Keys of version 0.1.
    private enum OldKeys: String, CodingKey {
        case bleuByLength, isBest
    }

    /// Reads the figures; what older versions did not measure may be absent.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        step = try values.decode(Int.self, forKey: .step)
        epoch = try values.decode(Int.self, forKey: .epoch)
        perplexity = try values.decodeIfPresent(Double.self, forKey: .perplexity) ?? .nan
        trainingPerplexity = try values.decodeIfPresent(Double.self, forKey: .trainingPerplexity)
        let metrics = try decoder.container(keyedBy: Metric.self)
        for metric in Metric.allCases where metric != .perplexity {
            scores[metric] = try metrics.decodeIfPresent(Double.self, forKey: metric)
        }
        let signatures = try values.decodeIfPresent([String: String].self, forKey: .signatures)
        for (name, signature) in signatures ?? [:] {
            if let metric = Metric(rawValue: name) { self.signatures[metric] = signature }
        }
        let old = try decoder.container(keyedBy: OldKeys.self)
        bleuByLength =
            try values.decodeIfPresent([LengthBin].self, forKey: .bleuByLength)
            ?? old.decodeIfPresent([LengthBin].self, forKey: .bleuByLength)
        health = try values.decodeIfPresent(OutputHealth.self, forKey: .health)
        warnings = try values.decodeIfPresent([String].self, forKey: .warnings) ?? []
        let outputs = try values.decodeIfPresent(
            [String: [String: Double]].self, forKey: .outputs)
        self.outputs = (outputs ?? [:]).mapValues { scores in
            Dictionary(
                uniqueKeysWithValues: scores.compactMap { name, value in
                    Metric(rawValue: name).map { ($0, value) }
                })
        }
        isBest =
            try values.decodeIfPresent(Bool.self, forKey: .isBest)
            ?? old.decode(Bool.self, forKey: .isBest)
        samples = try values.decode([Sample].self, forKey: .samples)
    }

    /// Writes the figures.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(step, forKey: .step)
        try values.encode(epoch, forKey: .epoch)
        try values.encode(perplexity, forKey: .perplexity)
        try values.encodeIfPresent(trainingPerplexity, forKey: .trainingPerplexity)
        var metrics = encoder.container(keyedBy: Metric.self)
        for (metric, score) in scores { try metrics.encode(score, forKey: metric) }
        if !outputs.isEmpty {
            let named = outputs.mapValues { scores in
                Dictionary(uniqueKeysWithValues: scores.map { ($0.rawValue, $1) })
            }
            try values.encode(named, forKey: .outputs)
        }
        if !signatures.isEmpty {
            let named = signatures.map { ($0.rawValue, $1) }
            try values.encode(Dictionary(uniqueKeysWithValues: named), forKey: .signatures)
        }
        try values.encodeIfPresent(bleuByLength, forKey: .bleuByLength)
        try values.encodeIfPresent(health, forKey: .health)
        try values.encode(warnings, forKey: .warnings)
        try values.encode(isBest, forKey: .isBest)
        try values.encode(samples, forKey: .samples)
    }
}
