import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

#if canImport(Glibc)
private typealias LimitKind = __rlimit_resource_t
#else
private typealias LimitKind = Int32
#endif

/// A run of the command that has ended.
struct Ending {
    /// The exit code, nil where a signal ended it.
    var code: Int32?
    /// The signal that ended it.
    var signal: Int32?
    /// Whether it was killed because it took too long.
    var hung: Bool
    /// The largest resident memory, in bytes.
    var memory: Int
    var output: [UInt8]
    var messages: String
}

/// Runs programs within limits of time and memory.
enum Child {
    /// The seconds after which a run counts as hanging.
    static let patience = 30.0
    /// The most address space a run may take, in bytes.
    static let addressSpace: UInt64 = 8 << 30

    /// Limits the address space of this process, and so of all that it starts.
    static func limitMemory() {
        var limit = rlimit()
        getrlimit(kind, &limit)
        limit.rlim_cur = min(rlim_t(addressSpace), limit.rlim_max)
        setrlimit(kind, &limit)
    }

    private static var kind: LimitKind {
        #if canImport(Glibc)
        LimitKind(RLIMIT_AS.rawValue)
        #else
        RLIMIT_AS
        #endif
    }

    /// Runs a program in a folder; its input, output and messages are files there.
    static func run(_ program: String, _ arguments: [String], input: [UInt8], in folder: String)
        throws
        -> Ending
    {
        try Data(input).write(to: URL(filePath: "\(folder)/stdin"))
        // The shell changes the folder and opens the files: nothing of this process is shared.
        let words = [
            "sh", "-c", "cd \"$0\" && exec \"$@\" <stdin >stdout 2>stderr", folder, program,
        ]
        var pid = pid_t()
        var pointers = (words + arguments).map { strdup($0) } + [nil]
        let variables = ["PATH=/usr/bin:/bin", "HOME=\(folder)", "SWIFT_BACKTRACE=enable=no"]
        var environment = variables.map { strdup($0) } + [nil]
        defer { (pointers + environment).forEach { free($0) } }
        let status = posix_spawn(&pid, "/bin/sh", nil, nil, &pointers, &environment)
        guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EAGAIN) }
        return try wait(for: pid, in: folder)
    }

    private static func wait(for pid: pid_t, in folder: String) throws -> Ending {
        let start = Date()
        var status: Int32 = 0
        var usage = rusage()
        var hung = false
        var pause: UInt32 = 500
        while wait4(pid, &status, WNOHANG, &usage) == 0 {
            if !hung, -start.timeIntervalSinceNow > patience {
                hung = true
                kill(pid, SIGKILL)
            }
            usleep(pause)
            pause = min(pause * 2, 8000)
        }
        let signal = status & 0x7F
        return Ending(
            code: signal == 0 ? (status >> 8) & 0xFF : nil, signal: signal == 0 ? nil : signal,
            hung: hung, memory: Int(usage.ru_maxrss) * memoryUnit,
            output: [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/stdout"))),
            messages: String(
                decoding: try Data(contentsOf: URL(filePath: "\(folder)/stderr")), as: UTF8.self))
    }

    /// Linux counts kibibytes, Darwin bytes.
    private static var memoryUnit: Int {
        #if os(Linux)
        1024
        #else
        1
        #endif
    }
}
