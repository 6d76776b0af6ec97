/// What is different about the training of some parameters, chosen by their names.
public struct ParameterGroupConfiguration: Codable, Sendable, Hashable {
    /// Which parameters: their name, in which `*` stands for any characters and `?` for one.
    public var parameters = ""
    /// Multiplies the learning rate.
    public var learningRate: Float = 1
    /// Multiplies the weight decay of the optimizer; 0 for none.
    public var weightDecay: Float = 1
    /// Whether they stay as they are.
    public var frozen = false

    /// Creates a group without a pattern.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case parameters
        case learningRate = "learning_rate"
        case weightDecay = "weight_decay"
        case frozen
    }

    func validate(_ name: String) throws {
        guard !parameters.isEmpty else {
            throw TrainingError(
                .badConfiguration, "\(name).parameters is empty",
                "give a pattern of names, such as encoder.*")
        }
        for (key, value) in [("learning_rate", learningRate), ("weight_decay", weightDecay)] {
            guard value >= 0, value.isFinite else {
                throw TrainingError(
                    .badConfiguration, "\(name).\(key) is \(value)",
                    "choose 0 or a positive number, by which that of the optimizer is multiplied")
            }
        }
    }
}
