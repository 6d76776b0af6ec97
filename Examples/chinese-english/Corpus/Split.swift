/// Takes pairs out of a corpus such that what remains still shows all their words.
struct Split {
    private var occurrences: [String: Int] = [:]
    private var heldOut: Set<SentencePair> = []

    init(_ pairs: [SentencePair]) {
        for pair in pairs {
            for unit in Self.units(of: pair) {
                occurrences[unit, default: 0] += 1
            }
        }
    }

    /// Returns the first pairs, not yet held out, whose words and characters remain frequent.
    mutating func holdOut(_ count: Int, from candidates: [SentencePair]) -> [SentencePair] {
        var taken: [SentencePair] = []
        for pair in candidates where taken.count < count && !heldOut.contains(pair) {
            let units = Self.units(of: pair)
            let remains = units.allSatisfy { unit in
                (occurrences[unit] ?? 0) - units.count { $0 == unit } >= Corpus.leastOccurrences
            }
            if remains {
                taken.append(pair)
                heldOut.insert(pair)
                for unit in units {
                    occurrences[unit, default: 0] -= 1
                }
            }
        }
        return taken
    }

    func isHeldOut(_ pair: SentencePair) -> Bool {
        heldOut.contains(pair)
    }

    /// The English words and the Chinese characters.
    static func units(of pair: SentencePair) -> [String] {
        pair.english.lowercased().split { !$0.isLetter && $0 != "'" && $0 != "-" }.map(String.init)
            + pair.chinese.map(String.init)
    }
}
