import SeqFiles

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
    /// The number of pairs dropped because a side is too short.
    public var shortDropped = 0
    /// The number of pairs dropped because one side is too long for the other.
    public var unequalDropped = 0
    /// The number of pairs dropped because both sides are the same.
    public var identicalDropped = 0
    /// The number of pairs dropped because a side is not in its script.
    public var scriptDropped = 0
    /// The number of pairs dropped because they have come before.
    public var duplicatesDropped = 0

    /// Creates a report of nothing read.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case files, read, kept
        case emptyDropped = "empty_dropped"
        case overlongDropped = "overlong_dropped"
        case shortDropped = "short_dropped"
        case unequalDropped = "unequal_dropped"
        case identicalDropped = "identical_dropped"
        case scriptDropped = "script_dropped"
        case duplicatesDropped = "duplicates_dropped"
    }

    /// Why a pair is dropped.
    enum Problem: Sendable {
        case empty, overlong, short, unequal, identical, script, duplicate
    }

    /// Counts a pair that was read, and kept unless there is a problem.
    mutating func count(_ problem: Problem?) {
        read += 1
        switch problem {
        case nil: kept += 1
        case .empty: emptyDropped += 1
        case .overlong: overlongDropped += 1
        case .short: shortDropped += 1
        case .unequal: unequalDropped += 1
        case .identical: identicalDropped += 1
        case .script: scriptDropped += 1
        case .duplicate: duplicatesDropped += 1
        }
    }

    /// Refuses a corpus of which nothing is left.
    func checkSomeKept() throws {
        guard kept == 0 else { return }
        let filtered = read - emptyDropped - overlongDropped
        throw Seq2SeqError(
            .badData, path: files.first?.path,
            reason: read == 0 ? "the corpus is empty" : "no pair of the corpus is left (\(self))",
            remedy: overlongDropped > 0
                ? "allow longer sequences" : filtered > 0 ? "relax the filters" : nil)
    }

    /// Returns the report of two corpora taken together.
    public static func + (first: CorpusReport, second: CorpusReport) -> CorpusReport {
        var sum = first
        sum.files += second.files
        sum.read += second.read
        sum.kept += second.kept
        sum.emptyDropped += second.emptyDropped
        sum.overlongDropped += second.overlongDropped
        sum.shortDropped += second.shortDropped
        sum.unequalDropped += second.unequalDropped
        sum.identicalDropped += second.identicalDropped
        sum.scriptDropped += second.scriptDropped
        sum.duplicatesDropped += second.duplicatesDropped
        return sum
    }
}

extension CorpusReport: CustomStringConvertible {
    /// The report in one line, to be printed.
    public var description: String {
        let names = files.map(\.path).joined(separator: ", ")
        let filtered = [
            (shortDropped, "too short"), (unequalDropped, "of unequal length"),
            (identicalDropped, "with identical sides"), (scriptDropped, "in another script"),
            (duplicatesDropped, "duplicate"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        return (names.isEmpty ? "" : "\(names): ")
            + "\(read) pairs read, \(kept) kept, "
            + "\(emptyDropped) empty and \(overlongDropped) overlong dropped"
            + (filtered.isEmpty ? "" : "; filtered: \(filtered)")
    }
}
