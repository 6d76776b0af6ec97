import SeqMetrics
import SeqModels
import SeqText

/// What judges an output in training on whole outputs.
public enum SequenceMetric: String, Codable, Sendable, CaseIterable {
    /// BLEU of the sentence, smoothed as sacreBLEU does.
    case bleu
    /// The word error rate.
    case wer
}

/// How good an output is: 1 for the reference itself, and less for others.
///
/// Outputs and references are compared as text, put together by the target tokenizer as in validation. A
/// token that a model copies is spelt by its number in the source; an unknown token never equals another.
struct SequenceReward: Sendable {
    private let metric: SequenceMetric
    private let bleu: BLEU
    private let lowercase: Bool
    private let target: TextCodec

    init(_ metric: SequenceMetric, validation: ValidationConfiguration, target: TextCodec) {
        self.metric = metric
        self.target = target
        lowercase = validation.lowercase
        var bleu = validation.metric(language: target.configuration.language)
        bleu.effectiveOrder = true
        self.bleu = bleu
    }

    /// The reward of an output, given as tokens without start and end.
    func callAsFunction(_ output: [Int32], reference: [Int32]) -> Double {
        let (output, reference) = (text(output, unknown: "\u{FFFD}"), text(reference))
        switch metric {
        case .bleu:
            return bleu.sentenceScore(hypothesis: output, references: [reference]).score / 100
        case .wer: return 1 - wordErrorRate(output, reference)
        }
    }

    private func text(_ ids: [Int32], unknown: String = "<unk>") -> String {
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

    private func wordErrorRate(_ output: String, _ reference: String) -> Double {
        let (output, reference) = (words(output), words(reference))
        var row = Array(0...reference.count)
        for (i, word) in output.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in reference.enumerated() {
                let replaced = diagonal + (word == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return Double(row[reference.count]) / Double(max(1, reference.count))
    }

    private func words(_ text: String) -> [Substring] {
        (lowercase ? text.lowercased() : text).split(separator: " ")
    }
}
