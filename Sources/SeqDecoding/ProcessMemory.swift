import SeqFiles

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
package enum ProcessMemory {
    /// What the process has in memory now; on Darwin, what it had at most.
    package static var resident: Int {
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
    package static var available: Int {
        let resident = resident
        let free = memoryInfo("MemAvailable:").map { $0 + resident }
        return min(free ?? .max, total)
    }

    /// What the machine has, within the limits of the container and of the process.
    package static let total: Int = {
        let limits = ["memory.max", "memory/memory.limit_in_bytes"].compactMap {
            firstLine("/sys/fs/cgroup/\($0)").flatMap { Int($0) }
        }
        return min(
            Int(ProcessInfo.processInfo.physicalMemory), limits.min() ?? .max, addressSpace)
    }()

    /// The limit of `ulimit -v`.
    private static var addressSpace: Int {
        var limit = rlimit()
        #if canImport(Glibc)
        let found = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        #else
        let found = getrlimit(RLIMIT_AS, &limit)
        #endif
        return found == 0 ? Int(clamping: limit.rlim_cur) : .max
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
