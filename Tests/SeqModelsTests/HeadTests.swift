import SeqModels
import SeqNN
import SeqTensor
import SeqText
import TestSupport
import Testing

@Suite struct HeadTests {
    private typealias Pooling = SingleLabelConfiguration.Pooling

    @Test(arguments: SingleLabelConfiguration.Pooling.allCases)
    func `pooling has the values and gradients of PyTorch`(
        _ pooling: SingleLabelConfiguration.Pooling
    ) throws {
        let golden = try Golden("pooled_\(pooling.rawValue)")
        let names = golden.file.names.filter { $0.hasPrefix("parameter.") }
        let scope = ParameterScope(
            checkpoint: try checkpoint(
                try names.map { (String($0.dropFirst("parameter.".count)), try golden($0)) }))
        let head = try PooledHead(pooling, width: 7, labels: 6, in: scope)
        try scope.checkEverythingWasUsed()
        let layout = try golden.layout("input.lengths")
        let targets = try golden.integers("input.targets").map(Int32.init)
        let steps = try golden("input.steps")
        var found: TokenLoss?
        let (_, gradients) = valueAndGradient(of: [steps] + scope.parameters.map(\.value)) {
            let loss = head.loss(
                EncodedSource(memory: Sequences(steps, layout: layout)), targets: targets,
                weights: nil, labelSmoothing: 0, scale: 1)
            found = loss
            return loss.objective
        }
        let loss = try #require(found)
        #expect(abs(Float(loss.negativeLogLikelihood) - (try golden("output.loss")).item) < 1e-5)
        #expect(loss.tokens == layout.batch)
        for (name, gradient) in zip(
            ["steps"] + scope.parameters.map(\.name), gradients)
        {
            #expect(distance(gradient, try golden("gradient.\(name)")) < 2e-6, "\(name)")
        }
        let encoded = EncodedSource(memory: Sequences(steps, layout: layout))
        let expected = try golden("output.log_probabilities").values
        for (index, logs) in head.logProbabilities(encoded, of: targets).enumerated() {
            #expect(abs(logs[0] - expected[index * 6 + Int(targets[index])]) < 1e-5)
        }
    }

    /// The head of an output over steps of width 5.
    private static func head(_ name: String) throws -> any OutputHead {
        let scope = ParameterScope(
            initialization: Initialization(), generator: RandomGenerator(seed: 4))
        switch name {
        case "softmax": return try StepSoftmaxHead(width: 5, labels: 4, in: scope)
        case "crf":
            return try RandomFieldHead(
                width: 5, labels: 4,
                allowed: LabelCodec.Scheme.bio.transitions(among: ["O", "B-a", "I-a", "I-b"]),
                in: scope)
        default:
            let pooling = try #require(Pooling(rawValue: name))
            return try PooledHead(pooling, width: 5, labels: 4, in: scope)
        }
    }

    static let names =
        ["softmax", "crf"] + SingleLabelConfiguration.Pooling.allCases.map(\.rawValue)
    private static let lengths = [3, 1, 9, 2, 6, 1]

    private static func encoded(_ indices: [Int]) -> EncodedSource {
        let parts = indices.map { index in
            Tensor.draw([lengths[index], 5], seed: 60 + UInt64(index))
        }
        return EncodedSource(
            memory: Sequences(
                .concatenatingRows(parts),
                layout: SequenceLayout(lengths: indices.map { lengths[$0] })))
    }

    private static func targets(_ head: any OutputHead, _ index: Int) -> [Int32] {
        (0..<head.count(steps: lengths[index])).map { Int32(($0 + index) % 4) }
    }

    @Test(arguments: names)
    func `answers do not depend on what else is in the batch`(_ name: String) throws {
        let head = try Self.head(name)
        let all = Array(Self.lengths.indices)
        let whole = head.predict(Self.encoded(all))
        let logs = head.logProbabilities(
            Self.encoded(all), of: all.flatMap { Self.targets(head, $0) })
        for indices in [[0], [1], [2], [5, 3], [4, 2, 0], [1, 1, 1]] {
            let found = head.predict(Self.encoded(indices))
            #expect(found == indices.map { whole[$0] })
            let scored = head.logProbabilities(
                Self.encoded(indices), of: indices.flatMap { Self.targets(head, $0) })
            #expect(scored == indices.map { logs[$0] })
        }
    }

    @Test(arguments: names)
    func `the score of what is predicted is that of the prediction`(_ name: String) throws {
        let head = try Self.head(name)
        let encoded = Self.encoded([2, 0, 4])
        let found = head.predict(encoded)
        let scored = head.logProbabilities(encoded, of: found.flatMap(\.labels))
        for (prediction, logs) in zip(found, scored) {
            #expect(abs(prediction.logProbability - logs.reduce(0, +)) < 1e-5)
            #expect(prediction.probabilities.allSatisfy { $0 > 0 && $0 <= 1.000001 })
        }
    }

    @Test(arguments: names)
    func `the loss is the log-probability, without labels that are unknown`(_ name: String) throws {
        let head = try Self.head(name)
        let encoded = Self.encoded([2, 0, 4])
        var targets = [2, 0, 4].flatMap { Self.targets(head, $0) }
        func loss(_ targets: [Int32]) -> TokenLoss {
            head.loss(encoded, targets: targets, weights: nil, labelSmoothing: 0, scale: 1)
        }
        let logs = head.logProbabilities(encoded, of: targets).joined().reduce(0, +)
        #expect(abs(Float(loss(targets).negativeLogLikelihood) + logs) < 1e-4)
        targets[0] = -1
        let rest = head.logProbabilities(encoded, of: targets)
        #expect(rest[0].contains(-.infinity))
        let known = rest.joined().filter(\.isFinite)
        let partial = loss(targets)
        #expect(abs(Float(partial.negativeLogLikelihood) + known.reduce(0, +)) < 1e-4)
        #expect(partial.tokens < loss(targets.map { max($0, 0) }).tokens)
    }

    @Test(arguments: names)
    func `weights multiply what an input counts`(_ name: String) throws {
        let head = try Self.head(name)
        func objective(_ indices: [Int], _ weights: [Float]?) -> Float {
            head.loss(
                Self.encoded(indices), targets: indices.flatMap { Self.targets(head, $0) },
                weights: weights, labelSmoothing: 0, scale: 0.5
            ).objective.item
        }
        let expected = 2 * objective([2], nil) + 0.25 * objective([0], nil)
        #expect(abs(objective([2, 0], [2, 0.25]) - expected) < 1e-4)
    }
}

@Suite struct LabelSchemeTests {
    private static let labels = ["O", "B-a", "I-a", "E-a", "S-a", "B-b", "I-b", "E-b", "S-b"]

    @Test func `BIO goes on with its own type alone`() throws {
        let labels = ["O", "B-a", "I-a", "B-b", "I-b"]
        let rules = try #require(LabelCodec.Scheme.bio.transitions(among: labels))
        func allows(_ first: String, _ second: String) throws -> Bool {
            rules.allows(
                try #require(labels.firstIndex(of: first)),
                then: try #require(labels.firstIndex(of: second)))
        }
        #expect(try allows("B-a", "I-a") && allows("I-a", "I-a") && allows("I-a", "B-b"))
        #expect(try allows("O", "B-a") && allows("B-a", "O") && allows("B-a", "B-a"))
        #expect(try !allows("O", "I-a") && !allows("B-b", "I-a") && !allows("I-b", "I-a"))
        #expect(labels.indices.map(rules.allowsFirst) == [true, true, false, true, false])
        #expect(labels.indices.allSatisfy(rules.allowsLast))
    }

    @Test func `BIOES ends what it begins`() throws {
        let rules = try #require(LabelCodec.Scheme.bioes.transitions(among: Self.labels))
        let names = Self.labels.map { $0.prefix(1) }
        for (first, mark) in names.enumerated() {
            for (second, next) in names.enumerated() {
                let isSame = Self.labels[first].dropFirst() == Self.labels[second].dropFirst()
                let expected =
                    ["B", "I"].contains(mark)
                    ? isSame && ["I", "E"].contains(next) : ["B", "S", "O"].contains(next)
                #expect(rules.allows(first, then: second) == expected, "\(mark) \(next)")
            }
            #expect(rules.allowsFirst(first) == ["O", "B", "S"].contains(mark))
            #expect(rules.allowsLast(first) == ["O", "E", "S"].contains(mark))
        }
    }

    @Test func `BMES needs no types`() throws {
        let rules = try #require(LabelCodec.Scheme.bmes.transitions(among: ["B", "M", "E", "S"]))
        let expected = [
            [false, true, true, false], [false, true, true, false], [true, false, false, true],
            [true, false, false, true],
        ]
        for first in 0..<4 {
            #expect((0..<4).map { rules.allows(first, then: $0) } == expected[first])
        }
        #expect(LabelCodec.Scheme.none.transitions(among: ["B"]) == nil)
    }
}
