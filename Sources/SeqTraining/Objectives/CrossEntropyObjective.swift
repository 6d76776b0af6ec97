import SeqModels
import SeqNN
import SeqTensor

/// The cross-entropy of the targets, with what the decoder sees changed by word dropout, scheduled sampling
/// or teacher forcing.
struct CrossEntropyObjective: Objective {
    let model: TranslationModel
    let training: TrainingConfiguration

    func loss(
        of pairs: TrainingPairs, among totals: LossTotals, share: Float, dropout: inout Dropout
    ) -> ObjectiveLoss {
        var batch = training.wordDropout.batch(of: pairs, for: model)
        let source = model.encode(batch.source, dropout: &dropout)
        guard model.configuration.hasText else {
            return ObjectiveLoss(
                tokens: model.loss(
                    of: batch, source: source, labelSmoothing: training.labelSmoothing,
                    labelScales: totals.perLabel.map { share * $0 }, dropout: &dropout))
        }
        let isOwn = ownInputs(of: batch, pairs)
        if isOwn.contains(true) {
            batch.decoderInput = model.decoderInput(
                of: batch, source: source, isOwn: isOwn,
                numbers: training.scheduledSampling.samples ? numbers(batch, pairs) : nil,
                isStepwise: training.teacherForcing < 1, dropout: &dropout)
        }
        return ObjectiveLoss(
            tokens: model.loss(
                of: batch, source: source, labelSmoothing: training.labelSmoothing,
                alignmentWeight: training.guidedAlignment, scale: share * totals.perToken,
                dropout: &dropout))
    }

    /// For each row of the decoder's input, whether the model's own token stands there.
    private func ownInputs(of batch: TranslationBatch, _ pairs: TrainingPairs) -> [Bool] {
        let probability = training.scheduledSampling.probability(step: pairs.step)
        guard probability < 1 || training.teacherForcing < 1 else { return [] }
        return batch.decoderInput.layout.lengths.enumerated().flatMap { place, length in
            var generator = pairs.generator("own input", place)
            let isFree = generator.nextUnit() >= Double(training.teacherForcing)
            return (0..<length).map { step in
                let isDrawn = generator.nextUnit() >= probability
                return step > 0 && (isFree || isDrawn)
            }
        }
    }

    /// The numbers that draw the model's own tokens.
    private func numbers(_ batch: TranslationBatch, _ pairs: TrainingPairs) -> [Double] {
        batch.decoderInput.layout.lengths.enumerated().flatMap { place, length in
            var generator = pairs.generator("own token", place)
            return (0..<length).map { _ in generator.nextUnit() }
        }
    }
}
