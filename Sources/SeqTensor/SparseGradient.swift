import CSeqKernels

/// The gradient of a table of which a step uses few rows: those rows and their values.
///
/// It belongs to whoever runs the backward pass, like the other places where gradients go.
package final class SparseGradient {
    /// The shape of the table.
    package let shape: [Int]
    /// The rows with a gradient, ascending.
    package private(set) var rows: [Int32] = []
    /// The gradients of these rows, `[rows, row width]`.
    package private(set) var values: Tensor
    private var parts: [(rows: [Int32], values: Tensor)] = []

    package init(shape: [Int]) {
        self.shape = shape
        values = Tensor(uninitialized: [0] + shape.dropFirst())
    }

    /// Forgets the gradient of the last pass, or starts from it.
    func reset(accumulates: Bool) {
        parts = accumulates && !rows.isEmpty ? [(rows, values)] : []
        rows = []
        values = Tensor(uninitialized: [0] + shape.dropFirst())
    }

    /// Adds a gradient that the caller has made and will not touch again; rows may repeat.
    func add(_ rows: [Int32], taking values: Tensor) { parts.append((rows, values)) }

    /// Sums what was added for the same row, in the order of adding.
    func finish() {
        defer { parts = [] }
        if parts.count == 1, zip(parts[0].rows, parts[0].rows.dropFirst()).allSatisfy({ $0 < $1 }) {
            (rows, values) = parts[0]
            return
        }
        var unique: [Int32] = []
        for row in parts.flatMap(\.rows).sorted() where unique.last != row { unique.append(row) }
        let places = Dictionary(
            uniqueKeysWithValues: unique.enumerated().map { ($1, Int32($0)) })
        let sum = Tensor.zeros([unique.count] + shape.dropFirst())
        for part in parts {
            let index = part.rows.map { places[$0] ?? 0 }
            seq_scatter_add_rows(
                sum.pointer, part.values.pointer, index, index.count, sum.rowWidth)
        }
        (rows, values) = (unique, sum)
    }

    /// Limits every number to ±limit.
    package func clip(limit: Float) { seq_clip(values.pointer, limit, values.count) }

    /// Like ``OptimizerKernels/addNoise(_:scale:deviation:key:stream:)`` for each row; what a row gets
    /// does not depend on which other rows have a gradient.
    package func addNoise(scale: Float, deviation: Float, key: UInt64, stream: UInt64) {
        let width = values.rowWidth
        // Counters advance by 16 for each 64 elements that are begun.
        let counters = UInt64((width + 63) / 64 * 16)
        for (index, row) in rows.enumerated() {
            seq_add_noise(
                values.pointer + index * width, scale, deviation, key, stream,
                UInt64(row) * counters, width)
        }
    }

    /// The gradient of the whole table.
    package var dense: Tensor {
        let result = Tensor.zeros(shape)
        seq_scatter_rows(
            result.pointer, values.pointer, rows, 0, rows.count, values.rowWidth)
        return result
    }
}
