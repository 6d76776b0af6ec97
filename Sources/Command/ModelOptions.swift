import ArgumentParser
import Seq2Seq

/// Checks the value of `--threads`.
func checkThreads(_ count: Int) throws {
    guard (0...1024).contains(count) else {
        throw ValidationError("--threads \(count): choose a number from 0 to 1024")
    }
}

/// Options of commands that use a trained model.
struct ModelOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The folder of a trained model, for example runs/NAME/best.")
    var model: String

    @Option(name: [.long, .customShort("b")], help: "The number of hypotheses kept at each step; 1 is greedy search.")
    var beamSize: Int = 5

    @Option(help: "The most sentences that are searched together.")
    var batchSize: Int = 64

    @Option(help: "The exponent of the length normalisation; 0 for none.")
    var lengthPenalty: Float = 1

    @Option(help: "The number of threads; 0 means one a core.")
    var threads: Int = 0

    @Option(help: "The number type of matrix products: float32 or bfloat16.")
    var precision: String = "float32"

    /// Loads the model.
    func translator(nBest: Int = 1) throws -> Translator {
        guard let precision = Precision(rawValue: precision) else {
            throw ValidationError("--precision \(precision) is unknown: choose float32 or bfloat16")
        }
        guard (0...1024).contains(threads) else {
            throw ValidationError("--threads \(threads): choose a number from 0 to 1024")
        }
        var options = DecodingOptions()
        options.beamSize = beamSize
        options.batchSize = batchSize
        options.lengthPenalty = lengthPenalty
        options.nBest = nBest
        do { try options.validate() } catch let error as ModelError {
            throw ValidationError("\(error.reason.replacing("decoding.", with: "")) (\(error.remedy))")
        }
        ThreadTeam.count = threads
        var translator = try Translator(contentsOf: model)
        translator.options = options
        translator.precision = precision
        return translator
    }
}
