import SeqTensor
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The polynomial forms of elementary functions against double precision.
struct ElementaryFunctionTests {
    /// Two million numbers from `low` to `high`.
    private func dense(_ low: Double, _ high: Double) -> [Float] {
        let count = 2_000_000
        return (0...count).map { Float(low + (high - low) * Double($0) / Double(count)) }
    }

    private func worst(
        _ x: [Float], _ y: Tensor, _ reference: (Double) -> Double, isRelative: Bool
    ) -> Double {
        y.withUnsafeValues { found in
            zip(x, found).reduce(0.0) { worst, pair in
                let expected = reference(Double(pair.0))
                let error = abs(Double(pair.1) - expected) / (isRelative ? abs(expected) : 1)
                return error > worst || error.isNaN ? error : worst
            }
        }
    }

    /// Found: relative 8.3e-8.
    @Test func exponential() {
        let x = dense(-87, 88)
        #expect(worst(x, Tensor(x).exp(), { exp($0) }, isRelative: true) < 2e-7)
    }

    /// Found: absolute 7.6e-8; relative 1.4e-7 below 1.
    @Test func hyperbolicTangent() {
        let x = dense(-12, 12)
        #expect(worst(x, Tensor(x).tanh(), { tanh($0) }, isRelative: false) < 2e-7)
        let small = dense(1e-6, 1)
        #expect(worst(small, Tensor(small).tanh(), { tanh($0) }, isRelative: true) < 3e-7)
    }

    /// Found: relative 1.5e-7.
    @Test func sigmoid() {
        let x = dense(-80, 30)
        #expect(worst(x, Tensor(x).sigmoid(), { 1 / (1 + exp(-$0)) }, isRelative: true) < 3e-7)
    }

    @Test func geluAndLogarithmAndRoot() {
        let x = dense(-8, 8)
        func gelu(_ x: Double) -> Double {
            0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        }
        #expect(worst(x, Tensor(x).gelu(), gelu, isRelative: false) < 1e-6)
        let positive = dense(1e-3, 1000)
        #expect(worst(positive, Tensor(positive).log(), { log($0) }, isRelative: false) < 6e-7)
        let roots = Tensor(positive).squareRoot()
        #expect(worst(positive, roots, { $0.squareRoot() }, isRelative: true) < 1e-7)
    }

    @Test func extremes() {
        let ends = Tensor([-.infinity, -1000, 1000, .infinity])
        #expect(ends.tanh().values == [-1, -1, 1, 1])
        #expect(ends.sigmoid().values[2...] == [1, 1])
        #expect(ends.sigmoid().values[..<2].allSatisfy { $0 >= 0 && $0 < 1e-37 })
        #expect(ends.exp().isFinite && ends.exp().values[0] < 1e-37)
        #expect(Tensor([0, -0.0]).tanh().values == [0, 0])
        let nothing = Tensor([Float.nan])
        for result in [nothing.tanh(), nothing.sigmoid(), nothing.exp(), nothing.gelu()] {
            #expect(result.item.isNaN)
        }
    }

    @Test func softmaxOfExtremes() {
        let x = Tensor([1e30, -1e30, 0, -.infinity, 88, 88, 700, 699], shape: [2, 4])
        #expect(x.softmax().isFinite)
        #expect(x.rows(0..<1).softmax().values[0] == 1)
        #expect(abs(x.rows(1..<2).softmax().values[2] - 0.7310586) < 1e-6)
        #expect(x.logSumExp()[0] == 1e30 && abs(x.logSumExp()[1] - 700.31326) < 1e-3)
    }
}
