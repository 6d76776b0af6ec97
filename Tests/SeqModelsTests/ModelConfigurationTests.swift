import SeqModels
import SeqNN
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What configurations are refused, and the names they have in files.
struct ModelConfigurationTests {
    static let refused: [(@Sendable (inout ModelConfiguration) -> Void, String)] = [
        ({ $0.encoder.embedding = 0 }, "model.encoder.embedding is 0"),
        ({ $0.encoder.hidden = -3 }, "model.encoder.hidden is -3"),
        ({ $0.encoder.layers = 0 }, "model.encoder.layers is 0"),
        ({ $0.decoder.embedding = 65537 }, "model.decoder.embedding is 65537"),
        ({ $0.decoder.hidden = 0 }, "model.decoder.hidden is 0"),
        ({ $0.decoder.layers = .max }, "model.decoder.layers is \(Int.max)"),
        ({ $0.dropout = 1 }, "model.dropout is 1.0"),
        ({ $0.dropout = -0.1 }, "model.dropout is -0.1"),
        ({ $0.dropout = .nan }, "model.dropout is nan"),
        ({ $0.initialization.range = 0 }, "model.initialization.range is 0.0"),
        ({ $0.initialization.range = .infinity }, "model.initialization.range is inf"),
        ({ $0.encoder.hidden = 513 }, "model.encoder.hidden is 513, odd, with two directions"),
        (
            { $0.encoder.layers = 3 },
            "model.bridge is copy, but the encoder has 3 layers of 512 and the decoder 2 of 512"
        ),
        (
            { $0.decoder.hidden = 256 },
            "model.bridge is copy, but the encoder has 2 layers of 512 and the decoder 2 of 256"
        ),
        (
            {
                $0.attention.score = .dot
                $0.bridge = .dense
                $0.decoder.hidden = 256
            }, "model.attention.score is dot, but the encoder has width 512 and the decoder 256"
        ),
        (
            {
                $0.decoder.type = .bahdanau
                $0.attention.score = .none
            }, "model.decoder.type is bahdanau without attention"
        ),
        (
            {
                $0.decoder.type = .bahdanau
                $0.decoder.hasInputFeeding = true
            }, "model.decoder.input_feeding needs decoder.type: luong with attention"
        ),
        (
            {
                $0.attention.score = .none
                $0.decoder.hasInputFeeding = true
            }, "model.decoder.input_feeding needs decoder.type: luong with attention"
        ),
    ]

    @Test(arguments: refused.indices) func refusal(_ index: Int) {
        let (change, reason) = Self.refused[index]
        var configuration = ModelConfiguration()
        change(&configuration)
        let error = #expect(throws: ModelError.self) { try configuration.validate() }
        #expect(error?.reason == reason && error?.kind == .badConfiguration)
        #expect(error?.description == "\(reason) (\(error?.remedy ?? ""))")
        #expect(throws: ModelError.self) {
            try TranslationModel(configuration, sourceVocabulary: 9, targetVocabulary: 9, seed: 1)
        }
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
            "\"bidirectional\":true", "\"reverse_source\":false", "\"input_feeding\":false",
            "\"type\":\"luong\"", "\"score\":\"general\"", "\"bridge\":\"copy\"",
            "\"initialization\":{\"kind\":\"uniform\"", "\"layers\":2", "\"embedding\":256",
        ] { #expect(text.contains(key), "\(key) in \(text)") }
        let read = try JSONDecoder().decode(ModelConfiguration.self, from: Data(text.utf8))
        #expect(read == ModelConfiguration())
    }
}
