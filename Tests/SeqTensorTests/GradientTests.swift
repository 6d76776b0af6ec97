import SeqTensor
import TestSupport
import Testing

/// Gradients of the small operations against finite differences.
struct GradientTests {
    /// Two shapes that broadcast, in every pattern.
    static let broadcasts: [([Int], [Int])] = [
        ([3, 4], [3, 4]), ([3, 4], [4]), ([3, 4], [1, 4]), ([3, 4], [3, 1]), ([3, 4], [1]),
        ([3, 4], []), ([3, 1], [1, 4]), ([2, 3, 4], [3, 1]), ([2, 3, 4], [2, 1, 4]),
        ([2, 1, 4], [3, 1]), ([5], [2, 5]), ([], [2, 3]), ([], []), ([1], [4]), ([1, 1], [3]),
    ]

    @Test(arguments: broadcasts, ["+", "-", "*", "/"])
    func arithmetic(_ shapes: ([Int], [Int]), _ operation: String) {
        let a = Tensor.draw(shapes.0, seed: 1)
        // Away from zero, for the quotient.
        let b = Tensor.draw(shapes.1, seed: 2, scale: 0.5) + 1.5
        let report = checkGradient(of: [a, b]) { v in
            switch operation {
            case "+": [v[0] + v[1]]
            case "-": [v[0] - v[1]]
            case "*": [v[0] * v[1]]
            default: [v[0] / v[1]]
            }
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    @Test(arguments: broadcasts) func broadcastValues(_ shapes: ([Int], [Int])) {
        let (a, b) = (Tensor.draw(shapes.0, seed: 1), Tensor.draw(shapes.1, seed: 2))
        let sum = a + b
        let rank = max(shapes.0.count, shapes.1.count)
        func element(_ tensor: Tensor, _ position: [Int]) -> Float {
            var index = 0
            for (axis, size) in tensor.shape.enumerated() {
                let at = position[rank - tensor.shape.count + axis]
                index = index * size + (size == 1 ? 0 : at)
            }
            return tensor.values[index]
        }
        var position = [Int](repeating: 0, count: rank)
        for value in sum.values {
            #expect(value == element(a, position) + element(b, position))
            for axis in position.indices.reversed() {
                position[axis] += 1
                if position[axis] < sum.shape[axis] { break }
                position[axis] = 0
            }
        }
    }

    private static let unary: [(String, @Sendable (Tensor) -> Tensor)] = [
        ("tanh", { $0.tanh() }), ("sigmoid", { $0.sigmoid() }), ("gelu", { $0.gelu() }),
        ("exp", { $0.exp() }), ("squared", { $0.squared() }), ("relu", { ($0 + 2).relu() }),
        ("log", { ($0 + 2).log() }), ("squareRoot", { ($0 + 2).squareRoot() }),
        ("scale", { -($0 * 0.7) + 3 * $0 }), ("sum", { $0.sum() }), ("mean", { $0.mean() }),
        ("sumOfRows", { $0.sumOfRows() }), ("sumOfColumns", { $0.sumOfColumns() }),
        ("softmax", { $0.softmax() }), ("logSoftmax", { $0.logSoftmax() }),
        ("transposed", { $0.transposed() }), ("rows", { $0.rows(2..<4) * $0.rows(1..<3) }),
        ("allRows", { $0.rows(0..<6) }), ("noRows", { $0.rows(2..<2).sum() + $0.sum() }),
        ("gatheringRows", { $0.gatheringRows([3, 0, 3, 3, 5]) }),
        ("columns", { $0.columns(1..<3) + $0.columns(3..<5) }),
        ("reshaped", { $0.reshaped([3, -1]).tanh().reshaped([6, 5]) }),
        ("twice", { $0 * $0 + $0.tanh() * $0 }), ("itself", { $0 / ($0 + $0 + 8) }),
    ]

    @Test(arguments: unary.map(\.0)) func unaryOperation(_ name: String) throws {
        let function = try #require(Self.unary.first { $0.0 == name }?.1)
        let report = checkGradient(of: [.draw([6, 5], seed: 3)], elements: 30) { [function($0[0])] }
        #expect(report.error < 1e-3, "\(report)")
    }

    @Test func reluOfNegatives() {
        let x = Tensor([-1, 2, -3, 0.5])
        let (_, gradients) = valueAndGradient(of: [x]) { x.relu().sum() }
        #expect(gradients[0].values == [0, 1, 0, 1])
    }

    @Test func concatenation() {
        let parts: [Tensor] = [
            .draw([2, 3], seed: 1), .draw([4, 3], seed: 2), .draw([1, 3], seed: 3),
        ]
        let below = checkGradient(of: parts) { [Tensor.concatenatingRows($0 + [$0[0]]).tanh()] }
        #expect(below.error < 1e-3, "\(below)")
        let beside = checkGradient(of: parts) {
            [Tensor.concatenatingColumns($0.map { $0.transposed() } + [$0[2].transposed()]).tanh()]
        }
        #expect(beside.error < 1e-3, "\(beside)")
        #expect(identical(Tensor.concatenatingRows([parts[0]]), parts[0]))
        let joined = Tensor.concatenatingRows(parts)
        #expect(joined.shape == [7, 3] && identical(joined.rows(2..<6), parts[1]))
        let wide = Tensor.concatenatingColumns([parts[0], parts[0].columns(0..<2)])
        #expect(wide.shape == [2, 5] && identical(wide.columns(3..<5), parts[0].columns(0..<2)))
    }

    @Test(arguments: [false, true]) func matrixProduct(_ isStored: Bool) {
        let variables: [Tensor] = [
            .draw([5, 4], seed: 1), .draw([4, 7], seed: 2), .draw([5, 3], seed: 3),
            .draw([3, 7], seed: 4), .draw([7], seed: 5), .draw([5, 7], seed: 6),
        ]
        let storing: Set<Int> = isStored ? [1, 3] : []
        let report = checkGradient(of: variables, storing: storing) { v in
            [
                affine([(v[0], v[1]), (v[2], v[3])], bias: v[4], addend: v[5]),
                v[0].matmul(v[1]).tanh(), affine([(v[2], v[3])], bias: v[4]),
                affine([(v[2], v[3])], addend: v[5]),
            ]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    /// A weight that many products share, in pieces and in one of 300 rows.
    @Test(arguments: [false, true]) func sharedWeight(_ isStored: Bool) {
        let variables: [Tensor] = [
            .draw([300, 4], seed: 1, scale: 0.1), .draw([4, 4], seed: 2), .draw([4], seed: 3),
        ]
        let report = checkGradient(of: variables, storing: isStored ? [1] : []) { v in
            var state = v[0].rows(0..<6)
            for _ in 0..<4 { state = affine([(state, v[1])], bias: v[2]).tanh() }
            return [state, affine([(v[0], v[1])]).tanh().sumOfRows() * 0.1]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    @Test func layerNormalisation() {
        let variables: [Tensor] = [
            .draw([4, 6], seed: 1), .draw([6], seed: 2), .draw([6], seed: 3),
        ]
        let report = checkGradient(of: variables) { v in
            [v[0].layerNormalized(gain: v[1], bias: v[2], epsilon: 1e-3)]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    @Test func dropoutWithAFixedGenerator() {
        let report = checkGradient(of: [.draw([7, 9], seed: 1)], elements: 63) { v in
            var generator = RandomGenerator(seed: 9)
            let first = v[0].dropout(0.4, using: &generator)
            return [first.dropout(0.2, using: &generator) + first * v[0]]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    @Test func unusedVariablesHaveZeroGradient() {
        let (a, b) = (Tensor.draw([3], seed: 1), Tensor.draw([4], seed: 2))
        let (_, gradients) = valueAndGradient(of: [a, b]) { a.sum() }
        #expect(gradients[0].values == [1, 1, 1] && gradients[1].values == [0, 0, 0, 0])
    }

    @Test func aVariableGivenTwiceHasItsGradientTwice() {
        let a = Tensor.draw([3], seed: 1)
        let (_, gradients) = valueAndGradient(of: [a, a]) { (a * a).sum() }
        #expect(identical(gradients[0], gradients[1]))
        #expect(distance(gradients[0], a * 2) < 1e-6)
    }

    @Test func detachedValuesHaveNoGradient() {
        let a = Tensor.draw([3], seed: 1)
        let (_, gradients) = valueAndGradient(of: [a]) { (a * a.detached()).sum() }
        #expect(distance(gradients[0], a) < 1e-7)
    }

    @Test func theLossMayBeAVariableOrAConstant() {
        let a = Tensor(2)
        #expect(valueAndGradient(of: [a]) { a }.gradients[0].item == 1)
        #expect(valueAndGradient(of: [a]) { Tensor(5) }.gradients[0].item == 0)
    }

    @Test func theFirstOperationThatIsNotFiniteIsNamed() {
        let zeros = Tensor.zeros([2])
        let name = firstNotFiniteOperation {
            let x = zeros.tanh()
            _ = (x.log() + zeros).tanh()
        }
        #expect(name == "log")
        #expect(firstNotFiniteOperation { _ = zeros.exp() } == nil)
    }
}
