import SeqMetrics
import SeqModels
import SeqText

/// How good an output is: 1 for the reference itself, and less for others.
///
/// It is a hundredth of the metric as it is used on sentences, or 1 less that for an error rate. Outputs and
/// references are compared as text, put together by the target tokenizer as in validation. A token that a
/// model copies is spelt by its number in the source; an unknown token never equals another.
struct SequenceReward: Sendable {
    /// The metrics that tell something of a sentence.
    static let metrics: [Metric] = [.bleu, .chrf, .chrfPlusPlus, .ter, .wer, .cer]

    private let metric: any CorpusMetric
    private let target: TextCodec

    init(_ metric: Metric, validation: ValidationConfiguration, target: TextCodec) {
        guard SequenceReward.metrics.contains(metric),
            let found = validation.metric(metric, language: target.configuration.language)
        else { preconditionFailure("SequenceReward: \(metric) is not of texts") }
        self.metric = found
        self.target = target
    }

    /// The reward of an output, given as tokens without start and end.
    func callAsFunction(_ output: [Int32], reference: [Int32]) -> Double {
        let share =
            score(metric, text(output, unknown: "\u{FFFD}"), text(reference, unknown: "<unk>"))
            / 100
        return metric.metric.isHigherBetter ? share : 1 - share
    }

    private func score(_ metric: some CorpusMetric, _ output: String, _ reference: String) -> Double
    {
        metric.forSentences.sentenceScore(hypothesis: output, references: [reference]).score
    }

    private func text(_ ids: [Int32], unknown: String) -> String {
        let size = Int32(target.count)
        if ids.allSatisfy({ $0 < size && $0 != TranslationModel.unknownToken }) {
            return target.decode(ids)
        }
        let spelt = ids.filter {
            $0 != TranslationModel.startToken && $0 != TranslationModel.endToken
        }
        return target.detokenize(
            spelt.map { id in
                if id == TranslationModel.unknownToken { return unknown }
                return id < size ? target.token(of: id) : "copied\(id - size)"
            })
    }
}
