import ArgumentParser
import Foundation
import Synchronization

/// Runs the command over damaged inputs and tells which of them it does not answer as it should.
///
/// An input depends on the seed and its number alone, so that each can be had again by itself.
@main struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seq2seq-fuzz",
        abstract:
            "Runs seq2seq over damaged configurations, flags, models, caches, states and data.",
        discussion: """
            A fault is: an end by a signal, more than 30 seconds, more than 1 GB of memory, an exit code \
            that is not documented, a failure without a message, or a number of lines that is not the \
            input's. Prints each fault with its number; --first N --inputs 1 --keep DIR shows it again.
            """)

    @Argument(help: "The seq2seq program.") var program: String
    @Option(help: "How many inputs.") var inputs = 10_000
    @Option(help: "The number of the first input.") var first = 0
    @Option(help: "Where all randomness starts.") var seed: UInt64 = 1
    @Option(help: "How many run at once.") var jobs = 2
    @Option(help: "A folder that keeps the files of faults.") var keep: String?

    private struct Progress {
        var next: Int
        var faults: [String] = []
        var endings: [Int32: Int] = [:]
        var memory = 0
        var failure: (any Error)?
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        Child.limitMemory()
        let scratch = FileManager.default.temporaryDirectory.appending(
            path: "fuzz-\(UUID().uuidString)"
        )
        .path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let program = URL(filePath: program).path(percentEncoded: false)
        let playground = try Playground(program: program, folder: "\(scratch)/playground")
        let progress = Mutex(Progress(next: first))
        DispatchQueue.concurrentPerform(iterations: max(jobs, 1)) { _ in
            work(playground, scratch, progress)
        }
        try progress.withLock { try report($0) }
    }

    private func work(
        _ playground: Playground, _ scratch: String, _ progress: borrowing Mutex<Progress>
    ) {
        while true {
            let number = progress.withLock { progress in
                progress.next += 1
                return progress.failure == nil ? progress.next - 1 : Int.max
            }
            guard number < first + inputs else { return }
            do {
                let (ending, fault) = try answer(number, playground, scratch)
                progress.withLock { progress in
                    progress.endings[ending.code ?? -(ending.signal ?? 0), default: 0] += 1
                    progress.memory = max(progress.memory, ending.memory)
                    if let fault {
                        progress.faults.append(fault)
                        print(fault)
                    }
                }
            } catch { progress.withLock { $0.failure = error } }
        }
    }

    private func answer(_ number: Int, _ playground: Playground, _ scratch: String) throws
        -> (Ending, String?)
    {
        var random = FuzzGenerator(seed: seed &* 0x1000_0000_0000 &+ UInt64(number))
        let kind = FuzzKind.allCases[number % FuzzKind.allCases.count]
        let folder = "\(scratch)/\(number)"
        try playground.copy(to: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let input = try kind.make(in: folder, &random)
        let ending = try Child.run(
            playground.program, input.arguments, input: input.input, in: folder)
        guard let reason = Verdict.fault(ending, of: input) else { return (ending, nil) }
        if let keep {
            try FileManager.default.createDirectory(atPath: keep, withIntermediateDirectories: true)
            try? FileManager.default.removeItem(atPath: "\(keep)/\(number)")
            try FileManager.default.copyItem(atPath: folder, toPath: "\(keep)/\(number)")
        }
        let command = input.arguments.map { $0.count > 80 ? "\($0.prefix(80))…" : $0 }
        return (
            ending,
            "\(number) \(kind.rawValue): \(reason)\n    \(command.joined(separator: " "))\n    "
                + ending.messages.suffix(300).replacing("\n", with: "\n    ")
        )
    }

    private func report(_ progress: Progress) throws {
        if let failure = progress.failure { throw failure }
        let endings = progress.endings.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        print("\(inputs) inputs; ended with \(endings.joined(separator: ", "))")
        print("largest memory \(progress.memory >> 20) MB; \(progress.faults.count) faults")
        if !progress.faults.isEmpty { throw ExitCode(1) }
    }
}

/// What counts as a fault.
enum Verdict {
    /// The exit codes that `seq2seq --help` names.
    private static let documented: Set<Int32> = [0, 64, 65, 66, 70, 71, 73, 74, 75, 78, 130]
    private static let mostMemory = 1 << 30

    static func fault(_ ending: Ending, of input: FuzzInput) -> String? {
        if ending.hung { return "no end after \(Int(Child.patience)) s" }
        guard let code = ending.code else { return "ended by signal \(ending.signal ?? 0)" }
        if !documented.contains(code) { return "exit code \(code)" }
        if ending.memory > mostMemory { return "\(ending.memory >> 20) MB of memory" }
        if code != 0 {
            // Findings of check-data are its output.
            let isExplained =
                ending.messages.lowercased().contains("error") || !ending.output.isEmpty
            return isExplained ? nil : "\(code) without a message"
        }
        guard let expected = input.lines else { return nil }
        let lines = ending.output.count { $0 == 0x0A }
        return lines == expected ? nil : "\(lines) lines instead of \(expected)"
    }
}
