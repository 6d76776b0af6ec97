import CSeqKernels

extension Tensor {
    /// The matrix product `[rows, inner] · [inner, columns]`.
    public func matmul(_ other: Tensor) -> Tensor {
        precondition(
            shape.count == 2 && other.shape.count == 2 && shape[1] == other.shape[0],
            "matmul: \(shape) × \(other.shape): inner dimensions differ")
        return affine([(self, other)])
    }

    /// The transpose of a matrix.
    public func transposed() -> Tensor {
        precondition(shape.count == 2, "transposed: \(shape) is not a matrix")
        let (rows, columns) = (shape[0], shape[1])
        let result = Tensor(uninitialized: [columns, rows])
        transpose(pointer, rows: rows, columns: columns, to: result.pointer)
        Tape.record("transposed", inputs: [self], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            let back = Tensor(uninitialized: shape)
            transpose(gradient.pointer, rows: columns, columns: rows, to: back.pointer)
            pass.accumulate(self, adding: back)
        }
        return result
    }
}

private func transpose(
    _ source: UnsafeMutablePointer<Float>, rows: Int, columns: Int,
    to destination: UnsafeMutablePointer<Float>
) {
    for row in 0..<rows {
        for column in 0..<columns {
            destination[column * rows + row] = source[row * columns + column]
        }
    }
}

/// The sum of matrix products x·W over `terms`, plus `bias` on every row, plus `addend`.
///
/// - Parameters:
///   - terms: pairs of inputs `[rows, inner]` and weights `[inner, columns]`.
///   - bias: `[columns]`.
///   - addend: `[rows, columns]`.
/// - Returns: `[rows, columns]`.
public func affine(
    _ terms: [(input: Tensor, weight: Tensor)], bias: Tensor? = nil, addend: Tensor? = nil
) -> Tensor {
    precondition(!terms.isEmpty, "affine: no terms")
    let (rows, columns) = (terms[0].input.rows, terms[0].weight.rowWidth)
    for term in terms {
        precondition(
            term.input.rows == rows && term.input.rowWidth == term.weight.rows
                && term.weight.rowWidth == columns,
            "affine: \(term.input.shape) × \(term.weight.shape) does not give [\(rows), \(columns)]"
        )
    }
    precondition(bias.map { $0.count == columns } ?? true, "affine: bias for \(columns) columns")
    precondition(
        addend.map { $0.rows == rows && $0.rowWidth == columns } ?? true,
        "affine: addend is not [\(rows), \(columns)]")
    let precision = Precision.current
    let result = Tensor(uninitialized: [rows, columns])
    if let addend { result.pointer.update(from: addend.pointer, count: addend.count) }
    for (index, term) in terms.enumerated() {
        multiply(
            term.input, by: term.weight, isTransposed: false, precision: precision,
            beta: index == 0 && addend == nil ? 0 : 1, bias: index == 0 ? bias : nil,
            into: result.pointer)
    }
    let inputs = terms.flatMap { [$0.input, $0.weight] } + [bias, addend].compactMap { $0 }
    Tape.record("affine", inputs: inputs, outputs: [result]) { pass in
        guard let gradient = pass.gradient(result) else { return }
        for term in terms {
            pass.accumulate(term.input) { destination, beta in
                multiply(
                    gradient, by: term.weight, isTransposed: true, precision: precision,
                    beta: beta, bias: nil, into: destination)
            }
            pass.accumulateProduct(
                weight: term.weight, input: term.input, gradient: gradient, precision: precision)
        }
        if let bias {
            pass.accumulate(bias) { destination, beta in
                seq_sum_rows(destination, gradient.pointer, beta, rows, columns)
            }
        }
        if let addend { pass.accumulate(addend, adding: gradient) }
    }
    return result
}

/// destination = x·W + beta · destination (+ bias), or x·Wᵀ; `weight` is the untransposed matrix.
func multiply(
    _ input: Tensor, by weight: Tensor, isTransposed: Bool, precision: Precision, beta: Float,
    bias: Tensor?, into destination: UnsafeMutablePointer<Float>
) {
    let inner = isTransposed ? weight.rowWidth : weight.rows
    let columns = isTransposed ? weight.rows : weight.rowWidth
    let rows = input.rows
    if weight.storage.isPersistent {
        let packed = weight.packed(isTransposed: isTransposed, precision: precision)
        seq_matmul_packed(
            input.pointer, Int32(rows), packed.handle, beta, bias?.pointer, destination)
        return
    }
    seq_matmul(
        false, isTransposed, Int32(rows), Int32(columns), Int32(inner), input.pointer,
        Int32(inner), weight.pointer, Int32(weight.rowWidth), beta, destination, Int32(columns),
        precision.kernelValue)
    if let bias {
        seq_add_row(destination, destination, bias.pointer, rows, columns)
    }
}

extension Tensor {
    /// This weight matrix, or its transpose, in the layout for products.
    func packed(isTransposed: Bool, precision: Precision) -> PackedWeight {
        storage.packedWeight(
            PackedWeight.Key(
                offset: offset, rows: isTransposed ? rowWidth : rows,
                columns: isTransposed ? rows : rowWidth, isTransposed: isTransposed,
                precision: precision))
    }
}
