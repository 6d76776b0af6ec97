/// Returns the least number of insertions, deletions and replacements that turn one sequence into the
/// other (Levenshtein 1966), in time proportional to the product of the lengths where they differ.
func editDistance<Element: Equatable>(_ first: [Element], _ second: [Element]) -> Int {
    var (start, firstEnd, secondEnd) = (0, first.count, second.count)
    while start < min(firstEnd, secondEnd), first[start] == second[start] { start += 1 }
    while min(firstEnd, secondEnd) > start, first[firstEnd - 1] == second[secondEnd - 1] {
        firstEnd -= 1
        secondEnd -= 1
    }
    let columns = Array(second[start..<secondEnd])
    var row = Array(0...columns.count)
    for element in first[start..<firstEnd] {
        var diagonal = row[0]
        row[0] += 1
        for column in columns.indices {
            let replaced = element == columns[column] ? diagonal : diagonal + 1
            diagonal = row[column + 1]
            row[column + 1] = min(replaced, min(diagonal, row[column]) + 1)
        }
    }
    return row[columns.count]
}
