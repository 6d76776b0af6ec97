public import SeqTensor
public import SeqText

extension LabelCodec.Scheme {
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

    private func mark(_ label: String) -> LabelMark {
        let prefix = label.prefix { $0 != "-" }
        var mark = LabelMark(type: label.dropFirst(prefix.count))
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

/// What a label says of the span around its step.
private struct LabelMark {
    var type: Substring
    /// Whether it needs an open span of its type before it.
    var goesOn = false
    /// Whether the span may go on behind it.
    var isOpen = false
    /// Whether the span must.
    var mustGoOn = false
}
