import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Parameters that are trained unlike others, against PyTorch's parameter groups; gradients of several
/// batches added up; noise.
struct ParameterRuleTests {
    private static let names = [
        "encoder.weight", "encoder.bias", "decoder.weight", "decoder.bias", "table", "output",
    ]

    private static func rule(_ parameter: Parameter) -> ParameterRule {
        var rule = ParameterRule()
        if parameter.name.hasPrefix("encoder.") { rule.learningRate = 0.1 }
        if parameter.name == "decoder.bias" { rule.weightDecay = 0 }
        rule.isFrozen = parameter.name == "table"
        return rule
    }

    private static let makers: [String: @Sendable (ParameterBuffer, Float) -> any Optimizer] = [
        "sgd": { SGD($0, weightDecay: $1) },
        "momentum": { SGD($0, momentum: 0.9, weightDecay: $1) },
        "adam": { Adam($0, weightDecay: $1) },
        "adamw": { Adam($0, weightDecay: $1, isDecoupled: true) },
        "adagrad": { AdaGrad($0, weightDecay: $1) },
        "adadelta": { AdaDelta($0, weightDecay: $1) },
        "rmsprop": { RMSProp($0, weightDecay: $1) },
        "adafactor": { Adafactor($0, weightDecay: $1) },
        "lion": { Lion($0, weightDecay: $1) },
    ]

    @Test(arguments: makers.keys.sorted()) func groupsAreThoseOfPyTorch(_ kind: String) throws {
        let golden = try Golden("optimizer_groups")
        let parameters = try Self.names.map { Parameter($0, try golden("parameter.\($0)")) }
        let buffer = ParameterBuffer(parameters, rule: Self.rule)
        let decay = try golden("input.weight_decay").item
        let make = try #require(Self.makers[kind])
        let optimizer = make(buffer, decay)
        let rate = try golden("input.\(kind).learning_rate").item
        let trained = parameters.filter { $0.name != "table" }
        for step in 0..<10 {
            let gradients = try trained.map {
                try golden("input.\($0.name)").slice(step, shape: $0.shape)
            }
            _ = buffer.valueAndGradient {
                zip(trained, gradients).map { ($0.value * $1).sum() }.sum()
            }
            optimizer.update(buffer, learningRate: rate, gradientScale: 1)
            for parameter in parameters {
                let expected = try golden("output.\(kind).\(parameter.name)")
                    .slice(step, shape: parameter.shape)
                #expect(
                    distance(parameter.value, expected) < 2e-6, "\(parameter.name), step \(step)")
            }
        }
    }

    @Test func frozenParametersHaveNoGradient() throws {
        let parameters = [
            Parameter("frozen", .draw([40], seed: 1)), Parameter("free", .draw([3], seed: 2)),
            Parameter("table", .draw([5, 2], seed: 3), isSparse: true),
        ]
        let buffer = ParameterBuffer(parameters) {
            var rule = ParameterRule()
            rule.isFrozen = $0.name != "free"
            return rule
        }
        #expect(buffer.gradientCount == 16)
        let before = parameters.map { $0.value.copy }
        let value = buffer.valueAndGradient { parameters.map { $0.value.squared().sum() }.sum() }
        #expect(abs(Double(value.item) - before.reduce(0) { $0 + $1.sumOfSquares }) < 1e-4)
        #expect(buffer.namedGradients.map(\.name) == ["free"])
        #expect(
            abs(buffer.gradientNorm - 2 * before[1].sumOfSquares.squareRoot()) < 1e-6)
        let adam = Adam(buffer, weightDecay: 0.1, isDecoupled: true)
        #expect(adam.state.allSatisfy { $0.tensor.count == 16 })
        buffer.addNoise(
            deviation: 1, scale: 1, generator: RandomGenerator(seed: 1), step: 0)
        adam.update(buffer, learningRate: 0.1, gradientScale: 1)
        for (parameter, before) in zip(parameters, before) {
            #expect(identical(parameter.value, before) == (parameter.name != "free"))
        }
    }

    // MARK: Accumulation

    @Test(arguments: [false, true]) func gradientsOfBatchesAddUp(_ isSparse: Bool) throws {
        let golden = try Golden("accumulation")
        let table = Parameter("table", try golden("parameter.table"), isSparse: isSparse)
        let weight = Parameter("weight", try golden("parameter.weight"))
        let buffer = ParameterBuffer([table, weight])
        // Twice: the first batch must not add to what is there.
        for _ in 0..<2 {
            for index in 0..<3 {
                let rows = try golden.integers("input.rows.\(index)").map { Int32($0) }
                _ = buffer.valueAndGradient(accumulates: index > 0) {
                    let hidden = table.value.gatheringRows(rows).matmul(weight.value)
                    return hidden.tanh().squared().sum() * (1 / Float(9))
                }
            }
            for (name, gradient) in buffer.namedGradients {
                #expect(distance(gradient, try golden("output.\(name)")) < 1e-6, "\(name)")
            }
        }
    }

    @Test func whatOnlyTheFirstBatchUsesKeepsItsGradient() {
        let parameters = ["a", "b"].map { Parameter($0, .draw([3], seed: 1)) }
        let buffer = ParameterBuffer(parameters)
        _ = buffer.valueAndGradient { parameters[0].value.sum() }
        _ = buffer.valueAndGradient(accumulates: true) { parameters[1].value.sum() * 2 }
        #expect(buffer.namedGradients.map(\.gradient.values) == [[1, 1, 1], [2, 2, 2]])
    }

    // MARK: Noise

    private func noise(
        _ shape: [Int], name: String = "w", seed: UInt64 = 1, step: Int = 0, scale: Float = 0
    ) -> [Float] {
        let parameter = Parameter(name, .zeros(shape))
        let buffer = ParameterBuffer([Parameter("before", .zeros([7])), parameter])
        _ = buffer.valueAndGradient { parameter.value.sum() }
        buffer.addNoise(
            deviation: 0.5, scale: scale, generator: RandomGenerator(seed: seed), step: step)
        return buffer.namedGradients[1].gradient.values
    }

    @Test func noiseIsNormal() {
        let drawn = noise([100_003]).map { Double($0) / 0.5 }
        let count = Double(drawn.count)
        var sums = [0.0, 0, 0, 0]
        for x in drawn {
            sums[0] += x
            sums[1] += x * x
            sums[2] += x * x * x
            sums[3] += x * x * x * x
        }
        let expected = [0.0, 1, 0, 3]
        for (sum, expected) in zip(sums, expected) { #expect(abs(sum / count - expected) < 0.05) }
        for (limit, normal) in [(0.5, 0.3829), (1, 0.6827), (2, 0.9545), (3, 0.9973)] {
            let share = Double(drawn.count { abs($0) < limit }) / count
            #expect(abs(share - normal) < 0.005, "below \(limit)")
        }
        // Neighbours know nothing of each other.
        for distance in [1, 16, 32, 64] {
            let product = zip(drawn, drawn.dropFirst(distance)).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(product / count) < 0.02)
        }
    }

    @Test func noiseIsAFunctionOfSeedStepNameAndPlace() {
        let first = noise([300])
        #expect(first == noise([300]))
        #expect(Array(noise([500]).prefix(300)) == first)
        #expect(noise([300], seed: 2) != first)
        #expect(noise([300], step: 1) != first)
        #expect(noise([300], name: "v") != first)
        for (both, alone) in zip(noise([300], scale: 3), first) {
            #expect(abs(both - (3 + alone)) < 1e-5)
        }
    }

    @Test func noiseOfARowDoesNotDependOnOtherRows() {
        let table = Parameter("table", .zeros([50, 70]), isSparse: true)
        let buffer = ParameterBuffer([table])
        func noise(_ rows: [Int32]) -> [[Float]] {
            _ = buffer.valueAndGradient { table.value.gatheringRows(rows).sum() }
            buffer.addNoise(
                deviation: 1, scale: 0, generator: RandomGenerator(seed: 1), step: 4)
            let all = buffer.namedGradients[0].gradient
            return (0..<50).map { all.rows($0..<$0 + 1).values }
        }
        let (some, others) = (noise([3, 9]), noise([9, 20, 49]))
        #expect(some[9] == others[9])
        #expect(some[9] != some[3])
        #expect(some[20] == Array(repeating: 0, count: 70))
    }

    @Test func noiseDoesNotDependOnThreads() async {
        await #expect(processExitsWith: .success) {
            ThreadTeam.count = 1
            let expected = ParameterRuleTests().noise([100_003])
            ThreadTeam.count = 2
            #expect(ParameterRuleTests().noise([100_003]) == expected)
        }
    }
}
