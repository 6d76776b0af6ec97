import CSeqKernels

/// One flat block of memory that holds many parameters, or their gradients, one after the other.
package final class FlatBuffer: @unchecked Sendable {
    private let storage: Storage

    /// - Parameter isPersistent: whether the parts are weights that products should pack.
    package init(count: Int, isPersistent: Bool) {
        storage = Storage(count: count, isPersistent: isPersistent)
        seq_fill(storage.pointer, 0, count)
    }

    /// All numbers as one vector.
    package var all: Tensor { Tensor(storage: storage, shape: [storage.count]) }

    /// The part that starts at `offset`.
    package func part(at offset: Int, shape: [Int]) -> Tensor {
        precondition(
            offset + shape.reduce(1, *) <= storage.count,
            "FlatBuffer: \(shape) at \(offset) of \(storage.count)")
        return Tensor(storage: storage, offset: offset, shape: shape)
    }

    /// Calls `body` with the numbers to change, and has packed copies of weights made anew afterwards.
    package func update<Result>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        defer { storage.didChange() }
        return try body(UnsafeMutableBufferPointer(start: storage.pointer, count: storage.count))
    }
}

extension Tensor {
    /// The same numbers as a stored weight, which products pack once.
    package var stored: Tensor {
        let buffer = FlatBuffer(count: count, isPersistent: true)
        buffer.update { destination in
            withUnsafeValues { _ = destination.update(from: $0) }
        }
        return buffer.part(at: 0, shape: shape)
    }
}

/// Optimizer steps over flat buffers.
package enum OptimizerKernels {
    /// One step of Adam (Kingma & Ba 2015); the gradient is multiplied by `gradientScale` first.
    package static func adam(
        _ parameters: FlatBuffer, gradients: FlatBuffer, firstMoment: FlatBuffer,
        secondMoment: FlatBuffer, gradientScale: Float, learningRate: Float, beta1: Float,
        beta2: Float, epsilon: Float, step: Int
    ) {
        let correction1 = 1 - power(Double(beta1), step)
        let correction2 = 1 - power(Double(beta2), step)
        parameters.update { w in
            firstMoment.update { m in
                secondMoment.update { v in
                    guard let w = w.baseAddress, let m = m.baseAddress, let v = v.baseAddress else {
                        return
                    }
                    seq_adam(
                        w, gradients.all.pointer, m, v, gradientScale, learningRate, beta1, beta2,
                        epsilon, Float(correction1), Float(correction2), gradients.all.count)
                }
            }
        }
    }

    /// One step of gradient descent with momentum (0 for none).
    package static func sgd(
        _ parameters: FlatBuffer, gradients: FlatBuffer, velocity: FlatBuffer?,
        gradientScale: Float,
        learningRate: Float, momentum: Float
    ) {
        parameters.update { w in
            guard let w = w.baseAddress else { return }
            seq_sgd(
                w, gradients.all.pointer, velocity?.all.pointer, gradientScale, learningRate,
                momentum, gradients.all.count)
        }
    }

    /// One step of Adam on the rows of a table that have a gradient; the moments of the other rows stay
    /// (the "lazy" Adam of PyTorch's SparseAdam).
    ///
    /// - Parameter table: the value of the table, a part of `parameters`.
    package static func adam(
        _ parameters: FlatBuffer, table: Tensor, gradient: SparseGradient,
        firstMoment: FlatBuffer, secondMoment: FlatBuffer, gradientScale: Float,
        learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, step: Int
    ) {
        let correction1 = 1 - power(Double(beta1), step)
        let correction2 = 1 - power(Double(beta2), step)
        let offset = table.offset
        parameters.update { w in
            firstMoment.update { m in
                secondMoment.update { v in
                    guard let w = w.baseAddress, let m = m.baseAddress, let v = v.baseAddress else {
                        return
                    }
                    seq_adam_rows(
                        w + offset, gradient.values.pointer, m + offset, v + offset, gradient.rows,
                        gradientScale, learningRate, beta1, beta2, epsilon, Float(correction1),
                        Float(correction2), gradient.rows.count, gradient.values.rowWidth)
                }
            }
        }
    }

    /// One step of gradient descent on the rows of a table that have a gradient; the velocity of the
    /// other rows stays.
    package static func sgd(
        _ parameters: FlatBuffer, table: Tensor, gradient: SparseGradient, velocity: FlatBuffer?,
        gradientScale: Float, learningRate: Float, momentum: Float
    ) {
        let offset = table.offset
        parameters.update { w in
            guard let w = w.baseAddress else { return }
            seq_sgd_rows(
                w + offset, gradient.values.pointer, velocity.map { $0.all.pointer + offset },
                gradient.rows, gradientScale, learningRate, momentum, gradient.rows.count,
                gradient.values.rowWidth)
        }
    }

    /// Limits every gradient to ±limit.
    package static func clip(_ gradients: FlatBuffer, limit: Float) {
        gradients.update { g in
            guard let base = g.baseAddress else { return }
            seq_clip(base, limit, g.count)
        }
    }

    private static func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, factor, rest) = (1.0, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return result
    }
}
