/// Lines at the end of a terminal that are drawn anew in place.
///
/// The cursor always stands at the start of the line below, so that whatever ends the program, the shell's
/// prompt comes after it.
struct LiveBlock {
    /// The columns of the lines that are on the screen.
    private var drawn: [Int] = []

    /// What takes the block off a window of so many columns.
    ///
    /// Where the window has become narrower, terminals have broken the lines anew.
    mutating func erase(columns: Int) -> String {
        defer { drawn = [] }
        guard !drawn.isEmpty else { return "" }
        let rows = drawn.reduce(0) { $0 + max(1, ($1 + columns - 1) / max(1, columns)) }
        return "\u{1b}[\(rows)A\r\u{1b}[J"
    }

    /// What draws the block in place of the one before; lines that the window has no room for are left
    /// out.
    mutating func draw(_ lines: [TerminalText], in window: TerminalWindow, inColor: Bool) -> String
    {
        let erasure = erase(columns: window.columns)
        // The last column stays free: some terminals go on to the next line when it is written.
        let shown = lines.prefix(max(0, window.rows - 1)).map { $0.cut(to: window.columns - 1) }
        drawn = shown.map(\.columns)
        return erasure + shown.map { "\($0.text(inColor: inColor))\n" }.joined()
    }
}
