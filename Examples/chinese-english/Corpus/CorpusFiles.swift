#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Corpus {
    /// Writes train, valid and test, each as two aligned files of one sentence a line.
    ///
    /// - Throws: `ChineseEnglishCorpusError` when the folder cannot be made or written to.
    public func write(to folder: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw ChineseEnglishCorpusError(
                .cannotWrite, path: folder, reason: "cannot make the folder",
                remedy: "name a folder that can be written to")
        }
        for (name, pairs) in [("train", training), ("valid", validation), ("test", test)] {
            try Self.write(pairs.map(\.chinese), to: "\(folder)/\(name).zh")
            try Self.write(pairs.map(\.english), to: "\(folder)/\(name).en")
        }
    }

    private static func write(_ lines: [String], to path: String) throws {
        var text = lines.joined(separator: "\n")
        text += "\n"
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw ChineseEnglishCorpusError(
                .cannotWrite, path: path, reason: "cannot write the file",
                remedy: "look for rights and free space")
        }
    }
}
