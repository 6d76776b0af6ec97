import SeqModels
import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Whole models: gradients, equal results of their two forms, and what depends on what.
struct TranslationModelTests {
    @Test func combinationsAreMany() {
        #expect(Variant.all.count == 200)
        #expect(Set(Variant.all.map(\.description)).count == 200)
    }

    /// The gradient of the loss along a random direction of each parameter, dropout included.
    @Test(arguments: Variant.all) func gradient(_ variant: Variant) throws {
        let model = try variant.model()
        let batch = drawBatch(model)
        let buffer = ParameterBuffer(model.parameters)
        func loss() -> TokenLoss {
            var dropout = Dropout(rate: 0.2, generator: RandomGenerator(seed: 6))
            return model.loss(of: batch, labelSmoothing: 0.1, scale: 0.5, dropout: &dropout)
        }
        let value = buffer.valueAndGradient { loss().objective }
        #expect(abs(Double(value.item) - 0.5 * loss().smoothedLoss) < 1e-5)
        let start = buffer.values.all.copy()
        let gradients = buffer.namedGradients.map { Tensor($0.gradient.values) }
        var offset = 0
        for (number, parameter) in model.parameters.enumerated() {
            let direction = Tensor.draw([parameter.count], seed: UInt64(100 + number))
            let gradient = gradients[number]
            let computed = zip(gradient.values, direction.values).reduce(0.0) {
                $0 + Double($1.0) * Double($1.1)
            }
            func value(_ step: Float) -> Double {
                buffer.values.update { values in
                    start.withUnsafeValues { _ = values.update(from: $0) }
                    for (index, part) in direction.values.enumerated() {
                        values[offset + index] += step * part
                    }
                }
                return 0.5 * loss().smoothedLoss
            }
            func slope(_ step: Float) -> Double { (value(step) - value(-step)) / Double(2 * step) }
            let measured = (4 * slope(0.01) - slope(0.02)) / 3
            #expect(
                abs(computed - measured) < 2e-3 * max(1, abs(measured)),
                "\(parameter.name): computed \(computed), measured \(measured)")
            _ = value(0)
            offset += (parameter.count + 15) / 16 * 16
        }
    }

    /// Search's steps and training's whole sequences say the same.
    @Test(arguments: Variant.all.filter { $0.layers.encoder == $0.layers.decoder })
    func stepwiseIsWhole(_ variant: Variant) throws {
        let model = try variant.model()
        _ = ParameterBuffer(model.parameters)
        let sources = drawTokens([3, 1, 5], below: Variant.source, seed: 2)
        let targets = drawTokens([4, 4, 4], below: Variant.target, seed: 3)
        let batch = model.batch(zip(sources, targets).map { ($0[...], $1[...]) })
        var dropout = Dropout.none
        let whole = model.hidden(batch, dropout: &dropout)
        let encoded = model.encode(batch.source, dropout: &dropout)
        let memory = model.decoder.memory(encoded)
        var state = model.decoder.initialState(encoded)
        let layout = AttentionLayout(memory: memory.layout, sequenceOfQuery: [0, 1, 2])
        for time in 0..<5 {
            let rows = (0..<3).map { Int32(5 * $0 + time) }
            let tokens = rows.map { batch.decoderInput.tokens[Int($0)] }
            let output = model.decoder.step(
                model.decoderInput(tokens), state: &state, memory: memory, layout: layout,
                dropout: &dropout)
            #expect(distance(output.vectors, whole.gatheringRows(rows)) < 1e-5, "step \(time)")
            #expect((output.weights == nil) == (variant.score == .none))
        }
    }

    @Test(arguments: Variant.all.filter { $0.layers == (2, 2) && $0.bridge == .copy })
    func tokenLogProbabilities(_ variant: Variant) throws {
        let model = try variant.model()
        _ = ParameterBuffer(model.parameters)
        let batch = drawBatch(model)
        let found = model.tokenLogProbabilities(batch)
        #expect(found.map(\.count) == [3, 5, 1])
        var dropout = Dropout.none
        let loss = model.loss(of: batch, labelSmoothing: 0.1, dropout: &dropout)
        let sum = found.joined().reduce(0.0) { $0 - Double($1) }
        #expect(abs(sum - loss.negativeLogLikelihood) < 1e-5 * sum)
        #expect(loss.tokens == 9 && batch.targetTokens == 9 && batch.count == 3)
    }

    @Test func moreThanOneBlockOfLogProbabilities() throws {
        let model = try Variant().model()
        let batch = drawBatch(
            model, sources: [Int](repeating: 3, count: 50), targets: [Int](repeating: 9, count: 50))
        let found = model.tokenLogProbabilities(batch)
        #expect(found.count == 50 && found.allSatisfy { $0.count == 10 })
        let last = model.tokenLogProbabilities(
            model.batch([
                (
                    batch.source.tokens[batch.source.layout.rows(of: 49)],
                    batch.targets[batch.decoderInput.layout.rows(of: 49)].dropLast()
                )
            ]))
        for (a, b) in zip(found[49], last[0]) { #expect(abs(a - b) < 1e-5) }
    }

    @Test func batchesStartAndEnd() throws {
        var variant = Variant()
        let pairs: [(source: ArraySlice<Int32>, target: ArraySlice<Int32>)] = [
            ([3, 4, 5], [6]), ([7], []),
        ]
        var batch = try variant.model().batch(pairs)
        #expect(batch.source.tokens == [3, 4, 5, 7] && batch.source.layout.lengths == [3, 1])
        #expect(batch.decoderInput.tokens == [1, 6, 1] && batch.targets == [6, 2, 2])
        variant.bridge = .zero
        var configuration = variant.configuration
        configuration.encoder.reversesSource = true
        let reversing = try TranslationModel(
            configuration, sourceVocabulary: 8, targetVocabulary: 7, seed: 1)
        batch = reversing.batch(pairs)
        #expect(batch.source.tokens == [5, 4, 3, 7] && batch.targets == [6, 2, 2])
    }

    /// Sources without tokens, and a batch without pairs.
    @Test(arguments: Variant.all.filter { $0.layers == (2, 2) })
    func nothingToRead(_ variant: Variant) throws {
        let model = try variant.model()
        let buffer = ParameterBuffer(model.parameters)
        var dropout = Dropout.none
        let batch = drawBatch(model, sources: [0, 2, 0], targets: [1, 2, 0])
        _ = buffer.valueAndGradient { model.loss(of: batch, dropout: &dropout).objective }
        #expect(buffer.firstNotFinite == nil)
        let alone = model.batch([(batch.source.tokens[...], batch.targets[2..<4])])
        let probabilities = model.tokenLogProbabilities(batch)[1]
        for (a, b) in zip(model.tokenLogProbabilities(alone)[0], probabilities) {
            #expect(abs(a - b) < 1e-5)
        }
    }

    @Test func seedsDecideParameters() throws {
        let (a, b, c) = (
            try Variant().model(seed: 1), try Variant().model(seed: 1), try Variant().model(seed: 2)
        )
        for (x, y) in zip(a.parameters, b.parameters) { #expect(identical(x.value, y.value)) }
        #expect(!identical(a.parameters[0].value, c.parameters[0].value))
        #expect(a.parameterCount == a.parameters.reduce(0) { $0 + $1.value.count })
        #expect(Set(a.parameters.map(\.name)).count == a.parameters.count)
        let adds = a.multiplyAdds(sourceTokens: 2, targetTokens: 3)
        // A source token: 3·24 + 6·24, keys 36. A target token: 4·24 + 6·24, attentional 2·36, output 6·7.
        #expect(adds == Double(2 * 252 + 3 * 354))
    }

    /// A training step after the first few asks the system for no memory.
    @Test func trainingStepsReuseMemory() async {
        await #expect(processExitsWith: .success) {
            var variant = Variant()
            variant.feeds = true
            variant.isBidirectional = true
            variant.layers = (2, 2)
            let model = try variant.model()
            let buffer = ParameterBuffer(model.parameters)
            let optimizer = Adam(buffer)
            let batch = drawBatch(
                model, sources: (0..<30).map { 1 + $0 % 9 }, targets: (0..<30).map { 1 + $0 % 7 })
            func step(_ number: Int) {
                var dropout = Dropout(rate: 0.3, generator: RandomGenerator(seed: UInt64(number)))
                _ = buffer.valueAndGradient {
                    model.loss(of: batch, scale: 0.01, dropout: &dropout).objective
                }
                optimizer.update(buffer, learningRate: 0.001, gradientScale: 1)
            }
            for number in 0..<5 { step(number) }
            let before = MemoryPool.statistics
            for number in 0..<20 { step(number) }
            #expect(MemoryPool.statistics.systemAllocations == before.systemAllocations)
            #expect(MemoryPool.statistics.used == before.used)
        }
    }
}

extension Tensor {
    /// The same numbers in memory of their own.
    func copy() -> Tensor { Tensor(values, shape: shape) }
}
