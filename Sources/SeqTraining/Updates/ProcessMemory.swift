#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import SeqData

/// The memory of this process and of the machine, in bytes.
enum ProcessMemory {
    /// What the process has in memory now; on Darwin, what it had at most.
    static var resident: Int {
        #if canImport(Darwin)
        var usage = rusage()
        getrusage(RUSAGE_SELF, &usage)
        return Int(usage.ru_maxrss)
        #else
        let pages = firstLine("/proc/self/statm")?.split(separator: " ").dropFirst().first
        return (pages.flatMap { Int($0) } ?? 0) * Int(getpagesize())
        #endif
    }

    /// What the process may have in all: what it has and what is free, within the limit of its container.
    static var available: Int {
        let resident = resident
        let free = memoryInfo("MemAvailable:").map { $0 + resident }
        let limits = ["memory.max", "memory/memory.limit_in_bytes"].compactMap {
            firstLine("/sys/fs/cgroup/\($0)").flatMap { Int($0) }
        }
        return min(
            free ?? Int(ProcessInfo.processInfo.physicalMemory), limits.min() ?? .max)
    }

    private static func memoryInfo(_ name: String) -> Int? {
        guard let reader = try? TextLineReader(path: "/proc/meminfo") else { return nil }
        while let line = try? reader.next() {
            let words = line.split(separator: " ")
            guard words.first == name[...], words.count > 1 else { continue }
            return Int(words[1]).map { $0 * 1024 }
        }
        return nil
    }

    private static func firstLine(_ path: String) -> String? {
        guard let reader = try? TextLineReader(path: path) else { return nil }
        return (try? reader.next()) ?? nil
    }
}
