/// The metrics chrF and chrF++, equal to sacreBLEU 2 (Post 2018) digit for digit.
///
/// After Popović 2015 and 2017: with the precision `P` and the recall `R` of n-grams, averaged over the
/// orders of characters (white space left out) and of words that both sides are long enough for:
///
/// ```
/// chrF = 100 · (1 + β²) · P · R / (β² · P + R)
/// ```
///
/// Of several references of a segment the one counts with which the segment scores best.
public struct ChrF: CorpusMetric, Hashable {
    /// The longest n-grams of characters that count.
    public var characterOrder: Int
    /// The longest n-grams of words that count; 0 in chrF, 2 in chrF++.
    public var wordOrder: Int
    /// How many times as important recall is as precision.
    public var beta: Int
    /// Whether case is ignored.
    public var lowercase: Bool

    /// Creates a metric; the defaults are those of sacreBLEU.
    public init(
        characterOrder: Int = 6, wordOrder: Int = 0, beta: Int = 2, lowercase: Bool = false
    ) {
        precondition(
            characterOrder >= 1 && wordOrder >= 0,
            "chrF of \(characterOrder) and \(wordOrder): at least 1 and 0 are needed")
        self.characterOrder = characterOrder
        self.wordOrder = wordOrder
        self.beta = beta
        self.lowercase = lowercase
    }

    /// chrF++: n-grams of up to two words count too.
    public static var plusPlus: ChrF { ChrF(wordOrder: 2) }

    /// The name of the metric.
    public var metric: Metric { wordOrder == 0 ? .chrf : .chrfPlusPlus }

    /// The statistics of no segment at all.
    public var emptyStatistics: ChrFStatistics {
        ChrFStatistics(orders: characterOrder + wordOrder)
    }

    /// Returns the statistics of one segment.
    ///
    /// - Parameters:
    ///   - hypothesis: The text to be judged, detokenized.
    ///   - references: One or more texts to compare it with.
    public func statistics(hypothesis: String, references: [String]) -> ChrFStatistics {
        precondition(!references.isEmpty, "chrF of a segment with 0 references")
        let hypothesis = units(of: hypothesis)
        var best = emptyStatistics
        var highest = -1.0
        for reference in references {
            let statistics = compare(hypothesis, units(of: reference))
            let score = value(of: statistics)
            if score > highest { (best, highest) = (statistics, score) }
        }
        best.referenceCounts = ReferenceCounts(references.count)
        return best
    }

    private func compare(_ hypothesis: Units, _ reference: Units) -> ChrFStatistics {
        var result = emptyStatistics
        func add(_ hypothesis: TokenList, _ reference: TokenList, orders: Int, from first: Int) {
            let trie = NGramTrie(references: [reference], maximumOrder: orders)
            let matches = trie.clippedMatches(hypothesis)
            for order in 0..<orders {
                let total = max(0, reference.count - order)
                result.referenceTotals[first + order] = total
                // Without a counterpart in the reference an order says nothing.
                result.hypothesisTotals[first + order] =
                    total == 0 ? 0 : max(0, hypothesis.count - order)
                result.matches[first + order] = matches[order]
            }
        }
        add(hypothesis.characters, reference.characters, orders: characterOrder, from: 0)
        if wordOrder > 0 {
            add(hypothesis.words, reference.words, orders: wordOrder, from: characterOrder)
        }
        return result
    }

    private struct Units {
        var characters: TokenList
        var words: TokenList
    }

    private func units(of text: String) -> Units {
        var text = lowercase ? pythonLowercased(text) : text
        return text.withUTF8 { bytes in
            Units(
                characters: TokenList(charactersOf: bytes),
                words: wordOrder > 0 ? words(of: Array(bytes)) : TokenList(bytes: [], bounds: []))
        }
    }

    /// The words, with one punctuation mark cut off the end, or else the start, of each.
    private func words(of bytes: [UInt8]) -> TokenList {
        func isPunctuation(_ index: Int) -> Bool {
            switch bytes[index] {
            case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
            default: false
            }
        }
        let bounds = TokenList(splitting: bytes).bounds.flatMap { word in
            let (start, end) = (word.lowerBound, word.upperBound)
            if word.count > 1, isPunctuation(end - 1) { return [start..<end - 1, end - 1..<end] }
            if word.count > 1, isPunctuation(start) { return [start..<start + 1, start + 1..<end] }
            return [word]
        }
        return TokenList(bytes: bytes, bounds: bounds)
    }

    /// Returns the score that follows from summed statistics.
    public func score(of statistics: ChrFStatistics) -> ChrFScore {
        ChrFScore(
            score: value(of: statistics),
            name: "chrF\(beta)" + String(repeating: "+", count: wordOrder),
            signature: "nrefs:\(statistics.referenceCounts)|case:\(lowercase ? "lc" : "mixed")"
                + "|eff:yes|nc:\(characterOrder)|nw:\(wordOrder)|space:no"
                + "|version:\(BLEU.implementation)")
    }

    private func value(of statistics: ChrFStatistics) -> Double {
        var (precision, recall, orders) = (0.0, 0.0, 0.0)
        for order in statistics.matches.indices {
            let matches = Double(statistics.matches[order])
            let hypothesis = Double(statistics.hypothesisTotals[order])
            let reference = Double(statistics.referenceTotals[order])
            guard hypothesis > 0, reference > 0 else { continue }
            precision += matches / hypothesis
            recall += matches / reference
            orders += 1
        }
        guard precision + recall > 0 else { return 0 }
        precision /= orders
        recall /= orders
        let factor = Double(beta * beta)
        return 100 * ((1 + factor) * precision * recall / (factor * precision + recall))
    }
}

/// What chrF has to know of a corpus: counts of n-grams, those of characters by order, then of words.
public struct ChrFStatistics: MetricStatistics, Hashable {
    /// The number of n-grams of the hypotheses.
    public internal(set) var hypothesisTotals: [Int]
    /// The number of n-grams of the references.
    public internal(set) var referenceTotals: [Int]
    /// The number of n-grams that both have, clipped.
    public internal(set) var matches: [Int]
    /// The numbers of references of the segments.
    public internal(set) var referenceCounts = ReferenceCounts()

    /// Creates the statistics of no segment.
    init(orders: Int) {
        matches = [Int](repeating: 0, count: orders)
        (hypothesisTotals, referenceTotals) = (matches, matches)
    }

    /// Adds the statistics of further segments.
    public static func += (left: inout Self, right: Self) {
        precondition(
            left.matches.count == right.matches.count,
            "chrF statistics of orders \(left.matches.count) and \(right.matches.count) differ")
        for order in right.matches.indices {
            left.hypothesisTotals[order] += right.hypothesisTotals[order]
            left.referenceTotals[order] += right.referenceTotals[order]
            left.matches[order] += right.matches[order]
        }
        left.referenceCounts += right.referenceCounts
    }
}

/// A chrF score.
public struct ChrFScore: MetricScore, Hashable, Codable {
    /// The score, from 0 to 100.
    public var score: Double
    /// The variant in sacreBLEU's form: `chrF2`, or `chrF2++`.
    public var name: String
    /// How the score was made, in sacreBLEU's form; `version` names this implementation.
    public var signature: String

    /// Returns the score in sacreBLEU's form: `chrF2|nrefs:1|… = 59.13`.
    public func formatted(decimals: Int = 2) -> String {
        "\(name)|\(signature) = \(fixedPoint(score, decimals: decimals))"
    }
}

extension ChrFScore: CustomStringConvertible {
    /// The score with two decimals in sacreBLEU's form.
    public var description: String { formatted() }
}
