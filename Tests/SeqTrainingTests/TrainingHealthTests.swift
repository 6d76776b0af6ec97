import SeqMetrics
import SeqModels
import SeqNN
import Testing

@testable import SeqTraining

@Suite struct TrainingHealthTests {
    /// Measures of good translations.
    private func good() -> OutputHealth {
        let outputs = (0..<100).map { index in
            let words = ["the", "red", "house", "number", "\(index)", "."]
            let text = words.joined(separator: " ")
            return OutputHealth.Output(
                source: "das rote Haus \(index)", reference: text, referenceTokens: words,
                text: text, tokens: words, isCut: false)
        }
        return OutputHealth(outputs, unknownToken: "<unk>")
    }

    private func warnings(
        _ model: ModelConfiguration = ModelConfiguration(), _ change: (inout OutputHealth) -> Void
    ) -> [String] {
        var health = good()
        change(&health)
        return TrainingHealth.warnings(health, model)
    }

    /// The one warning there is.
    private func warning(
        _ model: ModelConfiguration = ModelConfiguration(), _ change: (inout OutputHealth) -> Void
    ) -> String {
        let found = warnings(model, change)
        #expect(found.count == 1, "\(found)")
        return found.first ?? ""
    }

    // MARK: Outputs

    @Test func `good outputs are not warned of`() {
        #expect(warnings { _ in } == [])
        #expect(
            warnings {
                ($0.lengthRatio, $0.repetition, $0.unknown) = (0.85, 0.04, 0.02)
                ($0.empty, $0.cut, $0.mostFrequent, $0.copied) = (0.01, 0.04, 0.2, 0.08)
                $0.repeatedFourGrams = 0.04
            } == [])
        #expect(warnings { $0.lengthRatio = 1.2 } == [])
    }

    @Test func `what references have too is not warned of`() {
        // Digits to be copied: they repeat, references are the same as sources, and many are alike.
        #expect(
            warnings {
                ($0.repetition, $0.referenceRepetition) = (0.6, 0.58)
                ($0.repeatedFourGrams, $0.referenceRepeatedFourGrams) = (0.3, 0.2)
                ($0.copied, $0.referenceCopied) = (1, 1)
                ($0.mostFrequent, $0.referenceMostFrequent) = (0.6, 0.5)
            } == [])
    }

    @Test func `each flaw is named with its cause`() {
        #expect(
            warning { $0.lengthRatio = 0.62 }
                == "outputs stop too early (length ratio 0.62): raise decoding.length_penalty")
        #expect(
            warning { $0.lengthRatio = 1.5 }.hasPrefix(
                "outputs run on too long (length ratio 1.5): "))
        #expect(
            warning { $0.empty = 0.04 }
                == "4 % of outputs are empty: raise decoding.length_penalty")
        #expect(
            warning { $0.cut = 0.1 }.hasSuffix(
                "raise decoding.maximum_length_ratio or decoding.maximum_length_offset"))
        #expect(
            warning {
                ($0.cut, $0.lengthRatio) = (0.1, 1.1)
            }.contains("does not know where to stop"))
        let unknown = warning { $0.unknown = 0.08 }
        #expect(unknown.hasPrefix("8 % of output tokens are unknown: the vocabulary is too small"))
        #expect(unknown.contains("--replace-unknown"))
        #expect(
            warning { $0.copied = 0.3 }.hasPrefix("30 % of outputs are copies of their source: "))
        #expect(
            warning { $0.repeatedFourGrams = 0.2 }.hasPrefix(
                "20 % of four-token sequences are repetitions: train longer"))
    }

    @Test func `repetition has the remedies that suit the model`() {
        var model = ModelConfiguration()
        let text = "12 % of outputs repeat themselves: train longer"
        func found() -> String { warning(model) { $0.repetition = 0.12 } }
        #expect(
            found()
                == text
                + ", or try model.attention.coverage, or try model.decoder.input_feeding: true")
        model.decoder.hasInputFeeding = true
        #expect(found() == text + ", or try model.attention.coverage")
        model.decoder.type = .transformer
        #expect(found() == text)
    }

    @Test func `one sentence for all says that the source is ignored`() {
        let cause =
            "the same sentence: the model ignores the source; check that source and target files correspond line by line"
        // Whatever else is wrong with that sentence.
        #expect(
            warning {
                ($0.mostFrequent, $0.lengthRatio, $0.repetition, $0.unknown) = (1, 0.3, 1, 0.5)
            } == "every output is \(cause)")
        #expect(warning { $0.mostFrequent = 0.72 } == "72 % of outputs are \(cause)")
        let unknown = warning { ($0.mostFrequent, $0.unknown) = (1, 0.9) }
        #expect(unknown.contains("90 % of output tokens are unknown"))
        #expect(unknown.contains("minimum_count") && !unknown.contains("line by line"))
    }

    // MARK: When

    private func result(
        epoch: Int, step: Int = 5000, perplexity: Double = 10, training: Double? = 11,
        isBad: Bool = true
    ) -> ValidationResult {
        var result = ValidationResult(step: step, epoch: epoch, perplexity: perplexity)
        result.trainingPerplexity = training
        result.health = good()
        if isBad { result.health?.lengthRatio = 0.5 }
        return result
    }

    private func count(_ result: ValidationResult, frequency: Double = 400) -> Int {
        var health = TrainingHealth()
        return health.warnings(result, frequency: frequency, model: ModelConfiguration()).count
    }

    @Test func `nothing is said of the beginning`() {
        #expect(count(result(epoch: 1)) == 0)
        #expect(count(result(epoch: 2)) == 1)
        #expect(count(result(epoch: 2, perplexity: 101)) == 0)
        #expect(count(result(epoch: 3, perplexity: 101)) == 0)
        #expect(count(result(epoch: 4, perplexity: 101)) == 1)
        #expect(count(result(epoch: 4, step: 999, perplexity: 101)) == 0)
        #expect(count(result(epoch: 9, isBad: false)) == 0)
    }

    @Test func `nothing is said while the perplexity falls fast`() {
        var health = TrainingHealth()
        let counts = [60, 22, 9.6, 7.3, 5.4, 5.2].map { perplexity in
            health.warnings(
                result(epoch: 2, perplexity: perplexity, training: nil), frequency: 400,
                model: ModelConfiguration()
            ).count
        }
        #expect(counts == [1, 0, 0, 1, 0, 1])
    }

    @Test func `few outputs are not judged`() {
        var few = result(epoch: 5)
        few.health?.outputs = 19
        #expect(count(few) == 0)
        few.health = nil
        #expect(count(few) == 0)
    }

    // MARK: Perplexities

    /// The warnings of one validation after the other, from the second epoch on.
    private func run(_ perplexities: [(validation: Double, training: Double)]) -> [[String]] {
        var health = TrainingHealth()
        return perplexities.enumerated().map { index, pair in
            health.warnings(
                result(
                    epoch: index + 2, perplexity: pair.validation, training: pair.training,
                    isBad: false), frequency: 400, model: ModelConfiguration())
        }
    }

    @Test func `a validation perplexity that rises while training's falls is overfitting`() throws {
        let found = run([(9, 10), (8, 7), (8.2, 6), (8.5, 5), (9.1, 4), (9.6, 3), (7.9, 2.9)])
        #expect(found.map(\.count) == [0, 0, 0, 0, 1, 1, 0])
        #expect(
            found[4] == [
                "validation perplexity has risen from 8.0 to 9.1 while training's fell from 7.0 to 4.0: the model learns the corpus by heart; lower training.epochs, raise model.dropout, or give more data"
            ])
        // Both rise: not that.
        #expect(run([(8, 7), (8.5, 8), (9, 9), (9.5, 10), (10, 11)]).flatMap { $0 } == [])
        // It stays, or moves within noise.
        #expect(run([(8, 7), (8.1, 6), (8.2, 5), (8.3, 5), (8.2, 5)]).flatMap { $0 } == [])
    }

    @Test func `a validation perplexity far below training's is leakage`() {
        let found = run([(4, 10), (3.4, 9.2), (3.2, 9)])
        #expect(found.map(\.count) == [0, 1, 1])
        #expect(
            found[1] == [
                "validation perplexity 3.4 is far below training's 9.2: look for validation pairs in the training corpus with seq2seq check-data"
            ])
        // Where training falls fast, its mean over an epoch lags behind.
        #expect(run([(30, 90), (8, 30), (3, 10), (1.2, 4), (1.1, 1.3)]).flatMap { $0 } == [])
        // Dropout and label smoothing make training look worse.
        #expect(run([(6, 11), (5, 10), (4.8, 9.8)]).flatMap { $0 } == [])
    }

    @Test func `frequencies alone give the perplexity of the mixture`() {
        // Four tokens and an end, all equally frequent.
        #expect(abs(TrainingHealth.frequencyPerplexity([["a", "b", "c", "d"]]) - 5) < 1e-12)
        #expect(TrainingHealth.frequencyPerplexity([[], []]) == 1)
        #expect(TrainingHealth.frequencyPerplexity([]).isFinite)
    }

    // MARK: Improvement

    @Test func `patience wants changes of the least size, best does not`() {
        var tracker = ImprovementTracker(.bleu)
        func take(_ value: Double) -> [Int] {
            [tracker.update(value, minimumChange: 0.5) ? 1 : 0, tracker.validationsWithout]
        }
        #expect(take(20) == [1, 0])
        #expect(take(20.3) == [1, 1])
        #expect(take(20.4) == [1, 2])
        // Small steps add up.
        #expect(take(20.5) == [1, 0])
        #expect(take(20.5) == [0, 1])
        #expect(take(21) == [1, 0])
        #expect(take(19) == [0, 1])
        #expect(take(.nan) == [0, 2])
        #expect(tracker.best == 21)
        var errors = ImprovementTracker(.ter)
        let counts = [50, 49.5, 48.9].map { value in
            [errors.update(value, minimumChange: 1) ? 1 : 0, errors.validationsWithout]
        }
        #expect(counts == [[1, 0], [1, 1], [1, 0]])
    }
}
