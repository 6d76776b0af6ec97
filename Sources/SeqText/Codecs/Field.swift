/// One input or output of an example as its corpus has it.
public enum Field: Hashable, Sendable {
    /// Text that is still to be cut.
    case text(String)
    /// What the corpus has cut already.
    case tokens([String])

    /// The text; tokens are joined by spaces.
    public var text: String {
        switch self {
        case .text(let text): text
        case .tokens(let tokens): tokens.joined(separator: " ")
        }
    }
}
