import CSeqKernels

extension Tensor {
    /// Rows `range`, sharing memory with this tensor.
    public func rows(_ range: Range<Int>) -> Tensor {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= rows, "rows: \(range) of \(shape)")
        if range == 0..<rows { return self }
        let width = rowWidth
        let result = Tensor(
            storage: storage, offset: offset + range.lowerBound * width,
            shape: [range.count] + shape.dropFirst())
        Tape.record("rows", inputs: [self], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulatePart(self) { destination in
                let part = destination + range.lowerBound * width
                seq_axpby(part, 1, gradient.pointer, 1, gradient.count)
            }
        }
        return result
    }

    /// Rows `indices` in that order; indices may repeat.
    public func gatheringRows(_ indices: [Int32]) -> Tensor {
        precondition(
            indices.allSatisfy { $0 >= 0 && Int($0) < rows },
            "gatheringRows: an index is outside the \(rows) rows of \(shape)")
        let width = rowWidth
        let result = Tensor(uninitialized: [indices.count] + shape.dropFirst())
        seq_gather_rows(result.pointer, pointer, indices, indices.count, width)
        Tape.record("gatheringRows", inputs: [self], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulateRows(self, rows: indices, taking: gradient)
        }
        return result
    }

    /// Columns `range` of `[rows, columns]`.
    public func columns(_ range: Range<Int>) -> Tensor {
        let width = rowWidth
        precondition(
            range.lowerBound >= 0 && range.upperBound <= width, "columns: \(range) of \(shape)")
        let result = Tensor(uninitialized: [rows, range.count])
        seq_copy_columns(
            result.pointer, range.count, pointer + range.lowerBound, width, 0, rows, range.count)
        Tape.record("columns", inputs: [self], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulatePart(self) { destination in
                seq_copy_columns(
                    destination + range.lowerBound, width, gradient.pointer, range.count, 1, rows,
                    range.count)
            }
        }
        return result
    }

    /// The tensors below each other: `[sum of rows, columns]`.
    public static func concatenatingRows(_ parts: [Tensor]) -> Tensor {
        precondition(!parts.isEmpty, "concatenatingRows: nothing to join")
        if parts.count == 1 { return parts[0] }
        let width = parts[0].rowWidth
        let result = Tensor(
            uninitialized: [parts.reduce(0) { $0 + $1.rows }] + parts[0].shape.dropFirst())
        var start = 0
        for part in parts {
            precondition(
                part.rowWidth == width, "concatenatingRows: \(part.shape) beside \(parts[0].shape)")
            (result.pointer + start).update(from: part.pointer, count: part.count)
            start += part.count
        }
        Tape.record("concatenatingRows", inputs: parts, outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            var start = 0
            for part in parts {
                pass.accumulate(part) { destination, beta in
                    seq_axpby(destination, 1, gradient.pointer + start, beta, part.count)
                }
                start += part.count
            }
        }
        return result
    }

    /// The tensors beside each other: `[rows, sum of columns]`.
    public static func concatenatingColumns(_ parts: [Tensor]) -> Tensor {
        precondition(!parts.isEmpty, "concatenatingColumns: nothing to join")
        if parts.count == 1 { return parts[0] }
        let rows = parts[0].rows
        let width = parts.reduce(0) { $0 + $1.rowWidth }
        let result = Tensor(uninitialized: [rows, width])
        var column = 0
        for part in parts {
            precondition(
                part.rows == rows, "concatenatingColumns: \(part.shape) beside \(parts[0].shape)")
            seq_copy_columns(
                result.pointer + column, width, part.pointer, part.rowWidth, 0, rows, part.rowWidth)
            column += part.rowWidth
        }
        Tape.record("concatenatingColumns", inputs: parts, outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            var column = 0
            for part in parts {
                let first = column
                pass.accumulate(part) { destination, beta in
                    seq_copy_columns(
                        destination, part.rowWidth, gradient.pointer + first, width, beta, rows,
                        part.rowWidth)
                }
                column += part.rowWidth
            }
        }
        return result
    }
}
