import SeqTensor
import TestSupport
import Testing

/// Moving averages of flat buffers of parameters.
struct AverageTests {
    private func buffer(_ values: [Float]) -> FlatBuffer {
        let buffer = FlatBuffer(count: values.count, isPersistent: false)
        buffer.update { _ = $0.update(from: values) }
        return buffer
    }

    /// More numbers than one thread takes, and not a multiple of any vector.
    private let count = 40_003

    @Test func `an average moves towards the parameters`() {
        let parameters = Tensor.draw([count], seed: 1).values
        let start = Tensor.draw([count], seed: 2).values
        let (average, following) = (buffer(start), buffer(parameters))
        OptimizerKernels.average(average, of: following, rate: 0.125)
        let expected = zip(start, parameters).map {
            Float(Double($0) + 0.125 * (Double($1) - Double($0)))
        }
        #expect(distance(average.all, Tensor(expected)) < 1e-6)
        #expect(following.all.values == parameters)
    }

    @Test func `a rate of one is a copy, and one of zero nothing`() {
        let (first, second) = (buffer([1, 2, 3]), buffer([4, 0.5, -3]))
        OptimizerKernels.average(first, of: second, rate: 0)
        #expect(first.all.values == [1, 2, 3])
        OptimizerKernels.average(first, of: second, rate: 1)
        #expect(first.all.values == [4, 0.5, -3])
    }

    @Test func `an exchange is exact`() {
        let values = [1, 2].map { Tensor.draw([count], seed: $0).values }
        let (first, second) = (buffer(values[0]), buffer(values[1]))
        OptimizerKernels.exchange(first, second)
        #expect(first.all.values == values[1])
        #expect(second.all.values == values[0])
    }

    /// Products with a weight see its new numbers.
    @Test func `an exchange renews packed weights`() {
        let weights = FlatBuffer(count: 4, isPersistent: true)
        weights.update { _ = $0.update(from: [1, 0, 0, 1]) }
        let (weight, row) = (weights.part(at: 0, shape: [2, 2]), Tensor([3, 5], shape: [1, 2]))
        #expect(row.matmul(weight).values == [3, 5])
        OptimizerKernels.exchange(weights, buffer([0, 1, 1, 0]))
        #expect(row.matmul(weight).values == [5, 3])
    }
}
