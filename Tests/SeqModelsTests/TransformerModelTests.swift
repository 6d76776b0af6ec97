import SeqFiles
import SeqModels
import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Transformer encoders and decoders: any batch composition gives the same bits, and steps give those
/// of the whole.
struct TransformerModelTests {
    static let sources = SequenceLayout(lengths: [5, 1, 18, 7])
    static let targets = SequenceLayout(lengths: [4, 19, 2, 6])

    /// All norms, positions and activations, with inputs as wide as the layers and narrower.
    static let variants: [(configuration: TransformerConfiguration, inputs: Int)] = {
        var variants: [(TransformerConfiguration, Int)] = []
        for norm in TransformerConfiguration.Norm.allCases {
            for positions in PositionalEncoding.Kind.allCases {
                for activation in FeedForwardFunction.allCases {
                    var configuration = TransformerConfiguration()
                    configuration.heads = 3
                    configuration.feedForward = 34
                    configuration.norm = norm
                    configuration.positions = positions
                    configuration.activation = activation
                    configuration.maximumLength = 11
                    configuration.scalesEmbeddings = activation != .gelu
                    variants.append((configuration, activation == .relu ? 24 : 10))
                }
            }
        }
        return variants
    }()

    static func scope() -> ParameterScope {
        ParameterScope(
            initialization: Initialization(kind: .uniform, range: 0.3),
            generator: RandomGenerator(seed: 1))
    }

    static func encoder(_ variant: Int) throws -> TransformerEncoder {
        let (configuration, inputs) = variants[variant]
        return try TransformerEncoder(
            configuration, inputs: inputs, hidden: 24, layers: 2, in: scope())
    }

    static func decoder(_ variant: Int) throws -> TransformerDecoder {
        let (configuration, inputs) = variants[variant]
        return try TransformerDecoder(
            configuration, inputs: inputs, hidden: 24, layers: 2, memory: 24, in: scope())
    }

    static func encoded(_ encoder: TransformerEncoder, _ input: Sequences) -> EncodedSource {
        var dropout = Dropout.none
        return encoder(input, dropout: &dropout)
    }

    static func input(_ variant: Int, _ layout: SequenceLayout, seed: UInt64) -> Sequences {
        Sequences(.draw([layout.steps, variants[variant].inputs], seed: seed), layout: layout)
    }

    static func part(_ sequences: Sequences, _ index: Int) -> Sequences {
        let rows = sequences.layout.rows(of: index)
        return Sequences(
            sequences.steps.rows(rows), layout: SequenceLayout(lengths: [rows.count]))
    }

    @Test(arguments: variants.indices) func batchCompositionChangesNoBit(_ variant: Int) throws {
        let encoder = try Self.encoder(variant), decoder = try Self.decoder(variant)
        let source = Self.input(variant, Self.sources, seed: 1)
        let target = Self.input(variant, Self.targets, seed: 2)
        func run(_ source: Sequences, _ target: Sequences) -> (Tensor, DecoderOutput) {
            var dropout = Dropout.none
            let encoded = Self.encoded(encoder, source)
            var memory = decoder.memory(encoded)
            memory.keepsWeights = true
            let state = decoder.initialState(encoded, dropout: &dropout)
            return (
                encoded.memory.steps,
                decoder.run(target, state: state, memory: memory, dropout: &dropout)
            )
        }
        let (memory, output) = run(source, target)
        #expect(memory.shape == [31, 24] && output.vectors.shape == [31, 24])
        #expect(memory.values.allSatisfy { $0.isFinite })
        let weightStarts = AttentionLayout(memory: Self.sources, queries: Self.targets).weightStarts
        for index in 0..<Self.sources.batch {
            let (aloneMemory, alone) = run(Self.part(source, index), Self.part(target, index))
            #expect(identical(aloneMemory, memory.rows(Self.sources.rows(of: index))))
            let rows = Self.targets.rows(of: index)
            #expect(identical(alone.vectors, output.vectors.rows(rows)))
            let weights = Int(weightStarts[rows.lowerBound])..<Int(weightStarts[rows.upperBound])
            #expect(
                identical(alone.weights ?? Tensor(0), output.weights?.rows(weights) ?? Tensor(1)))
        }
    }

    @Test(arguments: variants.indices) func stepsEqualTheWholeBitwise(_ variant: Int) throws {
        let encoder = try Self.encoder(variant), decoder = try Self.decoder(variant)
        let encoded = Self.encoded(encoder, Self.input(variant, Self.sources, seed: 1))
        let lengths = [19, 19, 19, 19]
        let layout = SequenceLayout(lengths: lengths)
        let target = Self.input(variant, layout, seed: 2)
        var dropout = Dropout.none
        var memory = decoder.memory(encoded)
        memory.keepsWeights = true
        let initial = decoder.initialState(encoded, dropout: &dropout)
        let whole = decoder.run(target, state: initial, memory: memory, dropout: &dropout)
        let weightStarts = AttentionLayout(memory: Self.sources, queries: layout).weightStarts

        // Hypotheses change places at each step, and sequence 1 has two of them.
        var state = initial
        var sequences: [Int32] = [0, 1, 2, 3]
        for time in 0..<19 {
            let order =
                time == 2 ? [1, 1, 0, 2, 3] : [Int32](0..<Int32(sequences.count)).reversed()
            state = state.gatheringRows(order)
            sequences = order.map { sequences[Int($0)] }
            let rows = sequences.map { $0 * 19 + Int32(time) }
            let output = decoder.step(
                decoder.input(target.steps.gatheringRows(rows)), state: &state, memory: memory,
                layout: AttentionLayout(memory: Self.sources, sequenceOfQuery: sequences),
                dropout: &dropout)
            #expect(state.step == time + 1)
            #expect(identical(output.vectors, whole.vectors.gatheringRows(rows)), "step \(time)")
            let weights = rows.map {
                whole.weights?.rows(Int(weightStarts[Int($0)])..<Int(weightStarts[Int($0) + 1]))
                    ?? Tensor(0)
            }
            #expect(identical(output.weights ?? Tensor(1), .concatenatingRows(weights)))
        }
    }

    /// Variants without ReLU, whose kink differences would cross; the goldens of its layers have it.
    @Test(arguments: [1, 4, 8, 10, 14, 16]) func gradients(_ variant: Int) throws {
        let encoder = try Self.encoder(variant), decoder = try Self.decoder(variant)
        let sources = SequenceLayout(lengths: [3, 2]), targets = SequenceLayout(lengths: [2, 3])
        let report = checkGradient(
            of: [
                Self.input(variant, sources, seed: 1).steps,
                Self.input(variant, targets, seed: 2).steps,
            ], step: 0.01
        ) { v in
            var dropout = Dropout.none
            let encoded = Self.encoded(encoder, Sequences(v[0], layout: sources))
            let output = decoder.run(
                Sequences(v[1], layout: targets),
                state: decoder.initialState(encoded, dropout: &dropout),
                memory: decoder.memory(encoded), dropout: &dropout)
            return [encoded.memory.steps, output.vectors]
        }
        #expect(report.error < 1e-2, "\(report)")
    }

    /// Training with every dropout draws the same masks from the same generator, and others from
    /// another.
    @Test func dropoutFollowsTheGenerator() throws {
        var configuration = Self.variants[0].configuration
        configuration.attentionDropout = 0.2
        configuration.activationDropout = 0.2
        let encoder = try TransformerEncoder(
            configuration, inputs: 24, hidden: 24, layers: 2, in: Self.scope())
        let source = Self.input(0, Self.sources, seed: 1)
        func run(_ seed: UInt64) -> Tensor {
            var dropout = Dropout(rate: 0.1, generator: RandomGenerator(seed: seed))
            return encoder(source, dropout: &dropout).memory.steps
        }
        #expect(identical(run(1), run(1)))
        #expect(!identical(run(1), run(2)))
        #expect(!identical(run(1), Self.encoded(encoder, source).memory.steps))
    }

    @Test func configurationProblems() {
        func problem(_ change: (inout TransformerConfiguration) -> Void) -> String? {
            var configuration = TransformerConfiguration()
            change(&configuration)
            return configuration.problem(hidden: 512)?.reason
        }
        #expect(problem { _ in } == nil)
        #expect(problem { $0.heads = 7 }?.hasPrefix("heads") == true)
        #expect(problem { $0.heads = 0 }?.hasPrefix("heads") == true)
        #expect(
            problem {
                $0.heads = 512
                $0.positions = .rotary
            }?.hasPrefix("positions") == true)
        #expect(problem { $0.feedForward = 0 }?.hasPrefix("feed_forward") == true)
        #expect(problem { $0.maximumLength = 0 }?.hasPrefix("maximum_length") == true)
        #expect(problem { $0.attentionDropout = 1 }?.hasPrefix("attention_dropout") == true)
        #expect(problem { $0.activationDropout = -1 }?.hasPrefix("activation_dropout") == true)
    }
}
