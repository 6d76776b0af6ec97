import SeqFiles
public import SeqTensor

/// The memory as attention sees it, prepared once for all queries.
public struct AttentionMemory: Sendable {
    /// The encoder's states, `[steps, memory]`.
    public let values: Sequences
    /// What the queries of each head are compared with; empty where the score does not look.
    let keys: [Tensor]
    /// What the contexts of each head are made of.
    let contexts: [Tensor]
    /// 1/Φ of each step, `[steps]`, for coverage with fertility.
    let inverseFertility: Tensor?
    /// What the loss of coverage counts for each source; 1 if nil.
    public var lossWeights: [Float]?
}

/// What attention remembers of earlier steps, a row a query.
public struct AttentionState: Sendable {
    /// The sum of the weights of all steps so far, for coverage.
    public var covered: RaggedRows?
    /// The alignment of the last step, for monotonic attention.
    public var alignment: RaggedRows?

    /// Creates the state of attention that remembers nothing.
    public init() {}

    /// The states of other rows; rows may repeat.
    public func gatheringRows(_ rows: [Int32]) -> AttentionState {
        var result = AttentionState()
        result.covered = covered?.gatheringRows(rows)
        result.alignment = alignment?.gatheringRows(rows)
        return result
    }

    /// The states of the first `count` rows.
    public func prefix(_ count: Int) -> AttentionState {
        var result = AttentionState()
        result.covered = covered?.prefix(count)
        result.alignment = alignment?.prefix(count)
        return result
    }
}

/// What attention finds.
public struct AttentionResult: Sendable {
    /// `[queries, memory]`.
    public let context: Tensor
    /// The weights of all queries one after the other, of each as many as its source has steps; the
    /// mean over heads.
    public let weights: Tensor
    /// What is added to the loss, a scalar, summed over queries: that of coverage.
    public let loss: Tensor?
}

/// Attention over a ragged memory in all the forms of ``AttentionConfiguration``.
///
/// The parameters are those of its parts: ``AttentionScoring``, ``AttentionHeads``, ``AttentionRange``,
/// ``AttentionCoverage`` and ``MonotonicAttention``. The place that local attention looks at and the
/// gate of hybrid attention are the same for all heads.
public struct Attention: Sendable {
    /// How it attends.
    public let configuration: AttentionConfiguration
    /// The width of contexts.
    public let contextWidth: Int
    private let heads: AttentionHeads
    private let scoring: AttentionScoring
    private let range: AttentionRange
    private let coverage: AttentionCoverage?
    private let monotonic: MonotonicAttention?

    /// Creates attention of queries of width `query` over a memory of width `memory`.
    ///
    /// The configuration must have a score and no ``AttentionConfiguration/problem(query:memory:)``.
    public init(
        _ configuration: AttentionConfiguration, query: Int, memory: Int, in scope: ParameterScope
    ) throws {
        let problem = configuration.problem(query: query, memory: memory)
        precondition(
            configuration.score != .none && problem == nil,
            "Attention: \(problem?.reason ?? "score is none")")
        self.configuration = configuration
        contextWidth = memory
        heads = try AttentionHeads(configuration.heads, memory: memory, in: scope)
        scoring = try AttentionScoring(
            configuration, query: query, memory: memory, heads: heads, in: scope)
        range = try AttentionRange(configuration, query: query, in: scope)
        coverage = try AttentionCoverage(
            configuration, query: query, memory: memory, heads: heads, in: scope)
        monotonic = try MonotonicAttention(configuration, in: scope)
    }

    /// Whether an alignment depends on those of earlier steps, so that steps must follow each other.
    public var hasHistory: Bool { configuration.hasHistory }

    /// Keys, and what contexts are made of where it is dealt to heads; contexts for each row; and weights, with
    /// the scores before them and what is remembered of earlier ones where it is not one operation.
    public var footprint: SearchFootprint {
        let remembered = (coverage == nil ? 0 : 2) + (monotonic == nil ? 0 : 2)
        return SearchFootprint(
            perRow: 4 * contextWidth,
            perMemoryStep: scoring.numbersPerMemoryStep
                + (heads.count > 1 ? 2 * contextWidth : 0),
            perRowAndMemoryStep: isPlain
                ? heads.count + 1 : 2 * heads.count + 2 + remembered)
    }

    /// Prepares a memory for queries.
    ///
    /// - Parameters:
    ///   - values: `[steps, memory]`.
    ///   - contextsFrom: what contexts are made of, `[steps, memory]`; the values if nil.
    public func memory(_ values: Sequences, contextsFrom: Tensor? = nil) -> AttentionMemory {
        AttentionMemory(
            values: values, keys: scoring.keys(values.steps),
            contexts: heads.values(contextsFrom ?? values.steps),
            inverseFertility: coverage?.inverseFertility(values.steps))
    }

    /// What attention remembers before the first step, a row a source.
    public func initialState(layout: SequenceLayout) -> AttentionState {
        var state = AttentionState()
        if coverage != nil {
            state.covered = RaggedRows(.zeros([layout.steps]), starts: layout.starts)
        }
        if monotonic != nil { state.alignment = MonotonicAttention.start(layout) }
        return state
    }

    /// Attends.
    ///
    /// Without ``hasHistory`` the queries may be those of many steps; all at once give what they give
    /// step by step.
    ///
    /// - Parameters:
    ///   - queries: `[queries, query]`.
    ///   - memory: what ``memory(_:contextsFrom:)`` made.
    ///   - layout: which query attends to which source.
    ///   - positions: the time step of each query, from 0.
    ///   - state: a row a query; updated.
    ///   - generator: for the noise of hard monotonic attention; nil outside training.
    public func callAsFunction(
        _ queries: Tensor, memory: AttentionMemory, layout: AttentionLayout, positions: [Int32],
        state: inout AttentionState, generator: inout RandomGenerator?
    ) -> AttentionResult {
        precondition(
            queries.rows == layout.queryCount && positions.count == layout.queryCount,
            "Attention: queries \(queries.shape) and \(positions.count) positions for \(layout.queryCount) rows"
        )
        let projected = scoring.queries(queries)
        let covered = coverage.map { _ in Self.values(state.covered, layout) }
        let focus = range.focus(queries, positions: positions, layout: layout)
        var contexts: [Tensor] = []
        var weights: [Tensor] = []
        for head in 0..<heads.count {
            if isPlain {
                let found = attend(
                    projected[head], keys: memory.keys[head], values: memory.contexts[head],
                    layout: layout, score: scoring.comparison(head))
                contexts.append(found.context)
                weights.append(found.weights)
                continue
            }
            let term = covered.flatMap {
                coverage?.term(
                    head, covered: $0, inverseFertility: memory.inverseFertility, layout: layout)
            }
            let found = align(
                focus, layout: layout, state: &state, generator: &generator
            ) { window in
                scoring.scores(
                    head, queries: projected, keys: memory.keys, layout: layout, coverage: term,
                    window: window)
            }
            weights.append(found)
            contexts.append(
                attentionContext(
                    found, values: memory.contexts[head], layout: layout,
                    window: focus.gate == nil ? focus.window : nil))
        }
        let mean = heads.mean(weights)
        let loss = covered.flatMap {
            coverage?.loss(
                mean, covered: $0, layout: layout, sequenceWeights: memory.lossWeights)
        }
        if let covered { state.covered = RaggedRows(covered + mean, layout: layout) }
        return AttentionResult(context: heads.joined(contexts), weights: mean, loss: loss)
    }

    /// Whether the fused operation does all of it.
    private var isPlain: Bool {
        configuration.range == .global && configuration.normalization == .softmax
            && coverage == nil && scoring.comparesKeys
    }

    /// The weights of one head.
    private func align(
        _ focus: AttentionRange.Focus, layout: AttentionLayout, state: inout AttentionState,
        generator: inout RandomGenerator?, scores: (AttentionWindow?) -> Tensor
    ) -> Tensor {
        if let monotonic {
            let result = monotonic.alignment(
                scores(nil), previous: Self.values(state.alignment, layout), layout: layout,
                generator: &generator)
            state.alignment = RaggedRows(result, layout: layout)
            return result
        }
        let isSparse = configuration.normalization == .sparsemax
        return range.weights(focus, layout: layout, scores: scores) { scores, window in
            isSparse
                ? raggedSparsemax(scores, layout: layout, window: window)
                : raggedSoftmax(scores, layout: layout, window: window)
        }
    }

    /// The numbers of a part of the state.
    private static func values(_ rows: RaggedRows?, _ layout: AttentionLayout) -> Tensor {
        guard let rows, rows.starts == layout.weightStarts else {
            preconditionFailure(
                "Attention: a state of \(rows?.rows ?? 0) rows for \(layout.queryCount) queries; one step at a time, from initialState(layout:)"
            )
        }
        return rows.values
    }
}
