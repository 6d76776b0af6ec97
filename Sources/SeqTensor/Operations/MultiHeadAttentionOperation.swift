import CSeqKernels

/// Self-attention of each sequence of a ragged batch with several heads (Vaswani and others 2017,
/// section 3.2): softmax(Q·Kᵀ / √width)·V.
///
/// - Parameters:
///   - projected: queries, keys and values beside each other, `[steps, 3 · heads · width]`; within
///     each the heads stand beside each other.
///   - layout: the sequences.
///   - heads: the number of heads.
///   - isCausal: whether a step sees only itself and the steps before it.
///   - mask: which attention weights drop out.
/// - Returns: the contexts, `[steps, heads · width]`.
public func selfAttention(
    _ projected: Tensor, layout: SequenceLayout, heads: Int, isCausal: Bool,
    mask: DropoutMask = .none
) -> Tensor {
    let width = projected.rowWidth / 3
    precondition(
        projected.rows == layout.steps && projected.rowWidth == 3 * width && width % heads == 0,
        "selfAttention: projected \(projected.shape) for \(layout.steps) steps and \(heads) heads")
    let context = Tensor(uninitialized: [layout.steps, width])
    let heads = Heads(
        layout: nil, memory: layout, heads: heads, width: width, isCausal: isCausal, mask: mask,
        queryStride: projected.rowWidth, memoryStride: projected.rowWidth)
    let weights = Tape.isRecording(projected) ? heads.makeWeights() : nil
    let (queries, keys, values) = (0, width, 2 * width)
    heads.withKernel { kernel in
        seq_heads_forward(
            kernel, projected.pointer + queries, projected.pointer + keys,
            projected.pointer + values, context.pointer, weights?.pointer)
    }
    Tape.record("selfAttention", inputs: [projected], outputs: [context]) { pass in
        guard let gradient = pass.gradient(context), let weights else { return }
        pass.accumulate(projected) { destination, beta in
            heads.withKernel { kernel in
                seq_heads_backward(
                    kernel, projected.pointer + queries, projected.pointer + keys,
                    projected.pointer + values, weights.pointer, gradient.pointer, nil, nil, beta,
                    destination + queries, beta, destination + keys, destination + values)
            }
        }
    }
    return context
}

/// Attention with several heads of query rows over the sequences of a ragged memory (Vaswani and
/// others 2017, section 3.2).
///
/// - Parameters:
///   - queries: `[queries, heads · width]`.
///   - memory: keys and values beside each other, `[memory steps, 2 · heads · width]`.
///   - layout: which query attends to which sequence.
///   - heads: the number of heads.
///   - mask: which attention weights drop out.
///   - keepsWeights: whether the weights are wanted.
/// - Returns: the contexts, `[queries, heads · width]`, and, if wanted, the weights before dropout,
///   averaged over the heads, of all queries one after the other.
public func crossAttention(
    _ queries: Tensor, memory: Tensor, layout: AttentionLayout, heads: Int,
    mask: DropoutMask = .none, keepsWeights: Bool = false
) -> (context: Tensor, weights: Tensor?) {
    let width = queries.rowWidth
    precondition(
        queries.rows == layout.queryCount && memory.rows == layout.memory.steps
            && memory.rowWidth == 2 * width && width % heads == 0,
        "crossAttention: queries \(queries.shape), memory \(memory.shape) of \(layout.memory.steps) steps, \(heads) heads"
    )
    let context = Tensor(uninitialized: queries.shape)
    let heads = Heads(
        layout: layout, memory: layout.memory, heads: heads, width: width, isCausal: false,
        mask: mask, queryStride: width, memoryStride: 2 * width)
    let isKept = keepsWeights || Tape.isRecording(queries, memory)
    let weights = isKept ? heads.makeWeights() : nil
    let mean =
        keepsWeights ? Tensor(uninitialized: [Int(layout.weightStarts[layout.queryCount])]) : nil
    heads.withKernel { kernel in
        seq_heads_forward(
            kernel, queries.pointer, memory.pointer, memory.pointer + width, context.pointer,
            weights?.pointer)
        if let mean, let weights {
            seq_heads_mean_weights(kernel, weights.pointer, layout.weightStarts, mean.pointer)
        }
    }
    Tape.record(
        "crossAttention", inputs: [queries, memory],
        outputs: [context] + [mean].compactMap { $0 }
    ) { pass in
        guard let weights else { return }
        let meanGradient = mean.flatMap { pass.gradient($0) }
        let contextGradient = pass.gradient(context)
        let queryGradient = pass.needs(queries) ? Tensor(uninitialized: queries.shape) : nil
        func run(_ beta: Float, _ memoryGradient: UnsafeMutablePointer<Float>?) {
            heads.withKernel { kernel in
                seq_heads_backward(
                    kernel, queries.pointer, memory.pointer, memory.pointer + width,
                    weights.pointer, contextGradient?.pointer, meanGradient?.pointer,
                    layout.weightStarts, 0, queryGradient?.pointer, beta, memoryGradient,
                    memoryGradient.map { $0 + width })
            }
        }
        if pass.needs(memory) {
            pass.accumulate(memory) { destination, beta in run(beta, destination) }
        } else {
            run(0, nil)
        }
        if let queryGradient { pass.accumulate(queries, taking: queryGradient) }
    }
    return (context, mean)
}

extension StepCache {
    /// Attention of the current step over all steps so far, the current one included; the same bits as
    /// the last row of each sequence in causal ``selfAttention(_:layout:heads:isCausal:mask:)``.
    ///
    /// - Parameters:
    ///   - projected: the queries in the first columns, `[rows, at least heads · width]`.
    ///   - slot: where keys and values, beside each other, were appended at each step,
    ///     `[rows, 2 · heads · width]`.
    ///   - heads: the number of heads.
    /// - Returns: the contexts, `[rows, heads · width]`.
    public func attention(_ projected: Tensor, slot: Int, heads: Int) -> Tensor {
        precondition(
            slot < slots.count && slots[slot].count == steps && projected.rows == rows,
            "StepCache.attention: queries \(projected.shape), \(rows) rows and \(steps) steps in the cache"
        )
        let memory = slots[slot]
        let width = memory[0].rowWidth / 2
        precondition(
            width % heads == 0 && projected.rowWidth >= width,
            "StepCache.attention: queries \(projected.shape), keys and values \(memory[0].shape), \(heads) heads"
        )
        let context = Tensor(uninitialized: [rows, width])
        withExtendedLifetime(memory) {
            seq_heads_step(
                Int32(rows), Int32(steps), Int32(heads), Int32(width / heads),
                scale(of: width / heads), projected.pointer, projected.rowWidth,
                memory.map { UnsafePointer($0.pointer) },
                memory.map { UnsafePointer($0.pointer + width) }, 2 * width, ancestors,
                context.pointer, width)
        }
        return context
    }
}

/// 1 / √width, which keeps the variance of scores at one.
///
/// Vaswani et al. 2017, eq. 1.
private func scale(of width: Int) -> Float { 1 / Float(width).squareRoot() }

/// One call of the kernels: which rows attend to which, and how.
private struct Heads: Sendable {
    /// Nil when each sequence attends to itself.
    let layout: AttentionLayout?
    let memory: SequenceLayout
    let heads: Int
    /// Of all heads together.
    let width: Int
    let isCausal: Bool
    let mask: DropoutMask
    let queryStride: Int
    let memoryStride: Int

    func makeWeights() -> Tensor {
        withKernel { Tensor(uninitialized: [seq_heads_weight_count($0)]) }
    }

    func withKernel<Result>(_ body: (UnsafePointer<seq_heads>) -> Result) -> Result {
        memory.starts.withUnsafePointer { memoryStarts in
            guard let layout else { return call(memoryStarts, nil, memoryStarts, body) }
            return layout.queryStarts.withUnsafePointer { queryStarts in
                layout.queryRows.withUnsafePointer { queryRows in
                    call(queryStarts, queryRows, memoryStarts, body)
                }
            }
        }
    }

    private func call<Result>(
        _ queryStarts: UnsafePointer<Int32>, _ queryRows: UnsafePointer<Int32>?,
        _ memoryStarts: UnsafePointer<Int32>, _ body: (UnsafePointer<seq_heads>) -> Result
    ) -> Result {
        var kernel = seq_heads(
            B: Int32(memory.batch), heads: Int32(heads), width: Int32(width / heads),
            causal: isCausal, scale: scale(of: width / heads), query_start: queryStarts,
            query_row: queryRows, memory_start: memoryStarts, query_stride: queryStride,
            memory_stride: memoryStride, context_stride: width, mask: mask.kernelValue)
        return body(&kernel)
    }
}
