import SeqFiles
import SeqData

/// The training corpora of a run, in caches, as one list of pairs.
struct TrainingCorpora: Sendable {
    private let caches: [ExampleCache]
    private let lossWeights: [Float]
    /// Those of an output of text: 1, and 0 for labels.
    let endSymbols: Int
    /// The number of the first pair of each corpus.
    private let starts: [Int]
    /// How many words behind the vocabulary other corpora have before those of each corpus.
    private let wordShifts: [Int32]

    /// What became of the pairs of all corpora.
    let report: CorpusReport
    /// How the corpora share an epoch.
    let mixture: CorpusMixture
    /// The source words with the ids behind the vocabulary.
    let unknownWords: [String]

    init(
        _ caches: [ExampleCache], configuration: DataConfiguration, hasEndSymbols: Bool = true
    ) {
        endSymbols = hasEndSymbols ? 1 : 0
        let corpora = configuration.trainingCorpora
        precondition(caches.count == corpora.count, "\(caches.count) of \(corpora.count) corpora")
        self.caches = caches
        lossWeights = corpora.map(\.lossWeight)
        mixture = CorpusMixture(
            counts: caches.map(\.count), weights: corpora.map(\.weight),
            temperature: configuration.temperature)
        report = caches.dropFirst().reduce(caches[0].report) { $0 + $1.report }
        unknownWords = caches.flatMap(\.unknownWords)
        var starts: [Int] = []
        var shifts: [Int32] = []
        var (start, shift) = (0, 0)
        for cache in caches {
            starts.append(start)
            shifts.append(Int32(shift))
            start += cache.count
            shift += cache.unknownWords.count
        }
        self.starts = starts
        wordShifts = shifts
    }

    /// The target tokens of an epoch, end symbols included, about as many as it has.
    var targetTokens: Int {
        zip(caches, mixture.quotas).reduce(0) { sum, corpus in
            let (cache, quota) = corpus
            let mean =
                Double(cache.steps[1]) / Double(max(1, cache.count))
                + Double(endSymbols)
            return sum + Int(Double(quota) * mean)
        }
    }

    /// A hash of the content of all corpora as the model sees it.
    var hash: String {
        var hash = ContentHash()
        hash.update(Array(caches.map(\.key).joined(separator: "\n").utf8))
        return hash.hexadecimal
    }

    /// The lengths of a pair, the target's end symbol included.
    func lengths(of pair: Int) throws -> (source: Int, target: Int) {
        let (corpus, number) = place(of: pair)
        let lengths = try caches[corpus].lengths(of: number)
        return (lengths[0], lengths[1] + endSymbols)
    }

    /// The examples with the given numbers.
    func examples(_ numbers: [Int]) throws -> [Example] {
        try numbers.map { number in
            let (corpus, number) = place(of: number)
            var example = try caches[corpus].example(number)
            example.weight *= lossWeights[corpus]
            let shift = wordShifts[corpus]
            guard shift > 0 else { return example }
            for (index, column) in caches[corpus].columns.enumerated() where column.keepsSpellings {
                let size = column.vocabulary
                let ids = example.columns[index].ids.map { Int($0) < size ? $0 : $0 + shift }
                example.columns[index] = .ids(ids[...])
            }
            return example
        }
    }

    private func place(of pair: Int) -> (corpus: Int, number: Int) {
        let corpus = (starts.firstIndex { $0 > pair } ?? starts.count) - 1
        return (corpus, pair - starts[corpus])
    }
}
