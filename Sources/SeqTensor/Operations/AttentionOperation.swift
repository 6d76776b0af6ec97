import CSeqKernels

/// Which rows of a query matrix attend to which sequence of a ragged memory.
public final class AttentionLayout: Sendable {
    /// How the memory lies.
    public let memory: SequenceLayout
    /// The number of query rows.
    public let queryCount: Int
    /// Where the weights of each query row begin, and one entry past the last.
    public let weightStarts: [Int32]
    let queryStarts: [Int32]
    let queryRows: [Int32]

    /// Creates a layout.
    ///
    /// - Parameters:
    ///   - memory: the layout of keys and values.
    ///   - sequenceOfQuery: the sequence of the memory that each query row attends to.
    public init(memory: SequenceLayout, sequenceOfQuery: [Int32]) {
        self.memory = memory
        queryCount = sequenceOfQuery.count
        var counts = [Int32](repeating: 0, count: memory.batch + 1)
        var weightStarts: [Int32] = [0]
        weightStarts.reserveCapacity(queryCount + 1)
        for sequence in sequenceOfQuery {
            counts[Int(sequence) + 1] += 1
            weightStarts.append(
                weightStarts[weightStarts.count - 1] + Int32(memory.lengths[Int(sequence)]))
        }
        for index in 1..<max(counts.count, 1) { counts[index] += counts[index - 1] }
        var next = counts
        var rows = [Int32](repeating: 0, count: queryCount)
        for (row, sequence) in sequenceOfQuery.enumerated() {
            rows[Int(next[Int(sequence)])] = Int32(row)
            next[Int(sequence)] += 1
        }
        self.weightStarts = weightStarts
        queryStarts = counts
        queryRows = rows
    }

    /// The layout for a ragged batch of queries, each sequence of which attends to the sequence of the
    /// memory of the same index.
    public convenience init(memory: SequenceLayout, queries: SequenceLayout) {
        self.init(memory: memory, sequenceOfQuery: queries.sequenceOfRow)
    }

    /// The sequence of the memory that each query row attends to.
    public var sequenceOfQuery: [Int32] {
        var result = [Int32](repeating: 0, count: queryCount)
        for sequence in 0..<memory.batch {
            for place in queryStarts[sequence]..<queryStarts[sequence + 1] {
                result[Int(queryRows[Int(place)])] = Int32(sequence)
            }
        }
        return result
    }
}

/// How well a query matches a key.
public enum AttentionScore: Sendable {
    /// scale · query·key (Luong et al. 2015, section 3.1, "dot").
    case dot(scale: Float)
    /// v·tanh(query + key) (Bahdanau et al. 2015, A.1.2; Luong's "concat" with its matrix applied to
    /// query and key beforehand); v is `[features]`.
    case concat(v: Tensor)
}

/// Attention of query rows over the sequences of a ragged memory: scores, softmax and weighted sum in
/// one operation.
///
/// - Parameters:
///   - queries: `[queries, features]`.
///   - keys: `[memory steps, features]`.
///   - values: `[memory steps, width]`.
///   - layout: which query attends to which sequence.
///   - score: how a query is compared with a key.
/// - Returns: the contexts, `[queries, width]`, and the weights of all queries one after the other, of
///   each as many as its sequence has steps.
public func attend(
    _ queries: Tensor, keys: Tensor, values: Tensor, layout: AttentionLayout, score: AttentionScore
) -> (context: Tensor, weights: Tensor) {
    precondition(
        queries.rows == layout.queryCount && keys.rows == layout.memory.steps
            && values.rows == keys.rows && queries.rowWidth == keys.rowWidth,
        "attend: queries \(queries.shape), keys \(keys.shape), values \(values.shape), memory of \(layout.memory.steps) steps"
    )
    let context = Tensor(uninitialized: [queries.rows, values.rowWidth])
    let weights = Tensor(uninitialized: [Int(layout.weightStarts[layout.queryCount])])
    var parameters: [Tensor] = []
    if case .concat(let v) = score { parameters.append(v) }
    layout.withKernel(score, width: queries.rowWidth, values: values.rowWidth) { kernel in
        seq_attention_forward(
            kernel, queries.pointer, keys.pointer, values.pointer, context.pointer, weights.pointer)
    }
    Tape.record(
        "attend", inputs: [queries, keys, values] + parameters, outputs: [context, weights]
    ) { pass in
        let queryGradient = Tensor(uninitialized: queries.shape)
        let vGradient = Tensor(
            uninitialized: parameters.isEmpty ? [0] : [layout.memory.batch, queries.rowWidth])
        layout.withKernel(score, width: queries.rowWidth, values: values.rowWidth) { kernel in
            pass.withPart(keys) { keyGradient in
                pass.withPart(values) { valueGradient in
                    seq_attention_backward(
                        kernel, queries.pointer, keys.pointer, values.pointer, weights.pointer,
                        pass.gradient(context)?.pointer, pass.gradient(weights)?.pointer,
                        queryGradient.pointer, keyGradient, valueGradient,
                        parameters.isEmpty ? nil : vGradient.pointer)
                }
            }
        }
        pass.accumulate(queries, taking: queryGradient)
        if let v = parameters.first {
            pass.accumulate(v) { destination, beta in
                seq_sum_rows(
                    destination, vGradient.pointer, beta, vGradient.rows, vGradient.rowWidth)
            }
        }
    }
    return (context, weights)
}

extension BackwardPass {
    /// Calls `body` with the gradient of `tensor` to add to, or nil when nobody wants it.
    func withPart(_ tensor: Tensor, _ body: (UnsafeMutablePointer<Float>?) -> Void) {
        guard needs(tensor) else { return body(nil) }
        accumulatePart(tensor) { body($0) }
    }
}

extension AttentionLayout {
    fileprivate func withKernel(
        _ score: AttentionScore, width: Int, values: Int,
        _ body: (UnsafePointer<seq_attention>) -> Void
    ) {
        memory.starts.withUnsafePointer { memoryStarts in
            queryStarts.withUnsafePointer { queryStarts in
                queryRows.withUnsafePointer { queryRows in
                    weightStarts.withUnsafePointer { weightStarts in
                        var kernel = seq_attention(
                            score: SEQ_SCORE_DOT, B: Int32(memory.batch), H: Int32(width),
                            M: Int32(values), scale: 1, memory_start: memoryStarts,
                            query_start: queryStarts, query_row: queryRows,
                            weight_start: weightStarts, v: nil)
                        switch score {
                        case .dot(let scale):
                            kernel.scale = scale
                        case .concat(let v):
                            kernel.score = SEQ_SCORE_CONCAT
                            kernel.v = UnsafePointer(v.pointer)
                        }
                        body(&kernel)
                    }
                }
            }
        }
    }
}
