#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import SeqModels
import SeqNN

/// Turns the figures of validations into warnings in plain language that name the likely cause.
///
/// A perplexity that only a model which diverges has is told at once. Nothing else is said of the
/// beginning, where every model is bad. It is over once the first epoch is, and
/// the model predicts the references four times as well as the mere frequencies of their tokens do, that
/// is, with a quarter of the perplexity. A model that never comes so far has had its beginning after three
/// epochs of together 1000 updates or more. Nor is anything said while the perplexity still falls by more
/// than a quarter from one validation to the next. Shares are not judged in fewer than 20 outputs.
struct TrainingHealth: Codable, Sendable, Hashable {
    /// The best validation perplexity, and what that of training was then.
    private var best: Double?
    private var trainingAtBest: Double?
    /// The validations in a row above the best.
    private(set) var above = 0
    /// The perplexity of training at the validation before.
    private var lastTraining: Double?
    /// That of validation then.
    private var last: Double?

    /// Takes a validation and returns what to warn of.
    ///
    /// - Parameters:
    ///   - result: the figures; its epoch is the one that runs or has just ended.
    ///   - frequency: the perplexity of the references by the frequencies of their tokens alone.
    ///   - model: what is trained, so that a remedy suits it.
    mutating func warnings(
        _ result: ValidationResult, frequency: Double, model: ModelConfiguration
    ) -> [String] {
        let isLearned = result.perplexity <= frequency / 4
        let isFalling = last.map { result.perplexity < 0.75 * $0 } ?? false
        last = result.perplexity
        let isPastBeginning =
            result.epoch > 1 && !isFalling
            && (isLearned || result.epoch > 3 && result.step >= 1000)
        let trend = perplexityWarnings(result)
        guard result.perplexity <= 1000 * frequency else {
            return trend + [
                "validation perplexity \(decimals(result.perplexity)) is more than a thousand times the \(decimals(frequency)) that the frequencies of tokens alone give: training diverges; lower training.optimizer.learning_rate or training.clip_norm"
            ]
        }
        guard isPastBeginning else { return [] }
        let outputs = result.health.map {
            $0.outputs < 20 ? [] : TrainingHealth.warnings($0, model)
        }
        return trend + (outputs ?? [])
    }

    /// What the perplexities of training and validation say of each other.
    private mutating func perplexityWarnings(_ result: ValidationResult) -> [String] {
        var warnings: [String] = []
        let (validation, training) = (result.perplexity, result.trainingPerplexity)
        if let training, let lastTraining, training > 0.8 * lastTraining,
            validation < 0.4 * training
        {
            warnings.append(
                "validation perplexity \(decimals(validation)) is far below training's \(decimals(training)): look for validation pairs in the training corpus with seq2seq check-data"
            )
        }
        lastTraining = training
        if validation < best ?? .infinity {
            (best, trainingAtBest, above) = (validation, training, 0)
        } else {
            above += 1
        }
        if above >= 3, let best, validation > 1.05 * best, let training, let trainingAtBest,
            training < trainingAtBest
        {
            warnings.append(
                "validation perplexity has risen from \(decimals(best)) to \(decimals(validation)) while training's fell from \(decimals(trainingAtBest)) to \(decimals(training)): the model learns the corpus by heart; lower training.epochs, raise model.dropout, or give more data"
            )
        }
        return warnings
    }

    /// What translations say of the model.
    static func warnings(_ health: OutputHealth, _ model: ModelConfiguration) -> [String] {
        var warnings: [String] = []
        func warn(_ isBad: Bool, _ text: String) {
            if isBad { warnings.append(text) }
        }
        if health.mostFrequent >= 0.5, health.mostFrequent > 2 * health.referenceMostFrequent {
            let which =
                health.mostFrequent == 1
                ? "every output is" : "\(percent(health.mostFrequent)) of outputs are"
            // A target of unknown tokens says nothing that the source could tell.
            let cause =
                health.unknown > 0.5
                ? "\(percent(health.unknown)) of output tokens are unknown; lower tokenizer.target.minimum_count, raise its vocabulary_size, or use subwords"
                : "the model ignores the source; check that source and target files correspond line by line"
            // The other measures would only say the same of that one sentence.
            return ["\(which) the same sentence: \(cause)"]
        }
        let ratio = decimals(health.lengthRatio)
        warn(
            health.lengthRatio < 0.8,
            "outputs stop too early (length ratio \(ratio)): raise decoding.length_penalty")
        warn(
            health.lengthRatio > 1.25,
            "outputs run on too long (length ratio \(ratio)): train longer, or lower decoding.length_penalty"
        )
        warn(
            health.empty > 0.02,
            "\(percent(health.empty)) of outputs are empty: raise decoding.length_penalty")
        warn(
            health.cut > 0.05,
            health.lengthRatio > 1
                ? "\(percent(health.cut)) of outputs reach the longest allowed length: the model does not know where to stop; train longer"
                : "\(percent(health.cut)) of outputs are cut at the longest allowed length: raise decoding.maximum_length_ratio or decoding.maximum_length_offset"
        )
        let repeats =
            health.repetition > health.referenceRepetition + 0.05
            || health.repeatedFourGrams > 2 * health.referenceRepeatedFourGrams + 0.05
        let share = max(
            health.repetition, health.repetition == 0 ? health.repeatedFourGrams : 0)
        let what =
            health.repetition == 0
            ? "of four-token sequences are repetitions" : "of outputs repeat themselves"
        warn(
            repeats,
            "\(percent(share)) \(what): \(remedies(ofRepetitionIn: model))")
        warn(
            health.unknown > 0.03,
            "\(percent(health.unknown)) of output tokens are unknown: the vocabulary is too small; use subwords (tokenizer.target.kind: sentencepiece), or predict with --replace-unknown"
        )
        warn(
            health.copied > health.referenceCopied + 0.1,
            "\(percent(health.copied)) of outputs are copies of their source: look for pairs with identical sides in the training corpus with seq2seq check-data"
        )
        return warnings
    }

    private static func remedies(ofRepetitionIn model: ModelConfiguration) -> String {
        var remedies = ["train longer"]
        if model.attention.score != .none, model.decoder.type.isRecurrent {
            if model.attention.coverage == .none {
                remedies.append("try model.attention.coverage")
            }
            if model.decoder.type == .luong, !model.decoder.hasInputFeeding {
                remedies.append("try model.decoder.input_feeding: true")
            }
        }
        return remedies.joined(separator: ", or ")
    }

    /// The perplexity of texts by the frequencies of their tokens alone, ends included.
    static func frequencyPerplexity(_ texts: [[String]]) -> Double {
        var counts: [String: Int] = [:]
        for token in texts.joined() { counts[token, default: 0] += 1 }
        let all = [texts.count] + counts.values
        let total = Double(all.reduce(0, +))
        return exp(
            all.reduce(0) { sum, count in
                count == 0 ? sum : sum - Double(count) / total * log(Double(count) / total)
            })
    }

    private static func percent(_ share: Double) -> String {
        "\(Int((100 * share).rounded())) %"
    }

    private static func decimals(_ value: Double) -> String {
        guard abs(value) < 1e6 else { return "\(value)" }
        return "\((100 * value).rounded() / 100)"
    }

    private func decimals(_ value: Double) -> String { TrainingHealth.decimals(value) }
}
