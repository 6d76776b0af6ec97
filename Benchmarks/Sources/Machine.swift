import ArgumentParser
import Seq2Seq

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

/// What the machine is and how fast its matrix library multiplies.
enum Machine {
    static var processor: String {
        guard let data = FileManager.default.contents(atPath: "/proc/cpuinfo") else {
            return "unknown"
        }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        func field(_ name: String) -> String {
            lines.first { $0.hasPrefix(name) }?.split(separator: ":").last
                .map { $0.trimmingPrefix(" ") }.map(String.init) ?? "?"
        }
        return "\(field("model name")), family \(field("cpu family")) model \(field("model\t"))"
    }

    /// The most memory the process has held, in megabytes.
    static var peakResidentMegabytes: Double {
        var usage = rusage()
        #if os(Linux)
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1024
        #else
        getrusage(RUSAGE_SELF, &usage)
        return Double(usage.ru_maxrss) / 1_048_576
        #endif
    }
}

/// How long `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    let elapsed = (ContinuousClock.now - start).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
}

struct MachineBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "machine", abstract: "Prints the machine and its measured peak.")

    @Option(help: "The number of threads; 0 means one a core.")
    var threads: Int = 2

    func run() throws {
        ThreadTeam.count = threads
        print("processor        \(Machine.processor)")
        print("threads          \(ThreadTeam.count)")
        print("matrix library   \(ThreadTeam.matrixLibrary)")
        for precision in Precision.allCases {
            print(
                "peak \(precision.rawValue)    \(Int(2 * (MachinePeak.measure(precision, for: .seconds(1))) / 1e9)) GFLOP/s"
            )
        }
    }
}
