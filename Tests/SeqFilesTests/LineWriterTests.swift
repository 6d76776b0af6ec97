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

@Suite struct LineWriterTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func written(_ body: (LineWriter) throws -> Void) throws -> String {
        let descriptor = open(folder.path("out"), O_WRONLY | O_CREAT | O_TRUNC, 0o666)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try body(LineWriter(fileDescriptor: descriptor))
        return try folder.text("out")
    }

    @Test func `lines come out in order when flushed`() throws {
        let text = try written { writer in
            try writer.write("one")
            try writer.write("")
            try writer.write("drei äöü 中")
            #expect(try folder.text("out").isEmpty)
            try writer.flush()
            try writer.flush()
        }
        #expect(text == "one\n\ndrei äöü 中\n")
    }

    @Test func `one call is one line`() throws {
        let text = try written { writer in
            try writer.write("a\nb\r\nc\n")
            try writer.flush()
        }
        #expect(text == "a b  c \n")
    }

    @Test func `more than the buffer holds comes out whole`() throws {
        let lines = (0..<50_000).map { "line \($0)" }
        let long = String(repeating: "x", count: 1 << 18)
        let text = try written { writer in
            for line in lines { try writer.write(line) }
            try writer.write(long)
            try writer.flush()
        }
        #expect(text == (lines + [long, ""]).joined(separator: "\n"))
    }

    @Test func `a closed pipe is an error of its own`() async {
        // The signal is ignored in a process of its own.
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_IGN)
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            close(ends[0])
            let writer = LineWriter(fileDescriptor: ends[1])
            try writer.write("nobody reads this")
            let error = #expect(throws: Seq2SeqError.self) { try writer.flush() }
            #expect(error?.kind == .brokenPipe)
            // What could not be written is gone, so the end of the process is quiet.
            try writer.flush()
        }
    }

    @Test func `a pipe that is full and does not block is waited for`() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (input, output) = (ends[0], ends[1])
        try #require(fcntl(output, F_SETFL, fcntl(output, F_GETFL) | O_NONBLOCK) == 0)
        let reading = Task.detached {
            let reader = try TextLineReader(fileDescriptor: input, name: "pipe")
            var count = 0
            while try reader.next() != nil { count += 1 }
            return count
        }
        let writer = LineWriter(fileDescriptor: output)
        for number in 0..<40_000 { try writer.write("number \(number)") }
        try writer.flush()
        close(output)
        #expect(try await reading.value == 40_000)
        close(input)
    }

    #if os(Linux)
    @Test func `a full disk is an error`() throws {
        let descriptor = open("/dev/full", O_WRONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let writer = LineWriter(fileDescriptor: descriptor, name: "the disk")
        try writer.write("x")
        let error = #expect(throws: Seq2SeqError.self) { try writer.flush() }
        #expect(error?.kind == .cannotWrite)
        #expect(error?.path == "the disk")
        #expect(error?.reason == "cannot write: No space left on device")
    }
    #endif

    @Test func `a descriptor that is not open is an error`() {
        let writer = LineWriter(fileDescriptor: -1)
        let error = #expect(throws: Seq2SeqError.self) {
            try writer.write("x")
            try writer.flush()
        }
        #expect(error?.kind == .cannotWrite)
    }
}
