import SeqTensor

/// The score function of attention with its parameters, for all heads.
///
/// Parameters: `key_weight` `[memory, query]` for `general`, `concat` and whenever there are several
/// heads; `query_weight` `[query, query]` for `concat` and several heads; `v` `[query]` for `concat`;
/// `location_weight` `[query, maximum source]` for `location`.
struct AttentionScoring: Sendable {
    private let score: AttentionConfiguration.Score
    private let heads: AttentionHeads
    private let keyWeight: Parameter?
    private let queryWeight: Parameter?
    private let v: Parameter?
    private let locationWeight: Parameter?
    /// The factor of the dot product of one head.
    private let scale: Float

    init(
        _ configuration: AttentionConfiguration, query: Int, memory: Int, heads: AttentionHeads,
        in scope: ParameterScope
    ) throws {
        score = configuration.score
        self.heads = heads
        let hasHeads = heads.count > 1
        let projectsKeys = score == .general || score == .concat || hasHeads
        keyWeight =
            projectsKeys && score.usesKeys
            ? try scope.parameter("key_weight", [memory, query], .weight) : nil
        queryWeight =
            score == .concat || hasHeads
            ? try scope.parameter("query_weight", [query, query], .weight) : nil
        v = score == .concat ? try scope.parameter("v", [query], .weight) : nil
        locationWeight =
            score == .location
            ? try scope.parameter(
                "location_weight", [query, configuration.maximumSource], .weight) : nil
        scale = score == .scaledDot ? 1 / Float(query / heads.count).squareRoot() : 1
    }

    /// The numbers of the keys of a step of the memory, once more where they are dealt to heads.
    var numbersPerMemoryStep: Int {
        (keyWeight?.value.rowWidth ?? 0) * (heads.count > 1 ? 2 : 1)
    }

    /// Whether scores come from a comparison that can be fused with softmax and context.
    var comparesKeys: Bool { score.usesKeys }

    /// What queries of each head are compared with, from the memory's steps `[steps, memory]`.
    func keys(_ steps: Tensor) -> [Tensor] {
        guard score.usesKeys else { return [] }
        return heads.split(keyWeight.map { steps.matmul($0.value) } ?? steps)
    }

    /// The queries as each head sees them.
    func queries(_ queries: Tensor) -> [Tensor] {
        heads.split(queryWeight.map { queries.matmul($0.value) } ?? queries)
    }

    /// How head `head` compares a query with a key.
    func comparison(_ head: Int) -> AttentionScore {
        v.map { .concat(v: heads.part(head, of: $0.value)) } ?? .dot(scale: scale)
    }

    /// The scores of head `head`.
    ///
    /// - Parameters:
    ///   - queries: as ``queries(_:)`` made them.
    ///   - keys: as ``keys(_:)`` made them.
    ///   - coverage: what was attended to, with its weight.
    func scores(
        _ head: Int, queries: [Tensor], keys: [Tensor], layout: AttentionLayout,
        coverage: CoverageTerm?, window: AttentionWindow?
    ) -> Tensor {
        if score.usesKeys {
            return attentionScores(
                queries[head], keys: keys[head], layout: layout, score: comparison(head),
                coverage: coverage, window: window)
        }
        let plain =
            locationWeight.map {
                attentionScores(
                    columnsOf: queries[head].matmul($0.value), layout: layout, window: window)
            } ?? Tensor.zeros([layout.weightCount])
        return coverage.map { plain + $0.coverage * $0.weight } ?? plain
    }
}
