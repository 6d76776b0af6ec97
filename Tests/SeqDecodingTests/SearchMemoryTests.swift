import SeqFiles
import SeqData
import SeqDecoding
import SeqModels
import SeqTensor
import TestSupport
import Testing

/// Search and scoring within a limit of memory.
struct SearchMemoryTests {
    private let sources = drawTokens(
        [4, 1, 7, 2, 2, 9, 5, 3, 8, 1, 1, 6], below: Variant.vocabulary, seed: 3)

    private func isSame(_ a: [[Hypothesis]], _ b: [[Hypothesis]]) -> Bool {
        a.count == b.count
            && zip(a, b).allSatisfy { a, b in
                a.map(\.tokens) == b.map(\.tokens)
                    && a.map(\.tokenLogProbabilities) == b.map(\.tokenLogProbabilities)
                    && a.map(\.alignment) == b.map(\.alignment)
            }
    }

    @Test(arguments: Variant.all) func `a limit changes no result`(_ variant: Variant) throws {
        var translator = try variant.translator()
        translator.options = DecodingOptions(beam: 3, nBest: 2)
        translator.keepsAlignments = true
        let whole = try translator.search(sources)
        let pairs = zip(sources, whole).map { (source: $0, target: $1[0].tokens) }
        let scores = try translator.score(pairs).map(\.tokenLogProbabilities)
        // What the longest takes alone, so that batches are small and some have the machine to themselves.
        let longest = translator.searchBytes(source: 9)
        for share in [1, 2, 5] {
            translator.options.memory = "\(share * longest)B"
            #expect(isSame(try translator.search(sources), whole), "\(share)")
        }
        translator.options.memory = "1MB"
        #expect(try translator.score(pairs).map(\.tokenLogProbabilities) == scores)
    }

    @Test func `what does not fit even alone is refused before anything is searched`() throws {
        var translator = try Variant.all[15].translator()
        translator.options = DecodingOptions(beam: 3)
        translator.options.memory = "\(translator.searchBytes(source: 8))B"
        #expect(throws: Never.self) { try translator.checkFits(source: 8) }
        #expect(throws: Never.self) { try translator.checkFits("a b c d e f g h") }
        #expect(throws: Seq2SeqError.self) { try translator.checkFits("a b c d e f g h i") }
        let error = #expect(throws: Seq2SeqError.self) { try translator.search(sources) }
        #expect(error?.kind == .badData)
        #expect(error?.reason.hasPrefix("source 5: 9 tokens") == true, "\(error?.reason ?? "")")
        let long = Array(repeating: Int32(4), count: 3000)
        let refused = #expect(throws: Seq2SeqError.self) {
            try translator.score([(source: [4], target: [4]), (source: long, target: long)])
        }
        #expect(refused?.reason.hasPrefix("pair 1: ") == true, "\(refused?.reason ?? "")")
    }

    @Test(arguments: Variant.all)
    func `more of anything is held by more`(
        _ variant: Variant
    ) throws {
        var translator = try variant.translator()
        translator.options = DecodingOptions(beam: 2)
        let small = translator.searchBytes(source: 10)
        #expect(small > 0 && translator.searchBytes(source: 20) > small)
        translator.options.maximumLengthOffset += 50
        #expect(translator.searchBytes(source: 10) > small)
        translator.options = DecodingOptions(beam: 4)
        #expect(translator.searchBytes(source: 10) > small)
    }

    @Test func `a source that no memory could take is refused and overflows nothing`() throws {
        var translator = try Variant().translator()
        translator.options.beamSize = 1000
        #expect(throws: Seq2SeqError.self) { try translator.checkFits(source: .max / 4) }
        translator.options.maximumLengthRatio = 1000
        translator.options.maximumLengthOffset = 100_000
        #expect(throws: Seq2SeqError.self) { try translator.checkFits(source: 1 << 40) }
    }

    /// Of long outputs most of the history is dead ends; alignments must still be those of the tokens.
    @Test func `dead ends are forgotten and nothing else`() throws {
        let model = try Variant().model()
        var options = DecodingOptions(beam: 4, nBest: 4, ratio: 0, offset: 400)
        options.lengthPenalty = 1
        let source = model.source([[4, 5, 6], [7, 8]])
        for hypotheses in BeamSearch(model, options: options, keepsAlignments: true)(source) {
            for hypothesis in hypotheses {
                #expect(hypothesis.alignment.count == hypothesis.tokens.count)
                let end = hypothesis.isComplete ? 1 : 0
                #expect(hypothesis.tokenLogProbabilities.count == hypothesis.tokens.count + end)
                let sum = hypothesis.tokenLogProbabilities.reduce(0, +)
                #expect(abs(sum - hypothesis.logProbability) < 1e-2)
            }
        }
    }
}

/// What a caller may get wrong.
struct SearchRefusalTests {
    @Test(arguments: [Int32(-1), 12, .max, .min]) func `tokens that the model does not know`(
        _ token: Int32
    ) throws {
        let translator = try Variant().translator()
        let found = #expect(throws: Seq2SeqError.self) {
            try translator.search([[3], [4, token]])
        }
        #expect(found?.reason.contains("source 1: token \(token)") == true)
        for pair in [(source: [token], target: [Int32(3)]), (source: [3], target: [token])] {
            let found = #expect(throws: Seq2SeqError.self) { try translator.score([pair]) }
            #expect(found?.reason.contains("token \(token)") == true)
        }
    }

    @Test func `options out of range`() throws {
        let changes: [(inout DecodingOptions) -> Void] = [
            { $0.beamSize = 0 }, { $0.beamSize = -1 }, { $0.beamSize = .max }, { $0.nBest = 0 },
            { $0.nBest = 6 }, { $0.batchSize = 0 }, { $0.batchSize = .min },
            { $0.batchSize = .max }, { $0.lengthPenalty = .nan }, { $0.lengthPenalty = -1 },
            { $0.lengthPenalty = .infinity }, { $0.maximumLengthRatio = .nan },
            { $0.maximumLengthRatio = .infinity }, { $0.maximumLengthRatio = 1e38 },
            { $0.maximumLengthRatio = -1 }, { $0.maximumLengthOffset = .max },
            { $0.maximumLengthOffset = 0 }, { $0.maximumLengthOffset = .min },
            { $0.memory = "much" }, { $0.memory = "0GB" }, { $0.memory = "-1GB" },
            { $0.memory = "1e999GB" }, { $0.memory = "nanGB" },
        ]
        for (index, change) in changes.enumerated() {
            var translator = try Variant().translator()
            change(&translator.options)
            #expect(throws: Seq2SeqError.self, "\(index)") { try translator.search([[3]]) }
            #expect(throws: Seq2SeqError.self, "\(index)") { try translator.translate("a") }
            #expect(throws: Seq2SeqError.self, "\(index)") {
                try translator.score([(source: [3], target: [3])])
            }
        }
    }

    @Test func `copies that do not belong to the sources`() throws {
        let texts = ["a X b", "Y", "c d e", "Z Y Z f", "X g Y h Z i", "</s> a"]
        let translator = try Variant.copying[0].copyingTranslator(of: texts)
        #expect(throws: Seq2SeqError.self) { try translator.search([[3, 4]]) }
        #expect(throws: Seq2SeqError.self) { try translator.search([[3, 4]], copies: [[3]]) }
        #expect(throws: Seq2SeqError.self) { try translator.search([[3, 4]], copies: [[3, -1]]) }
        #expect(throws: Seq2SeqError.self) {
            try translator.search([[3, 4]], copies: [[3, .max]])
        }
        #expect(throws: Seq2SeqError.self) {
            try translator.score([(source: [3, 4], target: [3])])
        }
        #expect(throws: Never.self) { try translator.search([[3, 4]], copies: [[3, 4]]) }
        #expect(throws: Never.self) { try translator.search([]) }
    }

    @Test func `links of a scored pair are nobody's business`() throws {
        let translator = try Variant().translator()
        let pair = Example(
            source: [3, 4], target: [3], links: [.max, .max, -1, .min])
        let plain = Example(source: [3, 4], target: [3])
        #expect(
            try translator.score([pair])[0].logProbability
                == translator.score([plain])[0].logProbability)
    }
}
