/// The name of a measure of quality, as configurations and reports write it.
public enum Metric: String, CaseIterable, Codable, Hashable, Sendable, CustomStringConvertible {
    /// BLEU of a corpus, from 0 to 100.
    case bleu
    /// chrF of a corpus, from 0 to 100.
    case chrf
    /// chrF++ of a corpus, from 0 to 100.
    case chrfPlusPlus = "chrf++"
    /// The translation edit rate, from 0 upwards; 100 is as many edits as the references have words.
    case ter
    /// The word error rate, from 0 upwards; 100 is as many errors as the references have words.
    case wer
    /// The character error rate, from 0 upwards; 100 is as many as the references have characters.
    case cer
    /// The share of positions that hold the expected token, from 0 to 1.
    case tokenAccuracy = "token_accuracy"
    /// The share of sequences that are right in every position, from 0 to 1.
    case sentenceAccuracy = "sentence_accuracy"
    /// The share of labels that are right, from 0 to 1.
    case accuracy
    /// The mean over labels of the F1 of each, from 0 to 1.
    case macroF1 = "macro_f1"
    /// The F1 of the spans that labels mark, from 0 to 1.
    case spanF1 = "span_f1"
    /// The F1 of words in text that is cut into words, from 0 to 1.
    case segmentationF1 = "segmentation_f1"
    /// The exponential of the mean negative log-probability of a token, from 1 upwards.
    case perplexity

    /// Whether a higher value is a better one.
    public var isHigherBetter: Bool {
        switch self {
        case .bleu, .chrf, .chrfPlusPlus, .tokenAccuracy, .sentenceAccuracy, .accuracy, .macroF1,
            .spanF1, .segmentationF1:
            true
        case .ter, .wer, .cer, .perplexity: false
        }
    }

    /// Returns whether `value` is strictly better than `other`.
    ///
    /// A value that is not a number is never better, and any number is better than it.
    public func isBetter(_ value: Double, than other: Double) -> Bool {
        if value.isNaN { return false }
        if other.isNaN { return true }
        return isHigherBetter ? value > other : value < other
    }

    /// The name as people write it.
    public var title: String {
        switch self {
        case .bleu: "BLEU"
        case .chrf: "chrF"
        case .chrfPlusPlus: "chrF++"
        case .ter: "TER"
        case .wer: "WER"
        case .cer: "CER"
        case .tokenAccuracy: "token accuracy"
        case .sentenceAccuracy: "sentence accuracy"
        case .accuracy: "accuracy"
        case .macroF1: "macro F1"
        case .spanF1: "span F1"
        case .segmentationF1: "segmentation F1"
        case .perplexity: "perplexity"
        }
    }

    /// The name as configurations write it.
    public var description: String { rawValue }
}

/// A metric is also the key under which logs write its value.
extension Metric: CodingKey {}
