import SeqFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import SeqNN
import SeqTensor
import TestSupport
import Testing

/// What holds for attention in every configuration.
struct AttentionTests {
    static let width = 6

    /// Every configuration in which nothing is wrong.
    static let configurations: [AttentionConfiguration] = {
        typealias Form = AttentionConfiguration
        var result: [Form] = []
        for score in Form.Score.allCases where score != .none {
            for range in Form.Range.allCases {
                for normalization in Form.Normalization.allCases {
                    for coverage in Form.Coverage.allCases {
                        for heads in [1, 2] {
                            let form = Form.small(
                                score, range, normalization, coverage: coverage, heads: heads)
                            if form.problem(query: width, memory: width) == nil {
                                result.append(form)
                            }
                        }
                    }
                }
            }
        }
        return result
    }()

    static func name(_ form: AttentionConfiguration) -> String {
        "\(form.score) \(form.range) \(form.normalization) \(form.coverage) \(form.heads) heads"
    }

    static func make(
        _ configuration: AttentionConfiguration, range: Float = 0.8
    ) throws -> (Attention, ParameterScope) {
        let scope = ParameterScope(
            initialization: Initialization(kind: .uniform, range: range),
            generator: RandomGenerator(seed: 5))
        return (
            try Attention(configuration, query: width, memory: width, in: scope), scope
        )
    }

    static func draw(_ lengths: [Int], seed: UInt64) -> Sequences {
        let layout = SequenceLayout(lengths: lengths)
        return Sequences(.draw([layout.steps, width], seed: seed, scale: 2), layout: layout)
    }

    /// The sequence `index` of a batch as a batch of its own.
    static func alone(_ batch: Sequences, _ index: Int) -> Sequences {
        Sequences(
            batch.steps.rows(batch.layout.rows(of: index)),
            layout: SequenceLayout(lengths: [batch.layout.lengths[index]]))
    }

    static let targets = draw([3, 5, 1, 4, 2], seed: 1)
    static let sources = draw([7, 12, 1, 4, 20], seed: 2)

    @Test func theConfigurationsAreMany() {
        #expect(Self.configurations.count == 254, "\(Self.configurations.count)")
    }

    // MARK: Equalities

    /// Contexts, weights and gradients of a sequence do not feel, by a bit, what else is in the batch.
    @Test func aSequenceDoesNotFeelItsBatch() throws {
        for form in Self.configurations {
            let (attention, _) = try Self.make(form)
            func run(_ targets: Sequences, _ sources: Sequences) -> (Attended, [Tensor]) {
                var found = Attended()
                let (_, gradients) = valueAndGradient(of: [targets.steps, sources.steps]) {
                    found = attention.attended(
                        targets, memory: sources, isStepwise: attention.hasHistory)
                    return (found.context.squared().sum() + found.weights.squared().sum())
                }
                return (found, gradients)
            }
            let (together, gradients) = run(Self.targets, Self.sources)
            var weight = 0
            for index in Self.targets.layout.lengths.indices {
                let (found, own) = run(
                    Self.alone(Self.targets, index), Self.alone(Self.sources, index))
                let rows = Self.targets.layout.rows(of: index)
                let memory = Self.sources.layout.rows(of: index)
                #expect(identical(found.context, together.context.rows(rows)), "\(form)")
                let weights = together.weights.rows(weight..<weight + found.weights.count)
                #expect(identical(found.weights, weights), "\(form)")
                weight += found.weights.count
                #expect(identical(own[0], gradients[0].rows(rows)), "\(form)")
                #expect(identical(own[1], gradients[1].rows(memory)), "\(form)")
            }
        }
    }

    @Test func allStepsAtOnceEqualStepByStep() throws {
        for form in Self.configurations where !form.hasHistory {
            let (attention, scope) = try Self.make(form)
            let variables = [Self.targets.steps, Self.sources.steps]
            func run(isStepwise: Bool) -> (Attended, [Tensor]) {
                var found = Attended()
                let parameters = scope.parameters.map(\.value)
                let (_, gradients) = valueAndGradient(of: variables + parameters) {
                    found = attention.attended(
                        Self.targets, memory: Self.sources, isStepwise: isStepwise)
                    return (found.context.squared().sum() + found.weights.squared().sum())
                }
                return (found, gradients)
            }
            let (whole, wholeGradients) = run(isStepwise: false)
            let (steps, stepGradients) = run(isStepwise: true)
            #expect(identical(whole.context, steps.context), "\(form)")
            #expect(identical(whole.weights, steps.weights), "\(form)")
            for (a, b) in zip(wholeGradients, stepGradients) {
                #expect(distance(a, b) < 2e-6, "\(form)")
            }
        }
    }

    /// Rows of the state may be repeated and left out between steps, as beam search does.
    @Test func rowsOfTheStateMayBeGathered() throws {
        for form in Self.configurations where form.hasHistory {
            let (attention, _) = try Self.make(form)
            let memory = attention.memory(Self.sources)
            var none: RandomGenerator?
            func step(_ rows: [Int32], _ time: Int, _ state: inout AttentionState)
                -> AttentionResult
            {
                attention(
                    Self.targets.steps.gatheringRows(rows.map { $0 + Int32(time) }),
                    memory: memory,
                    layout: AttentionLayout(memory: Self.sources.layout, sequenceOfQuery: rows),
                    positions: rows.map { _ in Int32(time) }, state: &state, generator: &none)
            }
            let sources: [Int32] = [0, 1, 2, 3, 4]
            var state = attention.initialState(layout: Self.sources.layout)
            _ = step(sources, 0, &state)
            var gathered = state.gatheringRows([4, 1, 1, 3])
            let plain = step(sources, 1, &state)
            let beam = step([4, 1, 1, 3], 1, &gathered)
            #expect(identical(beam.context, plain.context.gatheringRows([4, 1, 1, 3])), "\(form)")
            // The states after the step belong to the same rows.
            var (first, short) = (state.prefix(3), gathered.prefix(2))
            let a = step([0, 1, 2], 2, &first)
            let b = step([4, 1], 2, &short)
            #expect(identical(a.context.rows(1..<2), b.context.rows(1..<2)), "\(form)")
        }
    }

    @Test func aSourceWithoutStepsGivesZeros() throws {
        let sources = Self.draw([3, 0], seed: 7)
        let targets = Self.draw([2, 2], seed: 8)
        for form in Self.configurations {
            let (attention, _) = try Self.make(form)
            let found = attention.attended(
                targets, memory: sources, isStepwise: attention.hasHistory)
            #expect(found.context.isFinite && found.weights.count == 6, "\(form)")
            #expect(found.context.rows(2..<4).values.allSatisfy { $0 == 0 }, "\(form)")
        }
    }

    // MARK: Gradients

    /// Windows are as wide as the sources, since differences must not move their ends; sparsemax and
    /// the coverage loss have goldens and tests of their own.
    private static let smooth: [AttentionConfiguration] = configurations.filter {
        $0.normalization != .sparsemax && $0.normalization != .hardMonotonic && $0.coverage != .see
    }

    /// Queries, memory and all parameters move together along a random direction, so that the check sees
    /// each of them.
    @Test func gradientByDifferences() throws {
        let targets = Self.draw([2, 3], seed: 3)
        let sources = Self.draw([4, 3], seed: 4)
        for form in Self.smooth {
            var form = form
            form.window = 8
            let (attention, scope) = try Self.make(form, range: 0.5)
            let variables = [targets.steps, sources.steps] + scope.parameters.map(\.value)
            let directions = variables.enumerated().map {
                Tensor.draw($1.shape, seed: 100 + UInt64($0))
            }
            func products(_ attention: Attention, _ variables: [Tensor]) -> [Tensor] {
                let found = attention.attended(
                    targets.with(variables[0]), memory: sources.with(variables[1]),
                    isStepwise: attention.hasHistory)
                return [
                    found.context * Tensor.draw(found.context.shape, seed: 200),
                    found.weights * Tensor.draw(found.weights.shape, seed: 201),
                ]
            }
            let (_, gradients) = valueAndGradient(of: variables) {
                products(attention, variables).map { $0.sum() }.sum()
            }
            func dot(_ a: [Tensor], _ b: [Tensor]) -> Double {
                zip(a, b).reduce(0) { sum, pair in
                    zip(pair.0.values, pair.1.values).reduce(sum) {
                        $0 + Double($1.0) * Double($1.1)
                    }
                }
            }
            func objective(_ step: Float) throws -> Double {
                let moved = zip(variables, directions).map { $0 + $1 * step }
                let named = zip(scope.parameters, moved.dropFirst(2)).map { ($0.name, $1) }
                let attention = try Attention(
                    form, query: Self.width, memory: Self.width,
                    in: ParameterScope(checkpoint: try checkpoint(named)))
                return products(attention, moved).reduce(0) { sum, tensor in
                    tensor.values.reduce(sum) { $0 + Double($1) }
                }
            }
            func slope(_ step: Float) throws -> Double {
                (try objective(step) - objective(-step)) / Double(2 * step)
            }
            let measured = (4 * (try slope(0.01)) - (try slope(0.02))) / 3
            let computed = dot(gradients, directions)
            #expect(
                abs(computed - measured) / max(1, abs(measured)) < 1e-3,
                "\(Self.name(form)): computed \(computed), measured \(measured)")
        }
    }

    // MARK: Hard monotonic attention

    /// Where energies are far from zero there is nothing to expect but the process itself.
    @Test func saturatedHardMonotonicEqualsSoft() throws {
        let (hard, _) = try Self.make(.small(.dot, .global, .hardMonotonic))
        let (soft, _) = try Self.make(.small(.dot, .global, .softMonotonic))
        let targets = Self.targets.with(Self.targets.steps * 500)
        let a = hard.attended(targets, memory: Self.sources, isStepwise: true)
        let b = soft.attended(targets, memory: Self.sources, isStepwise: true)
        #expect(distance(a.weights, b.weights) < 1e-5)
        #expect(distance(a.context, b.context) < 1e-5)
        #expect(a.weights.values.contains(1) && a.weights.values.allSatisfy { $0 == 0 || $0 == 1 })
    }

    @Test func noiseIsDrawnInTrainingOnly() throws {
        let (hard, _) = try Self.make(.small(.general, .global, .hardMonotonic))
        let (soft, _) = try Self.make(.small(.general, .global, .softMonotonic))
        func run(_ attention: Attention, _ seed: UInt64?) -> Tensor {
            attention.attended(
                Self.targets, memory: Self.sources, isStepwise: true,
                generator: seed.map { RandomGenerator(seed: $0) }
            ).weights
        }
        #expect(identical(run(hard, 1), run(hard, 1)))
        #expect(distance(run(hard, 1), run(hard, 2)) > 0.05)
        #expect(identical(run(soft, 1), run(soft, nil)))
        // Without a generator it is the process: zeros and ones.
        #expect(run(hard, nil).values.allSatisfy { $0 == 0 || $0 == 1 })
        // Training learns through the expectation.
        let (_, gradients) = valueAndGradient(of: [Self.targets.steps]) {
            hard.attended(
                Self.targets, memory: Self.sources, isStepwise: true,
                generator: RandomGenerator(seed: 3)
            ).context.squared().sum()
        }
        #expect(gradients[0].values.contains { abs($0) > 1e-3 })
    }

    /// With logistic noise a choice exceeds one half with the probability of the choice without noise.
    @Test func theNoiseIsLogistic() throws {
        let (hard, scope) = try Self.make(.small(.dot, .global, .hardMonotonic))
        let rows = 20_000
        let memory = Sequences(
            .zeros([rows, Self.width]),
            layout: SequenceLayout(lengths: Array(repeating: 1, count: rows)))
        var state = hard.initialState(layout: memory.layout)
        var generator: RandomGenerator? = RandomGenerator(seed: 11)
        let found = hard(
            .zeros([rows, Self.width]), memory: hard.memory(memory),
            layout: AttentionLayout(
                memory: memory.layout, sequenceOfQuery: (0..<Int32(rows)).map { $0 }),
            positions: Array(repeating: 0, count: rows), state: &state, generator: &generator)
        let offset = try #require(scope.parameters.first { $0.name == "monotonic_offset" })
        let expected = Tensor([offset.value.item - 1]).sigmoid().item
        let share = Float(found.weights.values.filter { $0 > 0.5 }.count) / Float(rows)
        // Four standard deviations of a share of so many.
        let bound = 4 * (expected * (1 - expected) / Float(rows)).squareRoot()
        #expect(abs(share - expected) < bound, "\(share) for \(expected)")
    }

    // MARK: Forms

    @Test func fixedScoresAreUniformOverTheRange() throws {
        let (global, _) = try Self.make(.small(.fixed))
        let found = global.attended(Self.targets, memory: Self.sources, isStepwise: false)
        #expect(found.weights.values[..<7].allSatisfy { abs($0 - 1.0 / 7) < 1e-6 })
        let (local, scope) = try Self.make(.small(.fixed, .localMonotonic))
        #expect(scope.parameters.isEmpty)
        let near = local.attended(Self.targets, memory: Self.sources, isStepwise: false)
        let third: Float = 1.0 / 3
        for (found, expected) in zip(near.weights.values, [third, third, third, 0, 0, 0, 0]) {
            #expect(abs(found - expected) < 1e-6)
        }
    }

    @Test func contextsMayBeMadeOfOtherVectors() throws {
        let (attention, _) = try Self.make(.small(.concat, heads: 2))
        let other = Tensor.draw(Self.sources.steps.shape, seed: 9)
        var (state, none): (AttentionState, RandomGenerator?) = (AttentionState(), nil)
        func run(_ memory: AttentionMemory) -> AttentionResult {
            attention(
                Self.targets.steps, memory: memory,
                layout: AttentionLayout(
                    memory: Self.sources.layout, queries: Self.targets.layout),
                positions: Array(repeating: 0, count: Self.targets.layout.steps), state: &state,
                generator: &none)
        }
        let own = run(attention.memory(Self.sources))
        let others = run(attention.memory(Self.sources, contextsFrom: other))
        #expect(identical(own.weights, others.weights))
        #expect(distance(own.context, others.context) > 0.1)
        #expect(attention.contextWidth == Self.width && others.context.rowWidth == Self.width)
    }

    // MARK: Configuration

    @Test func problemsAreNamed() {
        func reason(
            _ query: Int = 6, _ memory: Int = 6, _ change: (inout AttentionConfiguration) -> Void
        )
            -> String?
        {
            var form = AttentionConfiguration.small()
            change(&form)
            return form.problem(query: query, memory: memory)?.reason
        }
        #expect(reason { _ in } == nil)
        #expect(reason(6, 8) { $0.score = .dot }?.contains("width 8") == true)
        #expect(reason(6, 8) { $0.score = .scaledDot }?.contains("scaled_dot") == true)
        #expect(reason(6, 8) { $0.score = .general } == nil)
        #expect(
            reason(6, 8) {
                $0.score = .dot
                $0.heads = 2
            } == nil)
        #expect(reason(6, 8) { $0.heads = 3 }?.contains("divide") == true)
        #expect(reason { $0.heads = 0 }?.contains("heads") == true)
        for score in [AttentionConfiguration.Score.location, .fixed] {
            #expect(
                reason {
                    $0.score = score
                    $0.heads = 2
                }?.contains(score.rawValue) == true)
        }
        for normalization in [AttentionConfiguration.Normalization.softMonotonic, .hardMonotonic] {
            let name = normalization.rawValue
            for change: (inout AttentionConfiguration) -> Void in [
                { $0.range = .hybrid }, { $0.heads = 2 }, { $0.score = .fixed },
            ] {
                let found = reason {
                    $0.normalization = normalization
                    change(&$0)
                }
                #expect(found?.contains(name) == true)
            }
        }
        #expect(
            reason {
                $0.score = .fixed
                $0.coverage = .tu
            }?.contains("coverage") == true)
        #expect(reason { $0.window = 0 }?.contains("window") == true)
        #expect(reason { $0.maximumSource = 0 }?.contains("maximum_source") == true)
        #expect(reason { $0.coverageLoss = -1 }?.contains("coverage_loss") == true)
        #expect(
            reason {
                $0.score = .none
                $0.heads = 0
            } == nil)
    }

    @Test func namesInFiles() throws {
        var form = AttentionConfiguration()
        form.score = .scaledDot
        form.range = .localPredictive
        form.normalization = .hardMonotonic
        let text = String(decoding: try JSONEncoder().encode(form), as: UTF8.self)
        for part in [
            "\"score\":\"scaled_dot\"", "\"range\":\"local_p\"", "\"heads\":1", "\"window\":10",
            "\"normalization\":\"hard_monotonic\"", "\"coverage\":\"none\"", "\"coverage_loss\":1",
            "\"maximum_source\":256",
        ] { #expect(text.contains(part), "\(part) in \(text)") }
        let back = try JSONDecoder().decode(AttentionConfiguration.self, from: Data(text.utf8))
        #expect(back == form && AttentionConfiguration().score == .general)
    }
}
