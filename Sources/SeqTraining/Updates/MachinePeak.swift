import SeqNN
public import SeqTensor
import Synchronization

/// How fast the machine multiplies matrices at best, against which training is measured.
public enum MachinePeak {
    private struct Setting: Hashable {
        var precision: Precision
        var threads: Int
    }

    private static let known = Mutex<[Setting: Double]>([:])

    /// The multiply-adds a second of the fastest of some products with packed weights, of the size of an
    /// LSTM step of 512 cells over 512 rows.
    ///
    /// - Parameter time: how long to look; at least three products are tried.
    public static func measure(_ precision: Precision, for time: Duration) -> Double {
        let (rows, inputs, outputs) = (512, 512, 2048)
        var generator = RandomGenerator(seed: 1)
        let input = Tensor.uniform(-1..<1, shape: [rows, inputs], using: &generator)
        let weight = Parameter(
            "weight", Tensor.uniform(-1..<1, shape: [inputs, outputs], using: &generator))
        // Weights are packed once where they lie in a buffer.
        let buffer = ParameterBuffer([weight])
        return withExtendedLifetime(buffer) {
            Precision.$current.withValue(precision) {
                var best = Duration.seconds(3600)
                var tries = 0
                let start = ContinuousClock.now
                while tries < 3 || ContinuousClock.now - start < time {
                    best = min(best, ContinuousClock().measure { _ = input.matmul(weight.value) })
                    tries += 1
                }
                return Double(rows * inputs * outputs) / (best / .seconds(1))
            }
        }
    }

    /// The same, measured for a fifth of a second when it is first asked for.
    static func current(_ precision: Precision) -> Double {
        let setting = Setting(precision: precision, threads: ThreadTeam.count)
        if let peak = known.withLock({ $0[setting] }) { return peak }
        let peak = measure(precision, for: .milliseconds(200))
        known.withLock { $0[setting] = peak }
        return peak
    }
}
