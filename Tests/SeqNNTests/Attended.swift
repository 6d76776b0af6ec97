import SeqNN
import SeqTensor

/// What attention found for the queries of a whole batch, in ragged order.
struct Attended {
    var context = Tensor(0)
    var weights = Tensor(0)
    var loss: Tensor?
}

extension AttentionConfiguration {
    /// A configuration whose window and positions are smaller than the sources of the tests.
    static func small(
        _ score: Score = .general, _ range: Range = .global,
        _ normalization: Normalization = .softmax, coverage: Coverage = .none, heads: Int = 1
    ) -> AttentionConfiguration {
        var configuration = AttentionConfiguration()
        configuration.score = score
        configuration.range = range
        configuration.normalization = normalization
        configuration.coverage = coverage
        configuration.heads = heads
        configuration.window = 2
        configuration.maximumSource = 9
        configuration.coverageLoss = 0.7
        return configuration
    }
}

extension Attention {
    /// Attends for all steps of a batch: all at once, or step by step over the sequences that still have
    /// one.
    func attended(
        _ queries: Sequences, memory: Sequences, isStepwise: Bool,
        generator: RandomGenerator? = nil
    ) -> Attended {
        var generator = generator
        let prepared = self.memory(memory)
        var state = initialState(layout: memory.layout)
        guard isStepwise else {
            let found = self(
                queries.steps, memory: prepared,
                layout: AttentionLayout(memory: memory.layout, queries: queries.layout),
                positions: queries.layout.lengths.flatMap { (0..<Int32($0)) }, state: &state,
                generator: &generator)
            return Attended(context: found.context, weights: found.weights, loss: found.loss)
        }
        var contexts: [Tensor] = []
        var weights: [Tensor] = []
        var losses: [Tensor] = []
        var starts: [Int32] = [0]
        /// Where each step of the ragged batch stands among the results.
        var place = [Int32](repeating: 0, count: queries.layout.steps)
        var active = queries.layout.lengths.indices.map(Int32.init)
        for step in 0..<(queries.layout.lengths.max() ?? 0) {
            let kept = active.indices.filter { queries.layout.lengths[Int(active[$0])] > step }
            if kept.count < active.count { state = state.gatheringRows(kept.map(Int32.init)) }
            active = kept.map { active[$0] }
            let rows = active.map { queries.layout.starts[Int($0)] + Int32(step) }
            let layout = AttentionLayout(memory: memory.layout, sequenceOfQuery: active)
            let found = self(
                queries.steps.gatheringRows(rows), memory: prepared, layout: layout,
                positions: [Int32](repeating: Int32(step), count: rows.count), state: &state,
                generator: &generator)
            for (row, length) in zip(rows, layout.sourceLengths) {
                place[Int(row)] = Int32(starts.count - 1)
                starts.append(starts[starts.count - 1] + length)
            }
            contexts.append(found.context)
            weights.append(found.weights)
            if let loss = found.loss { losses.append(loss) }
        }
        return Attended(
            context: Tensor.concatenatingRows(contexts).gatheringRows(place),
            weights: RaggedRows(.concatenatingRows(weights), starts: starts)
                .gatheringRows(place).values,
            loss: losses.isEmpty ? nil : losses.dropFirst().reduce(losses[0], +))
    }
}
