public import SeqNN
public import SeqTensor

extension TranslationModel {
    /// What the decoder sees in training when some of its input is what the model itself says there, given
    /// what it saw before (Bengio and others 2015), outside the tape.
    ///
    /// Recurrent decoders go step by step, so that a token of the model follows from those it has said before.
    /// Others look at the true input of all steps at once (Mihaylova & Martins 2019), unless `isStepwise`
    /// says otherwise.
    ///
    /// - Parameters:
    ///   - batch: pairs of sequences.
    ///   - source: what ``encode(_:dropout:)`` made of its sources.
    ///   - isOwn: for each row of the decoder's input, whether the model's own token stands there; false for
    ///     first steps.
    ///   - numbers: for each row a uniform number from 0 up to 1 that draws the token from the model's
    ///     distribution; nil takes the most probable one.
    ///   - isStepwise: whether all decoders go step by step.
    ///   - dropout: for training; masks are others than those of the loss.
    public func decoderInput(
        of batch: TranslationBatch, source: EncodedSource, isOwn: [Bool], numbers: [Double]? = nil,
        isStepwise: Bool = false, dropout: inout Dropout
    ) -> TokenSequences {
        let layout = batch.decoderInput.layout
        precondition(
            isOwn.count == layout.steps && numbers.map { $0.count == layout.steps } ?? true,
            "decoderInput: \(isOwn.count) choices for \(layout.steps) rows")
        return withoutGradient {
            let isParallel =
                !isStepwise && !configuration.decoder.type.isRecurrent && !output.needsContext
            let tokens =
                isParallel
                ? ownTokens(batch, source, isOwn, numbers, dropout: &dropout)
                : ownTokensStepwise(batch, source, isOwn, numbers, dropout: &dropout)
            return TokenSequences(tokens: tokens, layout: layout)
        }
    }

    private func ownTokens(
        _ batch: TranslationBatch, _ source: EncodedSource, _ isOwn: [Bool], _ numbers: [Double]?,
        dropout: inout Dropout
    ) -> [Int32] {
        let vectors = hidden(batch, source: source, dropout: &dropout).output.vectors
        let rows = isOwn.indices.filter { isOwn[$0] }
        var tokens = batch.decoderInput.tokens
        for start in stride(from: 0, to: rows.count, by: 256) {
            let part = rows[start..<min(start + 256, rows.count)]
            let logits = output.logits(
                vectors.gatheringRows(part.map { Int32($0 - 1) }), context: nil)
            for (row, token) in zip(
                part, chosen(logits, numbers.map { all in part.map { all[$0] } }))
            {
                tokens[row] = token
            }
        }
        return tokens
    }

    private func ownTokensStepwise(
        _ batch: TranslationBatch, _ source: EncodedSource, _ isOwn: [Bool], _ numbers: [Double]?,
        dropout: inout Dropout
    ) -> [Int32] {
        let schedule = batch.decoderInput.layout.schedule()
        var tokens = batch.decoderInput.tokens
        var stepwise = StepwiseDecoder(
            self, source: batch.source, encoded: source, dropout: &dropout)
        stepwise.keepRows(schedule.sequences)
        let mask =
            hasVariationalInput
            ? dropout.mask(
                rows: schedule.sequences.count, width: configuration.decoder.embedding,
                rate: dropout.rate) : nil
        let lastNeeded = schedule.timeSteps.lastIndex { step in
            schedule.rows[step].contains { isOwn[Int($0)] }
        }
        for next in schedule.timeSteps.prefix((lastNeeded ?? 0) + 1).dropFirst() {
            // Sequences that end here say nothing that anybody sees.
            let rows = schedule.rows[next].map { $0 - 1 }
            stepwise.keepFirst(rows.count)
            let embedded = embedded(rows.map { tokens[Int($0)] })
            let logits = stepwise.step(
                embedded: mask.map { embedded * $0.rows(0..<rows.count) } ?? dropout(embedded),
                sources: Array(schedule.sequences.prefix(rows.count)), dropout: &dropout
            ).logits
            let said = chosen(logits, numbers.map { all in rows.map { all[Int($0) + 1] } })
            for (row, token) in zip(rows, said) where isOwn[Int(row) + 1] {
                tokens[Int(row) + 1] = token
            }
        }
        return tokens
    }

    /// A token for each row of logits, as the decoder sees it.
    private func chosen(_ logits: Tensor, _ numbers: [Double]?) -> [Int32] {
        known(numbers.map { logits.columns(at: $0) } ?? logits.topK(1).indices)
    }
}
