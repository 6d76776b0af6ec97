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
    var hidden = 16

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

    /// A model whose outputs are lively.
    ///
    /// Of different sources they differ, and some come to an end before the length limit; of random
    /// models that is one in a few.
    func model() throws -> TranslationModel {
        let probe = drawTokens([4, 1, 7, 2, 2, 9, 5, 3], below: Variant.vocabulary, seed: 3)
        for seed in UInt64(1)...1000 {
            let model = try model(vocabulary: Variant.vocabulary, seed: seed)
            let found = BeamSearch(model, options: DecodingOptions(beam: 1))(model.source(probe))
            let complete = found.count { $0[0].isComplete }
            if (3...7).contains(complete), Set(found.map { $0[0].tokens }).count >= 6 {
                return model
            }
        }
        throw NoLivelyModel()
    }

    struct NoLivelyModel: Error {}

    /// A model whose parameters are far from zero, read from a file as after training.
    func model(vocabulary: Int, seed: UInt64) throws -> TranslationModel {
        var configuration = ModelConfiguration()
        configuration.encoder.embedding = 8
        configuration.encoder.hidden = hidden
        configuration.encoder.reversesSource = reversesSource
        configuration.decoder.type = type
        configuration.decoder.embedding = 8
        configuration.decoder.hidden = hidden
        configuration.decoder.hasInputFeeding = feeds
        configuration.attention.score = score
        configuration.initialization = Initialization(
            kind: .uniform, range: 4.8 / Float(hidden).squareRoot())
        let fresh = try TranslationModel(
            configuration, sourceVocabulary: vocabulary, targetVocabulary: vocabulary, seed: seed)
        let file = try checkpoint(
            fresh.parameters.map { parameter in
                var values = parameter.value.values
                if parameter.name == "output.bias" { values[Int(TranslationModel.endToken)] += 2 }
                return (parameter.name, Tensor(values, shape: parameter.shape))
            })
        return try TranslationModel(
            configuration, sourceVocabulary: vocabulary, targetVocabulary: vocabulary,
            parametersFrom: ParameterScope(checkpoint: file))
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
