/// How many sentences each pattern gives, and which.
enum Sampling {
    /// Returns each pattern's share of the target: in proportion to the weights, but no pattern
    /// gives more than it has, and the others make up for what it lacks.
    static func shares(counts: [Int], weights: [Int], target: Int) -> [Int] {
        precondition(
            counts.count == weights.count, "\(counts.count) counts, but \(weights.count) weights")
        var shares = counts
        var open = Array(counts.indices)
        var remaining = target
        while !open.isEmpty {
            let weight = open.reduce(0) { $0 + weights[$1] }
            let budget = remaining
            let full = open.filter { counts[$0] * weight <= budget * weights[$0] }
            if full.isEmpty {
                for index in open {
                    shares[index] = remaining * weights[index] / weight
                }
                break
            }
            remaining -= full.reduce(0) { $0 + counts[$1] }
            open.removeAll { counts[$0] * weight <= budget * weights[$0] }
        }
        return shares
    }

    /// Returns ascending positions below the count, drawn without replacement (Knuth 1969, 3.4.2 S).
    static func positions(_ wanted: Int, of count: Int, using generator: inout SplitMix64) -> [Int]
    {
        var positions: [Int] = []
        positions.reserveCapacity(wanted)
        for position in 0..<count where positions.count < wanted {
            if generator.next(below: count - position) < wanted - positions.count {
                positions.append(position)
            }
        }
        return positions
    }
}
