/// A file that data came from, so that it can be recognised later.
public struct FileFingerprint: Codable, Hashable, Sendable {
    /// The path as given.
    public var path: String
    /// The SHA-256 of the file as it is stored, as `sha256sum` prints it.
    public var sha256: String

    /// Creates a fingerprint.
    public init(path: String, sha256: String) {
        self.path = path
        self.sha256 = sha256
    }
}

/// What became of the pairs of a corpus when it was read.
public struct CorpusReport: Codable, Hashable, Sendable {
    /// The files read.
    public var files: [FileFingerprint] = []
    /// The number of pairs read.
    public var read = 0
    /// The number of pairs kept.
    public var kept = 0
    /// The number of pairs dropped because a side is empty or white space.
    public var emptyDropped = 0
    /// The number of pairs dropped because a side is too long.
    public var overlongDropped = 0

    /// Creates a report of nothing read.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case files, read, kept
        case emptyDropped = "empty_dropped"
        case overlongDropped = "overlong_dropped"
    }
}

extension CorpusReport: CustomStringConvertible {
    /// The report in one line, to be printed.
    public var description: String {
        let names = files.map(\.path).joined(separator: ", ")
        return (names.isEmpty ? "" : "\(names): ")
            + "\(read) pairs read, \(kept) kept, "
            + "\(emptyDropped) empty and \(overlongDropped) overlong dropped"
    }
}
