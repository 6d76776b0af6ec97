import SeqFiles
import SeqData
import SeqModels

/// The training corpora of a run, in caches, as one list of pairs.
struct TrainingCorpora: Sendable {
    private let caches: [TokenCache]
    private let lossWeights: [Float]
    /// The number of the first pair of each corpus.
    private let starts: [Int]
    /// The id of the first word behind the source vocabulary, and how many such ids other corpora have
    /// before those of each corpus.
    private let vocabulary: Int32
    private let wordShifts: [Int32]

    /// What became of the pairs of all corpora.
    let report: CorpusReport
    /// How the corpora share an epoch.
    let mixture: CorpusMixture
    /// The source words with the ids behind the vocabulary.
    let unknownWords: [String]

    init(
        _ caches: [TokenCache], configuration: DataConfiguration, sourceVocabulary: Int
    ) {
        let corpora = configuration.trainingCorpora
        precondition(caches.count == corpora.count, "\(caches.count) of \(corpora.count) corpora")
        self.caches = caches
        lossWeights = corpora.map(\.lossWeight)
        mixture = CorpusMixture(
            counts: caches.map(\.count), weights: corpora.map(\.weight),
            temperature: configuration.temperature)
        report = caches.dropFirst().reduce(caches[0].report) { $0 + $1.report }
        unknownWords = caches.flatMap(\.unknownWords)
        vocabulary = Int32(sourceVocabulary)
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
            let mean = Double(cache.targetTokens) / Double(max(1, cache.count)) + 1
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
        return (lengths.source, lengths.target + 1)
    }

    /// The pairs with the given numbers.
    func pairs(_ numbers: [Int]) throws -> [TranslationPair] {
        try numbers.map { number in
            let (corpus, number) = place(of: number)
            var pair = try caches[corpus].pair(number)
            pair.weight *= lossWeights[corpus]
            if wordShifts[corpus] > 0 {
                pair.source =
                    pair.source.map { $0 < vocabulary ? $0 : $0 + wordShifts[corpus] }[...]
            }
            return pair.translationPair
        }
    }

    private func place(of pair: Int) -> (corpus: Int, number: Int) {
        let corpus = (starts.firstIndex { $0 > pair } ?? starts.count) - 1
        return (corpus, pair - starts[corpus])
    }
}

extension EncodedPair {
    /// The pair as a model takes it.
    var translationPair: TranslationPair {
        TranslationPair(
            source: source, target: target, copies: copies, links: links, weight: weight)
    }
}
