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

struct DataBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract:
            "Generates a corpus, builds its cache and walks an epoch; prints pairs a minute and the resident memory."
    )

    @Option(help: "The number of pairs.")
    var pairs: Int = 1_000_000

    @Option(help: "The kind of tokens: word, character, sentencepiece or whitespace.")
    var tokenizer: String = "whitespace"

    @Option(help: "What the size of a batch counts: sentences or tokens.")
    var unit: String = "sentences"

    @Option(help: "The number of threads; 0 means one a core.")
    var threads: Int = 2

    @Option(help: "The folder for the corpus and the cache, which are deleted at the end.")
    var folder: String = "/tmp/seq2seq-benchmark-data"

    @Option(help: "The median length of sentences in words.")
    var length: Int = 20

    @Option(help: "The number of pairs that the tokenizers learn from.")
    var sample: Int = 1_000_000

    func run() throws {
        guard let kind = TokenizerConfiguration.Kind(rawValue: tokenizer),
            let unit = BatchingConfiguration.Unit(rawValue: unit)
        else { throw ValidationError("unknown tokenizer or unit") }
        ThreadTeam.count = threads
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let corpus = ParallelCorpus(source: "\(folder)/source", target: "\(folder)/target")
        let generating = try seconds { try generate() }
        print("generated     \(pairs) pairs in \(Int(generating)) s, \(resident) MB resident")
        let (source, target) = try codecs(kind, corpus)
        FreedMemory.giveBack()
        print("tokenizers    \(source.count) and \(target.count) ids, \(resident) MB resident")
        let encoding = CorpusEncoding(
            corpus,
            columns: [
                .text("source", vocabulary: source.count, role: .input),
                .text("target", vocabulary: target.count, role: .output),
            ], maximumLength: 100, tokenizers: "\(source.fingerprint) \(target.fingerprint)"
        ) {
            .example(
                Example(
                    source: source.encode($0[0].text)[...], target: target.encode($0[1].text)[...]))
        }
        var tenth = 1
        func shows(_ share: Double) -> Bool {
            guard share * 10 >= Double(tenth) else { return false }
            tenth += 1
            return true
        }
        func open() throws -> ExampleCache {
            try ExampleCache.open(
                encoding, in: "\(folder)/cache",
                threads: CacheThreads(count: ThreadTeam.count, run: ThreadTeam.forEach)
            ) { if shows($0.share) { print("building      \($0.pairs) pairs, \(resident) MB") } }
        }
        var opened: ExampleCache?
        let building = try seconds { opened = try open() }
        guard let cache = opened else { return }
        print("built         \(Int(Double(pairs) / building * 60)) pairs a minute, \(cache.report)")
        print("opened again  \(fixed(try seconds { _ = try open() }, 3)) s")
        try walk(cache, unit)
    }

    private func walk(_ cache: ExampleCache, _ unit: BatchingConfiguration.Unit) throws {
        var batching = BatchingConfiguration()
        batching.unit = unit
        if unit == .tokens { batching.size = 2000 }
        let sampler = try BatchSampler(
            mixture: CorpusMixture(count: cache.count), configuration: batching
        ) {
            let lengths = try cache.lengths(of: $0)
            return (lengths[0], lengths[1] + 1)
        }
        var count = 0
        let counting = try seconds { count = try sampler.batchCount(epoch: 1) }
        print("counted       \(count) batches in \(fixed(counting, 2)) s, \(resident) MB")
        var (tokens, slowest, done) = (0, 0.0, 0)
        let walking = try seconds {
            var batches = try sampler.batches(epoch: 1)
            while true {
                var batch: [Int]?
                let time = try seconds {
                    batch = try batches.next()
                    for pair in batch ?? [] { tokens += try cache.example(pair).target.count }
                }
                guard batch != nil else { break }
                slowest = max(slowest, time)
                done += 1
                if done * 10 / count > (done - 1) * 10 / count {
                    print("walking       \(done) batches, \(resident) MB")
                }
            }
        }
        print(
            "walked        \(done) batches, \(tokens) target tokens; a batch \(fixed(1000 * walking / Double(max(1, done)), 3)) ms, the slowest \(fixed(1000 * slowest, 1)) ms"
        )
    }

    private func codecs(
        _ kind: TokenizerConfiguration.Kind, _ corpus: ParallelCorpus
    ) throws -> (source: TextCodec, target: TextCodec) {
        var configuration = TokenizerConfiguration()
        configuration.kind = kind
        if kind == .whitespace { configuration.normalization = .none }
        configuration.vocabularySize = kind == .sentencepiece ? 8000 : 32000
        var reservoir = ReservoirSample<(String, String)>(size: sample, seed: 1)
        try corpus.forEachPair { source, target, _ in reservoir.add((source, target)) }
        let drawn = reservoir.elements
        return (
            try TextCodec.train(on: drawn.map(\.0), configuration: configuration),
            try TextCodec.train(on: drawn.map(\.1), configuration: configuration)
        )
    }

    /// Writes two files of sentences of made-up words.
    ///
    /// Lengths are log-normal, words follow Zipf's law over 50,000, and a target has about 10 % more or
    /// fewer words than its source.
    private func generate() throws {
        let syllables = [
            "ba", "ko", "ri", "sen", "tu", "lam", "ne", "gi", "dor", "pa", "mi", "ost",
        ]
        func word(_ rank: Int) -> String {
            var (rest, text) = (rank, "")
            repeat {
                text += syllables[rest % syllables.count]
                rest /= syllables.count
            } while rest > 0
            return text
        }
        let dictionary = (0..<50_000).map { Array(word($0).utf8) }
        var generator = RandomGenerator(seed: 1)
        func uniform() -> Double { Double.random(in: 0x1p-53..<1, using: &generator) }
        func normal() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }
        let files = [
            try FileWriter("\(folder)/source"), try FileWriter("\(folder)/target"),
        ]
        var buffers: [[UInt8]] = [[], []]
        func flush() throws {
            for (file, buffer) in zip(files, buffers) {
                try buffer.withUnsafeBytes { try file.write($0) }
            }
            buffers = [[], []]
        }
        for _ in 0..<pairs {
            let count = min(90, max(1, Double(length) * exp(0.5 * normal())))
            for side in 0..<2 {
                let words = side == 0 ? count : count * exp(0.1 * normal())
                for position in 0..<max(1, Int(words)) {
                    // The rank of a law of Zipf with exponent 1 is log-uniform.
                    let rank = Int(exp(uniform() * log(Double(dictionary.count)))) - 1
                    if position > 0 { buffers[side].append(0x20) }
                    buffers[side] += dictionary[rank]
                }
                buffers[side].append(0x0A)
            }
            if buffers[0].count > 1 << 20 { try flush() }
        }
        try flush()
        for file in files { try file.close() }
    }

    /// The memory that the process holds now, in megabytes.
    private var resident: Int {
        guard let status = FileManager.default.contents(atPath: "/proc/self/status") else {
            return Int(Machine.peakResidentMegabytes)
        }
        let line = String(decoding: status, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }
            .map { $0 / 1024 } ?? 0
    }

    private func fixed(_ value: Double, _ decimals: Int) -> String {
        let scale = pow(10, Double(decimals))
        return "\((value * scale).rounded() / scale)"
    }
}
