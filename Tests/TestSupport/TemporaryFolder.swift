#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A folder that lasts as long as this object.
public final class TemporaryFolder: Sendable {
    /// Where it is.
    public let path: String

    /// Creates an empty folder.
    public init() throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "seq-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path(percentEncoded: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of an entry.
    public func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and returns its path.
    public func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        // Overwriting makes some file systems wait for the disk; a new file does not.
        try? FileManager.default.removeItem(atPath: path(name))
        try Data(bytes).write(to: URL(filePath: path(name)))
        return path(name)
    }

    /// The bytes of a file.
    public func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path(name))))
    }

    /// Writes a text file and returns its path.
    public func file(_ name: String, _ text: String) throws -> String { try file(name, text.utf8) }

    /// The text of a file.
    public func text(_ name: String) throws -> String {
        String(decoding: try bytes(name), as: UTF8.self)
    }

    /// The names of all entries, hidden ones too.
    public func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }
}
