import SeqTensor
import TestSupport
import Testing

/// Top-k, log-sum-exp, and what has no gradient.
struct RowTests {
    @Test(arguments: [(1, 1), (7, 3), (300, 1), (700, 5), (5000, 12), (4, 4)])
    func topK(_ width: Int, _ k: Int) {
        // Few different values, so that ties abound.
        let x = Tensor.draw([9, width], seed: 1).values.map { ($0 * 6).rounded() }
        let (indices, values) = Tensor(x, shape: [9, width]).topK(k)
        for row in 0..<9 {
            let from = x[(row * width)..<((row + 1) * width)].map { $0 }
            let order = from.indices.sorted { from[$0] != from[$1] ? from[$0] > from[$1] : $0 < $1 }
            let expected = order.prefix(k).map { Int32($0) }
            #expect(Array(indices[(row * k)..<((row + 1) * k)]) == expected)
            #expect(Array(values[(row * k)..<((row + 1) * k)]) == expected.map { from[Int($0)] })
        }
    }

    @Test func topKOfNothingAndOfInfinities() {
        #expect(Tensor.zeros([3, 4]).topK(0).indices.isEmpty)
        let x = Tensor([-.infinity, .infinity, -.infinity, 2], shape: [1, 4])
        #expect(x.topK(4).indices == [1, 3, 0, 2])
    }

    @Test func logSumExp() {
        let x = Tensor.draw([5, 700], seed: 2, scale: 8)
        for (row, found) in x.logSumExp().enumerated() {
            let values = x.values[(row * 700)..<((row + 1) * 700)].map(Double.init)
            let sum = Tensor(values.map { Float($0) }).exp().values.reduce(0.0) { $0 + Double($1) }
            let expected = Tensor(Float(sum)).log().item
            #expect(abs(found - expected) < 3e-6 * abs(expected))
        }
    }

    @Test func sums() {
        let x = Tensor.draw([211, 333], seed: 3)
        let values = x.values.map(Double.init)
        #expect(abs(Double(x.sum().item) - values.reduce(0, +)) < 1e-4)
        #expect(abs(x.sumOfSquares - values.reduce(0) { $0 + $1 * $1 }) < 1e-7 * x.sumOfSquares)
        let columns = (0..<333).map { column in
            (0..<211).reduce(0.0) { $0 + values[$1 * 333 + column] }
        }
        #expect(distance(x.sumOfRows().values, columns) < 2e-6)
        let rows = (0..<211).map { values[($0 * 333)..<(($0 + 1) * 333)].reduce(0, +) }
        #expect(distance(x.sumOfColumns().values, rows) < 2e-6)
        #expect(Tensor.zeros([0, 3]).sumOfRows().values == [0, 0, 0])
        #expect(Tensor.zeros([0]).sum().item == 0 && Tensor.zeros([0]).mean().item == 0)
    }

    @Test func finiteness() {
        var values = [Float](repeating: 1, count: 10_000)
        #expect(Tensor(values).isFinite)
        for bad in [Float.nan, .infinity, -.infinity] {
            values[9_876] = bad
            #expect(!Tensor(values).isFinite)
        }
    }

    @Test func shapes() {
        let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
        #expect(x.reshaped([3, -1]).shape == [3, 2] && x.reshaped([-1]).values == x.values)
        #expect((x.rows, x.rowWidth, x.features, x.count) == (2, 3, 3, 6))
        #expect((Tensor(4).rows, Tensor(4).rowWidth, Tensor(4).features) == (1, 1, 1))
        #expect("\(x)" == "Tensor[2, 3][1.0, 2.0, 3.0, 4.0, 5.0, 6.0]")
        #expect(Tensor.zeros([0, 4]).reshaped([-1, 2]).shape == [0, 2])
    }
}
