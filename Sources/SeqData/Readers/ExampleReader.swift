import SeqFiles
public import SeqText

/// Reads the records of a corpus one after the other, in constant memory.
public protocol ExampleReader: AnyObject {
    /// Returns the next record, `nil` after the last.
    ///
    /// - Throws: ``Seq2SeqError`` with path and line for what cannot be read or is malformed.
    func next() throws -> Record?

    /// How many bytes of the files as they are stored have been read.
    var storedBytesRead: Int { get }

    /// The files with their hashes, after the last record.
    var fingerprints: [FileFingerprint] { get }
}

/// What a corpus holds of one example: a field for each input and each output.
public struct Record: Sendable {
    /// The fields, in the order that was asked for: those of inputs first.
    public var fields: [Field]
    /// The file, for errors.
    public var path: String
    /// The line where the record starts, counted from 1.
    public var line: Int
    /// The line of the file of alignments, where there is one.
    var alignment: Result<SideFile.Line, any Error>?
    /// The line of the file of weights.
    var weight: Result<SideFile.Line, any Error>?

    /// Creates a record.
    public init(_ fields: [Field], path: String, line: Int) {
        self.fields = fields
        self.path = path
        self.line = line
    }
}

extension Record {
    /// Runs `body` and adds to an error that names no file where the record stands.
    public func locating<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch var error as Seq2SeqError where error.path == nil {
            error.path = path
            error.line = line
            throw error
        }
    }
}

extension Field {
    /// Whether the field holds nothing that can be seen.
    var isBlank: Bool {
        switch self {
        case .text(let text): SeqData.isBlank(text)
        case .tokens(let tokens): tokens.allSatisfy(SeqData.isBlank)
        }
    }
}
