import SeqData
import SeqDecoding
import SeqMetrics
import SeqModels
import SeqNN
import SeqTensor
import SeqText

/// Measures perplexity and the quality of translations of a model on pairs it has not learned from.
struct Validator {
    let configuration: RunConfiguration
    let data: TrainingData.Validation
    /// The source words with the ids behind the vocabulary.
    let unknownWords: [String]

    func callAsFunction(_ folder: ModelFolder, step: Int, epoch: Int) throws -> ValidationResult {
        let precision = configuration.training.precision
        let perplexity = Precision.$current.withValue(precision) {
            Validator.perplexity(
                folder.model, (0..<data.corpus.count).map { data.corpus[$0].translationPair },
                unknownWords: unknownWords)
        }
        var result = ValidationResult(step: step, epoch: epoch, perplexity: perplexity.value)
        let limit = configuration.validation.pairs
        let count = limit == 0 ? data.sources.count : min(limit, data.sources.count)
        let shown = min(configuration.validation.samples, count)
        let metrics = configuration.validation.metrics
        let wanted = metrics.isEmpty ? shown : count
        guard wanted > 0 else { return result }
        var translator = Translator(folder)
        translator.options = configuration.decoding
        translator.options.nBest = 1
        translator.precision = precision
        let found = try translator.translate(Array(data.sources.prefix(wanted))).map { $0[0] }
        if !metrics.isEmpty { try judge(found, in: folder, &result) }
        result.samples = (0..<shown).map {
            .init(
                source: data.sources[$0], reference: data.references[$0], hypothesis: found[$0].text
            )
        }
        return result
    }

    /// Computes the metrics and measures of translations of the first sources.
    private func judge(
        _ found: [Translation], in folder: ModelFolder, _ result: inout ValidationResult
    ) throws {
        let references = Array(data.references.prefix(found.count))
        for name in configuration.validation.metrics {
            let metric = configuration.validation.metric(
                name, language: folder.target.configuration.language)
            let score: (any MetricScore)? = try metric?.corpusScore(
                hypotheses: found.map(\.text), references: references)
            result.scores[name] = score?.score
            result.signatures[name] = score?.signature
        }
        let outputs = zip(found, references).enumerated().map { index, pair in
            OutputHealth.Output(
                source: data.sources[index], reference: pair.1,
                referenceTokens: folder.target.tokens(pair.1), text: pair.0.text,
                tokens: pair.0.tokens, isCut: !pair.0.isComplete)
        }
        result.health = OutputHealth(outputs, unknownToken: Vocabulary.unknownToken)
    }

    /// The perplexity of the references by the frequencies of their tokens alone.
    func frequencyPerplexity(_ folder: ModelFolder) -> Double {
        TrainingHealth.frequencyPerplexity(data.references.map { folder.target.tokens($0) })
    }

    /// The perplexity of the targets of `pairs`.
    static func perplexity(
        _ model: TranslationModel, _ pairs: [TranslationPair], unknownWords: [String] = []
    ) -> Perplexity {
        let order = pairs.indices.sorted {
            (pairs[$0].target.count, $0) < (pairs[$1].target.count, $1)
        }
        var total = 0.0
        var tokens = 0
        for start in stride(from: 0, to: order.count, by: 64) {
            var dropout = Dropout.none
            let batch = model.batch(
                order[start..<min(start + 64, order.count)].map { pairs[$0] },
                unknownWords: unknownWords)
            let loss = model.loss(of: batch, dropout: &dropout)
            total += loss.negativeLogLikelihood
            tokens += loss.tokens
        }
        return Perplexity(totalLogProbability: -total, tokenCount: tokens)
    }
}
