import SeqFiles
import SeqModels
import SeqNN
import SeqTensor
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What configurations are refused, and the names they have in files.
struct ModelConfigurationTests {
    @Test(arguments: ModelRefusals.all.indices) func refusal(_ index: Int) {
        let (change, reason) = ModelRefusals.all[index]
        var configuration = ModelConfiguration()
        change(&configuration)
        let error = #expect(throws: Seq2SeqError.self) { try configuration.validate() }
        #expect(error?.reason == reason && error?.kind == .badConfiguration)
        #expect(error?.description == "\(reason) (\(error?.remedy ?? ""))")
        #expect(throws: Seq2SeqError.self) {
            try TranslationModel(configuration, sourceVocabulary: 9, targetVocabulary: 9, seed: 1)
        }
    }

    /// What depends on the vocabularies is found when the model is made.
    @Test func refusalOfVocabularies() throws {
        func reason(
            source: Int, target: Int, _ change: (inout OutputConfiguration) -> Void
        ) throws -> String? {
            var configuration = ModelConfiguration()
            change(&configuration.output)
            try configuration.validate()
            let error = #expect(throws: Seq2SeqError.self) {
                try TranslationModel(
                    configuration, sourceVocabulary: source, targetVocabulary: target, seed: 1)
            }
            #expect(error?.kind == .badConfiguration && error?.remedy?.isEmpty == false)
            return error?.reason
        }
        #expect(
            try reason(source: 9, target: 8) { $0.tied = .all }
                == "model.output.tied is all, but the vocabularies have 9 and 8 tokens")
        #expect(
            try reason(source: 9, target: 8) {
                $0.type = .adaptive
                $0.cutoffs = [4, 8]
            } == "model.output.cutoffs is [4, 8], but the vocabulary has 8 tokens")
    }

    /// Options that another type would read do not stand in the way.
    @Test func whatIsNotReadIsNotChecked() throws {
        var configuration = ModelConfiguration()
        configuration.encoder.transformer.heads = 0
        configuration.encoder.convolution.kernel = 0
        configuration.decoder.transformer.feedForward = 0
        configuration.decoder.convolution.kernel = 0
        try configuration.validate()
        configuration = ModelConfiguration()
        configuration.encoder.type = .transformer
        configuration.encoder.hidden = 1032
        configuration.encoder.layers = 3
        configuration.decoder.type = .transformer
        configuration.attention.heads = 7
        configuration.attention.score = .none
        configuration.bridge = .copy
        try configuration.validate()
    }

    @Test func defaultsAreFine() throws {
        try ModelConfiguration().validate()
        var odd = ModelConfiguration()
        odd.encoder.isBidirectional = false
        odd.encoder.hidden = 513
        odd.decoder.hidden = 513
        try odd.validate()
    }

    @Test func namesInFiles() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(ModelConfiguration()), as: UTF8.self)
        for key in [
            "\"bidirectional\":true", "\"bidirectional_layers\":0", "\"directions\":\"concat\"",
            "\"reverse_source\":false", "\"end_token\":false", "\"type\":\"recurrent\"",
            "\"input_feeding\":false", "\"context_gate\":\"none\"", "\"type\":\"luong\"",
            "\"bridge\":\"copy\"", "\"initialization\":{\"kind\":\"uniform\"", "\"layers\":2",
            "\"embedding\":256",
            "\"recurrent\":{\"cell\":\"lstm\",\"connection\":\"plain\",\"state_dropout\":0,"
                + "\"transition_depth\":1,\"variational_dropout\":false,\"zoneout\":0}",
            "\"convolution\":{\"activation\":\"relu\",\"kernel\":3,\"maximum_length\":1024,"
                + "\"residual\":true,\"weight_normalization\":true}",
            "\"transformer\":{\"activation\":\"relu\",\"activation_dropout\":0,"
                + "\"attention_dropout\":0,\"feed_forward\":2048,\"heads\":8,"
                + "\"maximum_length\":1024,\"norm\":\"pre\",\"positions\":\"sinusoidal\","
                + "\"scale_embeddings\":true}",
            "\"attention\":{\"coverage\":\"none\",\"coverage_loss\":1,\"heads\":1,"
                + "\"maximum_source\":256,\"normalization\":\"softmax\",\"range\":\"global\","
                + "\"score\":\"general\",\"window\":10}",
            "\"output\":{\"bias\":true,\"cutoffs\":[2000,10000],\"divisor\":4,\"mixtures\":4,"
                + "\"samples\":8192,\"tied\":\"none\",\"type\":\"full\"}",
        ] { #expect(text.contains(key), "\(key) in \(text)") }
        let read = try JSONDecoder().decode(ModelConfiguration.self, from: Data(text.utf8))
        #expect(read == ModelConfiguration())
    }
    /// Words in files are what papers and users call things, and never change.
    @Test func wordsInFiles() {
        func words<Choice: CaseIterable & RawRepresentable<String>>(_: Choice.Type) -> String {
            Choice.allCases.map(\.rawValue).joined(separator: " ")
        }
        #expect(
            words(EncoderConfiguration.Kind.self)
                == "recurrent pyramidal convs2s cnn transformer bag")
        #expect(
            words(DecoderConfiguration.Kind.self)
                == "luong bahdanau cho conditional gnmt convs2s transformer")
        #expect(words(ModelConfiguration.Bridge.self) == "copy dense tanh_dense mean zero")
        #expect(words(ContextGate.self) == "none source target both")
        #expect(words(RecurrentStack.Summary.self) == "concat sum")
        #expect(
            words(RecurrentCellKind.self)
                == "rnn_tanh rnn_relu lstm gru gru_original layer_norm_lstm layer_norm_gru sru")
        #expect(words(RecurrentConfiguration.Connection.self) == "plain residual highway")
        #expect(words(ConvolutionConfiguration.Activation.self) == "relu tanh glu")
        #expect(words(TransformerConfiguration.Norm.self) == "pre post")
        #expect(words(PositionalEncoding.Kind.self) == "sinusoidal learned rotary")
        #expect(words(FeedForwardFunction.self) == "relu gelu swiglu")
        #expect(
            words(AttentionConfiguration.Score.self)
                == "none dot scaled_dot general concat location fixed")
        #expect(words(AttentionConfiguration.Range.self) == "global local_m local_p hybrid")
        #expect(
            words(AttentionConfiguration.Normalization.self)
                == "softmax sparsemax soft_monotonic hard_monotonic")
        #expect(words(AttentionConfiguration.Coverage.self) == "none see tu")
        #expect(
            words(OutputConfiguration.Kind.self)
                == "full adaptive sampled mixture pointer_generator copy")
        #expect(words(OutputConfiguration.Tying.self) == "none target all")
        #expect(words(Initialization.Kind.self) == "uniform glorot orthogonal")
    }
}
