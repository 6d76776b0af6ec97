import SeqFiles
import SeqText
import TestSupport
import Testing

@testable import SeqData

/// Weights of pairs that leave nothing to learn from.
@Suite struct PairWeightTests {
    @Test func `weights that are all zero are refused by the name of their file`() throws {
        let folder = try TemporaryFolder()
        let corpus = try ParallelCorpus(
            source: folder.file("s", "a\nb\n"), target: folder.file("t", "c\nd\n"))
        var encoding = CorpusEncoding(
            corpus, columns: textColumns(10, 10), maximumLength: 10, tokenizers: ""
        ) { _ in .example(Example(source: [1], target: [2])) }
        encoding.weights = try folder.file("weights", "0\n-0.0\n")
        let error = #expect(throws: Seq2SeqError.self) {
            try ExampleCache.open(encoding, in: folder.path("cache"))
        }
        #expect(error?.kind == .badData && error?.path == encoding.weights)
        _ = try folder.file("weights", "0\n1e-30\n")
        #expect(try ExampleCache.open(encoding, in: folder.path("cache")).example(0).weight == 0)
    }
}
