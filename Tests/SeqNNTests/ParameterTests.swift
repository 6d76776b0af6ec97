import SeqFiles
import SeqNN
import SeqTensor
import TestSupport
import Testing

/// How parameters start, are loaded, and lie in one buffer.
struct ParameterTests {
    private func fresh(_ kind: Initialization.Kind, seed: UInt64 = 1) -> ParameterScope {
        ParameterScope(
            initialization: Initialization(kind: kind, range: 0.05),
            generator: RandomGenerator(seed: seed))
    }

    private func extent(_ tensor: Tensor) -> Float { tensor.values.map(abs).max() ?? 0 }

    @Test func uniformInitialization() throws {
        let scope = fresh(.uniform)
        for (name, role) in [
            ("a", .weight), ("b", .bias), ("c", .embedding), ("d", .recurrent(gates: 4)),
        ] as [(String, ParameterRole)] {
            let value = try scope.parameter(name, [100, 120], role).value
            #expect(extent(value) <= 0.05 && extent(value) > 0.0499)
            #expect(abs(value.mean().item) < 0.002)
        }
        #expect(
            try scope.parameter("gain", [9], .gain).value.values == [Float](repeating: 1, count: 9))
    }

    @Test func glorotInitialization() throws {
        let scope = fresh(.glorot)
        func bound(_ inputs: Float, _ outputs: Float) -> Float {
            (6 / (inputs + outputs)).squareRoot()
        }
        let weight = extent(try scope.parameter("a", [100, 200], .weight).value)
        #expect(weight <= bound(100, 200) && weight > 0.999 * bound(100, 200))
        let recurrent = extent(try scope.parameter("b", [50, 200], .recurrent(gates: 4)).value)
        #expect(recurrent <= bound(50, 50) && recurrent > 0.999 * bound(50, 50))
        #expect(extent(try scope.parameter("c", [200], .bias).value) == 0)
        let embedding = extent(try scope.parameter("d", [200, 9], .embedding).value)
        #expect(embedding <= 0.05 && embedding > 0.049)
        #expect(extent(try scope.parameter("e", [64], .weight).value) > 0)
    }

    @Test(arguments: [(30, 1), (30, 4), (20, 3)]) func orthogonalBlocks(_ hidden: Int, _ gates: Int)
        throws
    {
        let value = try fresh(.orthogonal)
            .parameter("r", [hidden, gates * hidden], .recurrent(gates: gates)).value
        for gate in 0..<gates {
            let block = value.columns(gate * hidden..<(gate + 1) * hidden)
            let product = block.transposed().matmul(block).values
            for (index, found) in product.enumerated() {
                #expect(abs(found - (index / hidden == index % hidden ? 1 : 0)) < 1e-5)
            }
        }
        #expect(
            gates == 1 || !identical(value.columns(0..<hidden), value.columns(hidden..<2 * hidden)))
    }

    @Test(arguments: [(7, 4), (4, 7), (1, 5), (5, 1)]) func orthogonalRectangles(
        _ rows: Int, _ columns: Int
    ) {
        var generator = RandomGenerator(seed: 4)
        let matrix = Tensor.orthogonal(rows, columns, using: &generator)
        let tall = columns <= rows ? matrix : matrix.transposed()
        let count = min(rows, columns)
        for (index, found) in tall.transposed().matmul(tall).values.enumerated() {
            #expect(abs(found - (index / count == index % count ? 1 : 0)) < 1e-5)
        }
    }

    @Test(arguments: Initialization.Kind.allCases) func startsDependOnSeedAndNameOnly(
        _ kind: Initialization.Kind
    ) throws {
        func parameters(_ names: [String], seed: UInt64) throws -> [String: Tensor] {
            let scope = fresh(kind, seed: seed)
            var result: [String: Tensor] = [:]
            for name in names {
                result[name] = try scope.scope("part").parameter(
                    name, [8, 32], .recurrent(gates: 4)
                ).value
            }
            return result
        }
        let one = try parameters(["a", "b", "c"], seed: 1)
        let other = try parameters(["c", "a"], seed: 1)
        for (name, value) in other { #expect(one[name].map { identical($0, value) } == true) }
        let (a, b) = (try #require(one["a"]), try #require(one["b"]))
        #expect(!identical(a, b))
        #expect(!identical(a, try #require(try parameters(["a"], seed: 2)["a"])))
    }

    @Test func namesFollowTheScopes() throws {
        let scope = fresh(.uniform)
        _ = try RecurrentStack(
            RecurrentConfiguration(), inputs: 2, hidden: 6, layers: 2, bidirectionalLayers: 2,
            in: scope.scope("encoder"))
        _ = try FullSoftmax(hidden: 3, vocabulary: 5, in: scope.scope("output"))
        _ = try Embedding(vocabulary: 5, features: 2, in: scope.scope("encoder.embedding"))
        let names = scope.parameters.map(\.name)
        #expect(
            names.prefix(3) == [
                "encoder.layers.0.forward.input_weight",
                "encoder.layers.0.forward.recurrent_weight",
                "encoder.layers.0.forward.bias",
            ])
        #expect(names.suffix(3) == ["output.weight", "output.bias", "encoder.embedding.weight"])
        #expect(
            scope.parameters[6].shape == [6, 12] && scope.parameters[9].name.contains("backward"))
    }

    @Test func loadingErrors() throws {
        let file = try checkpoint([
            ("x.weight", .draw([2, 3], seed: 1)), ("x.bias", .draw([3], seed: 2)),
            ("left.over", Tensor(1)), ("more", Tensor(2)),
        ])
        let scope = ParameterScope(checkpoint: file)
        let linear = try Linear(2, 3, in: scope.scope("x"))
        #expect(identical(linear.weight.value, .draw([2, 3], seed: 1)))
        let input = Tensor.draw([4, 2], seed: 3)
        let expected = input.matmul(.draw([2, 3], seed: 1)) + .draw([3], seed: 2)
        #expect(distance(linear(input), expected) < 1e-6)
        let unused = #expect(throws: Seq2SeqError.self) { try scope.checkEverythingWasUsed() }
        #expect(unused?.reason == "2 tensors are not part of this model, the first is left.over")
        let missing = #expect(throws: Seq2SeqError.self) {
            try Linear(2, 3, in: ParameterScope(checkpoint: file).scope("y"))
        }
        #expect(missing?.reason == "tensor y.weight is missing" && missing?.path == file.path)
        let other = #expect(throws: Seq2SeqError.self) {
            try Linear(3, 2, in: ParameterScope(checkpoint: file).scope("x"))
        }
        #expect(other?.reason == "tensor x.weight has shape [2, 3], expected [3, 2]")
    }

    private func model() throws -> (parameters: [Parameter], loss: () -> Tensor) {
        let scope = fresh(.glorot)
        let embedding = try Embedding(vocabulary: 9, features: 5, in: scope.scope("embedding"))
        let lstm = try RecurrentStack(
            RecurrentConfiguration(), inputs: 5, hidden: 7, layers: 2, in: scope.scope("lstm"))
        let output = try FullSoftmax(hidden: 7, vocabulary: 9, in: scope.scope("output"))
        let tokens = TokenSequences(drawTokens([4, 2, 6], below: 9, seed: 5))
        return (
            scope.parameters,
            {
                var dropout = Dropout(rate: 0.2, generator: RandomGenerator(seed: 3))
                let input = Sequences(embedding(tokens.tokens), layout: tokens.layout)
                let states = lstm(input, dropout: &dropout).output.steps
                return output.loss(
                    states, targets: tokens.tokens, context: nil, labelSmoothing: 0.1, scale: 0.5,
                    generator: &dropout.generator
                ).objective
            }
        )
    }

    @Test func bufferGradientsEqualSeparateOnes() throws {
        let (parameters, loss) = try model()
        let values = parameters.map { $0.value.detached() }
        let (value, gradients) = valueAndGradient(of: parameters, loss)
        let buffer = ParameterBuffer(parameters)
        for (parameter, before) in zip(parameters, values) {
            #expect(identical(parameter.value, before))
        }
        // Twice: the second time must not add to the first.
        for _ in 0..<2 {
            let found = buffer.valueAndGradient(loss)
            #expect(abs(found.item - value.item) < 1e-5)
            for (named, gradient) in zip(buffer.namedGradients, gradients) {
                #expect(distance(named.gradient, gradient) < 1e-5, "\(named.name)")
            }
        }
        let squares = gradients.reduce(0) { $0 + $1.sumOfSquares }
        #expect(abs(buffer.gradientNorm - squares.squareRoot()) < 1e-5)
        #expect(buffer.count >= parameters.reduce(0) { $0 + $1.count } && buffer.count % 16 == 0)
        buffer.clip(limit: 0.01)
        for (named, gradient) in zip(buffer.namedGradients, gradients) {
            let clipped = gradient.values.map { Double(min(max($0, -0.01), 0.01)) }
            #expect(distance(named.gradient.values, clipped) < 1e-5)
        }
    }

    @Test func aBufferIsRestoredByNames() throws {
        let (parameters, loss) = try model()
        let buffer = ParameterBuffer(parameters)
        let file = try checkpoint(parameters.map { ($0.name, $0.value) })
        let (other, _) = try model()
        let otherBuffer = ParameterBuffer(other)
        let before = loss().item
        _ = otherBuffer.valueAndGradient { other[0].value.sum() }
        SGD(otherBuffer).update(otherBuffer, learningRate: 1, gradientScale: 1)
        #expect(!identical(other[0].value, parameters[0].value))
        try otherBuffer.restore(from: file)
        for (a, b) in zip(parameters, other) { #expect(identical(a.value, b.value)) }
        #expect(loss().item == before)
        let part = try checkpoint(parameters.dropLast().map { ($0.name, $0.value) })
        #expect(throws: Seq2SeqError.self) { try buffer.restore(from: part) }
    }

    @Test func whatIsNotFiniteIsNamed() throws {
        let parameters = [
            Parameter("fine", Tensor([1, 2])), Parameter("root", Tensor([0, 1])),
        ]
        let buffer = ParameterBuffer(parameters)
        _ = buffer.valueAndGradient { parameters.map { $0.value.squared().sum() }.sum() }
        #expect(buffer.firstNotFinite == nil)
        _ = buffer.valueAndGradient { parameters.map { $0.value.squareRoot().sum() }.sum() }
        #expect(buffer.firstNotFinite == "gradient of root")
        SGD(buffer).update(buffer, learningRate: 1, gradientScale: 1)
        #expect(buffer.firstNotFinite == "value of root")
    }

    @Test func dropoutIsOffWithoutAGenerator() {
        let x = Tensor.draw([50], seed: 1)
        var none = Dropout(rate: 0.5, generator: nil)
        #expect(identical(none(x), x))
        var some = Dropout(rate: 0.5, generator: RandomGenerator(seed: 1))
        let first = some(x)
        #expect(!identical(first, x) && !identical(first, some(x)))
        #expect(some.generator?.position == 2)
    }
}
