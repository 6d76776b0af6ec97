@testable import Command

/// What a terminal shows, of as many rows as are written.
struct Screen {
    /// The rows, each a text for each column; the second column of a wide character is empty.
    private var cells: [[String]] = [[]]
    private(set) var row = 0
    private(set) var column = 0
    let columns: Int

    init(columns: Int) { self.columns = columns }

    /// The rows without the space behind them, the empty ones at the end left out.
    var rows: [String] {
        var rows = cells.map { row in
            let text = row.joined()
            return String(text.reversed().drop { $0 == " " }.reversed())
        }
        while rows.last == "" { rows.removeLast() }
        return rows
    }

    mutating func write(_ text: String) {
        var rest = Substring(text)
        while let character = rest.popFirst() {
            switch character {
            case "\r": column = 0
            case "\n", "\r\n": (row, column) = (row + 1, 0)
            case "\u{1B}": control(&rest)
            default: put(character)
            }
            while cells.count <= row { cells.append([]) }
        }
    }

    private mutating func control(_ rest: inout Substring) {
        rest.removeFirst()
        let number = rest.prefix { $0.isNumber || $0 == ";" }
        rest.removeFirst(number.count)
        switch rest.removeFirst() {
        case "A": row = max(0, row - (Int(number) ?? 1))
        case "J":
            cells[row] = Array(cells[row].prefix(column))
            cells.removeLast(cells.count - row - 1)
        default: break
        }
    }

    private mutating func put(_ character: Character) {
        let width = TerminalText.columns(of: character)
        if column + width > columns { (row, column) = (row + 1, 0) }
        while cells.count <= row { cells.append([]) }
        while cells[row].count < column + width { cells[row].append(" ") }
        cells[row][column] = String(character)
        if width == 2 { cells[row][column + 1] = "" }
        column += width
    }
}
