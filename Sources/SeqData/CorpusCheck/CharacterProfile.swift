import SeqFiles

/// How often pairs of neighbouring characters occur, which tells languages apart (Cavnar & Trenkle 1994).
struct CharacterProfile {
    private var counts = [Double](repeating: 0, count: 4096)
    private var total = 0.0
    private var lines = 0

    /// The lines that are enough to know a side.
    private static let mostLines = 20_000

    mutating func add(_ text: String) {
        guard lines < Self.mostLines else { return }
        lines += 1
        var previous: UInt32 = 0x20
        for scalar in text.unicodeScalars.prefix(200) {
            let value = CaseTable.lowercased(scalar.value)
            counts[Int(SplitMix64.mixed(UInt64(previous) << 32 | UInt64(value)) % 4096)] += 1
            total += 1
            previous = value
        }
    }

    /// How alike two profiles are, from 0 to 1 (Bhattacharyya 1943).
    func similarity(_ other: CharacterProfile) -> Double {
        guard total > 0, other.total > 0 else { return 0 }
        let sum = zip(counts, other.counts).reduce(0) { $0 + ($1.0 * $1.1).squareRoot() }
        return sum / (total * other.total).squareRoot()
    }
}
