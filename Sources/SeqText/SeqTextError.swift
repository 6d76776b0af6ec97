import SeqFiles

/// What went wrong with text, a vocabulary or a tokenizer, where, and what to do about it.
public struct Seq2SeqError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure, which a command turns into exit codes.
    public enum Kind: String, Sendable {
        /// A file is not there or cannot be read.
        case missingInput
        /// A file or a text is not what it should be.
        case badData
        /// A setting has a value that cannot work.
        case badConfiguration
        /// A file cannot be written.
        case cannotWrite
    }

    /// The kind of failure.
    public var kind: Kind
    /// The file concerned.
    public var path: String?
    /// The line of the file, counted from 1.
    public var line: Int?
    /// What was wrong.
    public var reason: String
    /// What to do about it.
    public var remedy: String?

    /// Creates an error.
    public init(
        _ kind: Kind, path: String? = nil, line: Int? = nil, reason: String, remedy: String? = nil
    ) {
        self.kind = kind
        self.path = path
        self.line = line
        self.reason = reason
        self.remedy = remedy
    }

    /// The error as `path:line: reason (remedy)`.
    public var description: String {
        var text = ""
        if let path {
            text += path
            if let line { text += ":\(line)" }
            text += ": "
        } else if let line {
            text += "line \(line): "
        }
        text += reason
        if let remedy { text += " (\(remedy))" }
        return text
    }
}
