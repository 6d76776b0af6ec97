import Foundation
import Testing

@testable import ChineseEnglishCorpus

@Suite struct ArgumentsTests {
    @Test func readsFolderAndOptionsInAnyOrder() throws {
        let arguments = try Arguments(["--seed", "7", "out", "--pairs", "9000"])
        #expect(arguments.folder == "out")
        #expect(arguments.pairs == 9_000)
        #expect(arguments.seed == 7)
        #expect(try Arguments(["out"]).pairs == Corpus.defaultPairs)
        #expect(try Arguments(["--help"]).folder == nil)
        #expect(try Arguments(["out", "-h", "--nonsense"]).folder == nil)
    }

    @Test(arguments: [
        [], [""], ["a", "b"], ["--pairs"], ["out", "--pairs", "many"], ["out", "--pairs", "-3"],
        ["out", "--pairs", "99999999999999999999"], ["out", "--seed", "-1"], ["out", "--sed", "1"],
        ["out", "--pairs", "1.5"], ["out", "-x"],
    ])
    func refuses(arguments: [String]) {
        let error = #expect(throws: ChineseEnglishCorpusError.self) { try Arguments(arguments) }
        #expect(error?.kind == .badConfiguration)
        #expect(error?.description.contains("--help") == true)
    }
}

@Suite struct CorpusFilesTests {
    @Test func writesSixAlignedFiles() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "corpus-\(UUID())/a/b")
        defer { try? FileManager.default.removeItem(at: folder) }
        let corpus = try Corpus(pairs: 5_000, seed: 3)
        try corpus.write(to: folder.path())
        for (name, pairs) in [
            ("train", corpus.training), ("valid", corpus.validation), ("test", corpus.test),
        ] {
            for (language, lines) in [("zh", pairs.map(\.chinese)), ("en", pairs.map(\.english))] {
                let file = folder.appending(path: "\(name).\(language)")
                let text = try String(contentsOf: file, encoding: .utf8)
                #expect(text == lines.map { $0 + "\n" }.joined())
            }
        }
    }

    @Test func saysWhatCannotBeWritten() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "corpus-\(UUID())")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("in the way".utf8).write(to: file)
        let corpus = try Corpus(pairs: 5_000, seed: 3)
        for folder in [file.path(), file.path() + "/below"] {
            let error = #expect(throws: ChineseEnglishCorpusError.self) {
                try corpus.write(to: folder)
            }
            #expect(error?.kind == .cannotWrite)
            #expect(error?.path?.hasPrefix(file.path()) == true)
        }
    }
}
