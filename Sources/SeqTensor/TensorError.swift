import SeqFiles

/// What can be wrong with a file of tensors.
public struct Seq2SeqError: Error, Sendable, CustomStringConvertible {
    /// The kind of trouble, which decides the exit code of a command.
    public enum Kind: Sendable {
        /// A file is missing or cannot be read.
        case missingInput
        /// A file is not what it should be.
        case badData
        /// A file cannot be written.
        case cannotWrite
    }

    /// The kind of trouble.
    public var kind: Kind
    /// The file in question.
    public var path: String
    /// What is wrong.
    public var reason: String
    /// What to do about it.
    public var remedy: String

    /// Describes what is wrong with the file at `path`.
    public init(kind: Kind, path: String, reason: String, remedy: String) {
        self.kind = kind
        self.path = path
        self.reason = reason
        self.remedy = remedy
    }

    /// `path: reason (remedy)`.
    public var description: String { "\(path): \(reason) (\(remedy))" }
}
