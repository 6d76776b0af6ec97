import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Training in a terminal: the built command on a pseudo-terminal.
@Suite struct TerminalTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writeCorpus(train: 200, training: "epochs: 3\nreport_every: 1")
    }

    /// Runs training in a window; returns what it wrote and its status.
    ///
    /// - Parameter interruptsAt: what output is answered with Ctrl-C.
    private func train(
        columns: UInt16 = 50, _ environment: [String: String] = [:], interruptsAt: String? = nil,
        _ arguments: String...
    ) throws -> (text: String, status: Int32) {
        let (master, slave) = try #require(pseudoTerminal())
        defer { close(master) }
        var size = winsize(ws_row: 20, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        #if canImport(Glibc)
        let request = UInt(TIOCSWINSZ)
        #else
        let request: UInt = 0x8008_7467
        #endif
        try #require(ioctl(slave, request, &size) == 0)
        let process = Process()
        process.executableURL = URL(filePath: Program.path)
        process.arguments = ["train", "config.yaml"] + arguments
        process.currentDirectoryURL = URL(filePath: folder.path)
        var all = ProcessInfo.processInfo.environment
        for name in ["CI", "NO_COLOR"] { all[name] = nil }
        all["TERM"] = "xterm"
        process.environment = all.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle(fileDescriptor: slave)
        try process.run()
        close(slave)
        var bytes: [UInt8] = []
        var isInterrupted = false
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            // At the end Linux says EIO.
            let count = read(master, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
            if let interruptsAt, !isInterrupted,
                String(decoding: bytes, as: UTF8.self).contains(interruptsAt)
            {
                isInterrupted = true
                kill(process.processIdentifier, SIGINT)
            }
        }
        process.waitUntilExit()
        return (String(decoding: bytes, as: UTF8.self), process.terminationStatus)
    }

    /// Both ends of a new pseudo-terminal.
    private func pseudoTerminal() -> (master: Int32, slave: Int32)? {
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        guard master >= 0 else { return nil }
        #if canImport(Glibc)
        // What unlockpt and ptsname do, which the Glibc module does not show: TIOCSPTLCK, TIOCGPTN.
        var (locked, number) = (CInt(0), CInt(0))
        guard ioctl(master, 0x4004_5431, &locked) == 0, ioctl(master, 0x8004_5430, &number) == 0
        else { return nil }
        let name = "/dev/pts/\(number)"
        #else
        guard grantpt(master) == 0, unlockpt(master) == 0 else { return nil }
        let name = String(cString: ptsname(master))
        #endif
        let slave = open(name, O_RDWR | O_NOCTTY)
        return slave >= 0 ? (master, slave) : nil
    }

    private func screen(_ text: String, columns: Int) -> Screen {
        var screen = Screen(columns: columns)
        screen.write(text)
        return screen
    }

    @Test func `the block is drawn, and gone at the end`() throws {
        let (text, status) = try train(columns: 50)
        #expect(status == 0)
        #expect(text.contains("\u{1B}[32m█"))
        #expect(text.contains("hypothesis "))
        let screen = screen(text, columns: 50)
        #expect(screen.column == 0)
        #expect(!screen.rows.contains { $0.contains("█") || $0.hasPrefix("hypothesis") })
        #expect(screen.rows.contains { $0.hasPrefix("finished: 3 epochs done") })
        #expect(screen.rows.count { $0.hasPrefix("validation: step") } == 3)
    }

    @Test func `after Ctrl-C the cursor stands below the last line`() throws {
        let (text, status) = try train(
            columns: 70, interruptsAt: "of peak", "--set", "training.epochs=1000")
        #expect(status == 130)
        let screen = screen(text, columns: 70)
        #expect(screen.column == 0 && screen.row == screen.rows.count)
        #expect(screen.rows.contains { $0.hasPrefix("finished: interrupted at step") })
        #expect(screen.rows.contains { $0.hasPrefix("Saved. Continue with: seq2seq train") })
        #expect(!screen.rows.contains { $0.contains("█") })
    }

    @Test func `colours can be refused`() throws {
        let (text, status) = try train(["NO_COLOR": "1"])
        #expect(status == 0)
        #expect(text.contains("█") && text.contains("\u{1B}[J"))
        #expect(text.matches(of: /\u{1B}\[[0-9]*m/).isEmpty)
    }

    @Test(arguments: [["TERM": "dumb"], ["CI": "true"]])
    func `a terminal that cannot redraw gets lines`(_ environment: [String: String]) throws {
        let (text, status) = try train(environment)
        #expect(status == 0)
        #expect(!text.contains("\u{1B}") && text.contains("\nstep 1 | epoch 1 | loss "))
    }
}
