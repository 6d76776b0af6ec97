import SeqFiles
import SeqDecoding
import SeqModels
import SeqTensor
import SeqText
import TestSupport
import Testing

/// Translation and scoring of many texts.
struct TranslatorTests {
    private let texts = ["a b c", "", "d", "e f g h i a b", "   ", "c c", "b x a", "i h g f"]

    @Test(arguments: Variant.all, [1, 4]) func scoresAreThoseOfTranslation(
        _ variant: Variant, _ beam: Int
    ) throws {
        var translator = try variant.translator()
        translator.options = DecodingOptions(beam: beam, nBest: beam)
        let sources = drawTokens(
            [4, 1, 7, 2, 2, 9, 5, 3, 8, 1, 1, 6], below: Variant.vocabulary, seed: 3)
        let hypotheses = try translator.search(sources)
        let pairs = zip(sources, hypotheses).flatMap { source, candidates in
            candidates.map { (source: source, target: $0.tokens) }
        }
        var complete = 0
        for (hypothesis, scored) in zip(hypotheses.joined(), try translator.score(pairs)) {
            #expect(scored.tokenLogProbabilities.count == hypothesis.tokens.count + 1)
            for (a, b) in zip(hypothesis.tokenLogProbabilities, scored.tokenLogProbabilities) {
                #expect(abs(a - b) < 1e-4)
            }
            #expect(abs(scored.tokenLogProbabilities.reduce(0, +) - scored.logProbability) < 1e-4)
            // Scoring counts an end that a hypothesis at the length limit does not have.
            guard hypothesis.isComplete else { continue }
            #expect(abs(hypothesis.logProbability - scored.logProbability) < 1e-4)
            complete += 1
        }
        #expect(complete >= 3)
    }

    /// Batches are cut by size and threads; that must not show.
    @Test(arguments: Variant.all) func batchSizesDoNotMatter(_ variant: Variant) throws {
        var translator = try variant.translator()
        translator.options = DecodingOptions(beam: 3, nBest: 2)
        let many = (0..<40).map { texts[$0 % texts.count] + ($0 % 3 == 0 ? " a" : "") }
        let whole = try translator.translate(many)
        translator.options.batchSize = 3
        let cut = try translator.translate(many)
        for (index, (a, b)) in zip(whole, cut).enumerated() {
            #expect(a.map(\.text) == b.map(\.text) && a.map(\.score) == b.map(\.score))
            let alone = try translator.translate(many[index])
            #expect(alone.text == a[0].text && alone.logProbability == a[0].logProbability)
        }
    }

    @Test func textsWithoutTokens() throws {
        var translator = try Variant().translator()
        translator.keepsAlignments = true
        for nBest in [1, 3] {
            translator.options.nBest = nBest
            let found = try translator.translate(["", "a", "  "])
            for index in [0, 2] {
                #expect(found[index].count == 1)
                let nothing = found[index][0]
                #expect(nothing.text.isEmpty && nothing.tokens.isEmpty && nothing.alignment.isEmpty)
                #expect(nothing.score == 0 && nothing.logProbability == 0)
            }
            #expect(found[1].count == nBest)
        }
        #expect(try translator.translate([String]()).isEmpty)
        #expect(try translator.score([(source: String, target: String)]()).isEmpty)
        let scored = try translator.score([(source: "", target: ""), (source: "a", target: "")])
        // Nothing is answered with nothing without asking the model.
        #expect(scored[0].logProbability == 0 && scored[0].tokenLogProbabilities.isEmpty)
        #expect(scored[1].tokenLogProbabilities.count == 1 && scored[1].logProbability < 0)
    }

    @Test func translationsSayWhatHypothesesSay() throws {
        var translator = try Variant().translator()
        translator.keepsAlignments = true
        let translation = try translator.translate("a b c")
        let hypothesis = try translator.search([translator.folder.source.encode("a b c")])[0][0]
        #expect(
            translation.tokens == hypothesis.tokens.map { translator.folder.target.token(of: $0) })
        #expect(translation.text == translator.folder.target.decode(hypothesis.tokens))
        #expect(translation.score == hypothesis.score)
        #expect(translation.tokenLogProbabilities == hypothesis.tokenLogProbabilities)
        #expect(translation.alignment == hypothesis.alignment)
    }

    /// Whatever the encoder reads, an alignment has a weight for each token of the source.
    @Test(arguments: Variant.all) func alignmentsAreThoseOfTheSource(_ variant: Variant) throws {
        var translator = try variant.translator()
        translator.keepsAlignments = true
        let sources = ["a b c d", "e", "f g h i a", "b b", "c d e f g h i"]
        for (source, found) in zip(sources, try translator.translate(sources)) {
            let rows = found[0].alignment
            #expect(
                rows.isEmpty == (!variant.configuration.hasAttention || found[0].tokens.isEmpty))
            #expect(rows.isEmpty || rows.count == found[0].tokens.count)
            for row in rows {
                #expect(row.count == source.split(separator: " ").count)
                #expect(row.allSatisfy { $0 >= 0 })
                let sum = row.reduce(0, +)
                #expect(sum < 1.00001)
                if variant.sumsToOne, !variant.configuration.encoder.hasEndToken {
                    #expect(sum > 0.99999)
                }
            }
        }
    }

    /// Columns of an alignment stand for the source's tokens in their own order.
    @Test func alignmentsOfReversedSources() throws {
        var translator = try Variant("reversed") { $0.encoder.reversesSource = true }.translator()
        translator.keepsAlignments = true
        let translation = try translator.translate("a b c d")
        let hypothesis = try translator.search([translator.folder.source.encode("a b c d")])[0][0]
        #expect(!translation.alignment.isEmpty)
        #expect(translation.alignment == hypothesis.alignment.map { $0.reversed() })
    }

    /// The end token that the encoder reads last is no token of the source.
    @Test func alignmentsOfReversedSourcesWithAnEnd() throws {
        let variant = Variant("reversed, end token") {
            $0.encoder.reversesSource = true
            $0.encoder.hasEndToken = true
        }
        var translator = try variant.translator()
        translator.keepsAlignments = true
        let translation = try translator.translate("a b c d")
        let hypothesis = try translator.search([translator.folder.source.encode("a b c d")])[0][0]
        #expect(!translation.alignment.isEmpty)
        #expect(hypothesis.alignment.allSatisfy { $0.count == 5 })
        #expect(translation.alignment == hypothesis.alignment.map { $0.dropLast().reversed() })
    }

    /// A step of a pyramid shares its weight among the tokens that it joins.
    @Test func alignmentsOfPyramids() throws {
        var translator = try Variant("pyramid") { $0.encoder.type = .pyramidal }.translator()
        translator.keepsAlignments = true
        let translation = try translator.translate("a b c d e")
        let hypothesis = try translator.search([translator.folder.source.encode("a b c d e")])[0][0]
        #expect(!translation.alignment.isEmpty)
        #expect(hypothesis.alignment.allSatisfy { $0.count == 3 })
        for (row, steps) in zip(translation.alignment, hypothesis.alignment) {
            #expect(row == [steps[0] / 2, steps[0] / 2, steps[1] / 2, steps[1] / 2, steps[2]])
        }
        let reversed = try Variant("pyramid, reversed, end token") {
            $0.encoder.type = .pyramidal
            $0.encoder.reversesSource = true
            $0.encoder.hasEndToken = true
        }.model(vocabulary: Variant.vocabulary, seed: 1)
        // The encoder reads e d, c b, and a with the end.
        #expect(
            reversed.sourceWeights([0.5, 0.25, 0.125], sourceLength: 5)
                == [0.0625, 0.125, 0.125, 0.25, 0.25])
        // And d c, b a, and the end alone.
        #expect(
            reversed.sourceWeights([0.5, 0.25, 0.125], sourceLength: 4)
                == [0.125, 0.125, 0.25, 0.25])
    }

    /// Models that copy find and score words that only the source has, alone as in a batch.
    @Test(arguments: Variant.copying) func copiedWordsAreScoredAsTheyAreFound(
        _ variant: Variant
    ) throws {
        let texts = ["a X b", "Y", "c d e", "Z Y Z f", "X g Y h Z i", "</s> a"]
        let translator = try variant.copyingTranslator(of: texts)
        let codec = translator.folder.target
        let sources = texts.map { codec.encode($0) }
        let copies = texts.map { codec.copyEncoding(of: codec.tokens($0)).targets }
        let found = try translator.search(sources, copies: copies)
        let pairs = found.indices.flatMap { index in
            found[index].map {
                TranslationPair(
                    source: sources[index][...], target: $0.tokens[...], copies: copies[index][...])
            }
        }
        var complete = 0
        for (hypothesis, scored) in zip(found.joined(), try translator.score(pairs)) {
            for (a, b) in zip(hypothesis.tokenLogProbabilities, scored.tokenLogProbabilities) {
                #expect(abs(a - b) < 1e-4)
            }
            guard hypothesis.isComplete else { continue }
            #expect(abs(hypothesis.logProbability - scored.logProbability) < 1e-4)
            complete += 1
        }
        #expect(complete >= 3)
        for index in sources.indices {
            let alone = try translator.search([sources[index]], copies: [copies[index]])[0]
            #expect(alone.map(\.tokens) == found[index].map(\.tokens))
            #expect(alone.map(\.logProbability) == found[index].map(\.logProbability))
        }
        // Texts are spelt with the words of their own source.
        for (text, translations) in zip(texts, try translator.translate(texts)) {
            let known = Set(codec.vocabulary.tokens + codec.tokens(text))
            #expect(translations.allSatisfy { $0.tokens.allSatisfy(known.contains) })
        }
    }

    @Test func textAndTokensAreScoredAlike() throws {
        let translator = try Variant().translator()
        let (source, target) = (translator.folder.source, translator.folder.target)
        let pairs = [(source: "a b", target: "c d"), (source: "e", target: "f g h")]
        let byText = try translator.score(pairs)
        let byTokens = try translator.score(
            pairs.map { (source: source.encode($0.source), target: target.encode($0.target)) })
        #expect(byText.map(\.logProbability) == byTokens.map(\.logProbability))
        #expect(byText.map(\.tokenLogProbabilities.count) == [3, 4])
    }

    @Test(arguments: Precision.allCases) func oneThreadAndTwoAgree(_ precision: Precision) async {
        // Exit tests take no arguments along.
        if precision == .float32 {
            await #expect(processExitsWith: .success) { try compareThreads(.float32) }
        } else {
            await #expect(processExitsWith: .success) { try compareThreads(.bfloat16) }
        }
    }

    static let refused: [(@Sendable (inout DecodingOptions) -> Void, String)] = [
        ({ $0.beamSize = 0 }, "decoding.beam_size is 0"),
        ({ $0.beamSize = 1001 }, "decoding.beam_size is 1001"),
        ({ $0.nBest = 6 }, "decoding.n_best is 6"), ({ $0.nBest = 0 }, "decoding.n_best is 0"),
        ({ $0.lengthPenalty = -1 }, "decoding.length_penalty is -1.0"),
        ({ $0.lengthPenalty = .nan }, "decoding.length_penalty is nan"),
        ({ $0.maximumLengthRatio = .infinity }, "decoding.maximum_length_ratio is inf"),
        ({ $0.maximumLengthOffset = 0 }, "decoding.maximum_length_offset is 0"),
        ({ $0.batchSize = 0 }, "decoding.batch_size is 0"),
    ]

    @Test(arguments: refused.indices) func optionsThatMakeNoSense(_ index: Int) throws {
        let (change, reason) = Self.refused[index]
        var translator = try Variant().translator()
        change(&translator.options)
        let error = #expect(throws: Seq2SeqError.self) { try translator.translate("a") }
        #expect(error?.reason == reason && error?.kind == .badConfiguration)
    }

    /// A translator may be used from many tasks at once.
    @Test func manyTasks() async throws {
        let translator = try Variant().translator()
        let expected = try translator.translate(texts).map { $0[0].text }
        try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<6 {
                group.addTask { try translator.translate(texts).map { $0[0].text } }
            }
            for try await found in group { #expect(found == expected) }
        }
    }
}

/// Translates and scores with one thread and with two.
private func compareThreads(_ precision: Precision) throws {
    var translator = try Variant.feeding.translator()
    translator.precision = precision
    translator.options = DecodingOptions(beam: 3, nBest: 3)
    let sources = drawTokens((0..<40).map { 1 + $0 % 9 }, below: Variant.vocabulary, seed: 8)
    let pairs = zip(sources, sources.reversed()).map { (source: $0, target: $1) }
    ThreadTeam.count = 1
    let (found, scores) = (try translator.search(sources), try translator.score(pairs))
    ThreadTeam.count = 2
    for (a, b) in zip(found, try translator.search(sources)) {
        #expect(a.map(\.tokens) == b.map(\.tokens) && a.map(\.score) == b.map(\.score))
    }
    for (a, b) in zip(scores, try translator.score(pairs)) {
        #expect(a.tokenLogProbabilities == b.tokenLogProbabilities)
    }
}
