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

@Suite struct AtomicFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func `a file is created and replaced, and nothing is left beside it`() throws {
        try AtomicFile.write("old", to: folder.path("file"))
        #expect(try folder.text("file") == "old")
        try AtomicFile.write([UInt8](repeating: 0x61, count: 300_000), to: folder.path("file"))
        #expect(try folder.text("file").utf8.count == 300_000)
        try AtomicFile.write("", to: folder.path("file"))
        #expect(try folder.text("file").isEmpty)
        #expect(try folder.names() == ["file"])
    }

    @Test func `a symbolic link is followed`() throws {
        _ = try folder.file("real", "old")
        #expect(symlink("real", folder.path("link")) == 0)
        try AtomicFile.write("new", to: folder.path("link"))
        #expect(try folder.text("real") == "new")
        guard case .symbolicLink = FileKind(path: folder.path("link")) else {
            Issue.record("the link has been replaced")
            return
        }
    }

    @Test func `what cannot be written is an error`() throws {
        for path in [folder.path, folder.path("no/such/folder"), folder.path("no/"), ""] {
            let error = #expect(throws: Seq2SeqError.self) { try AtomicFile.write("x", to: path) }
            #expect(error?.kind == .cannotWrite, "\(path)")
        }
        #expect(symlink("nowhere", folder.path("broken")) == 0)
        #expect(throws: Seq2SeqError.self) { try AtomicFile.write("x", to: folder.path("broken")) }
    }

    #if os(Linux)
    @Test func `a device is written to directly, and a full one is an error`() throws {
        try AtomicFile.write("x", to: "/dev/null")
        let error = #expect(throws: Seq2SeqError.self) {
            try AtomicFile.write("x", to: "/dev/full")
        }
        #expect(error?.kind == .cannotWrite)
        #expect(error?.remedy == "make room or write elsewhere")
        guard case .other = FileKind(path: "/dev/null") else {
            Issue.record("the device has been replaced")
            return
        }
    }
    #endif

    @Test func `a write that fails half-way leaves the old content and nothing beside it`() async {
        // The limit on the size of files stands for a full disk; it holds for a whole process.
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            try AtomicFile.write("old", to: folder.path("file"))
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit()
            limit.rlim_cur = 10_000
            limit.rlim_max = 10_000
            #if canImport(Glibc)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            #else
            setrlimit(RLIMIT_FSIZE, &limit)
            #endif
            let error = #expect(throws: Seq2SeqError.self) {
                try AtomicFile.write([UInt8](repeating: 1, count: 1 << 20), to: folder.path("file"))
            }
            #expect(error?.kind == .cannotWrite)
            #expect(try folder.text("file") == "old")
            #expect(try folder.names() == ["file"])
        }
    }

    @Test func `leftovers of killed writers are removed, files of living ones stay`() throws {
        _ = try folder.file(".file.abc123.partial", "half")
        _ = try folder.file(".file.a.b.partial", "of another file, file.a")
        _ = try folder.file(".other.abc123.partial", "half")
        let living = try AsideEntry(replacing: folder.path("file"), isFolder: false)
        try AtomicFile.write("new", to: folder.path("file"))
        let name = splitPath(living.path).name
        #expect(
            try folder.names()
                == [".file.a.b.partial", ".other.abc123.partial", "file", name].sorted())
        living.remove()
    }

    @Test func `paths are split at the last slash`() {
        for (path, folder, name) in [
            ("a", ".", "a"), ("a/b", "a", "b"), ("/a", "/", "a"), ("a/b//", "a", "b"),
            ("/a/b/c/", "/a/b", "c"),
        ] {
            #expect(splitPath(path) == (folder, name))
        }
    }
}
