import CSeqKernels
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension Tensor {
    /// Turns queries and keys by their position (Su and others 2021, "rotary position embedding").
    ///
    /// Features i and i + width/2 of a head (the half form of GPT-NeoX, not neighbouring features) are a
    /// vector in the plane, turned by position · base^(-2i/width); the product of a query and a key then
    /// depends on the distance of their positions only.
    ///
    /// - Parameters:
    ///   - heads: how many heads to turn, from the first column on; for queries, keys and values beside
    ///     each other twice as many as attention has.
    ///   - width: the features of a head, an even number.
    ///   - positions: the position of each row.
    ///   - base: the base of the wave lengths.
    /// - Returns: this matrix `[rows, columns]` with its first `heads · width` columns turned.
    public func rotated(heads: Int, width: Int, positions: [Int32], base: Double = 10000) -> Tensor
    {
        precondition(
            width % 2 == 0 && heads * width <= rowWidth && positions.count == rows,
            "rotated: \(heads) heads of \(width) features and \(positions.count) positions for \(shape)"
        )
        let columns = rowWidth
        let table = RotaryTable.table(
            width: width, base: base, positions: Int(positions.max() ?? 0) + 1)
        func rotate(
            _ source: Tensor, isInverse: Bool, beta: Float,
            to destination: UnsafeMutablePointer<Float>
        ) {
            table.cosines.withUnsafeBufferPointer { cosines in
                table.sines.withUnsafeBufferPointer { sines in
                    guard let cosine = cosines.baseAddress, let sine = sines.baseAddress else {
                        return
                    }
                    seq_rotate(
                        destination, source.pointer, positions, cosine, sine, isInverse, beta,
                        source.rows, columns, Int32(heads), Int32(width))
                }
            }
        }
        let result = Tensor(uninitialized: shape)
        rotate(self, isInverse: false, beta: 0, to: result.pointer)
        Tape.record("rotated", inputs: [self], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulate(self) { destination, beta in
                rotate(gradient, isInverse: true, beta: beta, to: destination)
            }
        }
        return result
    }
}

/// Cosines and sines of the angles by which positions are turned, `[positions, width / 2]`.
private struct RotaryTable: Sendable {
    var positions = 0
    var cosines: [Float] = []
    var sines: [Float] = []

    private struct Key: Hashable {
        var width: Int
        var base: Double
    }

    private static let tables = Mutex<[Key: RotaryTable]>([:])

    /// A table of at least `positions` rows; made once and extended when somebody needs more.
    static func table(width: Int, base: Double, positions: Int) -> RotaryTable {
        tables.withLock { tables in
            let key = Key(width: width, base: base)
            var table = tables[key] ?? RotaryTable()
            guard table.positions < positions else { return table }
            let end = max(positions, 2 * table.positions, 64)
            for position in table.positions..<end {
                for pair in 0..<(width / 2) {
                    let angle = Double(position) * pow(base, -2 * Double(pair) / Double(width))
                    table.cosines.append(Float(cos(angle)))
                    table.sines.append(Float(sin(angle)))
                }
            }
            table.positions = end
            tables[key] = table
            return table
        }
    }
}
