import SeqFiles

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
        try AtomicFile.write(bytes, to: path)
    }

    /// The most bytes of a vocabulary file, 64 MiB: some millions of words.
    static let maximumBytes = 1 << 26

    /// Reads a vocabulary from a file.
    ///
    /// - Throws: a ``Seq2SeqError`` that names the file and the line which is wrong, also for a file
    ///   that is larger than any vocabulary.
    public init(contentsOf path: String) throws {
        let bytes = try SmallFile.read(path, limit: Self.maximumBytes)
        if bytes.isEmpty {
            throw Seq2SeqError(
                .badData, path: path, reason: "the file is empty", remedy: Self.trainAgain)
        }
        var tokens: [String] = []
        var counts: [Int] = []
        var ids: [TokenKey: Int32] = [:]
        // Lines are short, and twelve bytes a token errs on the large side.
        ids.reserveCapacity(bytes.count / 12)
        try bytes.withUnsafeBufferPointer { buffer in
            var begin = 0
            while begin < buffer.count {
                let line = tokens.count + 1
                func failure(_ reason: String, _ remedy: String) -> Seq2SeqError {
                    Seq2SeqError(.badData, path: path, line: line, reason: reason, remedy: remedy)
                }
                guard let end = buffer[begin...].firstIndex(of: 0x0A) else {
                    throw failure(
                        "the last line does not end; the file is cut short", "copy the file again")
                }
                let entry = UnsafeBufferPointer(rebasing: buffer[begin..<end])
                let (token, count) = try Self.entry(entry, failure)
                if line <= Self.specialTokens.count, token != Self.specialTokens[line - 1] {
                    throw failure(
                        "\(token.debugDescription) stands where \(Self.specialTokens[line - 1]) "
                            + "must be", Self.trainAgain)
                }
                if let first = ids.updateValue(Int32(line - 1), forKey: TokenKey(token)) {
                    throw failure(
                        "\(token.debugDescription) is already on line \(first + 1)",
                        Self.trainAgain)
                }
                tokens.append(token)
                counts.append(count)
                begin = end + 1
            }
        }
        if tokens.count < Self.specialTokens.count {
            throw Seq2SeqError(
                .badData, path: path, line: tokens.count + 1,
                reason: "\(Self.specialTokens[tokens.count]) is missing", remedy: Self.trainAgain)
        }
        self.init(tokens: tokens, counts: counts, ids: ids)
    }

    private static let trainAgain = "restore the file from the training, or train again"

    private static func entry(
        _ line: UnsafeBufferPointer<UInt8>, _ failure: (String, String) -> Seq2SeqError
    ) throws -> (token: String, count: Int) {
        let format = "write TOKEN, tab, COUNT"
        guard let tab = line.firstIndex(of: 0x09), !line[(tab + 1)...].contains(0x09) else {
            let tabs = line.count { $0 == 0x09 }
            throw failure("the line has \(tabs) tabs instead of 1", format)
        }
        let bytes = UnsafeBufferPointer(rebasing: line[..<tab])
        guard let token = String(validating: bytes, as: UTF8.self) else {
            throw failure("the line is not UTF-8", "save the file as UTF-8")
        }
        if let reason = problem(of: token) { throw failure(reason, trainAgain) }
        if line.last == 0x0D {
            throw failure("the line ends with a carriage return", "save the file with Unix lines")
        }
        guard let count = count(line[(tab + 1)...]) else {
            let field = String(decoding: line[(tab + 1)...], as: UTF8.self)
            throw failure("\(field.debugDescription) is not a count", format)
        }
        return (token, count)
    }

    /// Returns a number written in decimal digits, or nil if it is none or too large.
    private static func count(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        guard !digits.isEmpty, digits.count <= 18 else { return nil }
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }
}
