import Seq2Seq

/// The lines of an input that cannot be answered: each is told as it comes, and counted for the end.
struct LineProblems {
    /// Whether such a line makes the command end with an error after all others are answered.
    let isStrict: Bool
    private var count = 0

    init(isStrict: Bool) { self.isStrict = isStrict }

    /// Tells of a line.
    mutating func add(_ message: String) {
        count += 1
        Terminal.error("seq2seq: warning: \(message)")
    }

    /// Sums up.
    ///
    /// - Throws: a ``Failure`` of the data when there were such lines and the command is strict.
    func finish() throws {
        guard count > 0 else { return }
        let lines = count == 1 ? "1 line was" : "\(count) lines were"
        let summary = "\(lines) not answered and left empty"
        guard isStrict else {
            Terminal.error("seq2seq: warning: \(summary) (--strict makes this an error)")
            return
        }
        throw Failure(.data, "\(summary) (correct what is told above)")
    }
}

/// A line of input: its text, or why it cannot be answered.
enum Question {
    case text(String)
    case problem(String)

    /// The next line of a reader, if it has so many tokens as the options allow; nil at the end.
    ///
    /// - Throws: what keeps all further lines from being read.
    ///
    /// - Parameter checkFits: refuses a text that the memory has no room for.
    static func next(
        of reader: TextLineReader, _ options: ModelOptions, _ codec: TextCodec,
        checkFits: (String) throws -> Void = { _ in }
    ) throws -> Question? {
        guard let result = try reader.nextResult() else { return nil }
        do {
            let text = try result.get()
            try options.checkLength(text, codec, path: reader.path, line: reader.lineNumber)
            try checkFits(text)
            return .text(text)
        } catch {
            return .problem(try message(error, reader))
        }
    }

    /// What an error says of a line.
    static func message(_ error: any Error, _ reader: TextLineReader) throws -> String {
        guard let failure = Failure(error) else { throw error }
        let place = "\(reader.path):\(reader.lineNumber): "
        return failure.message.hasPrefix(place) ? failure.message : place + failure.message
    }

    var problem: String? {
        guard case .problem(let problem) = self else { return nil }
        return problem
    }

    var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }
}
