import SeqFiles
@testable import SeqModels
import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Whole models: gradients, equal results of their two forms, and what depends on what.
struct TranslationModelTests {
    @Test func variantsAreManyAndDifferent() {
        #expect(Variant.all.count > 500 && Variant.combinations.count > 1000)
        #expect(Set(Variant.all.map(\.configuration)).count > Variant.all.count * 9 / 10)
        #expect(
            Set(Variant.combinations.map(\.configuration)).count == Variant.combinations.count)
    }

    /// The gradient of the loss along a random direction of each parameter, dropout included.
    @Test(arguments: Variant.all.filter(\.isSmooth)) func gradient(_ variant: Variant) throws {
        let model = try variant.model()
        let batch = drawBatch(model)
        let buffer = ParameterBuffer(model.parameters)
        func loss() -> Tensor {
            var dropout = Dropout(rate: 0.2, generator: RandomGenerator(seed: 6))
            return model.loss(of: batch, labelSmoothing: 0.1, scale: 0.5, dropout: &dropout)
                .objective
        }
        _ = buffer.valueAndGradient { loss() }
        let start = buffer.values.all.copy()
        let gradients = Dictionary(
            uniqueKeysWithValues: buffer.namedGradients.map { ($0.name, $0.gradient.values) })
        #expect(gradients.count == model.parameters.count)
        for (number, parameter) in buffer.parameters.enumerated() {
            let direction = Tensor.draw([parameter.count], seed: UInt64(100 + number))
            let gradient = try #require(gradients[parameter.name])
            let computed = zip(gradient, direction.values).reduce(0.0) {
                $0 + Double($1.0) * Double($1.1)
            }
            let offset = buffer.values.all.withUnsafeValues { all in
                parameter.value.withUnsafeValues { part in
                    all.baseAddress.flatMap { base in part.baseAddress.map { $0 - base } } ?? 0
                }
            }
            func value(_ step: Float) -> Double {
                buffer.values.update { values in
                    start.withUnsafeValues { _ = values.update(from: $0) }
                    for (index, part) in direction.values.enumerated() {
                        values[offset + index] += step * part
                    }
                }
                return Double(loss().item)
            }
            func slope(_ step: Float) -> Double { (value(step) - value(-step)) / Double(2 * step) }
            let step = variant.differenceStep
            let measured = (4 * slope(step) - slope(2 * step)) / 3
            #expect(
                abs(computed - measured) < 2e-3 * max(1, abs(measured)),
                "\(parameter.name): computed \(computed), measured \(measured)")
            _ = value(0)
        }
    }

    /// Search's steps and training's whole sequences say the same.
    @Test(arguments: Variant.all) func stepwiseIsWhole(_ variant: Variant) throws {
        let model = try variant.model()
        _ = ParameterBuffer(model.parameters)
        let sources = drawTokens([3, 1, 5], below: Variant.source, seed: 2)
        let targets = drawTokens([4, 4, 4], below: Variant.target, seed: 3)
        let batch = model.batch(
            zip(sources, targets).map { pair(of: model, source: $0, target: $1) })
        var dropout = Dropout.none
        let whole = model.hidden(batch, dropout: &dropout).output.vectors
        let encoded = model.encode(batch.source, dropout: &dropout)
        var memory = model.decoder.memory(encoded)
        memory.keepsWeights = true
        var state = model.decoder.initialState(encoded, dropout: &dropout)
        let layout = AttentionLayout(memory: memory.layout, sequenceOfQuery: [0, 1, 2])
        for time in 0..<5 {
            let rows = (0..<3).map { Int32(5 * $0 + time) }
            let tokens = rows.map { batch.decoderInput.tokens[Int($0)] }
            let output = model.decoder.step(
                model.decoder.input(model.embedded(tokens)), state: &state, memory: memory,
                layout: layout,
                dropout: &dropout)
            #expect(distance(output.vectors, whole.gatheringRows(rows)) < 1e-5, "step \(time)")
            #expect((output.weights == nil) == !variant.configuration.hasAttention)
        }
    }

    @Test(arguments: Variant.encoders + Variant.parallel + Variant.outputs)
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
                    batch.source.tokens.tokens[batch.source.tokens.layout.rows(of: 49)],
                    batch.targets[batch.decoderInput.layout.rows(of: 49)].dropLast()
                )
            ]))
        for (a, b) in zip(found[49], last[0]) { #expect(abs(a - b) < 1e-5) }
    }

    @Test func batchesStartAndEnd() throws {
        let pairs: [(source: ArraySlice<Int32>, target: ArraySlice<Int32>)] = [
            ([3, 4, 5], [6]), ([7], []),
        ]
        var batch = try Variant().model().batch(pairs)
        #expect(batch.source.tokens.tokens == [3, 4, 5, 7])
        #expect(batch.source.tokens.layout.lengths == [3, 1])
        #expect(batch.decoderInput.tokens == [1, 6, 1] && batch.targets == [6, 2, 2])
        let reversing = try Variant("reversed") { $0.encoder.reversesSource = true }.model()
        batch = reversing.batch(pairs)
        #expect(batch.source.tokens.tokens == [5, 4, 3, 7] && batch.targets == [6, 2, 2])
    }

    /// Words that the vocabulary lacks have vectors of their own, by the same characters as words of the
    /// vocabulary.
    @Test func charactersOfUnknownWords() throws {
        let model = try Variant { $0.encoder.wordVectors = .characters }.model()
        let size = Int32(Variant.source)
        func memory(_ tokens: [Int32], _ words: [String]) -> Tensor {
            var dropout = Dropout.none
            let source = model.source([tokens], copies: [[Int32]](), unknownWords: words)
            return model.encode(source, dropout: &dropout).memory.steps
        }
        let known = memory([3, 5, 7], [])
        let spelt = memory([size + 1, 5, size], ["a", "ab"])
        #expect(identical(known, spelt))
        let others = memory([size, 5, size + 1], ["zz", "b\u{E9}"])
        #expect(distance(known, others) > 1e-4)
        #expect(throws: Seq2SeqError.self) {
            try TranslationModel(
                model.configuration, sourceVocabulary: 8, targetVocabulary: 7, seed: 1)
        }
    }

    /// Sources without tokens, and a batch without pairs.
    @Test(arguments: Variant.all) func nothingToRead(_ variant: Variant) throws {
        let model = try variant.model()
        let buffer = ParameterBuffer(model.parameters)
        var dropout = Dropout.none
        let batch = drawBatch(model, sources: [0, 2, 0], targets: [1, 2, 0])
        _ = buffer.valueAndGradient { model.loss(of: batch, dropout: &dropout).objective }
        #expect(buffer.firstNotFinite == nil)
        let alone = model.batch([
            pair(
                of: model, source: drawTokens([0, 2, 0], below: Variant.source, seed: 4)[1],
                target: drawTokens([1, 2, 0], below: Variant.target, seed: 5)[1])
        ])
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
    }

    /// A training step after the first few asks the system for no memory.
    @Test func trainingStepsReuseMemory() async {
        await #expect(processExitsWith: .success) {
            let variant = Variant {
                $0.decoder.hasInputFeeding = true
                $0.encoder.isBidirectional = true
                $0.encoder.layers = 2
                $0.decoder.layers = 2
            }
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
