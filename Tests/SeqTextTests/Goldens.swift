import SeqFiles
import Foundation
import SeqText
import Testing

/// Reference values, made by scripts/goldens/text_goldens.py.
struct Goldens: Decodable {
    struct ModelCase: Decodable {
        var text: String
        var ids: [Int32]
        var pieces: [String]
        var decoded: String
    }

    struct NormalizationCase: Decodable {
        var text: String
        var nfc: String
        var nfkc: String
    }

    struct MosesCase: Decodable {
        var text: String
        var tokens: [String]
    }

    var models: [String: [ModelCase]]
    var normalization: [NormalizationCase]
    var moses: [MosesCase]

    static func load() throws -> Goldens {
        let data = try Data(contentsOf: fixtures.appending(path: "text_goldens.json"))
        return try JSONDecoder().decode(Goldens.self, from: data)
    }

    static var fixtures: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    }

    static func corpus() throws -> [String] {
        let text = try String(
            contentsOf: fixtures.appending(path: "corpus.txt"), encoding: .utf8)
        return text.split(separator: "\n").map(String.init)
    }
}

/// The folder of data that is not part of the package, or nil with a printed line.
func sharedData(_ path: String) -> String? {
    let beside = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/data").standardized.path(percentEncoded: false)
    let folder = ProcessInfo.processInfo.environment["SEQ2SEQ_DATA"] ?? beside
    let file = "\(folder)/\(path)"
    if FileManager.default.fileExists(atPath: file) { return file }
    print("ABSENT \(file): what depends on it is not examined; set SEQ2SEQ_DATA to its folder")
    return nil
}

/// Runs a test with a folder of its own.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
        .appending(path: "seqtext-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path(percentEncoded: false))
}

/// Returns the error of this module that a closure throws.
func error(of body: () throws -> Void) throws -> Seq2SeqError {
    try #require(throws: Seq2SeqError.self) { try body() }
}

/// Spellings, compared by their bytes: equal strings in Swift may differ in them.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// A small generator with a fixed sequence (SplitMix64).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// Returns the time that this thread works on a closure, the least of three runs; unlike the time
/// on the clock it does not grow while other tests run.
func threadSeconds(_ body: () -> Void) -> Double {
    var least = Double.infinity
    for _ in 0..<3 {
        let start = threadNanoseconds()
        body()
        least = min(least, Double(threadNanoseconds() - start) * 1e-9)
    }
    return least
}

private func threadNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
}
