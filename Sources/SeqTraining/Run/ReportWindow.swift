#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import SeqModels
import SeqNN
import SeqTensor

/// The figures since the last report.
struct ReportWindow {
    private let peak: Double
    private var started = ContinuousClock.now
    private var startProducts = ThreadTeam.multiplyAdds
    private let startStep: Int
    private let startTokens: Int
    private var smoothed = 0.0
    private var weight = 0.0
    private var likelihood = 0.0
    private var rewards = 0.0
    private var outputs = 0
    private var tokens = 0
    private var norms = 0.0
    private var updates = 0
    private var rate: Float
    private var pauseStart: ContinuousClock.Instant?
    private var pauseProducts: UInt64 = 0
    private var dataTime = Duration.zero

    /// - Parameter peak: the multiply-adds a second that the machine does at best.
    init(start: TrainingState, peak: Double) {
        self.peak = peak
        startStep = start.step
        startTokens = start.tokens
        rate = start.learningRate
    }

    mutating func add(_ found: ObjectiveLoss) {
        let loss = found.tokens
        rewards += found.rewards.reduce(0, +)
        outputs += found.rewards.count
        smoothed += loss.smoothedLoss
        weight += loss.weight
        likelihood += loss.negativeLogLikelihood
        tokens += loss.tokens
    }

    mutating func addUpdate(norm: Double, learningRate: Float) {
        norms += norm
        updates += 1
        rate = learningRate
        pauseStart = .now
        pauseProducts = ThreadTeam.multiplyAdds
    }

    /// Runs what gets the next batch, and adds the time that it takes to that of data.
    mutating func measuringData<Batch>(_ body: () throws -> Batch) rethrows -> Batch {
        let start = ContinuousClock.now
        defer { dataTime += .now - start }
        return try body()
    }

    mutating func skipPause() {
        guard let pauseStart else {
            started = .now
            startProducts = ThreadTeam.multiplyAdds
            return
        }
        started += .now - pauseStart
        startProducts += ThreadTeam.multiplyAdds - pauseProducts
    }

    func progress(_ state: TrainingState, totalSteps: Int, isReport: Bool) -> TrainingEvent.Progress
    {
        let elapsed = ContinuousClock.now - started
        let seconds = max(1e-9, elapsed / .seconds(1))
        let products = Double(ThreadTeam.multiplyAdds - startProducts)
        let count = Double(max(1, tokens))
        return TrainingEvent.Progress(
            step: state.step, totalSteps: totalSteps, epoch: state.epoch,
            loss: smoothed / (weight > 0 ? weight : count),
            perplexity: exp(likelihood / count),
            reward: outputs > 0 ? rewards / Double(outputs) : nil,
            gradientNorm: norms / Double(max(1, updates)),
            learningRate: rate, tokensPerSecond: Double(tokens) / seconds,
            dataShare: dataTime / .seconds(1) / seconds,
            shareOfPeak: products > 0 ? products / seconds / peak : nil, seconds: seconds,
            remaining: seconds / Double(max(1, updates)) * Double(max(0, totalSteps - state.step)),
            isReport: isReport)
    }
}
