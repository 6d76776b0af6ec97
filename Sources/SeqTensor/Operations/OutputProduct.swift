import CSeqKernels

/// What an output layer multiplies hidden vectors with to get the logits of a vocabulary.
public struct OutputMatrix: Sendable {
    /// `[hidden, vocabulary]`, or `[vocabulary, hidden]` if it is transposed.
    public var weight: Tensor
    /// `[vocabulary]`, if any.
    public var bias: Tensor?
    /// Whether the weight has a row for each token, as a table of embeddings has.
    public var isTransposed: Bool

    /// Collects a weight and its bias.
    public init(weight: Tensor, bias: Tensor?, isTransposed: Bool = false) {
        self.weight = weight
        self.bias = bias
        self.isTransposed = isTransposed
        precondition(
            bias.map { $0.count == vocabulary } ?? true,
            "OutputMatrix: bias \(bias?.shape ?? []) for a vocabulary of \(vocabulary)")
    }

    /// The number of tokens.
    public var vocabulary: Int { isTransposed ? weight.rows : weight.rowWidth }

    /// The width of the vectors it takes.
    public var inputs: Int { isTransposed ? weight.rowWidth : weight.rows }

    var tensors: [Tensor] { [weight] + [bias].compactMap { $0 } }

    /// The logits, `[rows, vocabulary]`, of hidden vectors `[rows, hidden]`.
    public func logits(_ hidden: Tensor) -> Tensor {
        guard isTransposed else { return affine([(hidden, weight)], bias: bias) }
        check(hidden, "logits")
        let precision = Precision.current
        let (weight, bias, width) = (weight, bias, vocabulary)
        let result = Tensor(uninitialized: [hidden.rows, width])
        multiply(
            hidden, by: weight, isTransposed: true, precision: precision, beta: 0, bias: bias,
            into: result.pointer)
        Tape.record("transposedLogits", inputs: [hidden] + tensors, outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulate(hidden) { destination, beta in
                multiply(
                    gradient, by: weight, isTransposed: false, precision: precision, beta: beta,
                    bias: nil, into: destination)
            }
            pass.accumulateProduct(
                weight: weight, input: gradient, gradient: hidden, precision: precision)
            if let bias {
                pass.accumulate(bias) { destination, beta in
                    seq_sum_rows(destination, gradient.pointer, beta, gradient.rows, width)
                }
            }
        }
        return result
    }

    func check(_ hidden: Tensor, _ operation: StaticString) {
        precondition(
            hidden.rowWidth == inputs,
            "\(operation): hidden \(hidden.shape), \(isTransposed ? "transposed " : "")weight \(weight.shape)"
        )
    }
}

/// The product of an output layer in blocks of rows, each followed at once by what turns logits into a
/// loss and into their own gradient, so that the logits of all rows never exist at once.
final class OutputProduct {
    /// Rows of one block: large enough for the products, small enough that its logits stay in the cache.
    static let blockRows = 256

    let hidden: Tensor
    let matrix: OutputMatrix
    let precision = Precision.current
    /// Whether gradients are wanted; then what follows the product must leave them in its place.
    let isRecording: Bool
    private(set) var hiddenGradient: Tensor?
    private(set) var weightGradient: Tensor?
    private(set) var biasGradient: Tensor?

    /// - Parameters:
    ///   - hidden: `[rows, hidden]`.
    ///   - further: other inputs of the operation, whose gradients are also a reason to record.
    init(_ hidden: Tensor, _ matrix: OutputMatrix, further: [Tensor] = []) {
        self.hidden = hidden
        self.matrix = matrix
        isRecording = Tape.isRecording([hidden] + matrix.tensors + further)
        matrix.check(hidden, "output layer")
        guard isRecording else { return }
        hiddenGradient = Tensor(uninitialized: hidden.shape)
        // The first block of rows writes it; without rows nobody would.
        weightGradient =
            hidden.rows == 0
            ? Tensor.zeros(matrix.weight.shape) : Tensor(uninitialized: matrix.weight.shape)
        biasGradient = matrix.bias.map { Tensor.zeros($0.shape) }
    }

    /// Calls `body` with the logits of each block of rows, which it may change, and while recording
    /// takes them afterwards for their gradient.
    ///
    /// - Parameter group: rows that belong together; blocks are multiples of it.
    func forEachBlock(
        group: Int = 1, _ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
    ) {
        let (rows, vocabulary) = (hidden.rows, matrix.vocabulary)
        let block = min(rows, max(1, OutputProduct.blockRows / group) * group)
        let workspace = Tensor(uninitialized: [block, vocabulary])
        let (weight, isTransposed) = (matrix.weight, matrix.isTransposed)
        let packed = weight.packedAlways(isTransposed: isTransposed, precision: precision)
        let back =
            isRecording
            ? weight.packedAlways(isTransposed: !isTransposed, precision: precision) : nil
        // The packing of a weight that is not stored lives no longer than these references.
        withExtendedLifetime((packed, back, workspace)) {
            for first in stride(from: 0, to: rows, by: max(1, block)) {
                let range = first..<min(first + block, rows)
                seq_matmul_packed(
                    hidden.pointer + first * hidden.rowWidth, Int32(range.count), packed.handle, 0,
                    matrix.bias?.pointer, workspace.pointer)
                body(range, workspace.pointer)
                if let back { multiplyBack(range, workspace.pointer, back) }
            }
        }
    }

    private func multiplyBack(
        _ range: Range<Int>, _ gradient: UnsafeMutablePointer<Float>, _ back: PackedWeight
    ) {
        let (inner, vocabulary) = (Int32(hidden.rowWidth), Int32(matrix.vocabulary))
        let rows = Int32(range.count)
        let input = hidden.pointer + range.lowerBound * hidden.rowWidth
        let beta: Float = range.lowerBound == 0 ? 0 : 1
        if let hiddenGradient {
            seq_matmul_packed(
                gradient, rows, back.handle, 0, nil,
                hiddenGradient.pointer + range.lowerBound * hidden.rowWidth)
        }
        if let weightGradient {
            if matrix.isTransposed {
                seq_matmul(
                    true, false, vocabulary, inner, rows, gradient, vocabulary, input, inner, beta,
                    weightGradient.pointer, inner, precision.kernelValue)
            } else {
                seq_matmul(
                    true, false, inner, vocabulary, rows, input, inner, gradient, vocabulary, beta,
                    weightGradient.pointer, vocabulary, precision.kernelValue)
            }
        }
        if let biasGradient {
            seq_sum_rows(biasGradient.pointer, gradient, 1, range.count, Int(vocabulary))
        }
    }

    /// Notes the operation on the tape: its gradients are ready and only wait for the factor that the
    /// objective is given.
    ///
    /// - Parameters:
    ///   - further: other inputs with their gradients.
    ///   - rows: inputs that are tables, with the gradients of some rows.
    ///   - ownsMatrix: whether the matrix itself gets a gradient.
    func record(
        _ name: StaticString, objective: Tensor, further: [(Tensor, Tensor?)] = [],
        rows: [(table: Tensor, rows: [Int32], gradient: Tensor?)] = [], ownsMatrix: Bool = true
    ) {
        var ready = [(hidden, hiddenGradient)] + further
        if ownsMatrix {
            ready.append((matrix.weight, weightGradient))
            if let bias = matrix.bias { ready.append((bias, biasGradient)) }
        }
        let inputs = ready.map(\.0) + rows.map(\.table)
        Tape.record(name, inputs: inputs, outputs: [objective]) { pass in
            guard let upstream = pass.gradient(objective)?.item else { return }
            func scaled(_ gradient: Tensor) -> Tensor {
                if upstream != 1 { seq_scale(gradient.pointer, upstream, gradient.count) }
                return gradient
            }
            for case (let tensor, let gradient?) in ready {
                pass.accumulate(tensor, taking: scaled(gradient))
            }
            for case (let table, let rows, let gradient?) in rows {
                pass.accumulateRows(table, rows: rows, taking: scaled(gradient))
            }
        }
    }
}
