import SeqDecoding
import SeqModels
import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Outputs drawn from a model, and the input of decoders that is the model's own.
struct SequenceSamplingTests {
    private typealias Request = SequenceSampling.Request

    private func sources() -> [[Int32]] {
        drawTokens([4, 1, 7, 2, 2, 9], below: Variant.vocabulary, seed: 3)
    }

    private func generator(_ name: Int) -> RandomGenerator {
        RandomGenerator(seed: 5).split("\(name)")
    }

    @Test(arguments: Variant.all) func `without a generator it is a beam of one`(
        _ variant: Variant
    ) throws {
        let model = try variant.model()
        let source = model.source(sources())
        let options = DecodingOptions(beam: 1)
        let requests = [4, 0, 0, 2].map { Request(source: $0, generator: nil) }
        let found = SequenceSampling(model, options: options)(source, requests)
        let expected = BeamSearch(model, options: options)(source)
        for (request, output) in zip(requests, found) {
            #expect(output.tokens == expected[request.source][0].tokens)
            #expect(output.isComplete == expected[request.source][0].isComplete)
        }
    }

    @Test(arguments: Variant.all) func `what is drawn does not hang on the batch`(
        _ variant: Variant
    ) throws {
        let model = try variant.model()
        let sampling = SequenceSampling(model, options: DecodingOptions(beam: 1), temperature: 1.5)
        let sources = sources()
        let requests = (0..<12).map { Request(source: $0 % 6, generator: generator($0)) }
        let all = sampling(model.source(sources), requests)
        #expect(Set(all).count > 6)
        for number in [1, 5, 8] {
            let alone = sampling(
                model.source([sources[number % 6]]),
                [Request(source: 0, generator: generator(number))])
            #expect(alone == [all[number]])
        }
        #expect(sampling(model.source(sources), requests) == all)
    }

    @Test func `tokens come as often as they are probable`() throws {
        let model = try Variant.all[0].model()
        let source = model.source([[3, 4, 5]])
        let pairs = (0..<Int32(model.targetVocabulary)).map {
            (source: [3, 4, 5][...] as ArraySlice<Int32>, target: [$0][...] as ArraySlice<Int32>)
        }
        let probabilities = model.tokenLogProbabilities(model.batch(pairs)).map {
            Tensor([$0[0]]).exp().item
        }
        let count = 4000
        let outputs = SequenceSampling(model, options: DecodingOptions(beam: 1))(
            source, (0..<count).map { Request(source: 0, generator: generator($0)) })
        for (token, p) in probabilities.enumerated() {
            let drawn = outputs.count {
                ($0.tokens.first ?? TranslationModel.endToken) == Int32(token)
            }
            let mean = Float(count) * p
            #expect(abs(Float(drawn) - mean) < 4 * (mean * (1 - p)).squareRoot() + 1)
        }
    }

    @Test func `numbers fall on columns by their shares`() {
        let logits = Tensor([0.5, 0.25, 0.25, 0].map { $0 }, shape: [1, 4]).log()
        func column(_ number: Double, temperature: Float = 1) -> Int32 {
            logits.columns(at: [number], temperature: temperature)[0]
        }
        #expect(
            [0, 0.49, 0.51, 0.74, 0.76, 0.9999999999].map { column($0) } == [0, 0, 1, 1, 2, 2])
        // The shares are ½² : ¼² : ¼² = 4 : 1 : 1.
        #expect([0.66, 0.67, 0.84].map { column($0, temperature: 0.5) } == [0, 1, 2])
    }

    // MARK: The model's own tokens as input

    /// The decoder's input when all of it is the model's own is what greedy search finds.
    @Test(arguments: Variant.all) func `own input is greedy output`(_ variant: Variant) throws {
        let model = try variant.model()
        let sources = sources()
        let targets = drawTokens([5, 3, 1, 0, 8, 2], below: Variant.vocabulary, seed: 8)
        let batch = model.batch(
            zip(sources, targets).map { (source: $0[...], target: $1[...]) })
        var dropout = Dropout.none
        let encoded = model.encode(batch.source, dropout: &dropout)
        let layout = batch.decoderInput.layout
        let input = model.decoderInput(
            of: batch, source: encoded, isOwn: layout.stepOfRow.map { $0 > 0 }, isStepwise: true,
            dropout: &dropout)
        let greedy = BeamSearch(model, options: DecodingOptions(beam: 1))(batch.source)
        for (index, hypotheses) in greedy.enumerated() {
            let own = input.tokens[layout.rows(of: index)]
            #expect(own.first == TranslationModel.startToken)
            let said = hypotheses[0].tokens + (hypotheses[0].isComplete ? [2] : [])
            let count = min(own.count - 1, said.count)
            #expect(Array(own.dropFirst().prefix(count)) == Array(said.prefix(count)))
        }
    }

    /// A token of the model follows from what stands before it: recurrent decoders see their own earlier
    /// tokens, others the true ones.
    @Test(arguments: Variant.all) func `single own tokens`(_ variant: Variant) throws {
        let model = try variant.model()
        let targets = drawTokens([5, 3, 1, 0, 8, 2], below: Variant.vocabulary, seed: 8)
        let batch = model.batch(
            zip(sources(), targets).map { (source: $0[...], target: $1[...]) })
        var dropout = Dropout.none
        let encoded = model.encode(batch.source, dropout: &dropout)
        let layout = batch.decoderInput.layout
        // Every other token, so that the one before is true.
        let isOwn = layout.stepOfRow.map { $0 % 2 == 1 }
        let input = model.decoderInput(
            of: batch, source: encoded, isOwn: isOwn, dropout: &dropout)
        // The input that the model's tokens hang on.
        var seen = batch
        if model.configuration.decoder.type.isRecurrent { seen.decoderInput = input }
        let logits = model.output.logits(
            model.hidden(seen, dropout: &dropout).output.vectors, context: nil)
        let best = logits.topK(1).indices
        for row in isOwn.indices {
            let expected = isOwn[row] ? best[row - 1] : batch.decoderInput.tokens[row]
            #expect(input.tokens[row] == expected)
        }
        #expect(input.tokens != batch.decoderInput.tokens)
        let none = model.decoderInput(
            of: batch, source: encoded, isOwn: isOwn.map { _ in false }, dropout: &dropout)
        #expect(none.tokens == batch.decoderInput.tokens)
        // Numbers that fall on the first column with any share draw the first token.
        let drawn = model.decoderInput(
            of: batch, source: encoded, isOwn: isOwn, numbers: isOwn.map { _ in 0 },
            dropout: &dropout)
        #expect(zip(drawn.tokens, isOwn).allSatisfy { !$1 || $0 == 0 })
    }
}
