import SeqTensor
import TestSupport
import Testing

/// The losses of output layers against differences and against their composition.
struct OutputOperationTests {
    private static func targets(_ rows: Int, _ vocabulary: Int) -> [Int32] {
        (0..<rows).map { Int32(($0 * 31 + 7) % vocabulary) }
    }

    /// A row of the target distribution for every step, ε spread over the first `words` columns.
    private static func goal(
        _ targets: [Int32], columns: Int, words: Int, _ epsilon: Float
    ) -> Tensor {
        var goal = [Float](repeating: 0, count: targets.count * columns)
        for (row, target) in targets.enumerated() {
            for word in 0..<words { goal[row * columns + word] = epsilon / Float(words) }
            goal[row * columns + Int(target)] += 1 - epsilon
        }
        return Tensor(goal, shape: [targets.count, columns])
    }

    private func expectEqual(
        _ fused: (value: Tensor, gradients: [Tensor]),
        _ composed: (value: Tensor, gradients: [Tensor]),
        tolerance: Double = 4e-6
    ) {
        #expect(abs(fused.value.item / composed.value.item - 1) < 3e-6)
        for (index, pair) in zip(fused.gradients, composed.gradients).enumerated() {
            #expect(distance(pair.0, pair.1) < tolerance, "variable \(index)")
        }
    }

    // MARK: A table as the weight

    @Test(arguments: [false, true]) func transposedLogits(_ isStored: Bool) {
        let variables = [
            Tensor.draw([9, 5], seed: 1), .draw([11, 5], seed: 2), .draw([11], seed: 3),
        ]
        let report = checkGradient(of: variables, storing: isStored ? [1] : []) { v in
            [OutputMatrix(weight: v[1], bias: v[2], isTransposed: true).logits(v[0])]
        }
        #expect(report.error < 1e-3, "\(report)")
        let logits = OutputMatrix(weight: variables[1], bias: variables[2], isTransposed: true)
            .logits(variables[0])
        let expected = affine([(variables[0], variables[1].transposed())], bias: variables[2])
        #expect(distance(logits, expected) < 1e-6)
    }

    /// 600 rows are two full blocks and a part of one.
    @Test(arguments: [0, 1, 256, 600], [false, true])
    func transposedCrossEntropy(_ rows: Int, _ isStored: Bool) {
        let table = Tensor.draw([37, 8], seed: 2)
        let variables = [
            Tensor.draw([rows, 8], seed: 1), isStored ? table.stored : table, .draw([37], seed: 3),
        ]
        let targets = Self.targets(rows, 37)
        let found = valueAndGradient(of: variables) {
            linearCrossEntropy(
                variables[0], weight: variables[1], bias: variables[2], isWeightTransposed: true,
                targets: targets, labelSmoothing: 0.1, scale: 0.3
            ).objective * 2
        }
        let expected = valueAndGradient(of: variables) {
            linearCrossEntropy(
                variables[0], weight: variables[1].transposed(), bias: variables[2],
                targets: targets, labelSmoothing: 0.1, scale: 0.3
            ).objective * 2
        }
        #expect(abs(found.value.item - expected.value.item) <= 2e-6 * expected.value.item)
        for (a, b) in zip(found.gradients, expected.gradients) { #expect(distance(a, b) < 3e-6) }
    }

    @Test(arguments: [Float(0), 0.1]) func panels(_ smoothing: Float) {
        // Two full panels and a part of one.
        let vocabulary = 20000
        let (hidden, weight) = (
            Tensor.draw([300, 8], seed: 1), Tensor.draw([vocabulary, 8], seed: 2)
        )
        let bias = Tensor.draw([vocabulary], seed: 3, scale: 4)
        let targets = Self.targets(300, vocabulary).map { ($0 * 977) % Int32(vocabulary) }
        let found = panelledCrossEntropy(
            hidden, weight: weight, bias: bias, targets: targets, labelSmoothing: smoothing,
            scale: 0.1)
        let expected = linearCrossEntropy(
            hidden, weight: weight, bias: bias, isWeightTransposed: true, targets: targets,
            labelSmoothing: smoothing, scale: 0.1)
        #expect(
            abs(found.negativeLogLikelihood / expected.negativeLogLikelihood - 1) < 1e-6)
        #expect(abs(found.smoothedLoss / expected.smoothedLoss - 1) < 1e-6)
        #expect(abs(found.objective.item / expected.objective.item - 1) < 1e-6)
        #expect(found.tokens == 300)
    }

    // MARK: Mixtures

    private func mixture(_ v: [Tensor], _ targets: [Int32], _ smoothing: Float) -> TokenLoss {
        mixtureCrossEntropy(
            v[0], logPrior: v[1].logSoftmax(),
            matrix: OutputMatrix(weight: v[2], bias: v[3]), targets: targets,
            labelSmoothing: smoothing, scale: 0.25)
    }

    private static func mixtureVariables(rows: Int, components: Int, vocabulary: Int) -> [Tensor] {
        [
            .draw([rows * components, 6], seed: 1, scale: 2), .draw([rows, components], seed: 2),
            .draw([6, vocabulary], seed: 3), .draw([vocabulary], seed: 4),
        ]
    }

    @Test(arguments: [Float(0), 0.1]) func mixtureGradient(_ smoothing: Float) {
        let variables = Self.mixtureVariables(rows: 5, components: 3, vocabulary: 9)
        let report = checkGradient(of: variables, elements: 40) { v in
            [mixture(v, Self.targets(5, 9), smoothing).objective.squared()]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    /// 200 rows of 3 components are more than two blocks; 600 words are more than a tile.
    @Test(arguments: [1, 200], [Float(0), 0.1])
    func mixtureAgainstComposition(_ rows: Int, _ smoothing: Float) {
        let (components, vocabulary) = (3, 600)
        let v = Self.mixtureVariables(rows: rows, components: components, vocabulary: vocabulary)
        let targets = Self.targets(rows, vocabulary)
        let goal = Self.goal(targets, columns: vocabulary, words: vocabulary, smoothing)
        let fused = valueAndGradient(of: v) { mixture(v, targets, smoothing).objective }
        let composed = valueAndGradient(of: v) {
            let softmax = affine([(v[0], v[2])], bias: v[3]).softmax()
            let prior = v[1].softmax().reshaped([rows * components, 1])
            let weighted = (softmax * prior).reshaped([rows, components * vocabulary])
            let p = (0..<components).map {
                weighted.columns($0 * vocabulary..<($0 + 1) * vocabulary)
            }
            return (p.sum().log() * goal).sum() * -0.25
        }
        expectEqual(fused, composed)
    }

    /// Probabilities far below what a Float holds still have a logarithm.
    @Test func mixtureOfExtremes() {
        let latents = Tensor([1000, -1000, -1000, 500], shape: [4, 1])
        let weight = Tensor([1, 0, -1], shape: [1, 3])
        let prior = Tensor([0.5, 0.5, 0.5, 0.5], shape: [2, 2]).log()
        let matrix = OutputMatrix(weight: weight, bias: nil)
        let found = mixtureLogProbabilities(latents, logPrior: prior, matrix: matrix).values
        #expect(abs(found[0] - -0.6931) < 1e-3 && abs(found[1] - -1000) < 1)
        #expect(abs(found[4] - -500.7) < 1)
        let variables = [latents, prior, weight]
        let (value, gradients) = valueAndGradient(of: variables) {
            mixtureCrossEntropy(latents, logPrior: prior, matrix: matrix, targets: [1, 1])
                .objective
        }
        #expect(abs(value.item - 1500.7) < 1)
        #expect(gradients.allSatisfy { $0.isFinite })
    }

    // MARK: Samples

    private static let sample = TokenSample(tokens: [3, 0, 8, 1, 12], draws: 7, vocabulary: 16)

    @Test(arguments: [Float(0), 0.1], [true, false])
    func sampledGradient(_ smoothing: Float, _ hasBias: Bool) {
        var variables = [Tensor.draw([6, 4], seed: 1), .draw([16, 4], seed: 2)]
        if hasBias { variables.append(.draw([16], seed: 3)) }
        let report = checkGradient(of: variables, elements: 64) { v in
            let loss = sampledCrossEntropy(
                v[0], weight: v[1], bias: hasBias ? v[2] : nil, targets: [3, 5, 8, 3, 15, 0],
                sample: Self.sample, labelSmoothing: smoothing, scale: 0.25)
            return [loss.objective.squared()]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    /// Blocks of rows do not change the loss: it is the sum over single rows.
    @Test func sampledBlocks() {
        let (hidden, weight) = (Tensor.draw([600, 8], seed: 1), Tensor.draw([16, 8], seed: 2))
        let targets = Self.targets(600, 16)
        func loss(_ range: Range<Int>) -> Double {
            sampledCrossEntropy(
                hidden.rows(range), weight: weight, bias: nil, targets: Array(targets[range]),
                sample: Self.sample
            ).negativeLogLikelihood
        }
        let single = (0..<600).reduce(0) { $0 + loss($1..<$1 + 1) }
        #expect(abs(loss(0..<600) / single - 1) < 1e-6)
        #expect(loss(0..<0) == 0)
    }

    @Test func samplesAreDistinctAndFollowTheProposal() {
        var generator = RandomGenerator(seed: 5)
        var counts = [Double](repeating: 0, count: 100)
        var expected = counts
        let repeats = 3000
        for _ in 0..<repeats {
            let sample = TokenSample(count: 10, vocabulary: 100, using: &generator)
            #expect(Set(sample.tokens).count == 10 && sample.draws >= 10)
            for token in sample.tokens { counts[Int(token)] += 1 / Double(repeats) }
            for token in 0..<100 {
                let single = Double(sample.logExpectedCount(Int32(token)))
                expected[token] += Double(Float(single).exponential) / Double(repeats)
            }
        }
        // The expected count takes the number of draws for given, which it is not quite.
        for token in 0..<100 {
            #expect(abs(counts[token] - expected[token]) < 0.05, "token \(token)")
        }
        #expect(abs(expected.reduce(0, +) - 10) < 0.6)
        var (one, other) = (RandomGenerator(seed: 1), RandomGenerator(seed: 1))
        #expect(
            TokenSample(count: 9, vocabulary: 40, using: &one).tokens
                == TokenSample(count: 9, vocabulary: 40, using: &other).tokens)
    }

    // MARK: Copying

    /// Two sources, the first with a repeated word and a word of its own.
    private static let memory = SequenceLayout(lengths: [4, 2])
    private static let source = CopySource(
        tokens: [2, 9, 2, 5, 10, 9], layout: memory, extendedVocabulary: 11)
    private static let layout = AttentionLayout(
        memory: memory, sequenceOfQuery: [0, 1, 0, 0, 1])
    private static let copyTargets: [Int32] = [2, 10, 9, 7, 3]
    private static let copyVariables: [Tensor] = [
        .draw([5, 4], seed: 1), .draw([4, 9], seed: 2), .draw([9], seed: 3), .draw([16], seed: 4),
        .draw([5], seed: 5),
    ]

    /// Positive weights of each row that sum to one.
    private func attention(_ scores: Tensor) -> Tensor {
        let starts = Self.layout.weightStarts.map(Int.init)
        let rows = (0..<5).map { row in
            scores.rows(starts[row]..<starts[row + 1]).reshaped([1, -1]).softmax()
        }
        return Tensor.concatenatingColumns(rows).reshaped([-1])
    }

    private func copying(_ v: [Tensor], isPointer: Bool) -> Copying {
        Copying(
            isPointer
                ? .pointer(gate: v[4], weights: attention(v[3])) : .joint(scores: v[3]),
            layout: Self.layout, source: Self.source)
    }

    @Test(arguments: [true, false], [Float(0), 0.1])
    func copyGradient(_ isPointer: Bool, _ smoothing: Float) {
        let report = checkGradient(of: Self.copyVariables, elements: 40) { v in
            let loss = copyCrossEntropy(
                v[0], matrix: OutputMatrix(weight: v[1], bias: v[2]),
                copying: copying(v, isPointer: isPointer), targets: Self.copyTargets,
                labelSmoothing: smoothing, scale: 0.25)
            return [loss.objective.squared()]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    @Test(arguments: [true, false]) func copyProbabilitiesSumToOne(_ isPointer: Bool) {
        let v = Self.copyVariables
        let matrix = OutputMatrix(weight: v[1], bias: v[2])
        let copying = copying(v, isPointer: isPointer)
        let all = copyLogProbabilities(v[0], matrix: matrix, copying: copying)
        #expect(all.shape == [5, 11])
        for sum in all.exp().sumOfColumns().values { #expect(abs(sum - 1) < 1e-5) }
        let loss = copyCrossEntropy(
            v[0], matrix: matrix, copying: copying, targets: Self.copyTargets)
        let chosen = copyLogProbabilities(
            v[0], matrix: matrix, copying: copying, targets: Self.copyTargets)
        for (row, target) in Self.copyTargets.enumerated() {
            #expect(chosen[row] == all.values[row * 11 + Int(target)])
        }
        #expect(abs(loss.negativeLogLikelihood + chosen.reduce(0) { $0 + Double($1) }) < 1e-5)
    }

    /// Own words of a source to which nothing attends have the least probability, and no gradient is
    /// infinite.
    @Test(arguments: [Float(0), 0.1]) func copyingWithoutProbability(_ smoothing: Float) {
        var v = Self.copyVariables
        let zero = Tensor([0, 0, 0.5, 0.5, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1])
        v[4] = Tensor([200, -200, 0, 300, -300])
        let matrix = OutputMatrix(weight: v[1], bias: v[2])
        let copying = Copying(
            .pointer(gate: v[4], weights: zero), layout: Self.layout, source: Self.source)
        let targets: [Int32] = [9, 10, 10, 9, 3]
        let (value, gradients) = valueAndGradient(of: v + [zero]) {
            copyCrossEntropy(
                v[0], matrix: matrix, copying: copying, targets: targets,
                labelSmoothing: smoothing
            ).objective
        }
        #expect(value.item.isFinite && value.item > 4 * 69)
        #expect(gradients.allSatisfy { $0.isFinite })
        let all = copyLogProbabilities(v[0], matrix: matrix, copying: copying)
        #expect(all.isFinite)
        #expect(abs(all.values[9] - -69.0776) < 1e-3)
    }

    /// Many rows are several blocks; the last row of a source is as good as the first.
    @Test(arguments: [true, false]) func copyBlocks(_ isPointer: Bool) {
        let memory = SequenceLayout(lengths: [3, 5])
        let source = CopySource(
            tokens: [1, 12, 1, 4, 12, 13, 4, 0], layout: memory, extendedVocabulary: 14)
        let sequences = (0..<700).map { Int32($0 % 3 == 0 ? 0 : 1) }
        let hidden = Tensor.draw([700, 8], seed: 1)
        let matrix = OutputMatrix(weight: Tensor.draw([8, 12], seed: 2).stored, bias: nil)
        let gate = Tensor.draw([700], seed: 3)
        let starts = AttentionLayout(memory: memory, sequenceOfQuery: sequences).weightStarts
        let weights = Tensor.draw([Int(starts[700])], seed: 4).squared()
        let targets = Self.targets(700, 14)
        func found(_ range: Range<Int>) -> (Double, [Float], Tensor) {
            let part = weights.rows(Int(starts[range.lowerBound])..<Int(starts[range.upperBound]))
            let copying = Copying(
                isPointer ? .pointer(gate: gate.rows(range), weights: part) : .joint(scores: part),
                layout: AttentionLayout(
                    memory: memory, sequenceOfQuery: Array(sequences[range])), source: source)
            let (hidden, targets) = (hidden.rows(range), Array(targets[range]))
            return (
                copyCrossEntropy(hidden, matrix: matrix, copying: copying, targets: targets)
                    .negativeLogLikelihood,
                copyLogProbabilities(hidden, matrix: matrix, copying: copying, targets: targets),
                copyLogProbabilities(hidden, matrix: matrix, copying: copying)
            )
        }
        let all = found(0..<700)
        var sum = 0.0
        for row in [0, 1, 255, 256, 511, 512, 699] {
            let single = found(row..<row + 1)
            #expect(single.1[0] == all.1[row])
            #expect(identical(single.2, all.2.rows(row..<row + 1).reshaped([1, 14])))
        }
        for start in stride(from: 0, to: 700, by: 70) { sum += found(start..<start + 70).0 }
        #expect(abs(all.0 / sum - 1) < 1e-9)
    }
}

extension Float {
    /// eˣ by the package's own kernel.
    fileprivate var exponential: Float { Tensor([self]).exp().item }
}
