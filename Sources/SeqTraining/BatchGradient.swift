import SeqData
import SeqModels
import SeqNN
import SeqTensor

/// Computes the gradients of batches of the training data.
struct BatchGradient {
    let configuration: RunConfiguration
    let model: TranslationModel
    let objective: any Objective
    let data: TrainingData
    let buffer: ParameterBuffer

    /// The pairs with these indices, for the update after `step` ones.
    func pairs(_ indices: [Int], step: Int) -> TrainingPairs {
        TrainingPairs(
            pairs: indices.map { data.train[$0].translationPair }, indices: indices,
            unknownWords: data.unknownWords, step: step, seed: configuration.seed)
    }

    /// Leaves the gradient of the objective in the buffer, or adds it to what is there.
    ///
    /// - Parameter totals: what the pairs of all batches of the update count.
    func callAsFunction(
        of pairs: TrainingPairs, among totals: LossTotals, accumulates: Bool,
        dropout: inout Dropout
    ) -> ObjectiveLoss {
        var loss: ObjectiveLoss?
        let minimized = Precision.$current.withValue(configuration.training.precision) {
            buffer.valueAndGradient(accumulates: accumulates) {
                let computed = objective.loss(
                    of: pairs, among: totals, share: 1, dropout: &dropout)
                loss = computed
                return computed.tokens.objective
            }
        }
        guard let loss else { preconditionFailure("no loss of \(minimized.item)") }
        return loss
    }
}
