import ArgumentParser
import Seq2Seq

/// The corpus and the model of the common work: Multi30k English–German, joint pieces, two layers of
/// 512, Luong general attention.
struct CommonWork: ParsableArguments {
    @Option(help: "The folder with train.en.gz, train.de.gz, test_2016_flickr.en.gz and .de.gz.")
    var data: String

    @Option(help: "The SentencePiece model of 8,000 pieces; without it one is trained.")
    var spm: String?

    @Option(help: "The number of threads.")
    var threads: Int = 2

    @Flag(help: "Gives the attentional vector to the next step.")
    var inputFeeding = false

    @Flag(help: "Multiplies bfloat16 numbers.")
    var bfloat16 = false

    @Option(help: "A run configuration whose section `model` replaces the common one.")
    var config: String?

    var precision: Precision { bfloat16 ? .bfloat16 : .float32 }

    /// The model to time.
    func model() throws -> ModelConfiguration {
        if let config { return try ConfigurationFile.read(config).model }
        var model = ModelConfiguration()
        model.decoder.hasInputFeeding = inputFeeding
        return model
    }

    /// The tokenizer of both sides.
    func codec() throws -> TextCodec {
        var configuration = TokenizerConfiguration()
        configuration.kind = .sentencepiece
        configuration.lowercase = true
        configuration.vocabularySize = 8000
        if let spm {
            return try TextCodec(
                configuration: configuration, sentencePiece: SentencePieceTokenizer(contentsOf: spm)
            )
        }
        let texts = try ["en", "de"].flatMap {
            try TextLineReader.lines(path: "\(data)/train.\($0).gz")
        }
        return try TextCodec.train(on: texts, configuration: configuration)
    }
}
