/// A stretch of steps that labels such as `B-city`, `I-city` mark as one thing.
public struct LabelSpan: Sendable, Hashable, Codable {
    /// What it is: the label without its prefix.
    public var type: String
    /// The first step.
    public var start: Int
    /// One past the last step.
    public var end: Int

    /// Creates a span.
    public init(type: String, start: Int, end: Int) {
        self.type = type
        self.start = start
        self.end = end
    }

    /// Returns the spans of a sequence of labels, in their order.
    ///
    /// Labels are `O`, or a prefix, a hyphen and a type; a prefix alone has the type `_`. The prefixes B, I, E
    /// and S are read as conlleval and seqeval do it: a span that begins with I counts, and a change of type
    /// ends one, so that labels which keep to no scheme have spans too. L and U of the scheme BILOU are E and
    /// S, M of BMES is I.
    public static func spans(of labels: [String]) -> [LabelSpan] {
        var spans: [LabelSpan] = []
        var previous = Label(prefix: "O", type: "")
        var start = 0
        for (step, text) in (labels + ["O"]).enumerated() {
            let label = Label(text)
            if Self.ends(previous, before: label) {
                spans.append(LabelSpan(type: previous.type, start: start, end: step))
            }
            if Self.begins(label, after: previous) { start = step }
            previous = label
        }
        return spans
    }

    /// A label in its two parts.
    private struct Label {
        var prefix: Character
        var type: String

        init(prefix: Character, type: String) {
            self.prefix = prefix
            self.type = type
        }

        init(_ text: String) {
            switch text.first {
            case "L": prefix = "E"
            case "U": prefix = "S"
            case "M": prefix = "I"
            default: prefix = text.first ?? "O"
            }
            let rest = text.dropFirst()
            let hyphen = rest.firstIndex(of: "-")
            let name = hyphen.map { rest[rest.index(after: $0)...] } ?? rest
            type = name.isEmpty ? "_" : String(name)
        }
    }

    private static func ends(_ previous: Label, before label: Label) -> Bool {
        switch previous.prefix {
        case "E", "S": true
        case "B", "I": ["B", "S", "O"].contains(label.prefix) || previous.type != label.type
        case "O", ".": false
        default: previous.type != label.type
        }
    }

    private static func begins(_ label: Label, after previous: Label) -> Bool {
        switch label.prefix {
        case "B", "S": true
        case "O", ".": false
        case "E", "I": ["E", "S", "O"].contains(previous.prefix) || previous.type != label.type
        default: previous.type != label.type
        }
    }
}
