#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A line of `train.jsonl`: the figures of the updates since the line before.
///
/// `Documentation/run-folder.md` says what they are.
struct TrainingRecord: Codable {
    var step: Int
    var epoch: Int
    var loss: Double
    var perplexity: Double
    // Only objectives that draw outputs have one.
    var reward: Double?
    var gradientNorm: Double
    var learningRate: Float
    var tokensPerSecond: Double
    // Runs of earlier versions lack these.
    var shareOfPeak: Double?
    var dataShare: Double?
    var seconds: Double?
    var time: Double?

    private enum CodingKeys: String, CodingKey {
        case step, epoch, loss, perplexity, reward
        case gradientNorm = "gradient_norm"
        case learningRate = "learning_rate"
        case tokensPerSecond = "tokens_per_second"
        case shareOfPeak = "share_of_peak"
        case dataShare = "data_share"
        case seconds, time
    }

    init(_ progress: TrainingEvent.Progress, time: Double = Date().timeIntervalSince1970) {
        step = progress.step
        epoch = progress.epoch
        loss = progress.loss
        perplexity = progress.perplexity
        reward = progress.reward
        gradientNorm = progress.gradientNorm
        learningRate = progress.learningRate
        tokensPerSecond = progress.tokensPerSecond
        shareOfPeak = progress.shareOfPeak
        dataShare = progress.dataShare
        seconds = progress.seconds
        self.time = time
    }

    /// Reads a record; an undefined figure is null.
    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func figure(_ key: CodingKeys) throws -> Double {
            guard values.contains(key) else {
                return try values.decode(Double.self, forKey: key)
            }
            return try values.decodeIfPresent(Double.self, forKey: key) ?? .nan
        }
        step = try values.decode(Int.self, forKey: .step)
        epoch = try values.decode(Int.self, forKey: .epoch)
        loss = try figure(.loss)
        perplexity = try figure(.perplexity)
        gradientNorm = try figure(.gradientNorm)
        learningRate = try values.decode(Float.self, forKey: .learningRate)
        tokensPerSecond = try figure(.tokensPerSecond)
        reward = try values.decodeIfPresent(Double.self, forKey: .reward)
        shareOfPeak = try values.decodeIfPresent(Double.self, forKey: .shareOfPeak)
        dataShare = try values.decodeIfPresent(Double.self, forKey: .dataShare)
        seconds = try values.decodeIfPresent(Double.self, forKey: .seconds)
        time = try values.decodeIfPresent(Double.self, forKey: .time)
    }

    /// What is drawn over the updates.
    var figures: [(name: String, value: Double)] {
        [
            ("loss", loss), ("perplexity", perplexity), ("learning_rate", Double(learningRate)),
            ("gradient_norm", gradientNorm), ("tokens_per_second", tokensPerSecond),
        ]
            + [("reward", reward), ("share_of_peak", shareOfPeak), ("data_share", dataShare)]
            .compactMap { name, value in value.map { (name, $0) } }
    }
}
