/// The arguments of the command `chinese-english-corpus`.
public struct Arguments: Sendable, Equatable {
    /// The folder to write to; nil when help was asked for.
    public var folder: String?
    /// The number of pairs in all.
    public var pairs = Corpus.defaultPairs
    /// The seed of the random choices.
    public var seed: UInt64 = 1

    /// How the command is used.
    public static let usage = """
        usage: chinese-english-corpus OUTPUT_FOLDER [--pairs N] [--seed N]

        Writes train.zh, train.en, valid.zh, valid.en, test.zh and test.en: Chinese and English
        sentences, one a line, made by a grammar.

          --pairs N   sentence pairs in all (default \(Corpus.defaultPairs))
          --seed N    seed of the random choices (default 1)
          --help      show this text

        """

    /// Reads the arguments that follow the name of the command.
    ///
    /// - Throws: `ChineseEnglishCorpusError` of kind `badConfiguration`.
    public init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h":
                folder = nil
                return
            case "--pairs":
                pairs = try Self.number(rest.popFirst(), for: argument)
            case "--seed":
                seed = try Self.number(rest.popFirst(), for: argument)
            case _ where argument.hasPrefix("-"):
                throw Self.error("unknown option \(argument)")
            case _ where folder == nil && !argument.isEmpty:
                folder = argument
            default:
                throw Self.error("unexpected argument '\(argument)'")
            }
        }
        if folder == nil {
            throw Self.error("the output folder is missing")
        }
    }

    private static func number<Number: FixedWidthInteger>(_ text: String?, for option: String)
        throws -> Number
    {
        guard let text else {
            throw error("\(option) needs a number")
        }
        guard let number = Number(text), number >= 0 else {
            throw error("\(option) \(text) is not a whole number in range")
        }
        return number
    }

    private static func error(_ reason: String) -> ChineseEnglishCorpusError {
        ChineseEnglishCorpusError(.badConfiguration, reason: reason, remedy: "see --help")
    }
}
