import CSeqKernels

/// What the tokens of a source are in the vocabulary of the output, for copying them.
///
/// Words that the vocabulary lacks have ids from its size on, numbered within each source, so that the
/// extended vocabulary is as large as the source with the most of them needs.
public struct CopySource: Sendable {
    /// How the sources lie.
    public let layout: SequenceLayout
    /// The id of each step.
    public let tokens: [Int32]
    /// The size of the vocabulary with the sources' own words.
    public let extendedVocabulary: Int
    /// For each step, the first step of its sequence with the same id, counted from the sequence's
    /// first.
    let firstPositions: [Int32]

    /// Creates the description of a ragged batch of sources, once for all steps of the output.
    public init(tokens: [Int32], layout: SequenceLayout, extendedVocabulary: Int) {
        precondition(
            tokens.count == layout.steps,
            "CopySource: \(tokens.count) tokens for \(layout.steps) steps")
        precondition(
            tokens.allSatisfy { $0 >= 0 && Int($0) < extendedVocabulary },
            "CopySource: a token is outside the extended vocabulary of \(extendedVocabulary)")
        self.tokens = tokens
        self.layout = layout
        self.extendedVocabulary = extendedVocabulary
        var firstPositions: [Int32] = []
        firstPositions.reserveCapacity(tokens.count)
        for index in 0..<layout.batch {
            var seen: [Int32: Int32] = [:]
            for (position, token) in tokens[layout.rows(of: index)].enumerated() {
                let first = seen[token] ?? Int32(position)
                seen[token] = first
                firstPositions.append(first)
            }
        }
        self.firstPositions = firstPositions
    }
}

/// How an output layer copies from the source.
public struct Copying: Sendable {
    /// How copying and generating share the probability.
    public enum Share: Sendable {
        /// p(v) = g · softmax(logits)_v + (1 - g) · Σ attention weights of the steps of v, with g =
        /// σ(gate), `[rows]` (See et al. 2017, eq. 9).
        case pointer(gate: Tensor, weights: Tensor)
        /// One softmax over the logits and a score for each step (Gu et al. 2016, eq. 4 to 6).
        case joint(scores: Tensor)
    }

    /// How copying and generating share the probability; weights and scores are flat, in the order of
    /// the layout.
    public var share: Share
    /// Which row looks at which source.
    public var layout: AttentionLayout
    /// What there is to copy.
    public var source: CopySource

    /// Collects what copying needs.
    public init(_ share: Share, layout: AttentionLayout, source: CopySource) {
        self.share = share
        self.layout = layout
        self.source = source
    }

    fileprivate var gate: Tensor? {
        if case .pointer(let gate, _) = share { gate } else { nil }
    }

    fileprivate var weights: Tensor {
        switch share {
        case .pointer(_, let weights): weights
        case .joint(let scores): scores
        }
    }

    fileprivate var tensors: [Tensor] { [weights] + [gate].compactMap { $0 } }

    fileprivate func check(rows: Int, vocabulary: Int) {
        precondition(
            layout.queryCount == rows && layout.memory.lengths == source.layout.lengths,
            "copying: \(rows) rows, a layout of \(layout.queryCount), memory of \(layout.memory.steps) steps, \(source.tokens.count) source tokens"
        )
        precondition(
            weights.count == layout.weightCount && gate.map { $0.count == rows } ?? true,
            "copying: weights \(weights.shape) for \(layout.weightCount), gate \(gate?.shape ?? [])"
        )
        precondition(
            source.extendedVocabulary >= vocabulary,
            "copying: extended vocabulary \(source.extendedVocabulary) of \(vocabulary)")
    }

    fileprivate func withKernel(_ body: (UnsafePointer<seq_copy_source>) -> Void) {
        let starts = layout.sequenceOfQuery.map { layout.memory.starts[Int($0)] }
        layout.weightStarts.withUnsafePointer { weightStarts in
            starts.withUnsafePointer { starts in
                source.tokens.withUnsafePointer { tokens in
                    source.firstPositions.withUnsafePointer { firstPositions in
                        var kernel = seq_copy_source(
                            kind: gate == nil ? SEQ_COPY_JOINT : SEQ_COPY_POINTER,
                            weight_start: weightStarts, source_start: starts, token: tokens,
                            first: firstPositions)
                        body(&kernel)
                    }
                }
            }
        }
    }
}

/// The loss of an output layer that may also copy source tokens, in blocks of rows.
///
/// Label smoothing spreads ε over the vocabulary, not over the sources' own words.
///
/// - Parameters:
///   - hidden: `[steps, hidden]`.
///   - matrix: from `hidden` to the vocabulary.
///   - copying: what may be copied, and how.
///   - targets: the right token of each step, of the extended vocabulary.
///   - weights: what each step counts; 1 if nil.
///   - labelSmoothing: ε.
///   - scale: multiplies the objective.
public func copyCrossEntropy(
    _ hidden: Tensor, matrix: OutputMatrix, copying: Copying, targets: [Int32],
    weights: [Float]? = nil, labelSmoothing: Float = 0, scale: Float = 1
) -> TokenLoss {
    copying.check(rows: hidden.rows, vocabulary: matrix.vocabulary)
    checkTargets(
        targets, weights, rows: hidden.rows, below: copying.source.extendedVocabulary,
        "copyCrossEntropy")
    let product = OutputProduct(hidden, matrix, further: copying.tensors)
    let (gate, shares) = (copying.gate, copying.weights)
    let shareGradient = product.isRecording ? Tensor(uninitialized: shares.shape) : nil
    let gateGradient = product.isRecording ? gate.map { Tensor(uninitialized: $0.shape) } : nil
    var sums: [Double] = [0, 0]
    copying.withKernel { source in
        withPointers(targets, weights) { targets, weights in
            product.forEachBlock { rows, logits in
                seq_copy_cross_entropy(
                    source, logits, gate?.pointer, shares.pointer, targets, weights,
                    labelSmoothing, scale, product.isRecording, &sums, gateGradient?.pointer,
                    shareGradient?.pointer, rows.lowerBound, rows.count, matrix.vocabulary)
            }
        }
    }
    let loss = TokenLoss(sums: sums, scale: scale, tokens: hidden.rows, weights: weights)
    var further = [(shares, shareGradient)]
    if let gate { further.append((gate, gateGradient)) }
    product.record("copyCrossEntropy", objective: loss.objective, further: further)
    return loss
}

/// The log-probabilities of the extended vocabulary, `[rows, extended vocabulary]`, outside the tape;
/// log 10⁻³⁰ for words that only other sources have.
public func copyLogProbabilities(
    _ hidden: Tensor, matrix: OutputMatrix, copying: Copying
) -> Tensor {
    let width = copying.source.extendedVocabulary
    let result = Tensor(uninitialized: [hidden.rows, width])
    forEachBlock(hidden, matrix, copying) { source, rows, logits in
        seq_copy_log_probabilities(
            source, result.pointer + rows.lowerBound * width, logits, copying.gate?.pointer,
            copying.weights.pointer, rows.lowerBound, rows.count, matrix.vocabulary, width)
    }
    return result
}

/// The log-probability of each row's target, the same number as in
/// ``copyLogProbabilities(_:matrix:copying:)``.
public func copyLogProbabilities(
    _ hidden: Tensor, matrix: OutputMatrix, copying: Copying, targets: [Int32]
) -> [Float] {
    checkTargets(
        targets, nil, rows: hidden.rows, below: copying.source.extendedVocabulary,
        "copyLogProbabilities")
    var result = [Float](repeating: 0, count: hidden.rows)
    forEachBlock(hidden, matrix, copying) { source, rows, logits in
        seq_copy_target_log_probabilities(
            source, &result, logits, copying.gate?.pointer, copying.weights.pointer, targets,
            rows.lowerBound, rows.count, matrix.vocabulary)
    }
    return result
}

private func forEachBlock(
    _ hidden: Tensor, _ matrix: OutputMatrix, _ copying: Copying,
    _ body: (UnsafePointer<seq_copy_source>, Range<Int>, UnsafeMutablePointer<Float>) -> Void
) {
    copying.check(rows: hidden.rows, vocabulary: matrix.vocabulary)
    let product = OutputProduct(hidden, matrix, further: copying.tensors)
    precondition(!product.isRecording, "copyLogProbabilities: has no gradient; use the loss")
    copying.withKernel { source in
        product.forEachBlock { rows, logits in body(source, rows, logits) }
    }
}
