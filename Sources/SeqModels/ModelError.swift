import SeqFiles

/// What can be wrong with a model or its configuration.
public struct Seq2SeqError: Error, Sendable, CustomStringConvertible {
    /// The kind of trouble, which decides the exit code of a command.
    public enum Kind: Sendable {
        /// A file is missing or cannot be read.
        case missingInput
        /// A file is not what it should be.
        case badData
        /// A configuration makes no sense.
        case badConfiguration
        /// A file cannot be written.
        case cannotWrite
        /// What a model computes is not a number.
        case notANumber
    }

    /// The kind of trouble.
    public var kind: Kind
    /// The file in question, if it is one.
    public var path: String?
    /// What is wrong.
    public var reason: String
    /// What to do about it.
    public var remedy: String

    /// Describes what is wrong.
    public init(kind: Kind, path: String?, reason: String, remedy: String) {
        self.kind = kind
        self.path = path
        self.reason = reason
        self.remedy = remedy
    }

    /// `path: reason (remedy)`.
    public var description: String {
        (path.map { "\($0): " } ?? "") + "\(reason) (\(remedy))"
    }
}
