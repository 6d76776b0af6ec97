import SeqData
import SeqModels
import SeqNN
import SeqTensor

/// Computes the gradients of batches of the training data.
struct BatchGradient {
    let configuration: RunConfiguration
    let model: TranslationModel
    let data: TrainingData
    let buffer: ParameterBuffer

    /// Pairs as the model takes them.
    func batch(_ pairs: [TranslationPair]) -> TranslationBatch {
        model.batch(pairs, unknownWords: data.unknownWords)
    }

    /// Leaves the gradient of the loss a token in the buffer, or adds it to what is there.
    ///
    /// - Parameter tokens: the target tokens of all batches of the update.
    func callAsFunction(
        of batch: TranslationBatch, tokens: Int, accumulates: Bool, dropout: inout Dropout
    ) -> TokenLoss {
        let training = configuration.training
        var loss: TokenLoss?
        let objective = Precision.$current.withValue(training.precision) {
            buffer.valueAndGradient(accumulates: accumulates) {
                let computed = model.loss(
                    of: batch, labelSmoothing: training.labelSmoothing,
                    alignmentWeight: training.guidedAlignment, scale: 1 / Float(tokens),
                    dropout: &dropout)
                loss = computed
                return computed.objective
            }
        }
        guard let loss else { preconditionFailure("no loss of \(objective.item)") }
        return loss
    }
}
