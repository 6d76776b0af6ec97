import SeqDecoding
@testable import SeqModels
import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Beam search against what it must find.
struct BeamSearchTests {
    /// The most probable token again and again, one source at a time.
    private func greedy(
        _ model: TranslationModel, _ source: [Int32], maximumLength: Int
    ) -> (tokens: [Int32], logProbabilities: [Float]) {
        var dropout = Dropout.none
        let encoded = model.encode(model.source([source]), dropout: &dropout)
        let memory = model.decoder.memory(encoded)
        var state = model.decoder.initialState(encoded, dropout: &dropout)
        let layout = AttentionLayout(memory: memory.layout, sequenceOfQuery: [0])
        var (tokens, logProbabilities) = ([Int32](), [Float]())
        var last = TranslationModel.startToken
        while logProbabilities.count < maximumLength {
            let output = model.decoder.step(
                model.decoder.input(model.embedded([last])), state: &state, memory: memory,
                layout: layout,
                dropout: &dropout)
            let scores = model.output.logits(output.vectors, context: nil).logSoftmax().values
            var best = 0
            for index in scores.indices where scores[index] > scores[best] { best = index }
            logProbabilities.append(scores[best])
            last = Int32(best)
            if last == TranslationModel.endToken { break }
            tokens.append(last)
        }
        return (tokens, logProbabilities)
    }

    @Test(arguments: Variant.all) func aBeamOfOneIsGreedy(_ variant: Variant) throws {
        let model = try variant.model()
        let options = DecodingOptions(beam: 1)
        let sources = drawTokens(
            [4, 1, 7, 2, 2, 9], below: Variant.vocabulary, seed: 3)
        let found = BeamSearch(model, options: options)(model.source(sources))
        #expect(found.count == sources.count)
        for (source, hypotheses) in zip(sources, found) {
            let expected = greedy(model, source, maximumLength: 2 * source.count + 5)
            let hypothesis = try #require(hypotheses.first)
            #expect(hypotheses.count == 1 && hypothesis.tokens == expected.tokens)
            #expect(
                hypothesis.isComplete == (expected.tokens.count < expected.logProbabilities.count))
            for (a, b) in zip(hypothesis.tokenLogProbabilities, expected.logProbabilities) {
                #expect(abs(a - b) < 1e-5)
            }
            let sum = expected.logProbabilities.reduce(0, +)
            #expect(abs(hypothesis.logProbability - sum) < 1e-4)
            #expect(
                abs(hypothesis.score - sum / Float(expected.logProbabilities.count)) < 1e-4)
        }
        #expect(Set(found.map { $0[0].tokens }).count > 3)
        #expect(found.contains { $0[0].isComplete })
    }

    /// All outputs of at most `length` tokens, the end counted, with their log-probabilities.
    private func everything(
        _ model: TranslationModel, _ source: [Int32], length: Int
    ) -> [(tokens: [Int32], logProbability: Float, length: Int)] {
        let words = (0..<Int32(model.targetVocabulary)).filter { $0 != TranslationModel.endToken }
        var outputs: [(tokens: [Int32], isComplete: Bool)] = []
        var prefixes: [[Int32]] = [[]]
        for _ in 0..<length {
            outputs += prefixes.map { ($0, true) }
            prefixes = prefixes.flatMap { prefix in words.map { prefix + [$0] } }
        }
        outputs += prefixes.map { ($0, false) }
        let scores = model.tokenLogProbabilities(
            model.batch(outputs.map { (source[...], $0.tokens[...]) }))
        return zip(outputs, scores).map { output, scores in
            let used = output.isComplete ? scores : scores.dropLast()
            return (output.tokens, used.reduce(0, +), used.count)
        }
    }

    @Test(
        arguments: [
            Variant(), .feeding, Variant("no attention") { $0.attention.score = .none },
            Variant("bahdanau") { $0.decoder.type = .bahdanau },
            Variant("transformer") {
                $0.encoder.type = .transformer
                $0.decoder.type = .transformer
            },
        ],
        [Float(0), 1, 0.6])
    func aWideBeamIsExhaustive(_ variant: Variant, _ penalty: Float) throws {
        for (vocabulary, length) in [(4, 4), (5, 3)] {
            let model = try variant.model(vocabulary: vocabulary, seed: 5)
            let beam = (0..<length).reduce(1) { size, _ in size * vocabulary }
            let options = DecodingOptions(
                beam: beam, nBest: 12, lengthPenalty: penalty, ratio: 0, offset: length)
            let source: [Int32] = [3, 3, 2, 1].suffix(vocabulary - 2)
            let found = BeamSearch(model, options: options)(model.source([source]))[0]
            func score(_ output: (tokens: [Int32], logProbability: Float, length: Int)) -> Double {
                var divisor = 1.0
                if penalty == 1 { divisor = Double(output.length) }
                if penalty == 0.6 { divisor = Self.power06[output.length] }
                return Double(output.logProbability) / divisor
            }
            let expected = everything(model, source, length: length)
                .sorted { score($0) > score($1) }.prefix(12)
            #expect(found.count == 12)
            for (hypothesis, output) in zip(found, expected) {
                #expect(abs(Double(hypothesis.score) - score(output)) < 1e-4)
                #expect(hypothesis.tokens == output.tokens, "\(vocabulary) words")
                #expect(abs(hypothesis.logProbability - output.logProbability) < 1e-4)
            }
        }
    }

    /// n^0.6.
    private static let power06 = [0, 1, 1.5157165665103982, 1.9331820449317627, 2.2973967099940698]

    /// What a source gets does not depend on the other sources or their order, to the bit.
    @Test(arguments: Variant.all, [1, 4]) func batchComposition(_ variant: Variant, _ beam: Int)
        throws
    {
        let model = try variant.model()
        let lengths = [5, 1, 8, 3, 3, 12, 2, 6, 4, 4, 1, 9, 7, 10, 5, 3, 2, 11]
        let sources = drawTokens(lengths, below: Variant.vocabulary, seed: 9)
        let search = BeamSearch(
            model, options: DecodingOptions(beam: beam, nBest: min(beam, 3)), keepsAlignments: true)
        let alone = sources.map { search(model.source([$0]))[0] }
        #expect(Set(alone.map { $0[0].tokens }).count > 6)
        let compositions = [
            Array(sources.indices), Array(sources.indices.reversed()), [2, 2, 2], [5, 0],
            Array(sources.indices.filter { $0 % 2 == 1 }) + [0, 0, 4],
        ]
        for composition in compositions {
            let found = search(model.source(composition.map { sources[$0] }))
            for (index, hypotheses) in zip(composition, found) {
                #expect(hypotheses.count == alone[index].count)
                for (a, b) in zip(hypotheses, alone[index]) {
                    #expect(a.tokens == b.tokens && a.isComplete == b.isComplete)
                    #expect(a.logProbability == b.logProbability && a.score == b.score)
                    #expect(a.tokenLogProbabilities == b.tokenLogProbabilities)
                    #expect(a.alignment == b.alignment)
                }
            }
        }
    }

    /// Wide products are cut into blocks in other ways than narrow ones.
    @Test(
        arguments: [
            Variant("feeding", hidden: 160) { $0.decoder.hasInputFeeding = true },
            Variant("bahdanau", hidden: 160) { $0.decoder.type = .bahdanau },
            Variant("transformer", hidden: 160) {
                $0.encoder.type = .transformer
                $0.decoder.type = .transformer
            },
        ])
    func batchCompositionOfWideModels(_ variant: Variant) throws {
        let model = try variant.model(vocabulary: 300, seed: 1)
        let sources = drawTokens((0..<70).map { 1 + $0 % 8 }, below: 300, seed: 9)
        for precision in Precision.allCases {
            Precision.$current.withValue(precision) {
                for beam in [1, 3] {
                    let search = BeamSearch(model, options: DecodingOptions(beam: beam))
                    let all = search(model.source(sources))
                    for index in [0, 7, 12, 33, 69] {
                        let alone = search(model.source([sources[index]]))[0][0]
                        #expect(alone.tokens == all[index][0].tokens)
                        #expect(alone.tokenLogProbabilities == all[index][0].tokenLogProbabilities)
                    }
                }
            }
        }
    }

    @Test(arguments: Variant.all) func alignments(_ variant: Variant) throws {
        let model = try variant.model()
        let sources = drawTokens([3, 6], below: Variant.vocabulary, seed: 2)
        let options = DecodingOptions(beam: 3, nBest: 3)
        let found = BeamSearch(model, options: options, keepsAlignments: true)(
            model.source(sources))
        for (source, hypotheses) in zip(sources, found) {
            for hypothesis in hypotheses {
                if !variant.configuration.hasAttention {
                    #expect(hypothesis.alignment.isEmpty)
                    continue
                }
                #expect(hypothesis.alignment.count == hypothesis.tokens.count)
                for row in hypothesis.alignment {
                    let sum = row.reduce(0, +)
                    #expect(row.count == variant.memorySteps(source.count))
                    #expect(variant.sumsToOne ? abs(sum - 1) < 1e-5 : sum < 1 + 1e-5)
                    #expect(row.allSatisfy { $0 >= 0 })
                }
            }
        }
        let without = BeamSearch(model, options: options)(model.source(sources))
        #expect(without[0][0].alignment.isEmpty && without[0][0].tokens == found[0][0].tokens)
    }

    @Test(arguments: Variant.all, [Float(0), 1]) func nBestIsSortedAndDistinct(
        _ variant: Variant, _ penalty: Float
    ) throws {
        let model = try variant.model()
        let sources = drawTokens([3, 1, 6], below: Variant.vocabulary, seed: 2)
        let options = DecodingOptions(beam: 6, nBest: 6, lengthPenalty: penalty)
        for hypotheses in BeamSearch(model, options: options)(model.source(sources)) {
            #expect(hypotheses.count == 6)
            #expect(Set(hypotheses.map { $0.tokens + ($0.isComplete ? [2] : []) }).count == 6)
            for (better, worse) in zip(hypotheses, hypotheses.dropFirst()) {
                #expect(better.score >= worse.score)
            }
            for hypothesis in hypotheses {
                let length = hypothesis.tokens.count + (hypothesis.isComplete ? 1 : 0)
                #expect(hypothesis.tokenLogProbabilities.count == length)
                let sum = hypothesis.tokenLogProbabilities.reduce(0, +)
                #expect(abs(sum - hypothesis.logProbability) < 1e-4)
                let score = penalty == 0 ? sum : sum / Float(length)
                #expect(abs(score - hypothesis.score) < 1e-4)
                #expect(!hypothesis.tokens.contains(TranslationModel.endToken))
            }
        }
    }

    @Test(arguments: [1, 2, 3]) func theLengthLimit(_ limit: Int) throws {
        let model = try Variant().model()
        let source = drawTokens([5], below: Variant.vocabulary, seed: 2)
        var options = DecodingOptions(beam: 4, nBest: 4, ratio: 0, offset: limit)
        for hypothesis in BeamSearch(model, options: options)(model.source(source))[0] {
            #expect(hypothesis.tokenLogProbabilities.count <= limit)
            #expect(hypothesis.isComplete || hypothesis.tokens.count == limit)
        }
        // Of 5 source tokens 0.5 times, rounded down, and the offset.
        options.maximumLengthRatio = 0.5
        let found = BeamSearch(model, options: options)(model.source(source))[0]
        #expect(found.allSatisfy { $0.tokenLogProbabilities.count <= 2 + limit })
    }

    @Test func aBeamWiderThanTheVocabulary() throws {
        let model = try Variant().model(vocabulary: 4, seed: 5)
        let options = DecodingOptions(beam: 9, nBest: 9, ratio: 0, offset: 2)
        let found = BeamSearch(model, options: options)(model.source([[3]]))[0]
        // Of two steps there are 1 + 3 · 4 outputs, of which the beam holds nine.
        #expect(found.count == 9)
        #expect(BeamSearch(model, options: options)(model.source([[Int32]]())).isEmpty)
    }
}
