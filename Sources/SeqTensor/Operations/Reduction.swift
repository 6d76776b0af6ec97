import CSeqKernels

extension Tensor {
    /// The sum of all elements, a scalar.
    public func sum() -> Tensor {
        let result = Tensor(Float(seq_sum(pointer, count)))
        Tape.record("sum", inputs: [self], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulate(self, adding: Tensor(repeating: gradient.item, shape: shape))
        }
        return result
    }

    /// The mean of all elements, a scalar.
    public func mean() -> Tensor { sum() * (1 / Float(max(1, count))) }

    /// The sum over rows of `[rows, columns]`, `[columns]`.
    public func sumOfRows() -> Tensor {
        let width = rowWidth
        let result = Tensor(uninitialized: [width])
        seq_sum_rows(result.pointer, pointer, 0, rows, width)
        Tape.record("sumOfRows", inputs: [self], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulateBroadcast(
                self, adding: gradient.expanded(to: [rows, width]).reshaped(shape))
        }
        return result
    }

    /// The sum of each row of `[rows, columns]`, `[rows, 1]`.
    public func sumOfColumns() -> Tensor {
        let result = Tensor(uninitialized: [rows, 1])
        seq_sum_columns(result.pointer, pointer, rows, rowWidth)
        Tape.record("sumOfColumns", inputs: [self], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulate(self, adding: gradient.expanded(to: [rows, rowWidth]).reshaped(shape))
        }
        return result
    }

    /// The sum of the squares of all elements, in double precision and outside the tape.
    public var sumOfSquares: Double { seq_sum_squares(pointer, count) }

    /// Whether all elements are finite.
    public var isFinite: Bool { seq_first_not_finite(pointer, count) < 0 }

    /// Whether all elements are zero.
    public var isZero: Bool { withUnsafeValues { values in values.allSatisfy { $0 == 0 } } }
}
