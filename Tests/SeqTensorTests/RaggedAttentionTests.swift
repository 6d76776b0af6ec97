import SeqTensor
import TestSupport
import Testing

/// The pieces of attention over ragged memories against differences, goldens and each other.
struct RaggedAttentionTests {
    static let memory = SequenceLayout(lengths: [3, 0, 1, 6])
    static let sequences: [Int32] = [3, 0, 2, 0, 3, 3, 1]
    static let layout = AttentionLayout(memory: memory, sequenceOfQuery: sequences)
    /// A window that is the whole source for some rows and an end or the middle for others.
    static let window = AttentionWindow(
        around: [0.4, 1, 0, 2, 5.5, 3, 0], reach: 1, layout: layout)
    static let count = layout.weightCount

    static func windows(_ isLocal: Bool) -> AttentionWindow? { isLocal ? window : nil }

    // MARK: Rows of different lengths

    @Test func raggedRows() {
        let rows = RaggedRows(Tensor([1, 2, 3, 4, 5, 6]), starts: [0, 2, 2, 3, 6])
        #expect(rows.rows == 4 && rows.lengths == [2, 0, 1, 3] && rows.range(of: 3) == 3..<6)
        let gathered = rows.gatheringRows([3, 0, 1, 3])
        #expect(gathered.values.values == [4, 5, 6, 1, 2, 4, 5, 6])
        #expect(gathered.starts == [0, 3, 5, 5, 8])
        let prefix = rows.prefix(3)
        #expect(prefix.values.values == [1, 2, 3] && prefix.starts == [0, 2, 2, 3])
        #expect(rows.prefix(0).values.count == 0 && rows.gatheringRows([]).rows == 0)
    }

    @Test func gradientOfRaggedRows() {
        let report = checkGradient(of: [.draw([6], seed: 1)]) { v in
            let rows = RaggedRows(v[0].tanh(), starts: [0, 2, 2, 3, 6])
            return [rows.gatheringRows([3, 0, 1, 3]).values, rows.prefix(3).values]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    @Test func windowsAroundCenters() {
        let layout = AttentionLayout(
            memory: SequenceLayout(lengths: [10, 2]), sequenceOfQuery: [0, 0, 0, 0, 1, 0, 0])
        let window = AttentionWindow(
            around: [0, 4, 4.5, 10, 1.2, .nan, 99], reach: 2, layout: layout)
        #expect(window.first == [0, 2, 3, 8, 0, 0, 8])
        #expect(window.end == [3, 7, 7, 10, 2, 3, 10])
    }

    // MARK: Gradients by differences

    @Test(arguments: [false, true], [false, true])
    func scoresGradient(_ isConcat: Bool, _ isLocal: Bool) {
        let report = checkGradient(of: [
            .draw([7, 5], seed: 1), .draw([10, 5], seed: 2), .draw([5], seed: 3),
            .draw([Self.count], seed: 4), .draw([isConcat ? 5 : 1], seed: 5),
        ]) { v in
            let score: AttentionScore = isConcat ? .concat(v: v[2]) : .dot(scale: 0.8)
            let covered = attentionScores(
                v[0], keys: v[1], layout: Self.layout, score: score,
                coverage: CoverageTerm(v[3], weight: v[4]), window: Self.windows(isLocal))
            let plain = attentionScores(
                v[0], keys: v[1], layout: Self.layout, score: score,
                window: Self.windows(isLocal))
            return [covered, plain]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    /// Operations of which each takes the numbers of all positions and one more tensor.
    private static let operations:
        [(
            name: String, shape: [Int],
            apply: @Sendable (Tensor, Tensor, AttentionWindow?) -> Tensor
        )] = [
            ("softmax", [1], { x, _, w in raggedSoftmax(x, layout: layout, window: w) }),
            (
                "gaussian", [7],
                { x, p, w in
                    gaussianWeighted(
                        x, centers: p + 2, deviation: 1.3, layout: layout, window: w)
                }
            ),
            ("mixed", [7], { x, g, _ in mixedWeights(x, x.tanh(), gate: g, layout: layout) }),
            ("scaledSteps", [10], { x, f, _ in scaledSteps(x, by: f, layout: layout) }),
            (
                "context", [10, 3],
                { x, v, w in attentionContext(x, values: v, layout: layout, window: w) }
            ),
            (
                "choice", [1],
                { x, r, _ in
                    choiceProbabilities(x, offset: r, noise: .draw([count], seed: 77))
                }
            ),
            (
                "monotonic", [count],
                { x, a, _ in monotonicAlignment(x, previous: a, layout: layout) }
            ),
            (
                "coverage loss", [count],
                { x, c, _ in
                    // Neither is near the other, since the minimum has no slope where they meet.
                    let apart = Tensor((0..<count).map { $0 % 3 == 0 ? 3 : -3 })
                    return coverageLoss(x, coverage: c + apart, layout: layout)
                }
            ),
            (
                "guided", [1],
                { x, _, w in
                    guidedAlignmentLoss(
                        weights: raggedSoftmax(x, layout: layout, window: w), layout: layout,
                        links: [(0, 0), (0, 1), (2, 0), (4, 5), (4, 4)])
                }
            ),
            (
                "columns", [7, 4],
                { _, m, w in attentionScores(columnsOf: m, layout: layout, window: w) }
            ),
        ]

    @Test(arguments: operations.map(\.name), [false, true])
    func gradient(_ name: String, _ isLocal: Bool) throws {
        let operation = try #require(Self.operations.first { $0.name == name })
        let report = checkGradient(
            of: [.draw([Self.count], seed: 1), .draw(operation.shape, seed: 2)], elements: 40
        ) { v in [operation.apply(v[0], v[1], Self.windows(isLocal))] }
        #expect(report.error < 1e-3, "\(report)")
    }

    @Test func dottingRows() {
        let variables: [Tensor] = [.draw([7, 5], seed: 1), .draw([5], seed: 2)]
        let report = checkGradient(of: variables) { [$0[0].dottingRows(with: $0[1])] }
        #expect(report.error < 1e-3, "\(report)")
        let expected = (variables[0] * variables[1]).sumOfColumns().reshaped([7])
        #expect(distance(variables[0].dottingRows(with: variables[1]), expected) < 1e-6)
    }

    // MARK: The fused operation

    @Test(arguments: [false, true]) func piecesEqualTheFusedOperation(_ isConcat: Bool) {
        let variables: [Tensor] = [
            .draw([7, 5], seed: 1), .draw([10, 5], seed: 2), .draw([10, 3], seed: 3),
            .draw([5], seed: 4),
        ]
        let score: AttentionScore =
            isConcat ? .concat(v: variables[3]) : .dot(scale: 0.8)
        func run(_ function: () -> (context: Tensor, weights: Tensor)) -> [Tensor] {
            var outputs: [Tensor] = []
            let (_, gradients) = valueAndGradient(of: variables) {
                let (context, weights) = function()
                outputs = [context, weights]
                return (context * Tensor.draw([7, 3], seed: 7)).sum()
                    + (weights * Tensor.draw([Self.count], seed: 8)).sum()
            }
            return outputs + gradients
        }
        let fused = run {
            attend(
                variables[0], keys: variables[1], values: variables[2], layout: Self.layout,
                score: score)
        }
        let pieces = run {
            let scores = attentionScores(
                variables[0], keys: variables[1], layout: Self.layout, score: score)
            let weights = raggedSoftmax(scores, layout: Self.layout)
            return (
                attentionContext(weights, values: variables[2], layout: Self.layout), weights
            )
        }
        for (a, b) in zip(fused, pieces) { #expect(distance(a, b) < 1e-6) }
    }

    // MARK: Windows

    /// A window gives what a source of only those positions gives, and zeros elsewhere.
    @Test func aWindowIsASourceOfItsOwn() {
        let scores = Tensor.draw([Self.count], seed: 1, scale: 3)
        for normalize in [raggedSoftmax, raggedSparsemax] {
            let found = normalize(scores, Self.layout, Self.window)
            for query in Self.sequences.indices {
                let start = Int(Self.layout.weightStarts[query])
                let (first, end) = (
                    start + Int(Self.window.first[query]), start + Int(Self.window.end[query])
                )
                let alone = AttentionLayout(
                    memory: SequenceLayout(lengths: [end - first]), sequenceOfQuery: [0])
                let expected = normalize(scores.rows(first..<end), alone, nil)
                #expect(identical(found.rows(first..<end), expected))
                let outside =
                    Array(start..<first) + Array(end..<Int(Self.layout.weightStarts[query + 1]))
                #expect(outside.allSatisfy { found.values[$0] == 0 })
            }
        }
    }

    // MARK: Sparsemax

    private static func golden(_ name: String) throws -> (Golden, AttentionLayout) {
        let golden = try Golden("attention_pieces")
        let memory = try golden.layout("source_lengths")
        let sequences = memory.lengths.indices.map(Int32.init)
        return (golden, AttentionLayout(memory: memory, sequenceOfQuery: sequences))
    }

    @Test func sparsemaxGolden() throws {
        let (golden, layout) = try Self.golden("sparsemax")
        let scores = try golden("sparsemax.input.scores")
        var weights = scores
        let (_, gradients) = try valueAndGradient(of: [scores]) {
            weights = raggedSparsemax(scores, layout: layout)
            return (weights * (try golden("sparsemax.input.grad_output.weights"))).sum()
        }
        #expect(distance(weights, try golden("sparsemax.output.weights")) < 1e-6)
        #expect(distance(gradients[0], try golden("sparsemax.gradient.scores")) < 1e-6)
        #expect(weights.values.contains(0))
    }

    /// Martins & Astudillo 2016, algorithm 1, by sorting.
    private static func sparsemax(_ scores: [Double]) -> [Double] {
        let sorted = scores.sorted(by: >)
        var (sum, threshold) = (0.0, 0.0)
        for (index, value) in sorted.enumerated() {
            sum += value
            guard 1 + Double(index + 1) * value > sum else { break }
            threshold = (sum - 1) / Double(index + 1)
        }
        return scores.map { max($0 - threshold, 0) }
    }

    @Test(arguments: [1, 2, 17, 400], [Float(0.001), 0.3, 3, 1000])
    func sparsemaxBySorting(_ length: Int, _ scale: Float) {
        let layout = AttentionLayout(
            memory: SequenceLayout(lengths: [length]), sequenceOfQuery: [0])
        for seed in 0..<20 {
            let scores = Tensor.draw([length], seed: UInt64(seed), scale: scale)
            let found = raggedSparsemax(scores, layout: layout)
            #expect(distance(found.values, Self.sparsemax(scores.values.map(Double.init))) < 1e-5)
        }
    }

    @Test func sparsemaxGradientByDifferences() {
        // Support and rest are farther apart than the differences reach.
        let scores = Tensor([0.9, 0.5, -0.7, 3, 0.4, 0.05, 0.7, -2, 0.3, 0.5])
        let layout = AttentionLayout(
            memory: SequenceLayout(lengths: [3, 1, 6]), sequenceOfQuery: [0, 1, 2])
        let report = checkGradient(of: [scores]) { [raggedSparsemax($0[0], layout: layout)] }
        #expect(report.error < 1e-3, "\(report)")
    }

    @Test func sparsemaxOfEqualAndOfBrokenScores() {
        let layout = AttentionLayout(
            memory: SequenceLayout(lengths: [4, 3]), sequenceOfQuery: [0, 1])
        let found = raggedSparsemax(
            Tensor([2, 2, 2, 2, 1, .nan, 0]), layout: layout
        ).values
        #expect(Array(found[..<4]) == [0.25, 0.25, 0.25, 0.25])
        #expect(found[4...].contains { $0.isNaN })
    }

    // MARK: Monotonic alignments

    @Test func monotonicGolden() throws {
        let (golden, layout) = try Self.golden("monotonic")
        let variables = try ["choice", "previous"].map { try golden("monotonic.input.\($0)") }
        var weights = variables[0]
        let (_, gradients) = try valueAndGradient(of: variables) {
            weights = monotonicAlignment(
                variables[0], previous: variables[1], layout: layout)
            return (weights * (try golden("monotonic.input.grad_output.weights"))).sum()
        }
        #expect(distance(weights, try golden("monotonic.output.weights")) < 1e-6)
        #expect(distance(gradients[0], try golden("monotonic.gradient.choice")) < 1e-6)
        #expect(distance(gradients[1], try golden("monotonic.gradient.previous")) < 1e-6)
    }

    @Test func hardMonotonicScan() {
        let layout = AttentionLayout(
            memory: SequenceLayout(lengths: [4, 3, 3, 2]), sequenceOfQuery: [0, 1, 2, 3])
        let choice = Tensor([0.9, 0.1, 0.5, 0.8, 0.9, 0.2, 0.3, 0.6, 0.7, 0.9, 1, 1])
        let previous = Tensor([0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0])
        let found = hardMonotonicAlignment(choice, previous: previous, layout: layout)
        #expect(found.values == [0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0])
    }

    @Test func saturatedChoicesMakeTheExpectationTheScan() {
        let length = 40
        let layout = AttentionLayout(
            memory: SequenceLayout(lengths: [length]), sequenceOfQuery: [0])
        var soft = Tensor([1] + [Float](repeating: 0, count: length - 1))
        var hard = soft
        for step in 0..<12 {
            let choice = Tensor(
                Tensor.draw([length], seed: UInt64(step)).values.map { $0 > 0.5 ? 1 : 0 })
            soft = monotonicAlignment(choice, previous: soft, layout: layout)
            hard = hardMonotonicAlignment(choice, previous: hard, layout: layout)
            #expect(soft.values == hard.values)
        }
    }

    // MARK: Losses

    @Test func guidedGolden() throws {
        let golden = try Golden("attention_pieces")
        let layout = AttentionLayout(
            memory: try golden.layout("source_lengths"),
            queries: try golden.layout("target_lengths"))
        let flat = try golden.integers("guided.input.links")
        let links = stride(from: 0, to: flat.count, by: 2).map { (flat[$0], flat[$0 + 1]) }
        let scores = try golden("guided.input.scores")
        var loss = scores
        let (_, gradients) = try valueAndGradient(of: [scores]) {
            loss = guidedAlignmentLoss(
                weights: raggedSoftmax(scores, layout: layout), layout: layout, links: links)
            return (loss * (try golden("guided.input.grad_output.loss"))).sum()
        }
        #expect(distance(loss.reshaped([1]), try golden("guided.output.loss")) < 1e-6)
        #expect(distance(gradients[0], try golden("guided.gradient.scores")) < 1e-6)
        let none = guidedAlignmentLoss(weights: scores, layout: layout, links: [])
        #expect(none.item == 0)
    }

    @Test func coverageLossSharesGradientWhereBothAreEqual() {
        let layout = AttentionLayout(
            memory: SequenceLayout(lengths: [3]), sequenceOfQuery: [0])
        let variables = [Tensor([0.2, 0.5, 0.3]), Tensor([0.4, 0.5, 0])]
        let (loss, gradients) = valueAndGradient(of: variables) {
            coverageLoss(variables[0], coverage: variables[1], layout: layout)
        }
        #expect(abs(loss.item - 0.7) < 1e-6)
        #expect(gradients[0].values == [1, 0.5, 0] && gradients[1].values == [0, 0.5, 1])
    }

    // MARK: Threads

    /// All operations with their gradients.
    static func results() -> [Tensor] {
        let memory = SequenceLayout(lengths: (0..<30).map { $0 % 11 })
        let queries = SequenceLayout(lengths: (0..<30).map { $0 % 7 })
        let layout = AttentionLayout(memory: memory, queries: queries)
        let variables: [Tensor] = [
            .draw([queries.steps, 24], seed: 1), .draw([memory.steps, 24], seed: 2),
            .draw([24], seed: 3), .draw([24], seed: 4),
        ]
        var outputs: [Tensor] = []
        let (_, gradients) = valueAndGradient(of: variables) {
            let centers = variables[0].dottingRows(with: variables[2]).sigmoid() * 9
            let window = AttentionWindow(around: centers.values, reach: 3, layout: layout)
            let scores = attentionScores(
                variables[0], keys: variables[1], layout: layout, score: .concat(v: variables[2]))
            let local = gaussianWeighted(
                raggedSoftmax(scores, layout: layout, window: window), centers: centers,
                deviation: 1.5, layout: layout, window: window)
            let again = attentionScores(
                variables[0], keys: variables[1], layout: layout, score: .concat(v: variables[2]),
                coverage: CoverageTerm(local, weight: variables[3]))
            let sparse = raggedSparsemax(again, layout: layout)
            let weights = mixedWeights(
                local, sparse, gate: (centers * 0.1).sigmoid(), layout: layout)
            let context = attentionContext(weights, values: variables[1], layout: layout)
            let alignment = monotonicAlignment(
                choiceProbabilities(scores, offset: variables[2].rows(0..<1)), previous: weights,
                layout: layout)
            outputs = [scores, weights, context, alignment]
            return context.squared().sum()
                + coverageLoss(alignment, coverage: weights, layout: layout)
        }
        return outputs + gradients.prefix(2)
    }

    @Test func oneThreadAndSeveralAgree() async {
        await #expect(processExitsWith: .success) {
            ThreadTeam.count = 1
            let expected = RaggedAttentionTests.results()
            for threads in [2, 3] {
                ThreadTeam.count = threads
                for (index, (a, b)) in zip(expected, RaggedAttentionTests.results()).enumerated() {
                    #expect(identical(a, b), "result \(index), \(threads) threads")
                }
            }
        }
    }
}
