import SeqDecoding
import SeqModels
import SeqNN
import SeqTensor
import SeqText
import TestSupport

/// One way to put a small model together for search.
struct Variant: Sendable, CustomStringConvertible {
    var type = DecoderConfiguration.Kind.luong
    var score = AttentionConfiguration.Score.general
    var feeds = false
    var reversesSource = false

    var description: String {
        "\(type) \(score)\(feeds ? " feeding" : "")\(reversesSource ? " reversed" : "")"
    }

    /// Every decoder with every attention that it allows.
    static let all: [Variant] = [
        Variant(score: .none), Variant(score: .none, reversesSource: true), Variant(score: .dot),
        Variant(), Variant(score: .concat), Variant(score: .dot, feeds: true), Variant(feeds: true),
        Variant(score: .concat, feeds: true), Variant(type: .bahdanau, score: .dot),
        Variant(type: .bahdanau), Variant(type: .bahdanau, score: .concat),
        Variant(reversesSource: true),
    ]

    static let vocabulary = 12

    /// A model whose parameters are far enough from zero for lively outputs, in one buffer as after
    /// training.
    func model(vocabulary: Int = Variant.vocabulary, seed: UInt64 = 5) throws -> TranslationModel {
        var configuration = ModelConfiguration()
        configuration.encoder.embedding = 8
        configuration.encoder.hidden = 16
        configuration.encoder.reversesSource = reversesSource
        configuration.decoder.type = type
        configuration.decoder.embedding = 8
        configuration.decoder.hidden = 16
        configuration.decoder.hasInputFeeding = feeds
        configuration.attention.score = score
        configuration.initialization = Initialization(kind: .uniform, range: 0.9)
        let model = try TranslationModel(
            configuration, sourceVocabulary: vocabulary, targetVocabulary: vocabulary, seed: seed)
        _ = ParameterBuffer(model.parameters)
        return model
    }

    /// A translator with words a, b, c, … on both sides.
    func translator() throws -> Translator {
        let codec = try TextCodec.train(
            on: ["a b c d e f g h i"], configuration: TokenizerConfiguration(kind: .whitespace))
        return Translator(ModelFolder(model: try model(), source: codec, target: codec))
    }
}

extension DecodingOptions {
    /// Options with the parts that tests vary.
    init(beam: Int, nBest: Int = 1, lengthPenalty: Float = 1, ratio: Float = 2, offset: Int = 5) {
        self.init()
        beamSize = beam
        self.nBest = nBest
        self.lengthPenalty = lengthPenalty
        maximumLengthRatio = ratio
        maximumLengthOffset = offset
    }
}
