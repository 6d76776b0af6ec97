import SeqTensor

/// What attention has covered so far, as a term of its scores.
///
/// The coverage of a position is the sum of its weights at earlier steps, the mean over heads (See et
/// al. 2017, eq. 10); in Tu et al. 2016 (eq. 8-9) divided by the fertility Φ = N·σ(U·h) of its source
/// state h. It stands inside the tanh of the concat score and is added to the other scores.
///
/// Parameters: `coverage_weight`, `[query]` for `concat` and `[heads]` otherwise; `fertility_weight`
/// `[memory]` for `tu`.
struct AttentionCoverage: Sendable {
    /// N: the most target words that a source word is thought to become.
    static let largestFertility: Float = 2

    private let heads: AttentionHeads
    private let weight: Parameter
    private let fertilityWeight: Parameter?
    private let lossWeight: Float

    /// - Returns: nil where the configuration has no coverage.
    init?(
        _ configuration: AttentionConfiguration, query: Int, memory: Int, heads: AttentionHeads,
        in scope: ParameterScope
    ) throws {
        guard configuration.coverage != .none else { return nil }
        self.heads = heads
        let width = configuration.score == .concat ? query : heads.count
        weight = try scope.parameter("coverage_weight", [width], .weight)
        fertilityWeight =
            configuration.coverage == .tu
            ? try scope.parameter("fertility_weight", [memory], .weight) : nil
        lossWeight = configuration.coverage == .see ? configuration.coverageLoss : 0
    }

    /// 1/Φ of each step of a memory `[steps, memory]`, where there is a fertility.
    func inverseFertility(_ steps: Tensor) -> Tensor? {
        fertilityWeight.map {
            let fertility = steps.dottingRows(with: $0.value).sigmoid() * Self.largestFertility
            return Tensor(repeating: 1, shape: [steps.rows]) / fertility
        }
    }

    /// The term of the scores of head `head`, from the sum of earlier weights.
    func term(
        _ head: Int, covered: Tensor, inverseFertility: Tensor?, layout: AttentionLayout
    ) -> CoverageTerm {
        let coverage =
            inverseFertility.map { scaledSteps(covered, by: $0, layout: layout) } ?? covered
        return CoverageTerm(coverage, weight: heads.part(head, of: weight.value))
    }

    /// λ·Σ min(weight, coverage), unless λ is zero.
    ///
    /// - Parameter sequenceWeights: what the queries of each source count; 1 if nil.
    func loss(
        _ weights: Tensor, covered: Tensor, layout: AttentionLayout, sequenceWeights: [Float]?
    ) -> Tensor? {
        guard lossWeight != 0 else { return nil }
        let rowWeights = sequenceWeights.map { ofSequence in
            layout.sequenceOfQuery.map { ofSequence[Int($0)] }
        }
        return coverageLoss(weights, coverage: covered, layout: layout, rowWeights: rowWeights)
            * lossWeight
    }
}
