import Foundation
import SeqTensor
import TestSupport
import Testing

/// The conditional random field against enumeration, differences and pytorch-crf.
struct ConditionalRandomFieldTests {
    private static let lengths = [3, 1, 0, 5, 4]
    private static let labels = 3
    private static let layout = SequenceLayout(lengths: lengths)
    private static let steps = lengths.reduce(0, +)
    private static let targets = (0..<Int32(steps)).map { ($0 * 7 + 2) % Int32(labels) }

    private static func variables(scale: Float = 1) -> [Tensor] {
        [
            Tensor.draw([steps, labels], seed: 1, scale: 2 * scale),
            .draw([labels, labels], seed: 2, scale: scale), .draw([labels], seed: 3, scale: scale),
            .draw([labels], seed: 4, scale: scale),
        ]
    }

    private static func field(_ v: [Tensor]) -> ConditionalRandomField {
        ConditionalRandomField(transitions: v[1], begin: v[2], end: v[3])
    }

    /// All label sequences of a length, in the order of counting.
    private static func paths(_ length: Int, _ labels: Int) -> [[Int]] {
        (0..<length).reduce([[]]) { paths, _ in
            paths.flatMap { path in (0..<labels).map { path + [$0] } }
        }
    }

    /// The score of a path of one sequence.
    private static func score(_ path: [Int], _ v: [Tensor], _ sequence: Int) -> Double {
        guard let first = path.first, let last = path.last else { return 0 }
        let (x, transitions) = (v[0].values, v[1].values)
        var score = Double(v[2].values[first]) + Double(v[3].values[last])
        for (row, label) in zip(layout.rows(of: sequence), path) {
            score += Double(x[row * labels + label])
        }
        for (from, to) in zip(path, path.dropFirst()) {
            score += Double(transitions[from * labels + to])
        }
        return score
    }

    @Test(arguments: [Float(1), 20]) func `equals enumeration`(_ scale: Float) {
        let v = Self.variables(scale: scale)
        let field = Self.field(v)
        let (partitions, marginals) = field.marginals(v[0], layout: Self.layout)
        let best = field.bestPaths(v[0], layout: Self.layout)
        for (sequence, length) in Self.lengths.enumerated() where length > 0 {
            let paths = Self.paths(length, Self.labels)
            let scores = paths.map { Self.score($0, v, sequence) }
            let largest = scores.max() ?? 0
            let partition = largest + log(scores.reduce(0) { $0 + exp($1 - largest) })
            #expect(abs(partitions[sequence] - partition) < 1e-9 * max(1, abs(partition)))
            let top = scores.indices.max { scores[$0] < scores[$1] } ?? 0
            #expect(best[sequence].labels.map(Int.init) == paths[top])
            #expect(
                abs(best[sequence].logProbability - (scores[top] - partition)) < 1e-9
                    * max(1, largest))
            for (step, row) in Self.layout.rows(of: sequence).enumerated() {
                for label in 0..<Self.labels {
                    let share = zip(paths, scores).reduce(0.0) { sum, pair in
                        pair.0[step] == label ? sum + exp(pair.1 - partition) : sum
                    }
                    #expect(abs(Double(marginals.values[row * Self.labels + label]) - share) < 1e-6)
                }
            }
        }
        #expect(partitions[2] == 0 && best[2].labels.isEmpty)
    }

    @Test func `gradient equals differences`() {
        let report = checkGradient(of: Self.variables(), step: 0.01) { v in
            [
                Self.field(v).loss(
                    v[0], layout: Self.layout, targets: Self.targets,
                    weights: [1, 0.5, 2, 0, 1.5], scale: 0.3
                ).objective
            ]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    @Test func `loss is the negative logarithm of the probability`() {
        let v = Self.variables()
        let field = Self.field(v)
        let loss = field.loss(v[0], layout: Self.layout, targets: Self.targets)
        let logProbabilities = field.logProbabilities(
            v[0], layout: Self.layout, of: Self.targets)
        #expect(abs(loss.negativeLogLikelihood + logProbabilities.reduce(0, +)) < 1e-9)
        #expect(loss.tokens == Self.steps)
        for (sequence, length) in Self.lengths.enumerated() {
            let total = Self.paths(length, Self.labels).reduce(0.0) { sum, path in
                var targets = Self.targets
                for (row, label) in zip(Self.layout.rows(of: sequence), path) {
                    targets[row] = Int32(label)
                }
                return sum
                    + exp(field.logProbabilities(v[0], layout: Self.layout, of: targets)[sequence])
            }
            #expect(abs(total - 1) < 1e-9)
        }
    }

    @Test func `a sequence gets the same bits in any batch`() {
        let v = Self.variables()
        let field = Self.field(v)
        let whole = field.bestPaths(v[0], layout: Self.layout)
        let marginals = field.marginals(v[0], layout: Self.layout)
        for (sequence, length) in Self.lengths.enumerated() where length > 0 {
            let rows = Self.layout.rows(of: sequence)
            let own = v[0].gatheringRows(rows.map(Int32.init))
            let layout = SequenceLayout(lengths: [length])
            let alone = field.bestPaths(own, layout: layout)[0]
            #expect(alone.labels == whole[sequence].labels)
            #expect(alone.logProbability == whole[sequence].logProbability)
            let found = field.marginals(own, layout: layout)
            #expect(found.partitions[0] == marginals.partitions[sequence])
            let range = rows.lowerBound * Self.labels..<rows.upperBound * Self.labels
            #expect(found.probabilities.values == Array(marginals.probabilities.values[range]))
        }
    }

    @Test func `paths keep to what may follow`() {
        // Label 1 must not follow itself, begin or end.
        let rules = LabelTransitions(
            labels: Self.labels, follows: { $0 != 1 || $1 != 1 }, begins: { $0 != 1 },
            ends: { $0 != 1 })
        let v = Self.variables()
        let found = Self.field(v).bestPaths(v[0], layout: Self.layout, allowed: rules)
        for (sequence, length) in Self.lengths.enumerated() where length > 0 {
            let legal = Self.paths(length, Self.labels).filter { path in
                path.first != 1 && path.last != 1
                    && !zip(path, path.dropFirst()).contains { $0 == 1 && $1 == 1 }
            }
            let best = legal.max { Self.score($0, v, sequence) < Self.score($1, v, sequence) }
            #expect(found[sequence].labels.map(Int.init) == best)
        }
    }

    @Test func `a sequence without a legal path gets the best of all`() {
        let rules = LabelTransitions(
            labels: Self.labels, follows: { _, _ in false }, begins: { _ in true },
            ends: { _ in true })
        let v = Self.variables()
        let field = Self.field(v)
        let free = field.bestPaths(v[0], layout: Self.layout)
        let found = field.bestPaths(v[0], layout: Self.layout, allowed: rules)
        #expect(found.map(\.labels) == free.map(\.labels))
    }

    @Test func `equals pytorch-crf`() throws {
        let golden = try Golden("conditional_random_field")
        let v = try ["transitions", "begin", "end"].map { try golden("parameter.\($0)") }
        let emissions = try golden("input.emissions")
        let layout = try golden.layout("input.lengths")
        let targets = try golden.integers("input.targets").map(Int32.init)
        let field = ConditionalRandomField(transitions: v[0], begin: v[1], end: v[2])
        let (loss, gradients) = valueAndGradient(of: [emissions] + v) {
            field.loss(emissions, layout: layout, targets: targets).objective
        }
        #expect(abs(loss.item / (try golden("output.loss").item) - 1) < 1e-6)
        for (name, gradient) in zip(
            ["emissions", "transitions", "begin", "end"], gradients)
        {
            #expect(distance(gradient, try golden("gradient.\(name)")) < 2e-6, "\(name)")
        }
        let paths = field.bestPaths(emissions, layout: layout).flatMap(\.labels)
        #expect(paths.map(Int.init) == (try golden.integers("output.paths")))
    }
}
