import Foundation
import TestSupport
import Testing

/// Output files are whole or absent, whoever else writes them and whatever ends the command.
@Suite struct OutputFileTests {
    @Test func `two commands that write one file do not mix`() throws {
        let folder = try TemporaryFolder()
        try folder.copyModel()
        try folder.write("long", Array(repeating: "1 2 3", count: 4000))
        try folder.write("short", ["4 5", "6 7"])
        let long = try Program.start(
            ["predict", "-m", "model", "-i", "long", "-o", "out"], in: folder.path)
        let short = try Program.run(
            "predict", "-m", "model", "-i", "short", "-o", "out", in: folder.path)
        #expect(short.status == 0, "\(short.messages)")
        #expect(try long.outcome().status == 0)
        let lines = try folder.data("out").split(separator: 0x0A).count
        #expect(lines == 4000 || lines == 2)
        #expect(try leftovers(folder).isEmpty)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `a signal leaves nothing behind`(_ signal: Int32) throws {
        let folder = try TemporaryFolder()
        try folder.copyModel()
        try folder.write("long", Array(repeating: "1 2 3 4 5 6", count: 200_000))
        try folder.write("out", ["kept"])
        let run = try Program.start(
            ["predict", "-m", "model", "-i", "long", "-o", "out"], in: folder.path)
        while run.isRunning, try leftovers(folder).isEmpty { usleep(1000) }
        run.send(signal)
        #expect(try run.outcome().status == 128 + signal)
        #expect(try leftovers(folder).isEmpty)
        #expect(try folder.data("out") == Data("kept\n".utf8))
    }

    private func leftovers(_ folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".partial")
        }
    }
}
