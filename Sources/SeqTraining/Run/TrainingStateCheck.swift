import SeqMetrics
import SeqTensor

/// What the numbers of a saved state may be: a damaged or edited file must be refused by the name of the
/// field, and not go on with a batch that was never cut.
extension TrainingState {
    /// More than any run comes to, and few enough that sums of such numbers do not overflow.
    private static let countLimit = 1 << 53

    /// The first field with a value that no run has, with that value; nil when all can be.
    var impossibleField: (name: String, value: String)? {
        let counts = [
            ("batch", batch, 0), ("step", step, 0), ("tokens", tokens, 0),
            ("batchSize", batchSize ?? 1, 1), ("threads", threads ?? 1, 1),
            ("learned.tokenCount", learned?.tokenCount ?? 0, 0),
            ("best.validationsWithout", best.validationsWithout, 0),
            ("plateau.validationsWithout", plateau.validationsWithout, 0),
            ("health.above", health?.above ?? 0, 0),
            ("bestValidation.step", bestValidation?.step ?? 0, 0),
            ("bestValidation.epoch", bestValidation?.epoch ?? 1, 1),
        ]
        for (name, value, least) in counts
        where value < least || value > TrainingState.countLimit {
            return (name, "\(value)")
        }
        // Epochs times the pairs of one, and the updates that optimizers know, have fewer bits.
        for (name, value, least) in [("epoch", epoch, 1), ("step", step, 0)]
        where value < least || value >= Int(Int32.max) {
            return (name, "\(value)")
        }
        guard generator.position <= TrainingState.countLimit else {
            return ("generator.position", "\(generator.position)")
        }
        guard learningRate.isFinite, learningRate >= 0 else {
            return ("learningRate", "\(learningRate)")
        }
        if let norms {
            guard norms.norms.count <= NormHistory.capacity else {
                return ("norms.norms", "a list of \(norms.norms.count)")
            }
            if let norm = norms.norms.first(where: { !($0 >= 0 && $0.isFinite) }) {
                return ("norms.norms", "\(norm)")
            }
        }
        for (name, tracker) in [("best", best), ("plateau", plateau)] {
            if let value = tracker.remembered.first(where: { !$0.isFinite }) {
                return ("\(name).best or .milestone", "\(value)")
            }
        }
        guard !(learned?.totalLogProbability.isNaN ?? false) else {
            return ("learned.totalLogProbability", "nan")
        }
        return nil
    }
}
