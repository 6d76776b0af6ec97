import SeqTensor

/// Attention that only moves forward through the source (Raffel and others 2017).
///
/// A step scans the source from where the last one stopped and stops at a position with probability p =
/// σ(score + r). The score is that of the configured function; Raffel's scaling of v by a learned g/|v|
/// is left out. The soft form always takes the expected alignment. The hard form takes it in training,
/// with logistic noise on the scores, which drives p towards 0 and 1 and in which p exceeds one half
/// with exactly the probability σ(score + r); outside training it follows the process, without chance:
/// a position is chosen where p ≥ 1/2, and a step that chooses none has a context of zeros, as have
/// those after it.
///
/// Parameters: `monotonic_offset` `[1]`; r is this less 1, so that at first p is small and the whole
/// source takes part.
struct MonotonicAttention: Sendable {
    private static let firstOffset: Float = -1

    private let isHard: Bool
    private let offset: Parameter

    /// - Returns: nil where the configuration has another normalization.
    init?(_ configuration: AttentionConfiguration, in scope: ParameterScope) throws {
        guard configuration.normalization.isMonotonic else { return nil }
        isHard = configuration.normalization == .hardMonotonic
        offset = try scope.parameter("monotonic_offset", [1], .bias)
    }

    /// The alignment before the first step: all on the first position of each source.
    static func start(_ layout: SequenceLayout) -> RaggedRows {
        var values = [Float](repeating: 0, count: layout.steps)
        for (start, length) in zip(layout.starts, layout.lengths) where length > 0 {
            values[Int(start)] = 1
        }
        return RaggedRows(Tensor(values), starts: layout.starts)
    }

    /// The alignment after `previous`.
    ///
    /// - Parameter generator: nil outside training.
    func alignment(
        _ scores: Tensor, previous: Tensor, layout: AttentionLayout,
        generator: inout RandomGenerator?
    ) -> Tensor {
        let noise = isHard ? Self.noise(scores.count, &generator) : nil
        let choice = choiceProbabilities(
            scores, offset: offset.value + Self.firstOffset, noise: noise)
        return isHard && generator == nil
            ? hardMonotonicAlignment(choice, previous: previous, layout: layout)
            : monotonicAlignment(choice, previous: previous, layout: layout)
    }

    /// Numbers of the standard logistic distribution, log u - log(1 - u).
    private static func noise(_ count: Int, _ generator: inout RandomGenerator?) -> Tensor? {
        guard var source = generator else { return nil }
        defer { generator = source }
        let tiny: Float = 1e-6
        let uniform = Tensor.uniform(tiny..<1 - tiny, shape: [count], using: &source)
        return uniform.log() - (-uniform + 1).log()
    }
}
