/// Vocabularies in files: UTF-8, one token a line with its count after a tab, in the order of
/// the ids.
extension Vocabulary {
    /// Writes the vocabulary to a file.
    public func save(to path: String) throws {
        var bytes: [UInt8] = []
        for (token, count) in zip(tokens, counts) {
            bytes.append(contentsOf: token.utf8)
            bytes.append(0x09)
            bytes.append(contentsOf: String(count).utf8)
            bytes.append(0x0A)
        }
        try FileAccess.write(bytes, to: path)
    }

    /// Reads a vocabulary from a file.
    public init(contentsOf path: String) throws {
        let bytes = try FileAccess.read(path)
        if bytes.isEmpty {
            throw SeqTextError(
                .badData, path: path, reason: "the file is empty", remedy: Self.trainAgain)
        }
        var tokens: [String] = []
        var counts: [Int] = []
        var lines: [TokenKey: Int] = [:]
        var begin = 0
        while begin < bytes.count {
            let line = tokens.count + 1
            func failure(_ reason: String, _ remedy: String = Self.trainAgain) -> SeqTextError {
                SeqTextError(.badData, path: path, line: line, reason: reason, remedy: remedy)
            }
            guard let end = bytes[begin...].firstIndex(of: 0x0A) else {
                throw failure(
                    "the last line does not end; the file is cut short", "copy the file again")
            }
            let (token, count) = try Self.entry(bytes[begin..<end], failure)
            if tokens.count < Self.specialTokens.count, token != Self.specialTokens[tokens.count] {
                throw failure(
                    "\(token.debugDescription) stands where \(Self.specialTokens[tokens.count]) "
                        + "must be")
            }
            if let first = lines.updateValue(line, forKey: TokenKey(token)) {
                throw failure("\(token.debugDescription) is already on line \(first)")
            }
            tokens.append(token)
            counts.append(count)
            begin = end + 1
        }
        if tokens.count < Self.specialTokens.count {
            throw SeqTextError(
                .badData, path: path, line: tokens.count + 1,
                reason: "\(Self.specialTokens[tokens.count]) is missing", remedy: Self.trainAgain)
        }
        self.init(uniqueTokens: tokens, counts: counts)
    }

    private static let trainAgain = "restore the file from the training, or train again"

    private static func entry(
        _ line: ArraySlice<UInt8>, _ failure: (String, String) -> SeqTextError
    ) throws -> (token: String, count: Int) {
        guard let text = String(validating: line, as: UTF8.self) else {
            throw failure("the line is not UTF-8", "save the file as UTF-8")
        }
        let fields = text.utf8.split(separator: 0x09, omittingEmptySubsequences: false)
        guard fields.count == 2 else {
            throw failure(
                "the line has \(fields.count - 1) tabs instead of 1", "write TOKEN, tab, COUNT")
        }
        let token = String(Substring(fields[0]))
        if let reason = problem(of: token) { throw failure(reason, trainAgain) }
        if text.utf8.last == 0x0D {
            throw failure("the line ends with a carriage return", "save the file with Unix lines")
        }
        guard let count = Int(Substring(fields[1])), count >= 0 else {
            throw failure(
                "\(Substring(fields[1]).debugDescription) is not a count", "write TOKEN, tab, COUNT")
        }
        return (token, count)
    }
}
