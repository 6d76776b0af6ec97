public import SeqTensor

/// How labels such as `B-city I-city O` mark spans of steps.
public enum LabelScheme: String, Codable, Sendable, CaseIterable {
    /// Labels mark no spans.
    case none
    /// B begins a span, I goes on with it, O is outside.
    case bio
    /// Beside these, E ends a span of several steps and S is one of a single step.
    case bioes
    /// B, M, E and S: the steps of a word (Xue 2003); every step belongs to one.
    case bmes

    /// Which label may follow which; nil where all may.
    ///
    /// What goes on or ends has the type of what it goes on with. A label that the scheme does not know is
    /// as one outside.
    ///
    /// - Parameter labels: the labels as they are spelt.
    public func transitions(among labels: [String]) -> LabelTransitions? {
        if self == .none { return nil }
        let marks = labels.map(mark)
        return LabelTransitions(
            labels: labels.count,
            follows: { first, second in
                let (first, second) = (marks[first], marks[second])
                if second.goesOn { return first.isOpen && first.type == second.type }
                return !first.mustGoOn
            },
            begins: { !marks[$0].goesOn }, ends: { !marks[$0].mustGoOn })
    }

    /// What a label says of the span around its step.
    private struct Mark {
        var type: Substring
        /// Whether it needs an open span of its type before it.
        var goesOn = false
        /// Whether the span may go on behind it.
        var isOpen = false
        /// Whether the span must.
        var mustGoOn = false
    }

    private func mark(_ label: String) -> Mark {
        let prefix = label.prefix { $0 != "-" }
        var mark = Mark(type: label.dropFirst(prefix.count))
        let hasEnds = self != .bio
        switch prefix {
        case "B":
            mark.isOpen = true
            mark.mustGoOn = hasEnds
        case "I" where self != .bmes, "M" where self == .bmes:
            mark.goesOn = true
            mark.isOpen = true
            mark.mustGoOn = hasEnds
        case "E" where hasEnds: mark.goesOn = true
        default: break
        }
        return mark
    }
}
