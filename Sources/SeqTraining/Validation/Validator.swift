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
    /// Asked between batches; true gives the validation up.
    var shouldStop: () -> Bool = { false }

    /// Validates the model of `folder`; nil if it was given up.
    func callAsFunction(_ folder: ModelFolder, step: Int, epoch: Int) throws -> ValidationResult? {
        let precision = configuration.training.precision
        let memory = try configuration.boundedDecoding.memoryLimit()
        let measured = Precision.$current.withValue(precision) {
            Validator.perplexity(
                folder.model, data.examples, unknownWords: unknownWords, memory: memory,
                shouldStop: shouldStop)
        }
        guard let perplexity = measured else { return nil }
        var result = ValidationResult(step: step, epoch: epoch, perplexity: perplexity.value)
        let limit = configuration.validation.pairs
        let count = limit == 0 ? data.sources.count : min(limit, data.sources.count)
        let shown = min(configuration.validation.samples, count)
        let metrics = configuration.validation.metrics
        let wanted = metrics.isEmpty ? shown : count
        guard wanted > 0 else { return result }
        var translator = Translator(folder)
        translator.options = configuration.boundedDecoding
        translator.options.nBest = 1
        translator.precision = precision
        guard let found = try translations(of: data.sources.prefix(wanted), translator) else {
            return nil
        }
        if !metrics.isEmpty { try judge(found, in: folder, &result) }
        let shownSources = Array(data.sources.prefix(shown))
        let attention = try attention(shownSources, translator)
        result.samples = (0..<shown).map {
            .init(
                source: data.sources[$0], reference: data.references[$0],
                hypothesis: found[$0].text, attention: attention[$0])
        }
        return result
    }

    /// The best translation of each source, in parts of some batches a thread; nil if the run is to stop.
    private func translations(
        of sources: ArraySlice<String>, _ translator: Translator
    ) throws -> [Translation]? {
        var found: [Translation] = []
        let part = 2 * ThreadTeam.count * max(1, translator.options.batchSize)
        for start in stride(from: 0, to: sources.count, by: part) {
            if shouldStop() { return nil }
            let texts = Array(sources[start..<min(start + part, sources.count)])
            found += try translator.translate(texts).map { $0[0] }
        }
        return found
    }

    /// What the model looks at when it translates `sources`.
    private func attention(
        _ sources: [String], _ translator: Translator
    ) throws -> [AttentionMap?] {
        guard configuration.model.hasAttention else { return sources.map { _ in nil } }
        var translator = translator
        translator.keepsAlignments = true
        return zip(sources, try translator.translate(sources)).map { source, found in
            AttentionMap(
                source: translator.folder.source.tokens(source), target: found[0].tokens,
                weights: found[0].alignment)
        }
    }

    /// Computes the metrics and measures of translations of the first sources.
    private func judge(
        _ found: [Translation], in folder: ModelFolder, _ result: inout ValidationResult
    ) throws {
        guard configuration.model.hasText else { return try judgeLabels(found, &result) }
        let references = Array(data.references.prefix(found.count))
        for name in configuration.validation.metrics {
            let metric = configuration.validation.metric(
                name, language: folder.target.configuration.language)
            let score: (any MetricScore)? = try metric?.corpusScore(
                hypotheses: found.map(\.text), references: references)
            result.scores[name] = score?.score
            result.signatures[name] = score?.signature
        }
        if configuration.validation.metrics.contains(.bleu) {
            let metric = configuration.validation.metric(
                language: folder.target.configuration.language)
            result.bleuByLength = LengthBin.all(
                metric, lengths: data.examples.map(\.source.count), hypotheses: found.map(\.text),
                references: data.references)
        }
        let outputs = zip(found, references).enumerated().map { index, pair in
            OutputHealth.Output(
                source: data.sources[index], reference: pair.1,
                referenceTokens: folder.target.tokens(pair.1), text: pair.0.text,
                tokens: pair.0.tokens, isCut: !pair.0.isComplete)
        }
        result.health = OutputHealth(outputs, unknownToken: Vocabulary.unknownToken)
    }

    /// Computes the metrics of outputs of labels; those of further outputs stand under their names.
    private func judgeLabels(
        _ found: [Translation], _ result: inout ValidationResult
    ) throws {
        for (index, output) in configuration.outputs.enumerated() {
            let hypotheses = found.map { prediction in
                prediction.outputs[index].labels.joined(separator: " ")
            }
            let references = Array(data.outputs[index].prefix(found.count))
            for name in output.metrics(among: configuration.validation.metrics) {
                let metric = output.metric(name)
                let score: (any MetricScore)? = try metric?.corpusScore(
                    hypotheses: hypotheses, references: references)
                if index == 0 {
                    result.scores[name] = score?.score
                    result.signatures[name] = score?.signature
                } else {
                    result.outputs[output.name, default: [:]][name] = score?.score
                }
            }
        }
    }

    /// The perplexity of the references by the frequencies of their tokens alone.
    func frequencyPerplexity(_ folder: ModelFolder) -> Double {
        guard folder.model.configuration.hasText else {
            return TrainingHealth.frequencyPerplexity(
                data.references.prefix(data.examples.count).map {
                    $0.split(separator: " ").map(String.init)
                })
        }
        return TrainingHealth.frequencyPerplexity(
            data.references.prefix(data.examples.count).map { folder.target.tokens($0) })
    }

    /// The perplexity of the targets of `pairs`; nil if `shouldStop` says so before the end.
    static func perplexity(
        _ model: TranslationModel, _ pairs: [Example], unknownWords: [String] = [],
        memory: Int = .max, shouldStop: () -> Bool = { false }
    ) -> Perplexity? {
        let order = pairs.indices.sorted {
            (pairs[$0].target.count, $0) < (pairs[$1].target.count, $1)
        }
        var total = 0.0
        var tokens = 0
        let batches = MemoryBatches(most: 64, limit: Double(memory)).cut(order) {
            model.scoringCost(source: pairs[$0].source.count, target: pairs[$0].target.count)
        }
        for indices in batches {
            if shouldStop() { return nil }
            var dropout = Dropout.none
            let batch = model.batch(indices.map { pairs[$0] }, unknownWords: unknownWords)
            let loss = model.loss(of: batch, dropout: &dropout)
            total += loss.negativeLogLikelihood
            tokens += loss.tokens
        }
        return Perplexity(totalLogProbability: -total, tokenCount: tokens)
    }
}
