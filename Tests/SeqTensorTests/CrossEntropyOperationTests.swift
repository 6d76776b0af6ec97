import SeqTensor
import TestSupport
import Testing

/// The output layer with its loss against differences and against its composition.
struct CrossEntropyOperationTests {
    private static func variables(rows: Int, hidden: Int, vocabulary: Int) -> [Tensor] {
        [
            .draw([rows, hidden], seed: 1), .draw([hidden, vocabulary], seed: 2),
            .draw([vocabulary], seed: 3),
        ]
    }

    private static func targets(_ rows: Int, _ vocabulary: Int) -> [Int32] {
        (0..<rows).map { Int32(($0 * 31 + 7) % vocabulary) }
    }

    /// A row of the target distribution for every step.
    private static func smoothed(_ targets: [Int32], _ vocabulary: Int, _ epsilon: Float) -> Tensor
    {
        var goal = [Float](
            repeating: epsilon / Float(vocabulary), count: targets.count * vocabulary)
        for (row, target) in targets.enumerated() {
            goal[row * vocabulary + Int(target)] += 1 - epsilon
        }
        return Tensor(goal, shape: [targets.count, vocabulary])
    }

    @Test(arguments: [Float(0), 0.1], [true, false])
    func gradient(_ smoothing: Float, _ hasBias: Bool) {
        let targets = Self.targets(6, 9)
        var variables = Self.variables(rows: 6, hidden: 4, vocabulary: 9)
        if !hasBias { variables.removeLast() }
        // The square gives an upstream gradient that is not one.
        let report = checkGradient(of: variables, elements: 40) { v in
            let loss = linearCrossEntropy(
                v[0], weight: v[1], bias: hasBias ? v[2] : nil, targets: targets,
                labelSmoothing: smoothing, scale: 0.25)
            return [loss.objective.squared()]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    /// 600 rows are two full blocks and a part of one.
    @Test(arguments: [1, 255, 256, 257, 600], [false, true])
    func fusedAgainstComposition(_ rows: Int, _ isStored: Bool) {
        let (vocabulary, scale) = (37, Float(1) / Float(rows))
        let targets = Self.targets(rows, vocabulary)
        var variables = Self.variables(rows: rows, hidden: 8, vocabulary: vocabulary)
        if isStored { variables[1] = variables[1].stored }
        let goal = Self.smoothed(targets, vocabulary, 0.1)
        var loss: TokenLoss?
        let (value, fused) = valueAndGradient(of: variables) {
            let found = linearCrossEntropy(
                variables[0], weight: variables[1], bias: variables[2], targets: targets,
                labelSmoothing: 0.1, scale: scale)
            loss = found
            return found.objective * 3
        }
        var logProbabilities = Tensor(0)
        let (expected, composed) = valueAndGradient(of: variables) {
            let logits = affine([(variables[0], variables[1])], bias: variables[2])
            logProbabilities = logits.logSoftmax()
            return (logProbabilities * goal).sum() * (-3 * scale)
        }
        #expect(abs(value.item - expected.item) < 2e-6 * expected.item)
        for (a, b) in zip(fused, composed) { #expect(distance(a, b) < 3e-6) }
        let likelihood = targets.enumerated().reduce(0.0) {
            $0 - Double(logProbabilities.values[$1.offset * vocabulary + Int($1.element)])
        }
        #expect(abs((loss?.negativeLogLikelihood ?? 0) - likelihood) < 2e-6 * likelihood)
        #expect(abs((loss?.smoothedLoss ?? 0) * Double(scale) * 3 - Double(value.item)) < 1e-5)
        #expect(loss?.tokens == rows)
    }

    @Test func outsideATapeTheLossIsTheSame() {
        let v = Self.variables(rows: 300, hidden: 8, vocabulary: 11)
        func loss() -> TokenLoss {
            linearCrossEntropy(v[0], weight: v[1], bias: v[2], targets: Self.targets(300, 11))
        }
        var inside: TokenLoss?
        _ = valueAndGradient(of: v) {
            let found = loss()
            inside = found
            return found.objective
        }
        #expect(inside?.negativeLogLikelihood == loss().negativeLogLikelihood)
        #expect(loss().negativeLogLikelihood == loss().smoothedLoss)
    }

    @Test func noRowsCostNothing() {
        let variables = Self.variables(rows: 0, hidden: 4, vocabulary: 9)
        let (value, gradients) = valueAndGradient(of: variables) {
            linearCrossEntropy(variables[0], weight: variables[1], bias: variables[2], targets: [])
                .objective
        }
        #expect(value.item == 0)
        #expect(gradients.allSatisfy { $0.sumOfSquares == 0 })
    }

    @Test func enormousLogitsStayFinite() {
        let hidden = Tensor([1000, -1000], shape: [1, 2])
        let weight = Tensor([1, 0, 0, 0, 1, -1], shape: [2, 3])
        let (value, gradients) = valueAndGradient(of: [hidden, weight]) {
            linearCrossEntropy(hidden, weight: weight, bias: nil, targets: [1]).objective
        }
        #expect(abs(value.item - 2000) < 1)
        #expect(gradients.allSatisfy { $0.isFinite })
    }
}
