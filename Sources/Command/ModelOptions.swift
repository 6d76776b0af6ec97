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

    @Option(
        name: [.long, .customShort("b")],
        help: "The number of hypotheses kept at each step; 1 is greedy search.")
    var beamSize: Int = 5

    @Option(help: "The most sentences that are searched together.")
    var batchSize: Int = 64

    @Option(help: "The exponent of the length normalisation; 0 for none.")
    var lengthPenalty: Float = 1

    @Option(help: "The number of threads; 0 means one a core.")
    var threads: Int = 0

    @Option(help: "The number type of matrix products: float32 or bfloat16.")
    var precision: String = "float32"

    @Option(
        help:
            "The most tokens of a line; a longer one is refused, since time and memory grow with it."
    )
    var maximumLength: Int = 1000

    @Option(
        help:
            "The memory that search may take beside the model, all threads together, such as 2GB; a quarter of the machine's if empty. Batches are cut by it, and a line that does not fit even alone is refused."
    )
    var memory: String = ""

    func validate() throws {
        try checkThreads(threads)
        guard Precision(rawValue: precision) != nil else {
            throw ValidationError("--precision \(precision): choose float32 or bfloat16")
        }
        guard (1...5000).contains(maximumLength) else {
            throw ValidationError(
                "--maximum-length \(maximumLength): choose a number from 1 to 5000")
        }
        try check(decodingOptions(nBest: 1))
    }

    private func check(_ options: DecodingOptions) throws {
        do { try options.validate() } catch let error as Seq2SeqError {
            let name = (error.option ?? "").split(separator: ".").last ?? ""
            throw ValidationError(
                error.renamingOption("--\(name.replacing("_", with: "-"))").description)
        }
        guard beamSize * batchSize * (maximumLength + 1) <= Int32.max else {
            throw ValidationError(
                "--beam-size \(beamSize) with --batch-size \(batchSize) takes too much memory: lower one"
            )
        }
    }

    private func decodingOptions(nBest: Int) -> DecodingOptions {
        var options = DecodingOptions()
        options.beamSize = beamSize
        options.batchSize = batchSize
        options.lengthPenalty = lengthPenalty
        options.memory = memory
        options.nBest = nBest
        return options
    }

    /// The options as a command has them that offers some of them under the same names.
    static func make(_ arguments: [String]) throws -> ModelOptions {
        do { return try parse(arguments) } catch { throw ValidationError(message(for: error)) }
    }

    /// Checks that so many translations of each line can be had.
    func checkNBest(_ nBest: Int) throws { try check(decodingOptions(nBest: nBest)) }

    /// Loads the model.
    func translator(nBest: Int = 1) throws -> Translator {
        ThreadTeam.count = threads
        var translator = try Translator(contentsOf: model)
        translator.options = decodingOptions(nBest: nBest)
        translator.precision = Precision(rawValue: precision) ?? .float32
        return translator
    }

    /// Refuses a line with too many tokens.
    func checkLength(_ text: String, _ codec: TextCodec, path: String, line: Int) throws {
        // Most lines have fewer bytes than the limit has tokens.
        guard text.utf8.count > maximumLength else { return }
        // SentencePiece takes hundreds of bytes a byte of text; no piece has so many bytes as this.
        if codec.configuration.kind == .sentencepiece, text.utf8.count > 64 * maximumLength {
            throw Failure(
                .data,
                "\(path):\(line): \(text.utf8.count) bytes, more than \(maximumLength) tokens can have (split the line, or raise --maximum-length)"
            )
        }
        let count = try codec.ids(of: text).count
        guard count > maximumLength else { return }
        throw Failure(
            .data,
            "\(path):\(line): \(count) tokens, more than \(maximumLength) (split the line, or raise --maximum-length)"
        )
    }

    /// Refuses a line whose search does not fit into the memory that it may take.
    func checkFits(_ text: String, _ translator: Translator, path: String, line: Int) throws {
        try naming(path, line) { try translator.checkFits(text) }
    }

    /// Refuses a pair that cannot be scored within that memory.
    func checkFits(
        _ pair: (source: String, target: String), _ translator: Translator, path: String, line: Int
    ) throws {
        try naming(path, line) {
            try translator.checkFits(source: pair.source, target: pair.target)
        }
    }

    private func naming(_ path: String, _ line: Int, _ check: () throws -> Void) throws {
        do { try check() } catch var error as Seq2SeqError {
            (error.kind, error.path, error.line) = (.badData, path, line)
            throw error
        }
    }
}
