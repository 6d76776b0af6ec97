import SeqFiles

/// What can go wrong in training that is not the fault of a file.
public struct Seq2SeqError: Error, Sendable, CustomStringConvertible {
    /// The kind of trouble, which decides the exit code of a command.
    public enum Kind: Sendable {
        /// A configuration makes no sense.
        case badConfiguration
        /// A file is missing or cannot be read.
        case missingInput
        /// Data are not what they should be.
        case badData
        /// A file cannot be written.
        case cannotWrite
        /// The loss or a gradient is not a finite number.
        case diverged
        /// The user has ended the run before there was anything to save.
        case interrupted
    }

    /// The kind of trouble.
    public var kind: Kind
    /// The file in question, if it is one.
    public var path: String?
    /// The line in that file, counted from 1.
    public var line: Int?
    /// What is wrong.
    public var reason: String
    /// What to do about it.
    public var remedy: String

    init(_ kind: Kind, path: String? = nil, line: Int? = nil, _ reason: String, _ remedy: String) {
        self.kind = kind
        self.path = path
        self.line = line
        self.reason = reason
        self.remedy = remedy
    }

    /// `path:line: reason (remedy)`.
    public var description: String {
        let place = path.map { path in line.map { "\(path):\($0): " } ?? "\(path): " } ?? ""
        return "\(place)\(reason) (\(remedy))"
    }
}
