import SeqModels
import SeqNN
import SeqTensor
import TestSupport

/// One way to put a small model together.
struct Variant: Sendable, CustomStringConvertible {
    var type = DecoderConfiguration.Kind.luong
    var score = AttentionConfiguration.Score.general
    var feeds = false
    var isBidirectional = false
    var bridge = ModelConfiguration.Bridge.copy
    /// Layers of encoder and decoder.
    var layers = (encoder: 1, decoder: 1)

    var description: String {
        "\(type) \(score)\(feeds ? " feeding" : "")\(isBidirectional ? " bidirectional" : "") \(bridge) \(layers.encoder)-\(layers.decoder)"
    }

    static let source = 8
    static let target = 7

    var configuration: ModelConfiguration {
        var configuration = ModelConfiguration()
        configuration.encoder.embedding = 3
        configuration.encoder.layers = layers.encoder
        configuration.encoder.isBidirectional = isBidirectional
        configuration.decoder.type = type
        configuration.decoder.embedding = 4
        configuration.decoder.layers = layers.decoder
        configuration.decoder.hasInputFeeding = feeds
        configuration.decoder.hidden = 6
        configuration.encoder.hidden = bridge == .copy || score == .dot ? 6 : 4
        configuration.attention.score = score
        configuration.bridge = bridge
        configuration.initialization = Initialization(kind: .uniform, range: 0.7)
        return configuration
    }

    func model(seed: UInt64 = 1) throws -> TranslationModel {
        try TranslationModel(
            configuration, sourceVocabulary: Self.source, targetVocabulary: Self.target, seed: seed)
    }

    /// Every combination that ``ModelConfiguration/validate()`` allows.
    static let all: [Variant] = {
        var result: [Variant] = []
        for type in DecoderConfiguration.Kind.allCases {
            for score in AttentionConfiguration.Score.allCases {
                for feeds in [false, true] {
                    for isBidirectional in [false, true] {
                        for bridge in ModelConfiguration.Bridge.allCases {
                            for layers in [(1, 1), (2, 2), (1, 2), (2, 1)] {
                                result.append(
                                    Variant(
                                        type: type, score: score, feeds: feeds,
                                        isBidirectional: isBidirectional, bridge: bridge,
                                        layers: layers))
                            }
                        }
                    }
                }
            }
        }
        return result.filter { (try? $0.configuration.validate()) != nil }
    }()
}

/// A batch of pairs of these lengths.
func drawBatch(
    _ model: TranslationModel, sources: [Int] = [3, 1, 4], targets: [Int] = [2, 4, 0],
    seed: UInt64 = 4
) -> TranslationBatch {
    let pairs = zip(
        drawTokens(sources, below: Variant.source, seed: seed),
        drawTokens(targets, below: Variant.target, seed: seed + 1))
    return model.batch(pairs.map { ($0[...], $1[...]) })
}
