import SeqModels
import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Convolutional encoders and decoders and the bag of embeddings: against PyTorch, in other batches, and
/// step by step.
struct ConvolutionalModelTests {
    /// A golden and a scope of its parameters.
    private static func load(_ name: String) throws -> (golden: Golden, scope: ParameterScope) {
        let golden = try Golden(name)
        let names = golden.file.names.filter { $0.hasPrefix("parameter.") }
        return (
            golden,
            ParameterScope(
                checkpoint: try checkpoint(
                    try names.map { (String($0.dropFirst("parameter.".count)), try golden($0)) }))
        )
    }

    /// Compares outputs, and gradients of inputs and of all parameters.
    private static func check(
        _ golden: Golden, _ scope: ParameterScope, inputs: [(name: String, tensor: Tensor)],
        _ body: () -> [(name: String, tensor: Tensor)]
    ) throws {
        try scope.checkEverythingWasUsed()
        let variables = inputs + scope.parameters.map { (name: $0.name, tensor: $0.value) }
        var outputs: [(name: String, tensor: Tensor)] = []
        let (_, gradients) = try valueAndGradient(of: variables.map(\.tensor)) {
            outputs = body()
            return try outputs.map { ($0.tensor * (try golden.weighting($0.name))).sum() }.sum()
        }
        for output in outputs {
            let expected = try golden("output.\(output.name)")
            #expect(distance(output.tensor, expected) < 1e-6, "\(output.name)")
        }
        for (variable, gradient) in zip(variables, gradients) {
            let expected = try golden("gradient.\(variable.name)")
            #expect(distance(gradient, expected) < 2e-6, "\(variable.name)")
        }
        let stored = golden.file.names.filter { $0.hasPrefix("gradient.") }
        #expect(stored.count == variables.count)
    }

    private static func configuration(_ maximumLength: Int = 4) -> ConvolutionConfiguration {
        var configuration = ConvolutionConfiguration()
        configuration.maximumLength = maximumLength
        return configuration
    }

    private static func fresh(_ seed: UInt64 = 1) -> ParameterScope {
        ParameterScope(
            initialization: Initialization(kind: .uniform, range: 0.3),
            generator: RandomGenerator(seed: seed))
    }

    // MARK: Encoders

    @Test func sequenceEncoderGolden() throws {
        let (golden, scope) = try Self.load("convs2s_encoder")
        let encoder = try ConvolutionalSequenceEncoder(
            Self.configuration(), inputs: 6, hidden: 8, layers: 2, in: scope)
        let input = Sequences(try golden("input.x"), layout: try golden.layout("input.lengths"))
        try Self.check(golden, scope, inputs: [("x", input.steps)]) {
            var dropout = Dropout.none
            let source = encoder(input, dropout: &dropout)
            #expect(source.final.isEmpty && encoder.outputs == 6)
            return [("memory", source.memory.steps), ("values", source.values ?? Tensor(0))]
        }
    }

    @Test(arguments: ConvolutionConfiguration.Activation.allCases)
    func plainEncoderGolden(_ activation: ConvolutionConfiguration.Activation) throws {
        let (golden, scope) = try Self.load("convolutional_encoder_\(activation.rawValue)")
        var configuration = Self.configuration()
        configuration.activation = activation
        let encoder = try ConvolutionalEncoder(
            configuration, inputs: 6, hidden: 8, layers: 2, in: scope)
        let input = Sequences(try golden("input.x"), layout: try golden.layout("input.lengths"))
        try Self.check(golden, scope, inputs: [("x", input.steps)]) {
            var dropout = Dropout.none
            let source = encoder(input, dropout: &dropout)
            #expect(source.final.isEmpty && source.values == nil)
            return [("memory", source.memory.steps)]
        }
    }

    /// Every kind of encoder, with weight normalisation, residuals and positions and without.
    private static func encoders() throws -> [any SequenceEncoder] {
        var plain = configuration(0)
        plain.normalizesWeights = false
        plain.isResidual = false
        var wide = configuration()
        wide.kernel = 6
        var narrow = configuration()
        narrow.kernel = 1
        var all: [any SequenceEncoder] = [
            try BagEncoder(inputs: 12, hidden: 12, in: fresh(1)),
            try BagEncoder(inputs: 12, hidden: 20, in: fresh(2)),
        ]
        for configuration in [configuration(), plain, wide, narrow] {
            all.append(
                try ConvolutionalSequenceEncoder(
                    configuration, inputs: 12, hidden: 20, layers: 3, in: fresh(3)))
            for activation in ConvolutionConfiguration.Activation.allCases {
                var configuration = configuration
                configuration.activation = activation
                all.append(
                    try ConvolutionalEncoder(
                        configuration, inputs: 12, hidden: activation == .glu ? 12 : 20, layers: 3,
                        in: fresh(4)))
            }
        }
        return all
    }

    /// What a sequence gets does not depend on the others, to the bit; lengths 0 and 1 included.
    @Test(arguments: Precision.allCases) func encodersInOtherBatches(_ precision: Precision) throws
    {
        let lengths = [5, 0, 1, 13, 2, 7, 70]
        let layout = SequenceLayout(lengths: lengths)
        let steps = Tensor.draw([layout.steps, 12], seed: 5)
        let encoders = try Self.encoders()
        Precision.$current.withValue(precision) {
            for encoder in encoders {
                func encode(_ chosen: [Int]) -> [(Tensor, Tensor)] {
                    let rows = chosen.flatMap { layout.rows(of: $0).map(Int32.init) }
                    let part = SequenceLayout(lengths: chosen.map { lengths[$0] })
                    var dropout = Dropout.none
                    let source = encoder(
                        Sequences(steps.gatheringRows(rows), layout: part), dropout: &dropout)
                    let values = source.values ?? source.memory.steps
                    return chosen.indices.map {
                        let rows = source.memory.layout.rows(of: $0)
                        return (source.memory.steps.rows(rows), values.rows(rows))
                    }
                }
                let all = encode(Array(lengths.indices))
                #expect(all.allSatisfy { $0.0.isFinite && $0.0.rowWidth == encoder.outputs })
                for chosen in lengths.indices.map({ [$0] }) + [[3, 0, 2]] {
                    for (index, found) in zip(chosen, encode(chosen)) {
                        #expect(
                            identical(found.0, all[index].0) && identical(found.1, all[index].1))
                    }
                }
            }
        }
    }

    @Test func encodersOfNothing() throws {
        for encoder in try Self.encoders() {
            for lengths in [[], [0, 0]] {
                var dropout = Dropout.none
                let input = Sequences(.zeros([0, 12]), layout: SequenceLayout(lengths: lengths))
                let source = encoder(input, dropout: &dropout)
                #expect(source.memory.steps.shape == [0, encoder.outputs])
            }
        }
    }

    /// The bag has no order; the others do.
    @Test func orderMattersToConvolutions() throws {
        let layout = SequenceLayout(lengths: [6])
        let steps = Tensor.draw([6, 12], seed: 5)
        let turned = steps.gatheringRows(layout.reversedRows)
        for (index, encoder) in try Self.encoders().enumerated() {
            var dropout = Dropout.none
            let memory = encoder(Sequences(steps, layout: layout), dropout: &dropout).memory.steps
            let other = encoder(Sequences(turned, layout: layout), dropout: &dropout).memory.steps
            let gap = distance(other.gatheringRows(layout.reversedRows), memory)
            if index < 2 { #expect(gap == 0) } else { #expect(gap > 1e-4, "\(index)") }
        }
    }

    /// Dropout acts, and without a generator it does not.
    @Test func dropoutInConvolutionalEncoders() throws {
        let input = Sequences(.draw([9, 12], seed: 5), layout: SequenceLayout(lengths: [4, 5]))
        for encoder in try Self.encoders().dropFirst(2) {
            func run(_ generator: RandomGenerator?) -> Tensor {
                var dropout = Dropout(rate: 0.5, generator: generator)
                return encoder(input, dropout: &dropout).memory.steps
            }
            #expect(identical(run(nil), run(nil)))
            #expect(!identical(run(RandomGenerator(seed: 1)), run(nil)))
            #expect(identical(run(RandomGenerator(seed: 1)), run(RandomGenerator(seed: 1))))
        }
    }

    // MARK: Decoder

    @Test(arguments: [("convs2s_decoder", 6), ("convs2s_decoder_other_memory", 5)])
    func decoderGolden(_ name: String, _ memory: Int) throws {
        let (golden, scope) = try Self.load(name)
        let decoder = try ConvolutionalSequenceDecoder(
            Self.configuration(), inputs: 6, hidden: 8, layers: 2, memory: memory, in: scope)
        #expect(decoder.outputs == 6)
        let sourceLayout = try golden.layout("input.source_lengths")
        let inputs = try ["embedded", "memory", "values"].map {
            (name: $0, tensor: try golden("input.\($0)"))
        }
        let targets = Sequences(
            inputs[0].tensor, layout: try golden.layout("input.target_lengths"))
        try Self.check(golden, scope, inputs: inputs) {
            var dropout = Dropout.none
            let source = EncodedSource(
                memory: Sequences(inputs[1].tensor, layout: sourceLayout), values: inputs[2].tensor)
            var memory = decoder.memory(source)
            memory.keepsWeights = true
            let output = decoder.run(
                targets, state: decoder.initialState(source, dropout: &dropout), memory: memory,
                dropout: &dropout)
            return [("vectors", output.vectors), ("weights", output.weights ?? Tensor(0))]
        }
    }

    private static let sourceLengths = [4, 1, 9, 0, 3, 3]
    private static let targetLengths = [5, 1, 2, 4, 7, 3]

    private static func source(_ chosen: [Int], width: Int) -> EncodedSource {
        let layout = SequenceLayout(lengths: sourceLengths)
        let rows = chosen.flatMap { layout.rows(of: $0).map(Int32.init) }
        let part = SequenceLayout(lengths: chosen.map { sourceLengths[$0] })
        func draw(_ seed: UInt64) -> Tensor {
            Tensor.draw([layout.steps, width], seed: seed).gatheringRows(rows)
        }
        return EncodedSource(memory: Sequences(draw(1), layout: part), values: draw(2))
    }

    private static func decoder(_ kernel: Int, memory: Int, isNormalized: Bool = true) throws
        -> ConvolutionalSequenceDecoder
    {
        var configuration = configuration(3)
        configuration.kernel = kernel
        configuration.normalizesWeights = isNormalized
        return try ConvolutionalSequenceDecoder(
            configuration, inputs: 12, hidden: 20, layers: 3, memory: memory, in: fresh(7))
    }

    /// Vectors and weights of each of the chosen pairs, decoded whole.
    private static func run(
        _ decoder: ConvolutionalSequenceDecoder, _ chosen: [Int], memory width: Int
    ) -> [(vectors: Tensor, weights: Tensor)] {
        let source = source(chosen, width: width)
        let layout = SequenceLayout(lengths: targetLengths)
        let part = SequenceLayout(lengths: chosen.map { targetLengths[$0] })
        let rows = chosen.flatMap { layout.rows(of: $0).map(Int32.init) }
        let embedded = Tensor.draw([layout.steps, 12], seed: 3).gatheringRows(rows)
        var dropout = Dropout.none
        var memory = decoder.memory(source)
        memory.keepsWeights = true
        let output = decoder.run(
            Sequences(embedded, layout: part),
            state: decoder.initialState(source, dropout: &dropout), memory: memory,
            dropout: &dropout)
        let starts = AttentionLayout(memory: source.memory.layout, queries: part).weightStarts
        let weights = output.weights ?? Tensor(0)
        return chosen.indices.map { index in
            let rows = part.rows(of: index)
            let range = Int(starts[rows.lowerBound])..<Int(starts[rows.upperBound])
            return (output.vectors.rows(rows), weights.rows(range))
        }
    }

    /// Step by step gives the same bits as all at once, with hypotheses that come, go and change places.
    @Test(arguments: [1, 2, 3, 8], [12, 20]) func stepsEqualTheWhole(_ kernel: Int, _ width: Int)
        throws
    {
        for isNormalized in [true, false] {
            let decoder = try Self.decoder(kernel, memory: width, isNormalized: isNormalized)
            let whole = Self.run(decoder, Array(Self.targetLengths.indices), memory: width)
            let source = Self.source(Array(Self.targetLengths.indices), width: width)
            let layout = SequenceLayout(lengths: Self.targetLengths)
            let embedded = Tensor.draw([layout.steps, 12], seed: 3)
            var dropout = Dropout.none
            var memory = decoder.memory(source)
            memory.keepsWeights = true
            var state = decoder.initialState(source, dropout: &dropout)
            var alive = Array(Self.targetLengths.indices)
            for step in 0..<7 {
                let kept = alive.indices.filter { Self.targetLengths[alive[$0]] > step }
                // Turned over at each step, the first of them twice.
                let rows = Array(kept.reversed()) + kept.suffix(1)
                state = state.gatheringRows(rows.map(Int32.init))
                alive = rows.map { alive[$0] }
                let input = embedded.gatheringRows(alive.map { layout.starts[$0] + Int32(step) })
                let queries = AttentionLayout(
                    memory: source.memory.layout, sequenceOfQuery: alive.map(Int32.init))
                let output = decoder.step(
                    decoder.input(input), state: &state, memory: memory, layout: queries,
                    dropout: &dropout)
                #expect(state.step == step + 1)
                let weights = try #require(output.weights)
                for (row, sequence) in alive.enumerated() {
                    let expected = whole[sequence]
                    #expect(
                        identical(
                            output.vectors.rows(row..<row + 1),
                            expected.vectors.rows(step..<step + 1)))
                    let length = Self.sourceLengths[sequence]
                    let first = Int(queries.weightStarts[row])
                    #expect(
                        identical(
                            weights.rows(first..<first + length),
                            expected.weights.rows(step * length..<(step + 1) * length)))
                }
            }
        }
    }

    @Test(arguments: Precision.allCases) func decoderInOtherBatches(_ precision: Precision) throws {
        try Precision.$current.withValue(precision) {
            for (kernel, width) in [(3, 12), (5, 20)] {
                let decoder = try Self.decoder(kernel, memory: width)
                let all = Self.run(decoder, Array(Self.targetLengths.indices), memory: width)
                for chosen in [[0], [1], [3], [4, 2], [5, 3, 0, 1]] {
                    for (index, found) in zip(
                        chosen, Self.run(decoder, chosen, memory: width))
                    {
                        #expect(identical(found.vectors, all[index].vectors), "\(index)")
                        #expect(identical(found.weights, all[index].weights), "\(index)")
                    }
                }
            }
        }
    }

    /// Weights are a distribution, and are left out where nobody wants them.
    @Test func attentionWeights() throws {
        let decoder = try Self.decoder(3, memory: 12)
        let found = Self.run(decoder, [0], memory: 12)[0]
        #expect(
            distance(
                found.weights.reshaped([5, 4]).sumOfColumns(), Tensor(repeating: 1, shape: [5, 1]))
                < 1e-6)
        let source = Self.source([0], width: 12)
        var dropout = Dropout.none
        let output = decoder.run(
            Sequences(.zeros([2, 12]), layout: SequenceLayout(lengths: [2])),
            state: decoder.initialState(source, dropout: &dropout),
            memory: decoder.memory(source), dropout: &dropout)
        #expect(output.weights == nil && output.loss == nil)
    }

    /// A step sees no later ones.
    @Test func theFutureIsHidden() throws {
        let decoder = try Self.decoder(3, memory: 12)
        let source = Self.source([0], width: 12)
        func vectors(_ embedded: Tensor) -> Tensor {
            var dropout = Dropout.none
            return decoder.run(
                Sequences(embedded, layout: SequenceLayout(lengths: [embedded.rows])),
                state: decoder.initialState(source, dropout: &dropout),
                memory: decoder.memory(source), dropout: &dropout
            ).vectors
        }
        let embedded = Tensor.draw([6, 12], seed: 3)
        let whole = vectors(embedded)
        for count in 1..<6 {
            let other = Tensor.concatenatingRows([
                embedded.rows(0..<count), .draw([2, 12], seed: UInt64(count)),
            ])
            #expect(identical(vectors(other).rows(0..<count), whole.rows(0..<count)))
        }
    }

    /// The gradient of encoder and decoder together, by differences.
    @Test func gradientOfTheWhole() throws {
        let scope = Self.fresh(9)
        let encoder = try ConvolutionalSequenceEncoder(
            Self.configuration(), inputs: 5, hidden: 4, layers: 2, in: scope.scope("encoder"))
        let decoder = try ConvolutionalSequenceDecoder(
            Self.configuration(), inputs: 5, hidden: 4, layers: 2, memory: 5,
            in: scope.scope("decoder"))
        let sources = SequenceLayout(lengths: [3, 0, 1, 5])
        let targets = SequenceLayout(lengths: [2, 3, 4, 1])
        let variables: [Tensor] = [
            .draw([sources.steps, 5], seed: 1), .draw([targets.steps, 5], seed: 2),
        ]
        let report = checkGradient(of: variables, elements: 50) { v in
            var dropout = Dropout.none
            let source = encoder(Sequences(v[0], layout: sources), dropout: &dropout)
            var memory = decoder.memory(source)
            memory.keepsWeights = true
            let output = decoder.run(
                Sequences(v[1], layout: targets),
                state: decoder.initialState(source, dropout: &dropout), memory: memory,
                dropout: &dropout)
            return [output.vectors, output.weights ?? Tensor(0)]
        }
        #expect(report.error < 1e-3, "\(report)")
    }
}
