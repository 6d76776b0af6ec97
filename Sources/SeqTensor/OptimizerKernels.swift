import CSeqKernels

/// Gradients and the parameters that they belong to: a whole block, or some rows of a table.
package struct GradientPart {
    fileprivate let gradient: Tensor
    /// Where the block or the table starts in the flat buffer of parameters.
    fileprivate let offset: Int
    private let rows: [Int32]?

    /// The gradients of the parameters at the places `range` of a flat buffer.
    package init(_ gradients: FlatBuffer, _ range: Range<Int>) {
        gradient = gradients.part(at: range.lowerBound, shape: [range.count])
        (offset, rows) = (range.lowerBound, nil)
    }

    /// The gradients of rows of `table`, which is a part of a flat buffer.
    package init(_ gradient: SparseGradient, of table: Tensor) {
        (self.gradient, offset, rows) = (gradient.values, table.offset, gradient.rows)
    }

    fileprivate func withRows(_ body: (seq_updated_rows, UnsafePointer<Float>) -> Void) {
        withExtendedLifetime(gradient) {
            guard let rows else {
                let all = seq_updated_rows(index: nil, rows: 1, width: gradient.count)
                return body(all, gradient.pointer)
            }
            rows.withUnsafeBufferPointer { index in
                guard let base = index.baseAddress, !index.isEmpty else { return }
                body(
                    seq_updated_rows(index: base, rows: index.count, width: gradient.rowWidth),
                    gradient.pointer)
            }
        }
    }
}

/// Optimizer steps over flat buffers.
///
/// Each changes the parameters of a ``GradientPart`` and, at the same places, what the optimizer
/// remembers. `gradientScale` multiplies the gradient; then `decay` times the parameter is added. `shrink`
/// is the share of a parameter that decoupled weight decay takes away.
package enum OptimizerKernels {
    /// Adam (Kingma & Ba 2015), and AdamW if `shrink` is not 0 (Loshchilov & Hutter 2019).
    package static func adam(
        _ parameters: FlatBuffer, _ part: GradientPart, firstMoment: FlatBuffer,
        secondMoment: FlatBuffer, gradientScale: Float, decay: Float, shrink: Float,
        learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, step: Int
    ) {
        let correction1 = 1 - power(Double(beta1), step)
        let correction2 = 1 - power(Double(beta2), step)
        change(parameters, part) { rows, w, g in
            let (m, v) = (firstMoment.pointer(part), secondMoment.pointer(part))
            seq_adam(
                rows, w, g, m, v, gradientScale, decay, shrink, learningRate, beta1, beta2, epsilon,
                Float(correction1), Float(correction2))
        }
    }

    /// Gradient descent, with momentum if there is a velocity.
    package static func sgd(
        _ parameters: FlatBuffer, _ part: GradientPart, velocity: FlatBuffer?, gradientScale: Float,
        decay: Float, learningRate: Float, momentum: Float, isNesterov: Bool
    ) {
        change(parameters, part) { rows, w, g in
            seq_sgd(
                rows, w, g, velocity?.pointer(part), gradientScale, decay, learningRate, momentum,
                isNesterov)
        }
    }

    /// AdaGrad (Duchi, Hazan and Singer 2011).
    package static func adagrad(
        _ parameters: FlatBuffer, _ part: GradientPart, sumOfSquares: FlatBuffer,
        gradientScale: Float, decay: Float, learningRate: Float, epsilon: Float
    ) {
        change(parameters, part) { rows, w, g in
            seq_adagrad(
                rows, w, g, sumOfSquares.pointer(part), gradientScale, decay, learningRate, epsilon)
        }
    }

    /// AdaDelta (Zeiler 2012).
    package static func adadelta(
        _ parameters: FlatBuffer, _ part: GradientPart, squares: FlatBuffer, updates: FlatBuffer,
        gradientScale: Float, decay: Float, learningRate: Float, rho: Float, epsilon: Float
    ) {
        change(parameters, part) { rows, w, g in
            seq_adadelta(
                rows, w, g, squares.pointer(part), updates.pointer(part), gradientScale, decay,
                learningRate, rho, epsilon)
        }
    }

    /// RMSProp (Hinton 2012), centered if there is a mean, with momentum if there is a velocity.
    package static func rmsprop(
        _ parameters: FlatBuffer, _ part: GradientPart, squares: FlatBuffer, mean: FlatBuffer?,
        velocity: FlatBuffer?, gradientScale: Float, decay: Float, learningRate: Float,
        alpha: Float, momentum: Float, epsilon: Float
    ) {
        change(parameters, part) { rows, w, g in
            seq_rmsprop(
                rows, w, g, squares.pointer(part), mean?.pointer(part), velocity?.pointer(part),
                gradientScale, decay, learningRate, alpha, momentum, epsilon)
        }
    }

    /// Lion (Chen and others 2023).
    package static func lion(
        _ parameters: FlatBuffer, _ part: GradientPart, momentum: FlatBuffer, gradientScale: Float,
        shrink: Float, learningRate: Float, beta1: Float, beta2: Float
    ) {
        change(parameters, part) { rows, w, g in
            seq_lion(
                rows, w, g, momentum.pointer(part), gradientScale, shrink, learningRate, beta1,
                beta2)
        }
    }

    /// Adafactor (Shazeer & Stern 2018) of one parameter, whose moments start at `moment` in `moments`:
    /// those of rows, then those of columns; of a vector those of its elements.
    package static func adafactor(
        _ parameters: FlatBuffer, _ parameter: Tensor, gradients: FlatBuffer, moments: FlatBuffer,
        moment: Int, gradientScale: Float, learningRate: Float, decay: Float, beta2Decay: Float,
        epsilon1: Float, epsilon2: Float, threshold: Float, step: Int
    ) {
        let (shape, offset) = (parameter.shape, parameter.offset)
        let isFactored = shape.count > 1
        let columns = shape.last ?? 1
        let rows = isFactored ? shape[shape.count - 2] : 1
        let matrices = shape.dropLast(2).reduce(1, *)
        parameters.update { w in
            moments.update { m in
                guard let w = w.baseAddress, let m = m.baseAddress, parameter.count > 0 else {
                    return
                }
                let columnMoments = m + moment + (isFactored ? matrices * rows : 0)
                seq_adafactor(
                    w + offset, gradients.all.pointer + offset, isFactored ? m + moment : nil,
                    columnMoments, gradientScale, learningRate, decay, beta2Decay, epsilon1,
                    epsilon2, threshold, Int64(step), matrices, rows, columns)
            }
        }
    }

    /// Moves an average of parameters towards them: average += rate · (parameters - average).
    package static func average(_ average: FlatBuffer, of parameters: FlatBuffer, rate: Float) {
        precondition(
            average.all.count == parameters.all.count,
            "average: \(average.all.count) numbers of \(parameters.all.count)")
        average.update { a in
            guard let base = a.baseAddress else { return }
            seq_average(base, parameters.all.pointer, rate, a.count)
        }
    }

    /// Exchanges the numbers of two buffers.
    package static func exchange(_ first: FlatBuffer, _ second: FlatBuffer) {
        precondition(
            first.all.count == second.all.count,
            "exchange: \(first.all.count) numbers with \(second.all.count)")
        first.update { a in
            second.update { b in
                guard let a = a.baseAddress, let base = b.baseAddress else { return }
                seq_exchange(a, base, b.count)
            }
        }
    }

    /// Limits every gradient to ±limit.
    package static func clip(_ gradients: FlatBuffer, limit: Float) {
        gradients.update { g in
            guard let base = g.baseAddress else { return }
            seq_clip(base, limit, g.count)
        }
    }

    /// Replaces gradients g by scale · g + n with n from N(0, deviation²), a function of the generator's
    /// key, of `stream` and of the place in the gradient.
    package static func addNoise(
        _ gradient: Tensor, scale: Float, deviation: Float, key: UInt64, stream: UInt64
    ) {
        seq_add_noise(gradient.pointer, scale, deviation, key, stream, 0, gradient.count)
    }

    /// Calls `body` with the parameters of `part`, which it changes, and their gradient.
    private static func change(
        _ parameters: FlatBuffer, _ part: GradientPart,
        _ body: (seq_updated_rows, UnsafeMutablePointer<Float>, UnsafePointer<Float>) -> Void
    ) {
        parameters.update { w in
            guard let base = w.baseAddress else { return }
            part.withRows { rows, gradient in body(rows, base + part.offset, gradient) }
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

extension FlatBuffer {
    /// The numbers at the places of the parameters of `part`.
    fileprivate func pointer(_ part: GradientPart) -> UnsafeMutablePointer<Float> {
        all.pointer + part.offset
    }
}
