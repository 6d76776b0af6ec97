import SeqFiles

/// An error in reading data or in writing results.
public struct Seq2SeqError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What class of problem an error reports.
    public enum Kind: Hashable, Sendable {
        /// A file is missing, a directory, or cannot be read.
        case missingInput
        /// The data are there but wrong.
        case badData
        /// A setting is wrong.
        case badConfiguration
        /// A result cannot be written.
        case cannotWrite
        /// Nobody reads the output any more: a command ends quietly, with the status 141.
        case brokenPipe
    }

    /// The class of the problem.
    public var kind: Kind
    /// The file concerned.
    public var path: String?
    /// The line concerned, counted from 1.
    public var line: Int?
    /// What is wrong.
    public var reason: String
    /// What to do about it.
    public var remedy: String?

    /// Creates an error.
    public init(
        kind: Kind, path: String? = nil, line: Int? = nil, reason: String, remedy: String? = nil
    ) {
        self.kind = kind
        self.path = path
        self.line = line
        self.reason = reason
        self.remedy = remedy
    }

    /// The error in the form `path:line: reason (remedy)`.
    public var description: String {
        var text = ""
        if let path { text += "\(path):" }
        if let line { text += path == nil ? "line \(line):" : "\(line):" }
        if !text.isEmpty { text += " " }
        text += reason
        if let remedy { text += " (\(remedy))" }
        return text
    }
}
