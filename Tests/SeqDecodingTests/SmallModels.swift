import SeqDecoding
import SeqModels
import SeqNN
import SeqTensor
import SeqText
import TestSupport

/// One way to put a small model together for search.
struct Variant: Sendable, CustomStringConvertible {
    var description: String
    var configuration: ModelConfiguration

    /// A Luong decoder with the general score, changed by `change`.
    init(
        _ description: String = "luong", hidden: Int = 16,
        _ change: (inout ModelConfiguration) -> Void = { _ in }
    ) {
        var configuration = ModelConfiguration()
        configuration.encoder.embedding = 8
        configuration.encoder.hidden = hidden
        configuration.decoder.embedding = 8
        configuration.decoder.hidden = hidden
        configuration.encoder.transformer.heads = 2
        configuration.encoder.transformer.feedForward = 24
        configuration.decoder.transformer = configuration.encoder.transformer
        configuration.attention.window = 2
        configuration.attention.maximumSource = 6
        configuration.initialization = Initialization(
            kind: .uniform, range: 4.8 / Float(hidden).squareRoot())
        change(&configuration)
        self.description = description
        self.configuration = configuration
    }

    /// Decoders, attentions and outputs that differ in what search must carry from step to step.
    static let all: [Variant] = [
        Variant("no attention") { $0.attention.score = .none },
        Variant("no attention, reversed") {
            $0.attention.score = .none
            $0.encoder.reversesSource = true
        },
        Variant(), feeding,
        Variant("concat, feeding") {
            $0.attention.score = .concat
            $0.decoder.hasInputFeeding = true
        },
        Variant("bahdanau") {
            $0.decoder.type = .bahdanau
            $0.attention.score = .concat
        },
        Variant("cho, GRU") {
            $0.decoder.type = .cho
            $0.attention.score = .none
            $0.encoder.recurrent.cell = .gru
            $0.decoder.recurrent.cell = .gru
        },
        Variant("conditional") {
            $0.decoder.type = .conditional
            $0.decoder.recurrent.cell = .gruOriginal
            $0.bridge = .mean
        },
        Variant("gnmt") { $0.decoder.type = .gnmt },
        Variant("local-p") { $0.attention.range = .localPredictive },
        Variant("coverage") { $0.attention.coverage = .see },
        Variant("hard monotonic") { $0.attention.normalization = .hardMonotonic },
        Variant("pyramid") { $0.encoder.type = .pyramidal },
        Variant("reversed, end token") {
            $0.encoder.reversesSource = true
            $0.encoder.hasEndToken = true
        },
        Variant("convolutional") {
            $0.encoder.type = .convolutionalSequence
            $0.decoder.type = .convolutionalSequence
        },
        Variant("transformer") {
            $0.encoder.type = .transformer
            $0.decoder.type = .transformer
        },
        Variant("transformer, rotary") {
            $0.encoder.type = .transformer
            $0.decoder.type = .transformer
            $0.decoder.transformer.positions = .rotary
            $0.decoder.transformer.norm = .pre
        },
    ]

    /// Outputs that copy words of the source, by attention of every decoder or by the memory.
    static let copying: [Variant] = [
        Variant("pointer-generator") { $0.output.type = .pointerGenerator },
        Variant("pointer-generator, bahdanau, reversed, end token") {
            $0.decoder.type = .bahdanau
            $0.attention.score = .concat
            $0.encoder.reversesSource = true
            $0.encoder.hasEndToken = true
            $0.output.type = .pointerGenerator
        },
        Variant("pointer-generator, transformer") {
            $0.encoder.type = .transformer
            $0.decoder.type = .transformer
            $0.output.type = .pointerGenerator
        },
        Variant("pointer-generator, convolutional") {
            $0.encoder.type = .convolutionalSequence
            $0.decoder.type = .convolutionalSequence
            $0.output.type = .pointerGenerator
        },
        Variant("copy") { $0.output.type = .copy },
        Variant("copy, transformer") {
            $0.encoder.type = .transformer
            $0.decoder.type = .transformer
            $0.output.type = .copy
        },
    ]

    /// Whether weights are a distribution: a Gaussian lessens them, and hard choices may choose nothing.
    var sumsToOne: Bool {
        configuration.attention.range == .global
            && configuration.attention.normalization == .softmax
    }

    /// The steps of the memory of a source.
    func memorySteps(_ source: Int) -> Int {
        let encoder = configuration.encoder
        let span = encoder.type == .pyramidal ? 1 << (encoder.layers - 1) : 1
        return (source + (encoder.hasEndToken ? 1 : 0) + span - 1) / span
    }

    static let feeding = Variant("feeding") { $0.decoder.hasInputFeeding = true }

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

    /// A translator with words a, b, c, … on both sides that copies other words of `texts`, and comes to
    /// an end for some of them.
    func copyingTranslator(of texts: [String]) throws -> Translator {
        let codec = try TextCodec.train(
            on: ["a b c d e f g h i"], configuration: TokenizerConfiguration(kind: .whitespace))
        let copies = texts.map { codec.copyEncoding(of: codec.tokens($0)).targets }
        for seed in UInt64(1)...1000 {
            let model = try model(vocabulary: Variant.vocabulary, seed: seed)
            var translator = Translator(ModelFolder(model: model, source: codec, target: codec))
            translator.options = DecodingOptions(beam: 3, nBest: 3)
            let found = try translator.search(texts.map { codec.encode($0) }, copies: copies)
                .joined()
            let copied = found.reduce(0) { $0 + $1.tokens.count { $0 >= Variant.vocabulary } }
            if found.count(where: \.isComplete) >= 3, copied >= 5 { return translator }
        }
        throw NoLivelyModel()
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
