import SeqModels
import SeqNN
import SeqTensor

/// R-Drop (Wu and others 2021): each pair goes through the model twice with different dropout, and the two
/// distributions of each token are drawn to each other.
struct ConsistencyObjective: Objective {
    let model: TranslationModel
    let training: TrainingConfiguration

    func loss(
        of pairs: TrainingPairs, among totals: LossTotals, share: Float, dropout: inout Dropout
    ) -> ObjectiveLoss {
        var twice = pairs
        twice.pairs += pairs.pairs
        twice.indices += pairs.indices
        return ObjectiveLoss(
            tokens: model.consistencyLoss(
                ofTwice: training.wordDropout.batch(of: twice, for: model), alpha: training.rDrop,
                labelSmoothing: training.labelSmoothing,
                alignmentWeight: training.guidedAlignment, scale: share * totals.perToken,
                dropout: &dropout))
    }
}
