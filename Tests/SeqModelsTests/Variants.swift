import SeqData
import SeqModels
import SeqNN
import SeqTensor
import TestSupport

/// One way to put a small model together.
struct Variant: Sendable, CustomStringConvertible {
    var description: String
    var configuration: ModelConfiguration

    static let source = 8
    static let target = 7

    /// A Luong decoder with the general score, changed by `change`.
    init(_ description: String = "luong", _ change: (inout ModelConfiguration) -> Void = { _ in }) {
        var configuration = ModelConfiguration()
        configuration.encoder.embedding = 3
        configuration.encoder.hidden = 6
        configuration.encoder.layers = 1
        configuration.encoder.isBidirectional = false
        configuration.decoder.embedding = 4
        configuration.decoder.hidden = 6
        configuration.decoder.layers = 1
        configuration.encoder.transformer.heads = 2
        configuration.encoder.transformer.feedForward = 5
        configuration.encoder.transformer.activation = .gelu
        configuration.decoder.transformer = configuration.encoder.transformer
        configuration.attention.window = 2
        configuration.attention.maximumSource = 4
        configuration.output.mixtures = 2
        configuration.output.samples = 3
        configuration.output.cutoffs = [3]
        configuration.initialization = Initialization(kind: .uniform, range: 0.7)
        change(&configuration)
        self.description = description
        self.configuration = configuration
    }

    func model(seed: UInt64 = 1) throws -> TranslationModel {
        try TranslationModel(
            configuration, sourceVocabulary: Self.source,
            targetVocabulary: configuration.output.tied == .all ? Self.source : Self.target,
            sourceTokens: Self.sourceTokens, seed: seed)
    }

    static let sourceTokens = ["<unk>", "<s>", "</s>", "ab", "b", "abc", "dé", "a"]

    /// This with a further change.
    func and(_ description: String, _ change: (inout ModelConfiguration) -> Void) -> Variant {
        var result = self
        result.description += " \(description)"
        change(&result.configuration)
        return result
    }

    /// Whether the loss has a gradient everywhere, so that finite differences find it.
    var isSmooth: Bool {
        let (encoder, decoder) = (configuration.encoder, configuration.decoder)
        let (attention, uses) = (configuration.attention, decoder.type.isRecurrent)
        let cells =
            (encoder.type.isRecurrent ? [encoder.recurrent.cell] : [])
            + (uses ? [decoder.recurrent.cell] : [])
        return !cells.contains(.rnnReLU) && encoder.wordVectors == .table
            && !(encoder.type == .convolutional && encoder.convolution.activation == .relu)
            && !(encoder.type == .transformer && encoder.transformer.activation == .relu)
            && !(decoder.type == .transformer && decoder.transformer.activation == .relu)
            && !(uses && attention.normalization == .sparsemax)
            && !(uses && attention.coverage == .see)
    }

    /// How far finite differences may go from the point: normalisation of small numbers bends quickly.
    var differenceStep: Float {
        [configuration.encoder.recurrent.cell, configuration.decoder.recurrent.cell]
            .contains { $0.rawValue.hasPrefix("layer_norm") } ? 0.002 : 0.004
    }

    private var isAllowed: Bool { (try? configuration.validate()) != nil }

    // MARK: The space of configurations, axis by axis

    /// Every recurrent decoder with every bridge, with and without input feeding, in several depths.
    static let structures: [Variant] = {
        var result: [Variant] = []
        for type in DecoderConfiguration.Kind.allCases where type.isRecurrent {
            for score in [AttentionConfiguration.Score.none, .general] {
                for feeds in [false, true] {
                    for bridge in ModelConfiguration.Bridge.allCases {
                        for (lower, upper) in [(1, 1), (2, 2), (1, 2)] {
                            result.append(
                                Variant(
                                    "\(type) \(score)\(feeds ? " feeding" : "") \(bridge) \(lower)-\(upper)"
                                ) {
                                    $0.decoder.type = type
                                    $0.attention.score = score
                                    $0.decoder.hasInputFeeding = feeds
                                    $0.bridge = bridge
                                    $0.encoder.layers = lower
                                    $0.decoder.layers = upper
                                    if bridge != .copy { $0.encoder.hidden = 4 }
                                })
                        }
                    }
                }
            }
        }
        return result.filter(\.isAllowed)
    }()

    /// Every encoder.
    static let encoders: [Variant] = {
        var result: [Variant] = []
        for type in EncoderConfiguration.Kind.allCases {
            let base = Variant("\(type)") {
                $0.encoder.type = type
                $0.bridge = type.isRecurrent ? .copy : .mean
            }
            result.append(base)
            switch type {
            case .recurrent, .pyramidal:
                let deep = base.and("3 layers") {
                    $0.encoder.layers = 3
                    $0.decoder.layers = 3
                }
                result += [
                    deep,
                    base.and("bidirectional") { $0.encoder.isBidirectional = true },
                    deep.and("bidirectional") { $0.encoder.isBidirectional = true },
                    deep.and("sum of directions") {
                        $0.encoder.isBidirectional = true
                        $0.encoder.summary = .sum
                    },
                    deep.and("bidirectional below") {
                        $0.encoder.isBidirectional = true
                        $0.encoder.bidirectionalLayers = 1
                    },
                    base.and("reversed") { $0.encoder.reversesSource = true },
                ]
            case .convolutionalSequence, .convolutional:
                result.append(base.and("3 layers") { $0.encoder.layers = 3 })
            case .transformer:
                for norm in TransformerConfiguration.Norm.allCases {
                    for positions in PositionalEncoding.Kind.allCases {
                        for activation in FeedForwardFunction.allCases {
                            result.append(
                                base.and("\(norm) \(positions) \(activation)") {
                                    $0.encoder.layers = 2
                                    $0.encoder.hidden = 8
                                    $0.encoder.transformer.norm = norm
                                    $0.encoder.transformer.positions = positions
                                    $0.encoder.transformer.activation = activation
                                })
                        }
                    }
                }
            case .bag:
                result.append(
                    base.and("characters") {
                        $0.encoder.wordVectors = .characters
                        $0.encoder.characters.embedding = 4
                        $0.encoder.characters.widths = 2
                        $0.encoder.characters.filters = 3
                    })
            }
        }
        return result.filter(\.isAllowed)
    }()

    /// Every cell with every connection, and what happens to states between steps.
    static let cells: [Variant] = {
        var result: [Variant] = []
        func set(
            _ description: String, _ change: @escaping (inout RecurrentConfiguration) -> Void
        ) -> Variant {
            Variant(description) {
                change(&$0.encoder.recurrent)
                change(&$0.decoder.recurrent)
                $0.encoder.isBidirectional = true
                $0.encoder.layers = 2
                $0.decoder.layers = 2
                // Normalising few or small numbers is too steep for finite differences.
                $0.encoder.hidden = 16
                $0.decoder.hidden = 16
                $0.initialization.range =
                    $0.encoder.recurrent.cell.rawValue.hasPrefix("layer_norm") ? 1 : 0.4
            }
        }
        for cell in RecurrentCellKind.allCases {
            result.append(set("\(cell)") { $0.cell = cell })
            result.append(
                set("\(cell) depth 2") {
                    $0.cell = cell
                    $0.transitionDepth = 2
                })
            result.append(
                set("\(cell) zoneout, variational") {
                    $0.cell = cell
                    $0.zoneout = 0.1
                    $0.hasVariationalDropout = true
                    $0.stateDropout = 0.2
                })
        }
        for connection in RecurrentConfiguration.Connection.allCases {
            result.append(set("\(connection)") { $0.connection = connection })
        }
        for cell in RecurrentCellKind.allCases {
            for type in DecoderConfiguration.Kind.allCases where type.isRecurrent {
                result.append(
                    Variant("\(type) \(cell)") {
                        $0.encoder.hidden = 16
                        $0.decoder.hidden = 16
                        $0.initialization.range = 0.4
                        $0.encoder.recurrent.cell = .gru
                        $0.decoder.recurrent.cell = cell
                        $0.decoder.type = type
                        $0.attention.score = type == .cho ? .none : .general
                    })
            }
        }
        return result.filter(\.isAllowed)
    }()

    /// Every attention: score × range × normalisation × coverage × heads, as far as they go together.
    static let attentions: [(description: String, configuration: AttentionConfiguration)] = {
        var result: [(description: String, configuration: AttentionConfiguration)] = []
        for score in AttentionConfiguration.Score.allCases where score != .none {
            for range in AttentionConfiguration.Range.allCases {
                for normalization in AttentionConfiguration.Normalization.allCases {
                    for coverage in AttentionConfiguration.Coverage.allCases {
                        for heads in [1, 2] {
                            var attention = Variant().configuration.attention
                            attention.score = score
                            attention.range = range
                            attention.normalization = normalization
                            attention.coverage = coverage
                            attention.heads = heads
                            guard attention.problem(query: 6, memory: 6) == nil else { continue }
                            result.append(
                                (
                                    "\(score) \(range) \(normalization) coverage \(coverage) \(heads) heads",
                                    attention
                                ))
                        }
                    }
                }
            }
        }
        return result
    }()

    /// Every attention in the decoder of Luong et al., and some in the others.
    static let attending: [Variant] = attentions.map { attention in
        Variant(attention.description) { $0.attention = attention.configuration }
    }

    /// Every context gate.
    static let gates: [Variant] = {
        var result: [Variant] = []
        for type in DecoderConfiguration.Kind.allCases {
            for gate in ContextGate.allCases where gate != .none {
                result.append(
                    Variant("\(type) gate \(gate)") {
                        $0.decoder.type = type
                        $0.decoder.contextGate = gate
                        $0.attention.score = type == .cho ? .none : .general
                    })
            }
        }
        return result.filter(\.isAllowed)
    }()

    /// Decoders without recurrence over every encoder.
    static let parallel: [Variant] = {
        var result: [Variant] = []
        for type in EncoderConfiguration.Kind.allCases {
            for decoder in [DecoderConfiguration.Kind.convolutionalSequence, .transformer] {
                result.append(
                    Variant("\(type) \(decoder)") {
                        $0.encoder.type = type
                        $0.decoder.type = decoder
                        $0.decoder.layers = 2
                    })
            }
        }
        for norm in TransformerConfiguration.Norm.allCases {
            for positions in PositionalEncoding.Kind.allCases {
                for activation in FeedForwardFunction.allCases {
                    result.append(
                        Variant("transformer \(norm) \(positions) \(activation)") {
                            $0.encoder.type = .transformer
                            $0.encoder.hidden = 8
                            $0.decoder.type = .transformer
                            $0.decoder.layers = 2
                            $0.decoder.hidden = 8
                            $0.decoder.transformer.norm = norm
                            $0.decoder.transformer.positions = positions
                            $0.decoder.transformer.activation = activation
                            $0.encoder.transformer = $0.decoder.transformer
                        })
                }
            }
        }
        return result.filter(\.isAllowed)
    }()

    /// Every output layer.
    static let outputs: [Variant] = {
        var result: [Variant] = []
        for type in OutputConfiguration.Kind.allCases {
            for tied in OutputConfiguration.Tying.allCases {
                for decoder in [DecoderConfiguration.Kind.luong, .transformer] {
                    result.append(
                        Variant("\(decoder) \(type) tied \(tied)") {
                            $0.decoder.type = decoder
                            $0.output.type = type
                            $0.output.tied = tied
                            if tied == .all { $0.encoder.embedding = $0.decoder.embedding }
                        })
                }
            }
        }
        return result.filter(\.isAllowed)
    }()

    /// Every variant, each axis by itself.
    static let all: [Variant] =
        structures + encoders + cells + attending + gates + parallel + outputs

    /// Every encoder × attention × decoder.
    static let combinations: [Variant] = {
        var result: [Variant] = []
        for encoder in EncoderConfiguration.Kind.allCases {
            for decoder in DecoderConfiguration.Kind.allCases {
                let base = Variant("\(encoder) \(decoder)") {
                    $0.encoder.type = encoder
                    $0.decoder.type = decoder
                    $0.bridge = .mean
                    if !decoder.isRecurrent || decoder == .cho { $0.attention.score = .none }
                }
                guard decoder.isRecurrent, decoder != .cho else {
                    result.append(base)
                    continue
                }
                result += [base.and("no attention") { $0.attention.score = .none }]
                result += attentions.map { attention in
                    base.and(attention.description) { $0.attention = attention.configuration }
                }
            }
        }
        return result.filter(\.isAllowed)
    }()
}

/// A batch of pairs of these lengths.
func drawBatch(
    _ model: TranslationModel, sources: [Int] = [3, 1, 4], targets: [Int] = [2, 4, 0],
    seed: UInt64 = 4
) -> TranslationBatch {
    model.batch(
        zip(
            drawTokens(sources, below: Variant.source, seed: seed),
            drawTokens(targets, below: Variant.target, seed: seed + 1)
        ).map { pair(of: model, source: $0, target: $1) })
}

/// A pair, in which source tokens from 5 on are words that the target vocabulary lacks; the first of them
/// is also the first word of the target.
func pair(of model: TranslationModel, source: [Int32], target: [Int32]) -> Example {
    guard model.output.needsContext else {
        return Example(source: source[...], target: target[...])
    }
    var unknowns: [Int32] = []
    let size = Int32(model.targetVocabulary)
    let copies = source.map { token -> Int32 in
        guard token >= 5 else { return token }
        if !unknowns.contains(token) { unknowns.append(token) }
        return size + Int32(unknowns.firstIndex(of: token) ?? 0)
    }
    var target = target
    if !unknowns.isEmpty, !target.isEmpty { target[0] = size }
    return Example(source: source[...], target: target[...], copies: copies[...])
}
