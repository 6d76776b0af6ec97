package import SeqMetrics
package import SeqModels
import SeqText

extension OutputPart {
    /// The metrics of outputs of this kind.
    package var possibleMetrics: [Metric] {
        switch self {
        case .text:
            [
                .bleu, .chrf, .chrfPlusPlus, .ter, .wer, .cer, .tokenAccuracy, .sentenceAccuracy,
                .segmentationF1,
            ]
        case .labels: [.accuracy, .macroF1, .spanF1, .sentenceAccuracy]
        case .label: [.accuracy, .macroF1]
        }
    }

    /// Those of the given metrics that can be computed of the output.
    func metrics(among wanted: [Metric]) -> [Metric] { wanted.filter(possibleMetrics.contains) }

    /// What is computed of an output unless the user says otherwise.
    package var usualMetrics: [Metric] {
        switch self {
        case .text: [.bleu]
        case .labels(let output): output.scheme == .none ? [.accuracy] : [.spanF1, .accuracy]
        case .label: [.accuracy]
        }
    }

    /// The metric for lines of such labels.
    package func metric(_ metric: Metric) -> (any CorpusMetric)? {
        let lines: LabelLines = kind == .label ? .whole : .steps
        return switch metric {
        case .accuracy: LabelAccuracy(lines)
        case .macroF1: MacroF1(lines)
        case .spanF1: SpanF1Metric()
        case .sentenceAccuracy: SentenceAccuracy()
        default: nil
        }
    }
}
