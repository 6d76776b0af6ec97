/// What went wrong between the generator and the outside world.
public struct ChineseEnglishCorpusError: Error, Sendable, CustomStringConvertible {
    /// The kinds of error, which decide the exit status of the command.
    public enum Kind: Sendable {
        /// The arguments make no sense.
        case badConfiguration
        /// A file or folder cannot be written.
        case cannotWrite
    }

    /// What kind of error it is.
    public let kind: Kind
    /// The file or folder concerned.
    public let path: String?
    /// What is wrong.
    public let reason: String
    /// What to do about it.
    public let remedy: String?

    /// Creates an error.
    public init(_ kind: Kind, path: String? = nil, reason: String, remedy: String? = nil) {
        (self.kind, self.path, self.reason, self.remedy) = (kind, path, reason, remedy)
    }

    /// The error as one line: path, reason, remedy.
    public var description: String {
        (path.map { "\($0): " } ?? "") + reason + (remedy.map { " (\($0))" } ?? "")
    }
}
