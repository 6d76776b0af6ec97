import CSeqKernels

extension Tensor {
    /// The softmax of each row.
    public func softmax() -> Tensor { softmax(isLogarithm: false) }

    /// The logarithm of the softmax of each row.
    public func logSoftmax() -> Tensor { softmax(isLogarithm: true) }

    private func softmax(isLogarithm: Bool) -> Tensor {
        let width = features
        let count = count / max(1, width)
        let result = Tensor(uninitialized: shape)
        seq_softmax(result.pointer, pointer, isLogarithm, count, width)
        Tape.record("softmax", inputs: [self], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulate(self) { destination, beta in
                seq_softmax_backward(
                    destination, gradient.pointer, result.pointer, isLogarithm, beta, count, width)
            }
        }
        return result
    }

    /// log Σ exp of each row of `[rows, columns]`, outside the tape.
    public func logSumExp() -> [Float] {
        var result = [Float](repeating: 0, count: rows)
        seq_log_sum_exp(&result, pointer, rows, rowWidth)
        return result
    }

    /// The `count` largest elements of each row, largest first, and their columns, outside the tape.
    public func topK(_ count: Int) -> (indices: [Int32], values: [Float]) {
        precondition(count <= rowWidth, "topK: \(count) of \(rowWidth) columns")
        var indices = [Int32](repeating: 0, count: rows * count)
        var values = [Float](repeating: 0, count: rows * count)
        seq_top_k(&indices, &values, pointer, rows, rowWidth, count)
        return (indices, values)
    }

    /// Layer normalisation of each row (Ba and others 2016): (x - mean) / √(variance + ε) · gain +
    /// bias.
    public func layerNormalized(gain: Tensor, bias: Tensor, epsilon: Float = 1e-5) -> Tensor {
        let width = features
        let count = count / max(1, width)
        precondition(
            gain.count == width && bias.count == width,
            "layerNormalized: gain \(gain.shape) and bias \(bias.shape) for \(shape)")
        let result = Tensor(uninitialized: shape)
        let statistics = Tensor(uninitialized: [count, 2])
        seq_layer_norm(
            result.pointer, statistics.pointer, pointer, gain.pointer, bias.pointer, epsilon, count,
            width)
        Tape.record("layerNormalized", inputs: [self, gain, bias], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            let normalized = Tensor(uninitialized: [count, width])
            let own = Tensor(uninitialized: shape)
            seq_layer_norm_backward(
                own.pointer, normalized.pointer, gradient.pointer, pointer, statistics.pointer,
                gain.pointer, 0, count, width)
            pass.accumulate(self, adding: own)
            pass.accumulate(gain) { destination, beta in
                seq_sum_rows(destination, normalized.pointer, beta, count, width)
            }
            pass.accumulate(bias) { destination, beta in
                seq_sum_rows(destination, gradient.pointer, beta, count, width)
            }
        }
        return result
    }
}
