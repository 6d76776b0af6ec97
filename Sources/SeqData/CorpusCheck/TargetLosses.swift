/// Which targets do not come back from their tokens as they are, and why.
struct TargetLosses {
    /// The targets that were looked at.
    private(set) var examined = 0
    /// Those that do not come back.
    private(set) var lost = LineTally()
    private var causes: [String: Int] = [:]
    private let loss: @Sendable (String) -> String?

    /// All of the first lines are examined, and of the others one in so many, since it takes longer than
    /// everything else that is found out about a line.
    private static let first = 10_000
    private static let interval = 16

    init(_ loss: @escaping @Sendable (String) -> String?) { self.loss = loss }

    mutating func examine(_ text: String, line: Int) {
        guard line <= Self.first || line.isMultiple(of: Self.interval) else { return }
        examined += 1
        guard let cause = loss(text) else { return }
        lost.add(line)
        causes[cause, default: 0] += 1
    }

    /// Their share.
    var share: Double { examined > 0 ? Double(lost.count) / Double(examined) : 0 }

    /// The causes with their numbers, the most frequent first.
    var description: String {
        causes.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
            .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
