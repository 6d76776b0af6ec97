import SeqTensor

/// The part of the source that queries look at, the same for all heads.
///
/// Parameters: `position_weight` `[query, query]` and `position_v` `[query]` for `local_p` and
/// `hybrid`; `gate_weight` `[query]` and `gate_bias` `[1]` for `hybrid`.
struct AttentionRange: Sendable {
    /// What the queries of one call look at.
    struct Focus {
        /// The neighbourhood; nil for the whole source.
        var window: AttentionWindow?
        /// The centers of Gaussians, `[queries]`.
        var centers: Tensor?
        /// The share of the whole source, `[queries]`; nil where there is only one of the two.
        var gate: Tensor?
    }

    private let range: AttentionConfiguration.Range
    private let reach: Int
    private let positionWeight: Parameter?
    private let positionV: Parameter?
    private let gateWeight: Parameter?
    private let gateBias: Parameter?

    init(_ configuration: AttentionConfiguration, query: Int, in scope: ParameterScope) throws {
        range = configuration.range
        reach = configuration.window
        let predicts = range == .localPredictive || range == .hybrid
        positionWeight =
            predicts ? try scope.parameter("position_weight", [query, query], .weight) : nil
        positionV = predicts ? try scope.parameter("position_v", [query], .weight) : nil
        gateWeight =
            range == .hybrid ? try scope.parameter("gate_weight", [query], .weight) : nil
        gateBias = range == .hybrid ? try scope.parameter("gate_bias", [1], .bias) : nil
    }

    /// What `queries` `[queries, query]` at the time steps `positions` look at.
    func focus(_ queries: Tensor, positions: [Int32], layout: AttentionLayout) -> Focus {
        let lengths = layout.sourceLengths
        if range == .localMonotonic {
            // Beyond the end of the source the window stays at its last position.
            let centers = zip(positions, lengths).map { Float(max(0, min($0, $1 - 1))) }
            return Focus(window: AttentionWindow(around: centers, reach: reach, layout: layout))
        }
        guard let positionWeight, let positionV else { return Focus() }
        // p = S · σ(v·tanh(W·h)) (Luong et al. 2015, eq. 9).
        let share = queries.matmul(positionWeight.value).tanh()
            .dottingRows(with: positionV.value).sigmoid()
        let centers = share * Tensor(lengths.map(Float.init))
        var focus = Focus(
            window: AttentionWindow(around: centers.values, reach: reach, layout: layout),
            centers: centers)
        if let gateWeight, let gateBias {
            focus.gate = (queries.dottingRows(with: gateWeight.value) + gateBias.value).sigmoid()
        }
        return focus
    }

    /// The weights of one head.
    ///
    /// - Parameters:
    ///   - focus: what the queries look at.
    ///   - scores: makes the scores within a window, or everywhere.
    ///   - normalize: makes weights of scores within a window, or everywhere.
    func weights(
        _ focus: Focus, layout: AttentionLayout, scores: (AttentionWindow?) -> Tensor,
        normalize: (Tensor, AttentionWindow?) -> Tensor
    ) -> Tensor {
        guard let window = focus.window else { return normalize(scores(nil), nil) }
        let found = scores(focus.gate == nil ? window : nil)
        var local = normalize(found, window)
        if let centers = focus.centers {
            // σ = D/2 (Luong et al. 2015, eq. 10).
            local = gaussianWeighted(
                local, centers: centers, deviation: Float(reach) / 2, layout: layout,
                window: window)
        }
        guard let gate = focus.gate else { return local }
        return mixedWeights(normalize(found, nil), local, gate: gate, layout: layout)
    }
}
