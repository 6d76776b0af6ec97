/// What a group of patterns talks about.
enum Topic: String, CaseIterable, Sendable {
    case phrases, identity, likes, wants, habits, progress, past, experience, future, going
    case possession, location, description, comparison, numbers, time, ability, duty, reasons
    case conditions, requests, giving, wearing, manner, weather, feelings, opinions
}

/// One sentence pattern: all the sentences that it makes, in a fixed order.
struct Pattern: Sendable {
    let name: String
    let topic: Topic
    /// Its share of the corpus, relative to the other patterns.
    let weight: Int
    let enumerate: @Sendable (inout Realizer) -> Void

    init(
        _ name: String, _ topic: Topic, weight: Int = 2,
        _ enumerate: @escaping @Sendable (inout Realizer) -> Void
    ) {
        (self.name, self.topic, self.weight) = (name, topic, weight)
        self.enumerate = enumerate
    }

    /// A set phrase cannot be inferred from others, so it is for training alone.
    var isSetPhrase: Bool { topic == .phrases }

    /// Returns how many sentences the pattern makes.
    func count() -> Int {
        var realizer = Realizer(wanted: [])
        enumerate(&realizer)
        return realizer.visited
    }

    /// Returns so many of the sentences, or all that there are, drawn with a seed.
    func draw(_ wanted: Int, seed: UInt64) -> [Sentence] {
        var generator = SplitMix64(seed: seed ^ SplitMix64.hash(name))
        let count = count()
        return sentences(at: Sampling.positions(min(wanted, count), of: count, using: &generator))
    }

    /// Returns the sentences at the given ascending positions.
    func sentences(at positions: [Int]) -> [Sentence] {
        var realizer = Realizer(wanted: positions)
        enumerate(&realizer)
        return realizer.sentences
    }

    /// Returns all sentences of the pattern.
    func sentences() -> [Sentence] {
        sentences(at: Array(0..<count()))
    }
}

/// Receives the sentences of a pattern and writes out those that are wanted.
///
/// The texts are passed unevaluated: most combinations are only counted, which costs nothing.
/// Nothing here is inlined into the hundreds of places of use, which would cost minutes to compile.
struct Realizer {
    private let wanted: [Int]
    private var nextWanted = 0
    private(set) var visited = 0
    private(set) var sentences: [Sentence] = []

    init(wanted: [Int]) {
        self.wanted = wanted
        sentences.reserveCapacity(wanted.count)
    }

    @inline(never)
    mutating func statement(
        _ chinese: @autoclosure () -> String, _ english: @autoclosure () -> String
    ) {
        if isWanted() {
            sentences.append(Sentence(chinese(), english(), .statement))
        }
    }

    @inline(never)
    mutating func question(
        _ chinese: @autoclosure () -> String, _ english: @autoclosure () -> String
    ) {
        if isWanted() {
            sentences.append(Sentence(chinese(), english(), .question))
        }
    }

    @inline(never)
    mutating func exclamation(
        _ chinese: @autoclosure () -> String, _ english: @autoclosure () -> String
    ) {
        if isWanted() {
            sentences.append(Sentence(chinese(), english(), .exclamation))
        }
    }

    private mutating func isWanted() -> Bool {
        defer { visited += 1 }
        guard nextWanted < wanted.count, wanted[nextWanted] == visited else { return false }
        nextWanted += 1
        return true
    }
}
