import SeqFiles
import Testing

@testable import SeqData

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct BatchSamplerTests {
    private static let allConfigurations: [BatchingConfiguration] = {
        var configurations: [BatchingConfiguration] = []
        for unit in BatchingConfiguration.Unit.allCases {
            for mode in BatchingConfiguration.Mode.allCases {
                for shuffle in [true, false] {
                    for size in [1, 7, 64, 1000, 1_000_000] {
                        var configuration = BatchingConfiguration()
                        configuration.unit = unit
                        configuration.mode = mode
                        configuration.shuffle = shuffle
                        configuration.size = size
                        configuration.bucket = 5
                        configurations.append(configuration)
                    }
                }
            }
        }
        return configurations
    }()

    private let sourceLengths: [Int]
    private let targetLengths: [Int]

    init() {
        var generator = SplitMix64(seed: 99)
        sourceLengths = (0..<3001).map { _ in Int(generator.next(below: 50)) + 1 }
        targetLengths = sourceLengths.map { max(1, $0 + Int(generator.next(below: 9)) - 4) }
    }

    private func sampler(_ configuration: BatchingConfiguration, seed: UInt64 = 1) throws
        -> BatchSampler
    {
        try BatchSampler(
            sourceLengths: sourceLengths, targetLengths: targetLengths,
            configuration: configuration, seed: seed)
    }

    @Test(arguments: allConfigurations)
    func `each pair comes exactly once an epoch and no batch is too large`(
        configuration: BatchingConfiguration
    ) throws {
        for epoch in 1...3 {
            let sampler = try sampler(configuration)
            let batches = try sampler.allBatches(epoch: epoch)
            #expect(try sampler.batchCount(epoch: epoch) == batches.count)
            for start in epoch == 2 ? [1, batches.count / 3, batches.count + 1] : [] {
                #expect(
                    try sampler.allBatches(epoch: epoch, from: start)
                        == Array(batches.dropFirst(start)))
            }
            #expect(batches.flatMap(\.self).sorted() == Array(sourceLengths.indices))
            for batch in batches {
                #expect(!batch.isEmpty)
                let size =
                    configuration.unit == .sentences
                    ? batch.count : batch.reduce(0) { $0 + targetLengths[$1] }
                #expect(size <= configuration.size || batch.count == 1)
            }
            if configuration.unit == .sentences {
                let size = min(configuration.size, sourceLengths.count)
                #expect(batches.count == (sourceLengths.count + size - 1) / size)
            }
        }
    }

    @Test(arguments: allConfigurations)
    func `an epoch is a function of seed and number`(configuration: BatchingConfiguration) throws {
        let epoch = try sampler(configuration).allBatches(epoch: 2)
        #expect(try sampler(configuration).allBatches(epoch: 2) == epoch)
        if configuration.shuffle && configuration.size < 100 {
            #expect(try sampler(configuration).allBatches(epoch: 3) != epoch)
            #expect(try sampler(configuration, seed: 2).allBatches(epoch: 2) != epoch)
        }
        if !configuration.shuffle {
            #expect(try sampler(configuration, seed: 2).allBatches(epoch: 3) == epoch)
        }
    }

    /// The share of steps that would be computed in vain if each target were as long as the longest.
    private func spread(_ batches: [[Int]]) -> Double {
        let longest = batches.reduce(0) { sum, batch in
            sum + batch.count * (batch.map { targetLengths[$0] }.max() ?? 0)
        }
        return 1 - Double(targetLengths.reduce(0, +)) / Double(longest)
    }

    @Test func `batches hold targets of like length`() throws {
        var configuration = BatchingConfiguration()
        configuration.size = 16
        configuration.bucket = 50
        #expect(try spread(sampler(configuration).allBatches(epoch: 1)) < 0.05)
        configuration.mode = .sorted
        #expect(try spread(sampler(configuration).allBatches(epoch: 1)) < 0.01)
        configuration.mode = .unsorted
        #expect(try spread(sampler(configuration).allBatches(epoch: 1)) > 0.3)
    }

    @Test func `without shuffling batches come in order`() throws {
        var configuration = BatchingConfiguration()
        configuration.shuffle = false
        configuration.size = 10
        configuration.mode = .unsorted
        #expect(
            try sampler(configuration).allBatches(epoch: 7).flatMap(\.self)
                == Array(sourceLengths.indices))
        configuration.mode = .sorted
        let lengths = try sampler(configuration).allBatches(epoch: 7).flatMap(\.self)
            .map { targetLengths[$0] }
        #expect(lengths == lengths.sorted())
    }

    @Test func `a pair larger than a batch is a batch of its own`() throws {
        var configuration = BatchingConfiguration()
        configuration.unit = .tokens
        configuration.size = 10
        configuration.mode = .sorted
        configuration.shuffle = false
        let sampler = try BatchSampler(
            sourceLengths: [1, 1, 1, 1, 1], targetLengths: [50, 4, 11, 6, 60],
            configuration: configuration)
        #expect(try sampler.allBatches(epoch: 1) == [[1, 3], [2], [0], [4]])
    }

    @Test func `the order never changes between versions and platforms`() throws {
        var configuration = BatchingConfiguration()
        configuration.size = 3
        configuration.bucket = 2
        let sampler = try BatchSampler(
            sourceLengths: [5, 3, 9, 1, 7, 2, 8, 4], targetLengths: [5, 3, 9, 1, 7, 2, 8, 4],
            configuration: configuration, seed: 42)
        // What another implementation of the order gives, written in Python: runs must resume.
        #expect(try sampler.allBatches(epoch: 1) == [[0, 4, 2], [3, 5, 7], [1, 6]])
        #expect(try sampler.allBatches(epoch: 2) == [[0, 6, 2], [3, 5, 1], [7, 4]])
    }

    @Test func `no pairs make no batches`() throws {
        let sampler = try BatchSampler(sourceLengths: [], targetLengths: [])
        #expect(try sampler.allBatches(epoch: 1).isEmpty)
    }

    @Test func `sizes below 1 are refused`() {
        for change: (inout BatchingConfiguration) -> Void in [
            { $0.size = 0 }, { $0.size = -5 }, { $0.bucket = 0 },
        ] {
            var configuration = BatchingConfiguration()
            change(&configuration)
            let error = #expect(throws: Seq2SeqError.self) { try sampler(configuration) }
            #expect(error?.kind == .badConfiguration)
        }
    }

    @Test func `sizes near the largest number do not overflow`() throws {
        var configuration = BatchingConfiguration()
        configuration.size = .max
        configuration.bucket = .max
        #expect(try sampler(configuration).allBatches(epoch: 1).count == 1)
    }

    @Test func `the configuration encodes all its settings`() throws {
        let data = try JSONEncoder().encode(BatchingConfiguration())
        let decoded = try JSONDecoder().decode(BatchingConfiguration.self, from: data)
        #expect(decoded == BatchingConfiguration())
        let text = String(decoding: data, as: UTF8.self)
        for member in [
            "\"unit\":\"sentences\"", "\"size\":64", "\"mode\":\"pooled\"", "\"bucket\":100",
            "\"shuffle\":true",
        ] {
            #expect(text.contains(member))
        }
    }
}

extension BatchSampler {
    /// All batches of an epoch.
    fileprivate func allBatches(epoch: Int, from start: Int = 0) throws -> [[Int]] {
        var epoch = try batches(epoch: epoch, from: start)
        var all: [[Int]] = []
        while let batch = try epoch.next() { all.append(batch) }
        return all
    }
}

@Suite struct SplitMix64Tests {
    @Test func `numbers are those of the reference implementation`() {
        // splitmix64.c by Sebastiano Vigna, seed 1234567.
        var generator = SplitMix64(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect(expected.map { _ in generator.next() } == expected)
    }

    @Test func `bounded numbers are even`() {
        var generator = SplitMix64(seed: 5, stream: 3)
        var counts = [Int](repeating: 0, count: 6)
        for _ in 0..<60_000 { counts[Int(generator.next(below: 6))] += 1 }
        // Five standard deviations of a binomial count.
        for count in counts { #expect(abs(count - 10_000) < 457) }
    }

    @Test func `a bound just above half the range rejects and stays within it`() {
        var generator = SplitMix64(seed: 5)
        let bound = UInt64(1) << 63 + 1
        for _ in 0..<1000 { #expect(generator.next(below: bound) < bound) }
    }
}
