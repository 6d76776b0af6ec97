import CSeqKernels

/// The softmax of each query row over its window; weights outside it are zero.
///
/// - Parameters:
///   - scores: a number for each position of each query row, in the layout's order.
///   - layout: which query attends to which sequence.
///   - window: the whole source if nil.
public func raggedSoftmax(
    _ scores: Tensor, layout: AttentionLayout, window: AttentionWindow? = nil
) -> Tensor {
    normalized(
        "raggedSoftmax", scores, layout, window, seq_ragged_softmax, seq_ragged_softmax_backward)
}

/// The sparsemax of each query row over its window (Martins & Astudillo 2016): the nearest
/// distribution, in which small scores get exactly zero.
public func raggedSparsemax(
    _ scores: Tensor, layout: AttentionLayout, window: AttentionWindow? = nil
) -> Tensor {
    normalized(
        "raggedSparsemax", scores, layout, window, seq_ragged_sparsemax,
        seq_ragged_sparsemax_backward)
}

private func normalized(
    _ name: StaticString, _ scores: Tensor, _ layout: AttentionLayout, _ window: AttentionWindow?,
    _ forward: (UnsafePointer<seq_ragged>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) ->
        Void,
    _ backward:
        @escaping (
            UnsafePointer<seq_ragged>, UnsafePointer<Float>, UnsafePointer<Float>, Float,
            UnsafeMutablePointer<Float>
        ) -> Void
) -> Tensor {
    layout.check(scores, name)
    let result = Tensor(uninitialized: [layout.weightCount])
    layout.withRagged(window) { forward($0, scores.pointer, result.pointer) }
    Tape.record(name, inputs: [scores], outputs: [result]) { pass in
        guard let gradient = pass.gradient(result) else { return }
        layout.withRagged(window) { ragged in
            pass.accumulate(scores) { destination, beta in
                backward(ragged, result.pointer, gradient.pointer, beta, destination)
            }
        }
    }
    return result
}

/// Weights times exp(-(s - p)² / (2σ²)) for each position s (Luong and others 2015,
/// equation 10); they are not normalised again.
///
/// - Parameters:
///   - weights: a number for each position of each query row, in the layout's order.
///   - centers: p, `[queries]`.
///   - deviation: σ.
///   - layout: which query attends to which sequence.
///   - window: the whole source if nil; the result is zero outside it.
public func gaussianWeighted(
    _ weights: Tensor, centers: Tensor, deviation: Float, layout: AttentionLayout,
    window: AttentionWindow? = nil
) -> Tensor {
    layout.check(weights, "gaussianWeighted")
    precondition(
        centers.count == layout.queryCount && deviation > 0,
        "gaussianWeighted: centers \(centers.shape) for \(layout.queryCount) queries, deviation \(deviation)"
    )
    let result = Tensor(uninitialized: [layout.weightCount])
    layout.withRagged(window) {
        seq_ragged_gaussian(
            $0, weights.pointer, centers.pointer, deviation, result.pointer)
    }
    Tape.record("gaussianWeighted", inputs: [weights, centers], outputs: [result]) { pass in
        guard let gradient = pass.gradient(result) else { return }
        layout.withRagged(window) { ragged in
            pass.accumulate(weights) { destination, beta in
                seq_ragged_gaussian_backward(
                    ragged, weights.pointer, centers.pointer, deviation, gradient.pointer, beta,
                    destination, nil)
            }
            guard pass.needs(centers) else { return }
            let own = Tensor(uninitialized: centers.shape)
            seq_ragged_gaussian_backward(
                ragged, weights.pointer, centers.pointer, deviation, gradient.pointer, 0, nil,
                own.pointer)
            pass.accumulate(centers, taking: own)
        }
    }
    return result
}

/// gate · a + (1 - gate) · b with one gate a query row.
///
/// - Parameters:
///   - a: a number for each position of each query row, in the layout's order.
///   - b: the same.
///   - gate: `[queries]`.
///   - layout: which query attends to which sequence.
public func mixedWeights(
    _ a: Tensor, _ b: Tensor, gate: Tensor, layout: AttentionLayout
) -> Tensor {
    layout.check(a, "mixedWeights")
    layout.check(b, "mixedWeights")
    precondition(
        gate.count == layout.queryCount,
        "mixedWeights: gates \(gate.shape) for \(layout.queryCount) queries")
    let result = Tensor(uninitialized: [layout.weightCount])
    layout.withRagged {
        seq_ragged_mix($0, a.pointer, b.pointer, gate.pointer, result.pointer)
    }
    Tape.record("mixedWeights", inputs: [a, b, gate], outputs: [result]) { pass in
        guard let gradient = pass.gradient(result) else { return }
        let parts = [a, b, gate].map { Tensor(uninitialized: $0.shape) }
        layout.withRagged {
            seq_ragged_mix_backward(
                $0, a.pointer, b.pointer, gate.pointer, gradient.pointer, parts[0].pointer,
                parts[1].pointer, parts[2].pointer)
        }
        for (input, part) in zip([a, b, gate], parts) { pass.accumulate(input, taking: part) }
    }
    return result
}

/// Numbers of positions times a factor of their step of the memory, the same for all queries.
///
/// - Parameters:
///   - numbers: one for each position of each query row, in the layout's order.
///   - factors: `[memory steps]`.
///   - layout: which query attends to which sequence.
public func scaledSteps(_ numbers: Tensor, by factors: Tensor, layout: AttentionLayout) -> Tensor {
    layout.check(numbers, "scaledSteps")
    precondition(
        factors.count == layout.memory.steps,
        "scaledSteps: factors \(factors.shape) for \(layout.memory.steps) steps")
    let result = Tensor(uninitialized: [layout.weightCount])
    layout.withRagged {
        seq_ragged_scale_steps($0, numbers.pointer, factors.pointer, result.pointer)
    }
    Tape.record("scaledSteps", inputs: [numbers, factors], outputs: [result]) { pass in
        guard let gradient = pass.gradient(result) else { return }
        layout.withRagged { ragged in
            if pass.needs(numbers) {
                let own = Tensor(uninitialized: numbers.shape)
                seq_ragged_scale_steps(ragged, gradient.pointer, factors.pointer, own.pointer)
                pass.accumulate(numbers, taking: own)
            }
            pass.accumulatePart(factors) { destination in
                seq_ragged_scale_steps_backward(
                    ragged, numbers.pointer, gradient.pointer, destination)
            }
        }
    }
    return result
}

/// Sums of the memory's rows, weighted for each query row.
///
/// - Parameters:
///   - weights: a number for each position of each query row, in the layout's order.
///   - values: `[memory steps, width]`.
///   - layout: which query attends to which sequence.
///   - window: where weights may differ from zero; the whole source if nil.
/// - Returns: `[queries, width]`.
public func attentionContext(
    _ weights: Tensor, values: Tensor, layout: AttentionLayout, window: AttentionWindow? = nil
) -> Tensor {
    layout.check(weights, "attentionContext")
    precondition(
        values.rows == layout.memory.steps,
        "attentionContext: values \(values.shape) for \(layout.memory.steps) steps")
    let width = Int32(values.rowWidth)
    let result = Tensor(uninitialized: [layout.queryCount, values.rowWidth])
    layout.withRagged(window) {
        seq_ragged_context($0, weights.pointer, values.pointer, width, result.pointer)
    }
    Tape.record("attentionContext", inputs: [weights, values], outputs: [result]) { pass in
        guard let gradient = pass.gradient(result) else { return }
        let own = pass.needs(weights) ? Tensor(uninitialized: weights.shape) : nil
        layout.withRagged(window) { ragged in
            pass.withPart(values) { valueGradient in
                seq_ragged_context_backward(
                    ragged, weights.pointer, values.pointer, width, gradient.pointer,
                    own?.pointer, valueGradient)
            }
        }
        if let own { pass.accumulate(weights, taking: own) }
    }
    return result
}
