import TestSupport
import Testing

@testable import SeqFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite struct AtomicFolderTests {
    private let folder: TemporaryFolder
    private var model: String { folder.path("model") }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func fill(_ content: String, in path: String) throws {
        try AtomicFile.write(content, to: "\(path)/config.json")
        mkdir("\(path)/below", 0o777)
        try AtomicFile.write(content, to: "\(path)/below/weights")
    }

    private func content() throws -> [String] {
        [try folder.text("model/config.json"), try folder.text("model/below/weights")]
    }

    @Test(arguments: [true, false])
    func `a folder is created and replaced, and nothing is left beside it`(
        canExchange: Bool
    ) throws {
        for text in ["first", "second", "third"] {
            try AtomicFolder.replace(model, canExchange: canExchange, reached: { _ in }) {
                #expect(splitPath($0).folder == folder.path)
                try fill(text, in: $0)
            }
            #expect(try content() == [text, text])
            #expect(try folder.names() == ["model"])
        }
        try AtomicFolder.replace(model + "/") { try AtomicFile.write("x", to: "\($0)/only") }
        #expect(names(inFolder: model) == ["only"])
    }

    @Test func `an error while writing leaves the old folder and nothing beside it`() throws {
        struct Failure: Error {}
        try AtomicFolder.replace(model) { try fill("old", in: $0) }
        #expect(throws: Failure.self) {
            try AtomicFolder.replace(model) {
                try fill("new", in: $0)
                throw Failure()
            }
        }
        #expect(try content() == ["old", "old"])
        #expect(try folder.names() == ["model"])
    }

    @Test func `an error names the file as it would have been called`() throws {
        let path = folder.path("model")
        for (name, expected) in [("inner", "\(path)/inner"), ("", path)] {
            let error = #expect(throws: Seq2SeqError.self) {
                try AtomicFolder.replace(path) {
                    throw Seq2SeqError(
                        .cannotWrite, path: name.isEmpty ? $0 : "\($0)/\(name)",
                        reason: "full")
                }
            }
            #expect(error?.path == expected)
        }
        let other = #expect(throws: Seq2SeqError.self) {
            try AtomicFolder.replace(path) { _ in
                throw Seq2SeqError(.missingInput, path: "elsewhere", reason: "gone")
            }
        }
        #expect(other?.path == "elsewhere")
    }

    @Test func `a folder that cannot be created is an error`() throws {
        let error = #expect(throws: Seq2SeqError.self) {
            try AtomicFolder.replace(folder.path("no/such/model")) { _ in }
        }
        #expect(error?.kind == .cannotWrite)
    }

    @Test func `a file or a link in the place of the folder is replaced`() throws {
        _ = try folder.file("model", "a file")
        try AtomicFolder.replace(model) { try fill("new", in: $0) }
        #expect(try content() == ["new", "new"])
        #expect(rename(model, folder.path("elsewhere")) == 0)
        #expect(symlink("elsewhere", model) == 0)
        try AtomicFolder.replace(model) { try fill("newer", in: $0) }
        #expect(try content() == ["newer", "newer"])
        #expect(try folder.text("elsewhere/config.json") == "new")
        #expect(try folder.names() == ["elsewhere", "model"])
    }

    @Test func `the system exchanges folders here, so that no instant is without one`() throws {
        try AtomicFolder.replace(model) { try fill("old", in: $0) }
        var instants: [AtomicFolder.Instant] = []
        try AtomicFolder.replace(model, canExchange: true) {
            instants.append($0)
            #expect(names(inFolder: model).count == 2)
        } with: {
            try fill("new", in: $0)
        }
        #expect(instants == [.written, .newInPlace])
    }

    /// Runs in a process of its own, which kills itself at an instant of a replacement; the folder must
    /// be whole after that.
    @Test(arguments: [true, false], [nil] + AtomicFolder.Instant.allCases)
    func `a kill at any instant leaves one folder whole`(
        canExchange: Bool, instant: AtomicFolder.Instant?
    ) async throws {
        try AtomicFolder.replace(model) { try fill("old", in: $0) }
        if canExchange && instant == .oldRenamed { return }
        let number = instant.flatMap(AtomicFolder.Instant.allCases.firstIndex(of:)) ?? -1
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [model = model as String, canExchange = canExchange as Bool, number = number as Int] in
            try AtomicFolder.replace(model, canExchange: canExchange) { instant in
                if AtomicFolder.Instant.allCases.firstIndex(of: instant) == number {
                    kill(getpid(), SIGKILL)
                }
            } with: { path in
                try AtomicFile.write("new", to: "\(path)/config.json")
                // No instant: the kill comes while the files are being written.
                if number < 0 { kill(getpid(), SIGKILL) }
                mkdir("\(path)/below", 0o777)
                try AtomicFile.write("new", to: "\(path)/below/weights")
            }
        }
        #expect(try folder.names().count == 2 || instant == .oldRenamed)
        try AtomicFolder.recover(model)
        let expected = instant == .newInPlace ? "new" : "old"
        #expect(try content() == [expected, expected])
        #expect(try folder.names() == ["model"])
        try AtomicFolder.replace(model) { try fill("next", in: $0) }
        #expect(try content() == ["next", "next"])
        #expect(try folder.names() == ["model"])
    }

    @Test func `recovering what is not there does nothing`() throws {
        try AtomicFolder.recover(model)
        try AtomicFolder.recover(folder.path("no/such/model"))
        #expect(try folder.names().isEmpty)
    }
}
