import Foundation
import Testing

/// How a process has ended.
struct Outcome {
    /// The exit code; 128 and the number of the signal that killed it.
    var status: Int32
    /// What it wrote to standard output.
    var output: String
    /// What it wrote to standard error.
    var messages: String

    /// The lines of the output; every line has an end.
    var lines: [String] {
        var lines = output.components(separatedBy: "\n")
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}

/// The built command, run as a process of its own.
enum Program {
    /// The folder that holds the test bundle and, beside it, the command.
    static let folder: String = {
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
        let url = bundle?.bundleURL ?? Bundle.main.executableURL ?? URL(filePath: ".")
        return url.deletingLastPathComponent().path(percentEncoded: false)
    }()

    static let path = URL(filePath: folder).appending(path: "seq2seq").path(percentEncoded: false)

    /// Runs the command to its end.
    static func run(
        _ arguments: String..., input: Data = Data(), in folder: String? = nil
    ) throws -> Outcome {
        try run(arguments, input: input, in: folder)
    }

    /// Runs the command to its end.
    static func run(
        _ arguments: [String], input: Data = Data(), in folder: String? = nil
    ) throws -> Outcome {
        try Running(path, arguments, input: input, in: folder).outcome()
    }

    /// Runs a shell script to its end; `seq2seq` is the command.
    static func shell(_ script: String, in folder: String? = nil) throws -> Outcome {
        try Running("/bin/sh", ["-c", script], input: Data(), in: folder).outcome()
    }

    /// Starts the command.
    static func start(_ arguments: [String], in folder: String? = nil) throws -> Running {
        try Running(path, arguments, input: Data(), in: folder)
    }
}

/// A process whose input and output are files, so that no pipe can fill up.
final class Running {
    private let process = Process()
    private let scratch = FileManager.default.temporaryDirectory
        .appending(path: "seq2seq-process-\(UUID().uuidString)")

    /// The longest time a process may take, in seconds, before it counts as hanging.
    private static let patience = 120.0

    init(_ executable: String, _ arguments: [String], input: Data, in folder: String?) throws {
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        for (name, content) in [("input", input), ("output", Data()), ("messages", Data())] {
            try content.write(to: scratch.appending(path: name))
        }
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = URL(filePath: folder) }
        process.standardInput = try FileHandle(forReadingFrom: scratch.appending(path: "input"))
        process.standardOutput = try FileHandle(forWritingTo: scratch.appending(path: "output"))
        process.standardError = try FileHandle(forWritingTo: scratch.appending(path: "messages"))
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = "\(Program.folder):\(environment["PATH"] ?? "/usr/bin:/bin")"
        process.environment = environment
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: scratch)
    }

    var isRunning: Bool { process.isRunning }

    /// What it has written to standard error so far.
    func messages() throws -> String { try text("messages") }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end; a process that takes too long is killed.
    func outcome() throws -> Outcome {
        let limit = Date(timeIntervalSinceNow: Running.patience)
        while process.isRunning {
            if Date() > limit {
                Issue.record("\(process.arguments ?? []) takes more than \(Running.patience) s")
                send(SIGKILL)
            }
            usleep(2000)
        }
        process.waitUntilExit()
        let isSignal = process.terminationReason == .uncaughtSignal
        return Outcome(
            status: process.terminationStatus + (isSignal ? 128 : 0),
            output: try text("output"), messages: try text("messages"))
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: scratch.appending(path: name)), as: UTF8.self)
    }
}

/// Expects that a command has failed as it should: with this code, one message that names all of
/// `words`, and `output` on standard output; nil is anything.
func expectFailure(
    _ outcome: Outcome, _ status: Int32, _ words: String..., output: String? = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let messages = outcome.messages
    #expect(outcome.status == status, "\(messages)", sourceLocation: sourceLocation)
    #expect(outcome.output == output ?? outcome.output, sourceLocation: sourceLocation)
    let errors = messages.split(separator: "\n").filter {
        $0.hasPrefix("seq2seq: error: ") || $0.hasPrefix("Error: ")
    }
    #expect(errors.count == 1, "\(messages)", sourceLocation: sourceLocation)
    for word in words {
        #expect(errors.first?.contains(word) == true, "\(messages)", sourceLocation: sourceLocation)
    }
    // The remedy stands in brackets; wrong usage is followed by the right one.
    let hasRemedy = errors.first?.hasSuffix(")") == true || messages.contains("Usage: seq2seq")
    #expect(hasRemedy, "\(messages)", sourceLocation: sourceLocation)
}
