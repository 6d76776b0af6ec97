import TestSupport
import Testing

@testable import SeqFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite struct TextLineReaderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func lines(_ bytes: some Sequence<UInt8>) throws -> [String] {
        try TextLineReader.lines(path: folder.file("text", bytes))
    }

    private func error(reading path: String) -> Seq2SeqError? {
        #expect(throws: Seq2SeqError.self) { try TextLineReader.lines(path: path) }
    }

    private func error(_ bytes: some Sequence<UInt8>) throws -> Seq2SeqError? {
        error(reading: try folder.file("text", bytes))
    }

    @Test(arguments: [
        ("", []),
        ("\n", [""]),
        ("one", ["one"]),
        ("one\n", ["one"]),
        ("one\n\n", ["one", ""]),
        ("one\r\ntwo\nthree\r\n", ["one", "two", "three"]),
        ("one\r\n\r\ntwo\r", ["one", "", "two"]),
        ("in\rside\n", ["in\rside"]),
        ("\u{FEFF}mark\n\u{FEFF}kept\n", ["mark", "\u{FEFF}kept"]),
        ("\u{FEFF}", [""]),
        ("a\u{2028}b\u{85}c\u{0B}d\n", ["a\u{2028}b\u{85}c\u{0B}d"]),
        ("Größe 中文 👍🏽\n", ["Größe 中文 👍🏽"]),
    ])
    func `lines end in LF or CRLF`(text: String, expected: [String]) throws {
        #expect(try lines(text.utf8) == expected)
        #expect(try lines(gzip(text.utf8)) == expected)
    }

    @Test func `lines are numbered from 1`() throws {
        let reader = try TextLineReader(path: folder.file("text", "a\nb\nc"))
        #expect(reader.lineNumber == 0)
        for number in 1...3 {
            #expect(try reader.next() != nil)
            #expect(reader.lineNumber == number)
        }
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
        #expect(reader.lineNumber == 3)
    }

    @Test func `a line of 100000 words comes whole, plain and compressed`() throws {
        let long = (0..<100_000).map { "word\($0)" }.joined(separator: " ")
        let text = "first\n\(long)\nlast\n"
        #expect(try lines(text.utf8) == ["first", long, "last"])
        #expect(try lines(gzip(text.utf8)) == ["first", long, "last"])
    }

    @Test func `lines of every length around the size of the buffer come whole`() throws {
        let lengths = [131_069, 1, 131_071, 131_072, 131_073, 0, 262_143, 262_144, 7]
        let expected = lengths.map { String(repeating: "é", count: $0 / 2) + "x" }
        #expect(try lines(expected.joined(separator: "\r\n").utf8) == expected)
        #expect(try lines(gzip(expected.joined(separator: "\n").utf8)) == expected)
    }

    @Test func `a line that never ends is refused`() throws {
        let path = try folder.file("text", "short\n" + String(repeating: "x", count: 500_000))
        let reader = try TextLineReader(path: path, maximumLineBytes: 300_000)
        #expect(try reader.next() == "short")
        let error = #expect(throws: Seq2SeqError.self) { try reader.next() }
        #expect(error?.line == 2)
        #expect(error?.reason == "the line is longer than 300000 bytes")
    }

    @Test func `members of a gzip file follow each other, zeros at the end are padding`() throws {
        let members = gzip("one\ntw".utf8) + gzip("".utf8) + gzip("o\nthree".utf8)
        #expect(try lines(members) == ["one", "two", "three"])
        #expect(try lines(members + [0, 0, 0]) == ["one", "two", "three"])
        #expect(try lines(members + [0, 0] + gzip("!".utf8)) == ["one", "two", "three!"])
    }

    @Test func `gzip data that end anywhere before their end are refused`() throws {
        let whole = gzip("The first line is here.\nThe second one is not there.\n".utf8)
        for count in 2..<whole.count {
            let error = try error(whole.prefix(count))
            #expect(error?.kind == .badData)
            #expect(error?.reason.hasPrefix("the gzip data end too early") == true, "\(count)")
        }
        // The second member ends too early.
        for count in 2..<whole.count {
            #expect(try error(whole + whole.prefix(count))?.kind == .badData)
        }
        #expect(
            try error(whole + whole.prefix(1))?.reason.hasPrefix("something that is not") == true)
    }

    @Test func `damaged gzip data are refused`() throws {
        let text = (0..<50).map { "Line \($0 * $0) of this text.\n" }.joined()
        let whole = gzip(text.utf8)
        var refused = 0
        for index in whole.indices.dropFirst(10) {
            var damaged = whole
            damaged[index] ^= 0x10
            do {
                // The bits that fill up the last byte of the compressed data mean nothing.
                #expect(try lines(damaged).joined(separator: "\n") + "\n" == text, "byte \(index)")
            } catch let error as Seq2SeqError {
                #expect(error.kind == .badData, "byte \(index)")
                refused += 1
            }
        }
        #expect(refused >= whole.count - 11)
        #expect(try error(whole + Array("junk".utf8))?.kind == .badData)
        #expect(try error([0x1F, 0x8B, 9, 9, 9])?.kind == .badData)
    }

    @Test func `a text that starts like gzip for one byte is a text`() throws {
        #expect(try lines([0x1F]) == ["\u{1F}"])
        #expect(try lines([0x1F, 0x41, 0x0A]) == ["\u{1F}A"])
    }

    @Test(
        arguments: [
            // Where the first bad sequence starts, in the line.
            ([0xFF], 0), ([0x61, 0x80], 1), ([0xC3, 0xA9, 0xC3], 2), ([0xC0, 0xAF], 0),
            ([0x61, 0xE4, 0xB8], 1), ([0xED, 0xA0, 0x80], 0), ([0xF5, 0x80, 0x80, 0x80], 0),
            ([0xE4, 0xB8, 0xAD, 0xF0, 0x9F, 0x41], 3), ([0xE0, 0x80, 0x80], 0),
            ([0xF4, 0x90, 0x80, 0x80], 0),
        ] as [([UInt8], Int)])
    func `text that is not UTF-8 is refused with its place`(bad: [UInt8], offset: Int) throws {
        let before = Array("first ä\r\nsecond\n".utf8)
        for bytes in [before + bad + [0x0A] + Array("more\n".utf8), before + bad] {
            for stored in [bytes, gzip(bytes)] {
                let error = try error(stored)
                #expect(error?.kind == .badData)
                #expect(error?.line == 3)
                #expect(
                    error?.reason.hasSuffix(
                        "at byte \(offset + 1) of the line, "
                            + "byte offset \(before.count + offset) of the text") == true,
                    "\(error?.reason ?? "")")
            }
        }
    }

    @Test func `the byte order mark counts in the place of an error`() throws {
        let error = try error([0xEF, 0xBB, 0xBF, 0x61, 0xFF])
        #expect(
            error?.reason
                == "invalid UTF-8 (0xFF) at byte 5 of the line, byte offset 4 of the text")
    }

    @Test func `NUL and UTF-16 are refused`() throws {
        let error = try error(Array("ok\na\0b\n".utf8))
        #expect(error?.kind == .badData)
        #expect(error?.line == 2)
        #expect(error?.reason == "NUL at byte 2 of the line, byte offset 4 of the text")
        #expect(try self.error([0xFF, 0xFE, 0x61, 0x00, 0x0A, 0x00])?.line == 1)
        #expect(try self.error([0x61, 0x00, 0x0A, 0x00])?.line == 1)
    }

    @Test func `missing files and directories are missing input`() throws {
        let missing = error(reading: folder.path("nothing"))
        #expect(missing?.kind == .missingInput)
        #expect(missing?.path == folder.path("nothing"))
        #expect(missing?.description.contains("No such file") == true)
        let directory = error(reading: folder.path)
        #expect(directory?.kind == .missingInput)
        #expect(directory?.reason == "is a directory")
        #expect(error(reading: "")?.kind == .missingInput)
        #expect(error(reading: try folder.file("f", "x") + "/below")?.kind == .missingInput)
    }

    @Test func `a file without permission is missing input`() throws {
        let path = try folder.file("closed", "x")
        chmod(path, 0)
        // The super-user reads it all the same.
        if geteuid() == 0 {
            #expect(try TextLineReader.lines(path: path) == ["x"])
        } else {
            #expect(error(reading: path)?.kind == .missingInput)
        }
    }

    @Test func `a pipe gives each line as soon as it is there`() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let reader = try TextLineReader(fileDescriptor: ends[0], name: "standard input")
        func send(_ text: String) {
            #expect(write(ends[1], text, text.utf8.count) == text.utf8.count)
        }
        send("one\n")
        #expect(try reader.next() == "one")
        #expect(!reader.hasBufferedLine)
        send("two\nthree\nfo")
        #expect(try reader.next() == "two")
        #expect(reader.hasBufferedLine)
        #expect(try reader.next() == "three")
        #expect(!reader.hasBufferedLine)
        close(ends[1])
        #expect(try reader.next() == "fo")
        #expect(try reader.next() == nil)
        // The reader leaves the descriptor open.
        #expect(close(ends[0]) == 0)
    }

    @Test func `the hash is that of the stored file`() throws {
        // printf 'one\ntwo' | sha256sum
        let expected = "21066d108d5319ecb5a1fc4454f42ef22fc5f1c7df49c31d90294950e0ea8b2c"
        let reader = try TextLineReader(path: folder.file("text", "one\ntwo"), hashing: true)
        #expect(reader.contentHash == nil)
        while try reader.next() != nil {}
        #expect(reader.contentHash == expected)
        let stored = gzip("one\ntwo".utf8)
        let compressed = try TextLineReader(path: folder.file("text.gz", stored), hashing: true)
        while try compressed.next() != nil {}
        var hash = ContentHash()
        hash.update(stored)
        #expect(compressed.contentHash == hash.hexadecimal)
        let unasked = try TextLineReader(path: folder.path("text"))
        while try unasked.next() != nil {}
        #expect(unasked.contentHash == nil)
    }
}
