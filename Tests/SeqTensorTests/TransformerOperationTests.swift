import SeqTensor
import TestSupport
import Testing

/// The fused operations of Transformer layers against their compositions and differences.
struct TransformerOperationTests {
    /// Dropout as the composition draws it is another mask; a mask of one's own must only be the same
    /// forwards and backwards.
    static func mask(_ rate: Float) -> DropoutMask {
        var generator = RandomGenerator(seed: 5)
        return DropoutMask(rate: rate, using: &generator)
    }

    static func silu(_ x: Tensor) -> Tensor { x * x.sigmoid() }

    /// Input, first weight and bias, second weight and bias.
    static func feedForwardVariables(_ function: FeedForwardFunction, rows: Int) -> [Tensor] {
        let (outside, middle) = (6, 10)
        let first = middle * function.inputsPerOutput
        return [
            .draw([rows, outside], seed: 1, scale: 2), .draw([outside, first], seed: 2),
            .draw([first], seed: 3), .draw([middle, outside], seed: 4), .draw([outside], seed: 5),
        ]
    }

    static func fused(
        _ v: [Tensor], _ function: FeedForwardFunction, mask: DropoutMask = .none
    ) -> Tensor {
        feedForward(
            v[0], first: v[1], firstBias: v[2], second: v[3], secondBias: v[4],
            function: function, mask: mask)
    }

    @Test(arguments: FeedForwardFunction.allCases, [7, 300])
    func feedForwardEqualsComposition(_ function: FeedForwardFunction, _ rows: Int) {
        let variables = Self.feedForwardVariables(function, rows: rows)
        let weighting = Tensor.draw([rows, 6], seed: 6)
        var outputs: [Tensor] = []
        func gradients(_ body: () -> Tensor) -> [Tensor] {
            valueAndGradient(of: variables) {
                outputs.append(body())
                return (outputs[outputs.count - 1] * weighting).sum()
            }.gradients
        }
        let fused = gradients { Self.fused(variables, function) }
        let small = gradients {
            let inner = affine([(variables[0], variables[1])], bias: variables[2])
            let active =
                switch function {
                case .relu: inner.relu()
                case .gelu: inner.gelu()
                case .swiglu: Self.silu(inner.columns(0..<10)) * inner.columns(10..<20)
                }
            return affine([(active, variables[3])], bias: variables[4])
        }
        #expect(distance(outputs[0], outputs[1]) < 1e-6)
        for (index, pair) in zip(fused, small).enumerated() {
            #expect(distance(pair.0, pair.1) < 5e-6, "gradient \(index)")
        }
    }

    @Test(arguments: FeedForwardFunction.allCases)
    func feedForwardGradientUnderDropout(_ function: FeedForwardFunction) {
        var variables = Self.feedForwardVariables(function, rows: 150)
        // Arguments of f stay on one side of the kink of ReLU, which differences must not cross.
        variables[1] = variables[1] * 0.1
        variables[2] = Tensor(
            (0..<variables[2].count).map { $0 % 3 == 0 ? -1.6 : 1.6 }, shape: variables[2].shape)
        let report = checkGradient(
            of: Array(variables.dropFirst()), elements: 30, storing: [0, 2]
        ) {
            [Self.fused([variables[0]] + $0, function, mask: Self.mask(0.3))]
        }
        #expect(report.error < 2e-3, "\(report)")
    }

    @Test func feedForwardDropsTheRightShare() {
        let (rows, middle) = (256, 64)
        let ones = Tensor(repeating: 1, shape: [rows, 1])
        let result = feedForward(
            ones, first: Tensor(repeating: 1, shape: [1, middle]), firstBias: nil,
            second: Tensor(repeating: 1 / Float(middle), shape: [middle, 1]), secondBias: nil,
            function: .relu, mask: Self.mask(0.25))
        let mean = result.values.reduce(0, +) / Float(rows)
        #expect(abs(mean - 1) < 0.02)
        #expect(Set(result.values).count > 8)
    }

    @Test(arguments: FeedForwardFunction.allCases)
    func feedForwardRowsAreIndependent(_ function: FeedForwardFunction) {
        var variables = Self.feedForwardVariables(function, rows: 301)
        variables[1] = variables[1].stored
        variables[3] = variables[3].stored
        let together = Self.fused(variables, function)
        for rows in [0..<1, 5..<40, 63..<200, 300..<301] {
            var part = variables
            part[0] = variables[0].rows(rows)
            #expect(identical(Self.fused(part, function), together.rows(rows)), "\(rows)")
        }
    }

    @Test func residualEqualsComposition() {
        let variables = [Tensor.draw([37, 9], seed: 1), .draw([37, 9], seed: 2)]
        #expect(identical(residual(variables[0], variables[1]), variables[0] + variables[1]))
        for rate: Float in [0, 0.3] {
            let report = checkGradient(of: variables) {
                [residual($0[0], $0[1], mask: Self.mask(rate))]
            }
            #expect(report.error < 1e-3, "\(report)")
        }
        let ones = Tensor(repeating: 1, shape: [500, 40])
        let kept = residual(.zeros([500, 40]), ones, mask: Self.mask(0.3)).values
        #expect(abs(kept.reduce(0, +) / Float(kept.count) - 1) < 0.02)
        #expect(kept.allSatisfy { $0 == 0 || abs($0 - 1 / 0.7) < 1e-4 })
    }

    @Test func residualLayerNormEqualsComposition() {
        let variables = [
            Tensor.draw([37, 9], seed: 1), .draw([37, 9], seed: 2), .draw([9], seed: 3),
            .draw([9], seed: 4),
        ]
        let weightings = [Tensor.draw([37, 9], seed: 5), .draw([37, 9], seed: 6)]
        var outputs: [(Tensor, Tensor)] = []
        func gradients(_ body: () -> (Tensor, Tensor)) -> [Tensor] {
            valueAndGradient(of: variables) {
                let found = body()
                outputs.append(found)
                return (found.0 * weightings[0]).sum() + (found.1 * weightings[1]).sum()
            }.gradients
        }
        let fused = gradients {
            let found = residualLayerNorm(
                variables[0], variables[1], gain: variables[2], bias: variables[3])
            return (found.sum, found.normalized)
        }
        let small = gradients {
            let sum = variables[0] + variables[1]
            return (sum, sum.layerNormalized(gain: variables[2], bias: variables[3]))
        }
        #expect(distance(outputs[0].0, outputs[1].0) < 1e-6)
        #expect(distance(outputs[0].1, outputs[1].1) < 1e-6)
        for (index, pair) in zip(fused, small).enumerated() {
            #expect(distance(pair.0, pair.1) < 3e-6, "gradient \(index)")
        }
    }

    /// One of the two outputs alone, under dropout.
    @Test(arguments: [0, 1]) func residualLayerNormGradient(_ output: Int) {
        let variables = [
            Tensor.draw([37, 9], seed: 1, scale: 3), .draw([37, 9], seed: 2, scale: 3),
            .draw([9], seed: 3), .draw([9], seed: 4),
        ]
        let report = checkGradient(of: variables) {
            let found = residualLayerNorm(
                $0[0], $0[1], gain: $0[2], bias: $0[3], mask: Self.mask(0.3))
            return [output == 0 ? found.sum : found.normalized]
        }
        #expect(report.error < 2e-3, "\(report)")
    }

    @Test func residualRowsAreIndependent() {
        let (x, update) = (Tensor.draw([40, 33], seed: 1), Tensor.draw([40, 33], seed: 2))
        let (gain, bias) = (Tensor.draw([33], seed: 3), Tensor.draw([33], seed: 4))
        let together = residualLayerNorm(x, update, gain: gain, bias: bias)
        for row in [0, 7, 15, 16, 39] {
            let alone = residualLayerNorm(
                x.rows(row..<row + 1), update.rows(row..<row + 1), gain: gain, bias: bias)
            #expect(identical(alone.normalized, together.normalized.rows(row..<row + 1)))
            #expect(identical(alone.sum, together.sum.rows(row..<row + 1)))
        }
    }

    @Test func rotationDependsOnDistanceOnly() {
        let (width, rows) = (8, 12)
        let query = Tensor.draw([1, width], seed: 1), key = Tensor.draw([1, width], seed: 2)
        func turned(_ x: Tensor) -> Tensor {
            x.gatheringRows(Array(repeating: 0, count: rows))
                .rotated(heads: 1, width: width, positions: (0..<Int32(rows)).map { $0 })
        }
        let (queries, keys) = (turned(query), turned(key))
        func product(_ q: Int, _ k: Int) -> Float {
            (queries.rows(q..<q + 1) * keys.rows(k..<k + 1)).sum().item
        }
        #expect(identical(queries.rows(0..<1), query))
        #expect(abs(product(3, 1) - product(11, 9)) < 1e-5)
        #expect(abs(product(3, 1) - product(1, 3)) > 1e-3)
    }

    @Test func rotationGradient() {
        let positions: [Int32] = [0, 1, 2, 0, 70, 3]
        let report = checkGradient(of: [.draw([6, 22], seed: 1)], elements: 132) {
            [$0[0].rotated(heads: 4, width: 4, positions: positions)]
        }
        #expect(report.error < 1e-3, "\(report)")
        let x = Tensor.draw([6, 22], seed: 1)
        let turned = x.rotated(heads: 4, width: 4, positions: positions)
        #expect(identical(turned.columns(16..<22), x.columns(16..<22)))
    }
}
