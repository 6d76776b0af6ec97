import SeqFiles
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
    func pairs(_ indices: [Int], step: Int) throws -> TrainingPairs {
        TrainingPairs(
            pairs: try data.train.examples(indices), indices: indices,
            unknownWords: data.unknownWords, step: step, seed: configuration.seed,
            endSymbols: data.train.endSymbols)
    }

    /// Refuses a batch whose attention weights are more than can be counted in 32 bits.
    func checkSize(_ pairs: TrainingPairs) throws {
        guard configuration.model.hasAttention else { return }
        let training = configuration.training
        // What an objective makes of a pair: two of it, or as many outputs as it draws, of about its length.
        let copies =
            training.sequence.type != .none
            ? training.sequence.samples + 1 : training.rDrop > 0 ? 2 : 1
        let weights =
            copies
            * pairs.pairs.reduce(0) { $0 + ($1.source.count + 1) * ($1.target.count + 1) }
        guard weights > Int32.max else { return }
        throw Seq2SeqError(
            .badConfiguration,
            reason:
                "a batch of \(pairs.pairs.count) pairs has \(weights) attention weights, more than \(Int32.max)",
            remedy: "lower training.batch.size or data.maximum_length")
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

    /// The name of the first tensor with a NaN or infinity on the way to the gradients of some batches.
    func firstNotFinite(of batches: [TrainingPairs]) -> String {
        if let parameter = model.parameters.first(where: { !$0.value.isFinite }) {
            return "the parameter \(parameter.name)"
        }
        var dropout = Dropout.none
        let operation = Precision.$current.withValue(configuration.training.precision) {
            firstNotFiniteOperation {
                for pairs in batches {
                    _ = model.loss(of: pairs.batch(for: model), dropout: &dropout)
                }
            }
        }
        return operation.map { "the result of \($0)" }
            ?? buffer.firstNotFinite.map { "the \($0)" } ?? "the loss"
    }
}
