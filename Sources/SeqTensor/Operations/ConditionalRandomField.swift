import CSeqKernels

/// What the neighbourhood of two labels is worth in a linear-chain conditional random field (Lafferty,
/// McCallum and Pereira 2001).
///
/// The probability of the labels y of a sequence whose steps have emissions x is
/// e^(begin[y₁] + Σ x[t, y_t] + Σ transitions[y_t, y_t+1] + end[y_T]) / Z.
public struct ConditionalRandomField: Sendable {
    /// `[labels, labels]`, from the row's label to the column's.
    public var transitions: Tensor
    /// `[labels]`, for the first label of a sequence.
    public var begin: Tensor
    /// `[labels]`, for the last label of a sequence.
    public var end: Tensor

    /// Creates a field of the given factors, in nats.
    public init(transitions: Tensor, begin: Tensor, end: Tensor) {
        precondition(
            transitions.shape == [begin.count, begin.count] && end.count == begin.count,
            "ConditionalRandomField: transitions \(transitions.shape), begin \(begin.shape), end \(end.shape)"
        )
        self.transitions = transitions
        self.begin = begin
        self.end = end
    }

    /// The number of labels.
    public var labels: Int { begin.count }

    /// The labels of the best path of each sequence, and the logarithm of its probability.
    public struct Path: Sendable {
        /// A label for each step.
        public var labels: [Int32]
        /// The logarithm of the path's probability, in nats.
        public var logProbability: Double
    }

    /// What the recursions leave behind for a gradient.
    private struct Recursions {
        var partitions: [Double]
        var marginals: Tensor
        var alpha: [Double]
        var beta: [Double]
    }

    // MARK: Training

    /// The negative log-likelihood of labels, exact by the forward recursion, its gradient by the
    /// backward one.
    ///
    /// - Parameters:
    ///   - emissions: `[steps, labels]`, what each step says for each label.
    ///   - layout: which steps are whose.
    ///   - targets: the right label of each step.
    ///   - weights: what each sequence counts; 1 if nil.
    ///   - scale: multiplies the objective.
    /// - Returns: the loss; its tokens are steps, and its weight is that of the sequences' steps.
    public func loss(
        _ emissions: Tensor, layout: SequenceLayout, targets: [Int32], weights: [Float]? = nil,
        scale: Float = 1
    ) -> TokenLoss {
        check(emissions, layout)
        checkTargets(targets, nil, rows: emissions.rows, below: labels, "ConditionalRandomField")
        precondition(
            weights.map { $0.count == layout.batch } ?? true,
            "ConditionalRandomField: \(weights?.count ?? 0) weights for \(layout.batch) sequences")
        let found = recursions(emissions, layout)
        let scores = scores(emissions, layout, targets)
        let losses = zip(found.partitions, scores).map { $0 - $1 }
        let weighted = weights.map { zip($0, losses).reduce(0) { $0 + Double($1.0) * $1.1 } }
        let negativeLogLikelihood = losses.reduce(0, +)
        let objective = Tensor(Float(weighted ?? negativeLogLikelihood) * scale)
        Tape.record(
            "conditionalRandomField", inputs: [emissions, transitions, begin, end],
            outputs: [objective]
        ) { pass in
            guard let gradient = pass.gradient(objective) else { return }
            let own = gradients(found, layout, targets, weights)
            let factor = gradient.item * scale
            for (input, result) in zip([emissions, transitions, begin, end], own) {
                seq_scale(result.pointer, factor, result.count)
                pass.accumulate(input, taking: result)
            }
        }
        return TokenLoss(
            objective: objective, negativeLogLikelihood: negativeLogLikelihood,
            smoothedLoss: weighted ?? negativeLogLikelihood, tokens: targets.count,
            weight: weights.map {
                zip($0, layout.lengths).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            })
    }

    /// The logarithm of the partition function of each sequence, 0 for one without steps, and the
    /// probability of each label at each step, `[steps, labels]`.
    public func marginals(_ emissions: Tensor, layout: SequenceLayout) -> (
        partitions: [Double], probabilities: Tensor
    ) {
        check(emissions, layout)
        var partitions = [Double](repeating: 0, count: layout.batch)
        let marginals = Tensor(uninitialized: emissions.shape)
        withField {
            seq_crf_marginals(
                $0, emissions.pointer, layout.starts, layout.batch, &partitions, marginals.pointer,
                nil, nil)
        }
        return (partitions, marginals)
    }

    /// The logarithm of the probability of the given labels of each sequence.
    public func logProbabilities(
        _ emissions: Tensor, layout: SequenceLayout, of targets: [Int32]
    ) -> [Double] {
        checkTargets(targets, nil, rows: emissions.rows, below: labels, "ConditionalRandomField")
        let partitions = marginals(emissions, layout: layout).partitions
        return zip(scores(emissions, layout, targets), partitions).map { $0 - $1 }
    }

    // MARK: Prediction

    /// The best path of each sequence (Viterbi 1967); ties go to the lower label.
    ///
    /// - Parameter allowed: which label may follow which; where no path keeps to it, it does not count.
    public func bestPaths(
        _ emissions: Tensor, layout: SequenceLayout, allowed: LabelTransitions? = nil
    ) -> [Path] {
        let partitions = marginals(emissions, layout: layout).partitions
        var labels = [Int32](repeating: 0, count: emissions.rows)
        var scores = [Double](repeating: 0, count: layout.batch)
        precondition(
            allowed.map { $0.labels == self.labels } ?? true,
            "ConditionalRandomField: rules of \(allowed?.labels ?? 0) labels for \(self.labels)")
        withField {
            seq_crf_best(
                $0, emissions.pointer, layout.starts, allowed?.flags, layout.batch, &labels, &scores
            )
        }
        return scores.indices.map {
            Path(
                labels: Array(labels[layout.rows(of: $0)]),
                logProbability: scores[$0] - partitions[$0])
        }
    }

    // MARK: Parts

    private func check(_ emissions: Tensor, _ layout: SequenceLayout) {
        precondition(
            emissions.shape == [layout.steps, labels],
            "ConditionalRandomField: emissions \(emissions.shape) for \(layout.steps) steps and \(labels) labels"
        )
    }

    private func withField<Result>(_ body: (UnsafePointer<seq_crf>) -> Result) -> Result {
        withExtendedLifetime(self) {
            var field = seq_crf(
                labels: labels, transitions: transitions.pointer, begin: begin.pointer,
                end: end.pointer)
            return body(&field)
        }
    }

    private func recursions(_ emissions: Tensor, _ layout: SequenceLayout) -> Recursions {
        let isRecording = Tape.isRecording(emissions, transitions, begin, end)
        var found = Recursions(
            partitions: [Double](repeating: 0, count: layout.batch),
            marginals: Tensor(uninitialized: emissions.shape),
            alpha: [Double](repeating: 0, count: isRecording ? emissions.count : 0),
            beta: [Double](repeating: 0, count: isRecording ? emissions.count : 0))
        withField { field in
            found.alpha.withUnsafeMutableBufferPointer { alpha in
                found.beta.withUnsafeMutableBufferPointer { beta in
                    seq_crf_marginals(
                        field, emissions.pointer, layout.starts, layout.batch, &found.partitions,
                        found.marginals.pointer, isRecording ? alpha.baseAddress : nil,
                        isRecording ? beta.baseAddress : nil)
                }
            }
        }
        return found
    }

    private func scores(_ emissions: Tensor, _ layout: SequenceLayout, _ targets: [Int32])
        -> [Double]
    {
        var scores = [Double](repeating: 0, count: layout.batch)
        withField {
            seq_crf_scores($0, emissions.pointer, targets, layout.starts, layout.batch, &scores)
        }
        return scores
    }

    /// The gradients of emissions, transitions, begin and end; the marginals become the first.
    private func gradients(
        _ found: Recursions, _ layout: SequenceLayout, _ targets: [Int32], _ weights: [Float]?
    ) -> [Tensor] {
        let own = [
            found.marginals, Tensor(uninitialized: transitions.shape),
            Tensor(uninitialized: begin.shape), Tensor(uninitialized: end.shape),
        ]
        withField { field in
            withPointers(targets, weights) { targets, weights in
                seq_crf_gradient(
                    field, targets, layout.starts, weights, layout.batch, own[0].pointer,
                    found.alpha, found.beta, own[1].pointer, own[2].pointer, own[3].pointer)
            }
        }
        return own
    }
}

/// Which label may follow which, may begin and may end a sequence.
public struct LabelTransitions: Sendable, Equatable {
    /// The number of labels.
    public let labels: Int
    /// `[labels + 1, labels + 1]` bytes; the last row is the begin, the last column the end.
    let flags: [UInt8]

    /// Creates the rules of `labels` labels.
    ///
    /// - Parameters:
    ///   - follows: whether the second label may stand after the first.
    ///   - begins: whether a label may be the first.
    ///   - ends: whether a label may be the last.
    public init(
        labels: Int, follows: (Int, Int) -> Bool, begins: (Int) -> Bool, ends: (Int) -> Bool
    ) {
        self.labels = labels
        var flags: [UInt8] = []
        flags.reserveCapacity((labels + 1) * (labels + 1))
        for first in 0..<labels {
            flags += (0..<labels).map { follows(first, $0) ? 1 : 0 }
            flags.append(ends(first) ? 1 : 0)
        }
        flags += (0..<labels).map { begins($0) ? 1 : 0 }
        flags.append(0)
        self.flags = flags
    }

    /// Whether a label may stand after another.
    public func allows(_ first: Int, then second: Int) -> Bool {
        flags[first * (labels + 1) + second] == 1
    }

    /// Whether a label may be the first of a sequence.
    public func allowsFirst(_ label: Int) -> Bool { flags[labels * (labels + 1) + label] == 1 }

    /// Whether a label may be the last of a sequence.
    public func allowsLast(_ label: Int) -> Bool { flags[label * (labels + 1) + labels] == 1 }
}
