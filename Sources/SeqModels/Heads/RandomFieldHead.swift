public import SeqNN
public import SeqTensor

/// A linear-chain conditional random field over the labels of the steps (Lafferty, McCallum and Pereira
/// 2001; over recurrent layers Huang, Xu and Yu 2015).
///
/// Parameters: `emissions.weight` `[width, labels]`, `emissions.bias` `[labels]`, `transitions`
/// `[labels, labels]` from the row's label to the column's, `begin` and `end` `[labels]`.
public struct RandomFieldHead: OutputHead {
    private let emissions: Linear
    private let transitions: Parameter
    private let begin: Parameter
    private let end: Parameter
    private let allowed: LabelTransitions?

    /// Creates a head over steps of `width` features.
    ///
    /// - Parameters:
    ///   - width: the features of a step.
    ///   - labels: the number of labels.
    ///   - allowed: which label may follow which in what is predicted; nil where all may.
    ///   - scope: where parameters come from.
    public init(
        width: Int, labels: Int, allowed: LabelTransitions?, in scope: ParameterScope
    ) throws {
        emissions = try Linear(width, labels, in: scope.scope("emissions"))
        transitions = try scope.parameter("transitions", [labels, labels], .weight)
        begin = try scope.parameter("begin", [labels], .bias)
        end = try scope.parameter("end", [labels], .bias)
        self.allowed = allowed
    }

    /// The number of different labels.
    public var labels: Int { begin.value.count }

    /// A label for each step.
    public func count(steps: Int) -> Int { steps }

    private var field: ConditionalRandomField {
        ConditionalRandomField(
            transitions: transitions.value, begin: begin.value, end: end.value)
    }

    /// The negative log-likelihood of the labels, without the inputs that have an unknown one.
    public func loss(
        _ encoded: EncodedSource, targets: [Int32], weights: [Float]?, labelSmoothing: Float,
        scale: Float
    ) -> TokenLoss {
        let layout = encoded.memory.layout
        let scores = emissions(encoded.memory.steps)
        guard targets.contains(where: { $0 < 0 }) else {
            return field.loss(
                scores, layout: layout, targets: targets, weights: weights, scale: scale)
        }
        let known = (0..<layout.batch).filter { index in
            targets[layout.rows(of: index)].allSatisfy { $0 >= 0 }
        }
        let rows = known.flatMap { Array(layout.rows(of: $0)) }
        return field.loss(
            scores.gatheringRows(rows.map(Int32.init)),
            layout: SequenceLayout(lengths: known.map { Int(layout.lengths[$0]) }),
            targets: rows.map { targets[$0] },
            weights: weights.map { all in known.map { all[$0] } },
            scale: scale)
    }

    /// The best path of each input, of those that the scheme allows, and the marginal probability of each of
    /// its labels.
    public func predict(_ encoded: EncodedSource) -> [PredictedLabels] {
        let layout = encoded.memory.layout
        let scores = emissions(encoded.memory.steps)
        let field = field
        let marginals = field.marginals(scores, layout: layout).probabilities
        return field.bestPaths(scores, layout: layout, allowed: allowed).enumerated().map {
            index, path in
            let first = layout.rows(of: index).lowerBound
            return PredictedLabels(
                labels: path.labels,
                probabilities: marginals.withUnsafeValues { values in
                    path.labels.enumerated().map {
                        values[(first + $0.offset) * labels + Int($0.element)]
                    }
                }, logProbability: Float(path.logProbability))
        }
    }

    /// The log-probability of all labels of an input together.
    public func logProbabilities(_ encoded: EncodedSource, of targets: [Int32]) -> [[Float]] {
        let layout = encoded.memory.layout
        let found = field.logProbabilities(
            emissions(encoded.memory.steps), layout: layout, of: targets.map { max($0, 0) })
        return found.enumerated().map { index, value in
            let isKnown = targets[layout.rows(of: index)].allSatisfy { $0 >= 0 }
            return [isKnown ? Float(value) : -.infinity]
        }
    }
}
