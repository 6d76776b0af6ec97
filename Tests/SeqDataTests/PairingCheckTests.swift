import SeqFiles
import TestSupport
import Testing

@testable import SeqData

/// Targets that stand far from their sources, or in places of others, are found with their distance.
@Suite struct PairingCheckTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func alarms(_ corpus: SyntheticCorpus) throws -> [CorpusFinding] {
        let files = ParallelCorpus(
            source: try folder.file("s", corpus.sources.map { "\($0)\n" }.joined()),
            target: try folder.file("t", corpus.targets.map { "\($0)\n" }.joined()))
        return try CorpusCheck().report(training: [files]).findings.filter {
            [.shifted, .unrelatedLines, .misaligned].contains($0.code)
        }
    }

    private func rotated(_ texts: [String], by distance: Int) -> [String] {
        let start = (distance % texts.count + texts.count) % texts.count
        return Array(texts[start...] + texts[..<start])
    }

    @Test(arguments: [false, true], [-700, -100, -10, 6, 12, 300, 900])
    func `a corpus whose targets are all moved is told by how many lines`(
        isHan: Bool, distance: Int
    ) throws {
        var bad = SyntheticCorpus(2000, isHan: isHan)
        bad.targets = rotated(bad.targets, by: distance)
        let found = try alarms(bad)
        let sign = distance > 0 ? "-" : "+"
        let words = "source line n belongs to target line n\(sign)\(abs(distance)):"
        #expect(found.contains { $0.code == .shifted && $0.message.contains(words) })
    }

    @Test func `lines that are lost are found where they are lost`() throws {
        var bad = SyntheticCorpus(3020)
        bad.targets.removeSubrange(1000..<1020)
        bad.sources.removeLast(20)
        let found = try alarms(bad)
        #expect(found.map(\.code) == [.shifted])
        #expect(found.first?.message.contains("target line n-20:") == true)
        #expect((980...1040).contains(found.first?.lines.first ?? 0), "\(found)")
    }

    @Test func `exchanged neighbours and moved odd lines are found`() throws {
        var exchanged = SyntheticCorpus(2000)
        for line in stride(from: 0, to: 2000, by: 2) { exchanged.targets.swapAt(line, line + 1) }
        #expect(try alarms(exchanged).contains { $0.code == .shifted })
        var odd = SyntheticCorpus(2000)
        for line in stride(from: 1, to: 1997, by: 2) { odd.targets.swapAt(line, line + 2) }
        let found = try alarms(odd)
        #expect(found.contains { $0.message.contains("among others that are right") }, "\(found)")
    }

    /// Lengths that alternate agree at every even distance, and best at one.
    @Test(arguments: [0, 10, -14])
    func `lengths alone tell a distance though neighbours resemble each other`(distance: Int) throws
    {
        var generator = SplitMix64(seed: 3)
        let letters = Array("ghijklmnopqrstuv")
        // Words that never come again, of one length.
        func line(_ length: Int) -> String {
            (0..<length).map { _ in String(4096 + generator.next(below: 60_000), radix: 16) }
                .map { String($0.map { letters[$0.hexDigitValue ?? 0] }) }
                .joined(separator: " ")
        }
        var corpus = SyntheticCorpus(0)
        for number in 0..<800 {
            let length = (number % 2 == 0 ? 4 : 14) + Int(generator.next(below: 5))
            corpus.sources.append(line(length))
            corpus.targets.append(line(length))
        }
        corpus.targets = rotated(corpus.targets, by: distance)
        let found = try alarms(corpus)
        guard distance != 0 else {
            #expect(found == [])
            return
        }
        let sign = distance > 0 ? "-" : "+"
        #expect(found.first?.message.contains("target line n\(sign)\(abs(distance)):") == true)
    }

    @Test(arguments: [20, 50, 100, 200, 1000])
    func `good corpora of every size raise no alarm`(size: Int) throws {
        for seed in 1...8 {
            #expect(try alarms(SyntheticCorpus(size, seed: UInt64(seed))) == [])
        }
    }

    @Test func `good corpora that are sorted or given twice raise no alarm`() throws {
        var sorted = SyntheticCorpus(1000)
        let order = sorted.sources.indices.sorted { sorted.sources[$0] < sorted.sources[$1] }
        sorted.sources = order.map { sorted.sources[$0] }
        sorted.targets = order.map { sorted.targets[$0] }
        #expect(try alarms(sorted) == [])
        var twice = SyntheticCorpus(800)
        twice.sources += twice.sources
        twice.targets += twice.targets
        #expect(try alarms(twice) == [])
    }

    @Test func `pairs of one length are not called random when their words belong together`() throws
    {
        var generator = SplitMix64(seed: 7)
        var corpus = SyntheticCorpus(0)
        for _ in 0..<1000 {
            let words = (0..<6).map { _ in 100 + generator.next(below: 400) }
            // Made-up words of three letters, so that all lines are alike but for their words.
            func line(_ letters: String) -> String {
                let letters = Array(letters)
                return words.map { word in
                    String([word / 64, word / 8 % 8, word % 8].map { letters[Int($0)] })
                }.joined(separator: " ")
            }
            let isLonger = generator.next(below: 2) == 0
            corpus.sources.append(line("abcdefgh") + (isLonger ? " zzz" : ""))
            corpus.targets.append(line("opqrstuv") + (generator.next(below: 2) == 0 ? " kkk" : ""))
        }
        #expect(try alarms(corpus) == [])
        generator.shuffle(&corpus.targets)
        #expect(try alarms(corpus).map(\.code) == [.misaligned])
    }
}
