import SeqFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
public import SeqMetrics

/// How the learning rate changes.
public struct ScheduleConfiguration: Codable, Sendable, Hashable {
    /// The schedules on offer.
    ///
    /// x is the time since the start in `unit`, the update that is about to be made included, t the time
    /// since the end of the warm-up, or since `start` if that is later, without that update, w the warm-up
    /// and p the period. So the first update has the rate 1/w of a warm-up, and the whole rate without one.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// It does not.
        case constant
        /// It is multiplied by `factor` when the metric has not improved for more than `patience`
        /// validations.
        case plateau
        /// rate · factor^⌊t / p⌋.
        case step
        /// rate · factor^(t / p).
        case exponential
        /// rate · √(w / x) after the warm-up (Ott et al. 2018).
        case inverseSquareRoot = "inverse_square_root"
        /// rate · hidden^-½ · min(x^-½, x · w^-1½) (Vaswani et al. 2017, section 5.3).
        case noam
        /// From the rate down to `minimum` along half a cosine of length p, and again from the rate if
        /// `restarts` (Loshchilov & Hutter 2017).
        case cosine
        /// minimum + (rate - minimum) · (1 - t / p)^power.
        case polynomial
        /// Up from rate / 25 during the first 30 % of p, then down to rate / 250,000 along cosines
        /// (Smith & Topin 2019).
        case oneCycle = "one_cycle"

        /// Whether it can hold the rate until `start`.
        var hasStart: Bool {
            switch self {
            case .plateau, .step, .exponential: true
            case .constant, .inverseSquareRoot, .noam, .cosine, .polynomial, .oneCycle: false
            }
        }

        /// Whether it needs a period.
        var hasPeriod: Bool {
            switch self {
            case .step, .exponential, .cosine, .polynomial, .oneCycle: true
            case .constant, .plateau, .inverseSquareRoot, .noam: false
            }
        }
    }

    /// What warm-up, start and period count.
    public enum Unit: String, Codable, Sendable, CaseIterable {
        /// Optimizer steps.
        case updates
        /// Passes over the corpus; parts of one count.
        case epochs
        /// Target tokens, ends included.
        case tokens
    }

    /// The schedule.
    public var type = Kind.constant
    /// What `warmup`, `start` and `period` count.
    public var unit = Unit.updates
    /// The time in which the rate grows from zero to its value, in a straight line.
    public var warmup: Double = 0
    /// The time until which `plateau`, `step` and `exponential` hold the rate.
    ///
    /// Luong and others 2015 halve the rate after each epoch from the fifth on: `step` with start 4 and
    /// period 1 in epochs. Sutskever and others 2014 halve it after 5 epochs and then every half epoch:
    /// start 4.5 and period 0.5.
    public var start: Double = 0
    /// The length of a step, a decay by `factor`, a cosine, a cycle or a polynomial.
    public var period: Double = 0
    /// The exponent of `polynomial`.
    public var power: Double = 1
    /// Whether `cosine` starts anew after each period.
    public var restarts = false
    /// The metric that `plateau` watches.
    public var metric = Metric.perplexity
    /// What `plateau`, `step` and `exponential` multiply the rate by.
    public var factor: Float = 0.5
    /// The validations without improvement that `plateau` forgives.
    public var patience = 0
    /// The rate below which `plateau`, `cosine` and `polynomial` do not go.
    public var minimum: Float = 0

    /// Creates the default configuration.
    public init() {}

    /// The learning rate of an update.
    ///
    /// - Parameters:
    ///   - start: the time before the update, in `unit`.
    ///   - end: the time after it.
    ///   - base: the configured rate, as plateaus have left it.
    ///   - hidden: the width of the decoder, for `noam`.
    func rate(from start: Double, to end: Double, base: Float, hidden: Int) -> Float {
        let base = Double(base)
        if type == .noam {
            return Float(
                base / Double(hidden).squareRoot()
                    * min(1 / end.squareRoot(), end / (warmup * warmup.squareRoot())))
        }
        if end < warmup { return Float(base * end / warmup) }
        let minimum = Double(minimum)
        let elapsed = max(0, start - max(warmup, self.start))
        let period = max(period, .leastNormalMagnitude)
        let part = min(1, elapsed / period)
        switch type {
        case .constant, .plateau, .noam: return Float(base)
        case .step: return Float(base * pow(Double(factor), (elapsed / period).rounded(.down)))
        case .exponential: return Float(base * pow(Double(factor), elapsed / period))
        case .inverseSquareRoot: return Float(base * (warmup / end).squareRoot())
        case .cosine:
            let part = restarts ? (elapsed / period).truncatingRemainder(dividingBy: 1) : part
            return Float(ScheduleConfiguration.cosine(from: base, to: minimum, part))
        case .polynomial:
            return Float(minimum + (base - minimum) * pow(1 - part, power))
        case .oneCycle:
            let rise = 0.3
            return Float(
                part < rise
                    ? ScheduleConfiguration.cosine(from: base / 25, to: base, part / rise)
                    : ScheduleConfiguration.cosine(
                        from: base, to: base / 250_000, (part - rise) / (1 - rise)))
        }
    }

    private static func cosine(from start: Double, to end: Double, _ part: Double) -> Double {
        end + (start - end) / 2 * (1 + cos(.pi * part))
    }

    func validate() throws {
        func check(_ isGood: Bool, _ name: String, _ value: Any, _ remedy: String) throws {
            guard isGood else {
                throw Seq2SeqError(
                    option: "training.schedule.\(name)", "is \(value)", remedy: remedy)
            }
        }
        try check(factor > 0 && factor < 1, "factor", factor, "choose a number between 0 and 1")
        try check(patience >= 0, "patience", patience, "choose 0 or more")
        try check(minimum >= 0 && minimum.isFinite, "minimum", minimum, "choose 0 or more")
        try check(warmup >= 0 && warmup.isFinite, "warmup", warmup, "choose 0 or more")
        try check(start >= 0 && start.isFinite, "start", start, "choose 0 or more")
        try check(
            start == 0 || type.hasStart, "start", start,
            "\(type.rawValue) has no start: set it to 0, or choose plateau, step or exponential")
        try check(period >= 0 && period.isFinite, "period", period, "choose 0 or more")
        try check(power > 0 && power.isFinite, "power", power, "choose a positive number")
        if type.hasPeriod {
            try check(
                period > 0, "period", period, "\(type.rawValue) needs a period: a positive number")
        }
        if type == .inverseSquareRoot || type == .noam {
            try check(
                warmup > 0, "warmup", warmup,
                "\(type.rawValue) needs a warm-up: a positive number, for example 4000 updates")
        }
    }
}
