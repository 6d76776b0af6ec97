import SeqFiles
import SeqNN

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
            throw Seq2SeqError(
                option: "\(name).parameters", "is empty",
                remedy: "give a pattern of names, such as encoder.*")
        }
        for (key, value) in [("learning_rate", learningRate), ("weight_decay", weightDecay)] {
            guard value >= 0, value.isFinite else {
                throw Seq2SeqError(
                    option: "\(name).\(key)", "is \(value)",
                    remedy:
                        "choose 0 or a positive number, by which that of the optimizer is multiplied"
                )
            }
        }
    }
}

extension TrainingConfiguration {
    /// How each of `parameters` is trained, by its name: as the first group says whose pattern matches.
    ///
    /// - Throws: a ``Seq2SeqError`` when a pattern matches nothing or all is frozen.
    func rules(of parameters: [Parameter], embeddings: [Parameter]) throws -> [String:
        ParameterRule]
    {
        for (index, group) in groups.enumerated()
        where !parameters.contains(where: { group.matches($0.name) }) {
            let nearest = parameters.map { (group.distance(to: $0.name), $0.name) }.sorted(by: <)
            throw Seq2SeqError(
                option: "training.groups[\(index)].parameters",
                "is \(group.parameters), which no parameter matches",
                remedy:
                    "the nearest names are \(nearest.prefix(3).map(\.1).joined(separator: ", "))")
        }
        let tables = Set(optimizer.hasSparseEmbeddings ? embeddings.map(\.name) : [])
        var rules: [String: ParameterRule] = [:]
        for parameter in parameters {
            var rule = groups.first { $0.matches(parameter.name) }?.rule ?? ParameterRule()
            rule.isSparse = tables.contains(parameter.name)
            rules[parameter.name] = rule
        }
        guard rules.values.contains(where: { !$0.isFrozen }) else {
            throw Seq2SeqError(
                option: "training.groups", "freezes every parameter",
                remedy: "leave some of them without frozen: true")
        }
        return rules
    }
}

extension ParameterGroupConfiguration {
    fileprivate var rule: ParameterRule {
        var rule = ParameterRule()
        (rule.learningRate, rule.weightDecay, rule.isFrozen) = (learningRate, weightDecay, frozen)
        return rule
    }

    /// How far the pattern is from matching: from the name, or from as much of its begin or end.
    fileprivate func distance(to name: String) -> Int {
        let literal = parameters.filter { $0 != "*" }
        return [name, String(name.prefix(literal.count)), String(name.suffix(literal.count))]
            .map { editDistance($0, literal) }.min() ?? 0
    }

    /// Whether the pattern matches the whole of `name`.
    func matches(_ name: String) -> Bool {
        // states[i]: whether the first i characters of the pattern match what was read of the name.
        let pattern = Array(parameters)
        func skippingStars(_ states: [Bool]) -> [Bool] {
            var states = states
            for (index, symbol) in pattern.enumerated() where symbol == "*" && states[index] {
                states[index + 1] = true
            }
            return states
        }
        var states = skippingStars([true] + pattern.map { _ in false })
        for character in name {
            var next = states.map { _ in false }
            for (index, symbol) in pattern.enumerated() where states[index] {
                if symbol == "*" {
                    next[index] = true
                } else if symbol == "?" || symbol == character {
                    next[index + 1] = true
                }
            }
            states = skippingStars(next)
        }
        return states[pattern.count]
    }
}
