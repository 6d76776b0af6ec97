/// Says from the first updates how long an epoch takes.
///
/// The very first ones, in which memory is asked of the system and products are prepared, do not count.
struct EpochTimer {
    private static let skipped = 3
    private static let measured = 10

    private let tokens: Int
    private var updates = 0
    private var seenTokens = 0
    private var time = Duration.zero

    /// - Parameter tokens: the target tokens of an epoch.
    init(tokens: Int) { self.tokens = tokens }

    /// Takes an update; returns the seconds of an epoch once enough of them are known.
    mutating func add(tokens: Int, time: Duration) -> Double? {
        updates += 1
        guard updates > EpochTimer.skipped else { return nil }
        seenTokens += tokens
        self.time += time
        guard updates == EpochTimer.skipped + EpochTimer.measured else { return nil }
        return self.time / .seconds(1) * Double(self.tokens) / Double(max(1, seenTokens))
    }
}
