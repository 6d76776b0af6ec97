import SeqTensor
import TestSupport
import Testing

/// Matrix products against loops in double precision, and row by row against themselves.
struct MatrixProductTests {
    /// Rounds to the nearest bfloat16, ties to even.
    private static func rounded(_ x: Float) -> Double {
        let bits = x.bitPattern
        return Double(Float(bitPattern: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) & 0xFFFF_0000))
    }

    private static func inputs(_ tensor: Tensor, _ precision: Precision) -> [Double] {
        tensor.values.map { precision == .bfloat16 ? rounded($0) : Double($0) }
    }

    /// The largest |found - Σ aᵢbᵢ - offset| as a share of Σ |aᵢbᵢ| + |offset| for found = A·B + offset;
    /// matrices are given by their element functions.
    private static func error(
        _ found: Tensor, rows: Int, columns: Int, inner: Int, a: (Int, Int) -> Double,
        b: (Int, Int) -> Double, offset: (Int, Int) -> Double = { _, _ in 0 }
    ) -> Double {
        guard found.shape == [rows, columns] else { return .infinity }
        let values = found.values
        var worst = 0.0
        for row in 0..<rows {
            let left = (0..<inner).map { a(row, $0) }
            for column in 0..<columns {
                let start = offset(row, column)
                var (sum, size) = (start, abs(start))
                for k in 0..<inner {
                    let product = left[k] * b(k, column)
                    sum += product
                    size += abs(product)
                }
                let error = abs(Double(values[row * columns + column]) - sum) / max(size, 1e-30)
                worst = error.isNaN ? .infinity : max(worst, error)
            }
        }
        return worst
    }

    static let sizes: [(Int, Int, Int)] = [
        (1, 1, 1), (1, 5, 3), (2, 3, 5), (3, 17, 2), (5, 63, 17), (17, 64, 63), (63, 65, 64),
        (64, 17, 65), (65, 130, 5), (130, 2, 257), (1, 257, 130), (2, 513, 64), (65, 257, 63),
        (5, 3, 1100),
    ]

    /// Values, with a bias and with something to add to, and both gradients.
    @Test(arguments: sizes, [false, true]) func products(_ size: (Int, Int, Int), _ isStored: Bool)
    {
        for precision in Precision.allCases {
            let (m, n, k) = size
            let (x, plain) = (Tensor.draw([m, k], seed: 1), Tensor.draw([k, n], seed: 2))
            let w = isStored ? plain.stored : plain
            let (bias, addend) = (Tensor.draw([n], seed: 3), Tensor.draw([m, n], seed: 4))
            let upstream = Tensor.draw([m, n], seed: 5)
            let products = Precision.$current.withValue(precision) {
                var outputs: [Tensor] = []
                let (_, gradients) = valueAndGradient(of: [x, w]) {
                    outputs = [
                        affine([(x, w)]), affine([(x, w)], bias: bias),
                        affine([(x, w)], addend: addend),
                        affine([(x, w)], bias: bias, addend: addend),
                    ]
                    return (outputs[0] * upstream).sum()
                }
                return outputs + gradients
            }
            let (a, b) = (Self.inputs(x, precision), Self.inputs(w, precision))
            let g = Self.inputs(upstream, precision)
            let (biases, addends) = (bias.values, addend.values)
            for (index, found) in products[..<4].enumerated() {
                let error = Self.error(
                    found, rows: m, columns: n, inner: k, a: { a[$0 * k + $1] },
                    b: { b[$0 * n + $1] },
                    offset: {
                        (index % 2 == 1 ? Double(biases[$1]) : 0)
                            + (index > 1 ? Double(addends[$0 * n + $1]) : 0)
                    })
                #expect(error < 2e-6, "\(precision), output \(index)")
            }
            let inputError = Self.error(
                products[4], rows: m, columns: k, inner: n, a: { g[$0 * n + $1] },
                b: { b[$1 * n + $0] })
            #expect(inputError < 2e-6, "\(precision), gradient of the input")
            let weightError = Self.error(
                products[5], rows: k, columns: n, inner: m, a: { a[$1 * k + $0] },
                b: { g[$0 * n + $1] })
            #expect(weightError < 2e-6, "\(precision), gradient of the weight")
        }
    }

    /// Sums over more than one block of 1024, and not over whole ones of 64.
    @Test(arguments: [1, 63, 100, 1024, 1025, 2100]) func longSums(_ inner: Int) {
        for precision in Precision.allCases {
            let (m, n) = (5, 70)
            let x = Tensor.draw([inner, m], seed: 1)
            let upstream = Tensor.draw([inner, n], seed: 2)
            let w = Tensor.draw([m, n], seed: 3).stored
            let (_, gradients) = Precision.$current.withValue(precision) {
                valueAndGradient(of: [w]) { (affine([(x, w)]) * upstream).sum() }
            }
            let (a, b) = (Self.inputs(x, precision), Self.inputs(upstream, precision))
            let weightError = Self.error(
                gradients[0], rows: m, columns: n, inner: inner, a: { a[$1 * m + $0] },
                b: { b[$0 * n + $1] })
            #expect(weightError < 2e-6, "\(precision)")
            let wide = Tensor.draw([inner, 20], seed: 4).stored
            let input = x.transposed()
            let product = Precision.$current.withValue(precision) { affine([(input, wide)]) }
            let c = Self.inputs(wide, precision)
            let error = Self.error(
                product, rows: m, columns: 20, inner: inner, a: { a[$1 * m + $0] },
                b: { c[$0 * 20 + $1] })
            #expect(error < 2e-6, "\(precision)")
        }
    }

    /// Several terms and several updates of a stored weight.
    @Test func packedWeightsFollowTheirValues() {
        let buffer = FlatBuffer(count: 12, isPersistent: true)
        let w = buffer.part(at: 0, shape: [3, 4])
        let x = Tensor.draw([2, 3], seed: 1)
        for step in 0..<3 {
            let values = Tensor.draw([3, 4], seed: UInt64(10 + step))
            buffer.update { destination in
                values.withUnsafeValues { _ = destination.update(from: $0) }
            }
            #expect(distance(x.matmul(w), x.matmul(values)) < 1e-6)
        }
    }

    /// A row of a product with a stored weight has the same bits whatever the number of rows; search and
    /// training rely on it.
    @Test(
        arguments: [
            (1, 1), (5, 3), (16, 16), (19, 76), (64, 256), (63, 65), (100, 257), (130, 2048),
            (256, 300),
            (512, 512), (512, 17), (130, 1), (1100, 40), (2100, 65),
        ], Precision.allCases)
    func batchInvariance(_ size: (Int, Int), _ precision: Precision) {
        let (inner, columns) = size
        let x = Tensor.draw([200, inner], seed: 1)
        let w = Tensor.draw([inner, columns], seed: 2, scale: 0.2).stored
        let bias = Tensor.draw([columns], seed: 3)
        let addend = Tensor.draw([200, columns], seed: 4)
        Precision.$current.withValue(precision) {
            func outputs(_ rows: Range<Int>) -> [Tensor] {
                let part = x.rows(rows)
                return [
                    affine([(part, w)]), affine([(part, w)], bias: bias),
                    affine([(part, w)], addend: addend.rows(rows)),
                ]
            }
            let all = outputs(0..<200)
            for count in [
                1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 127, 129,
            ] {
                let first = (count * 7) % (200 - count)
                for (whole, part) in zip(all, outputs(first..<first + count)) {
                    #expect(identical(whole.rows(first..<first + count), part), "\(count) rows")
                }
            }
        }
    }

    @Test func productsOfNothing() {
        let w = Tensor.draw([3, 4], seed: 1)
        for weight in [w, w.stored] {
            let x = Tensor.zeros([0, 3])
            let (value, gradients) = valueAndGradient(of: [x, weight]) { x.matmul(weight).sum() }
            #expect(value.item == 0 && gradients[1].sumOfSquares == 0)
        }
        let noInner = Tensor.zeros([2, 0]).matmul(.zeros([0, 3]))
        #expect(noInner.values == [0, 0, 0, 0, 0, 0])
    }

    @Test func transposeSwapsIndices() {
        let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
        #expect(x.transposed().shape == [3, 2] && x.transposed().values == [1, 4, 2, 5, 3, 6])
    }

    @Test func aWrongShapeStopsTheProgram() async {
        await #expect(processExitsWith: .failure) {
            _ = Tensor.zeros([2, 3]).matmul(.zeros([2, 3]))
        }
        await #expect(processExitsWith: .failure) {
            _ = Tensor.zeros([2, 3]) + Tensor.zeros([2])
        }
    }
}
