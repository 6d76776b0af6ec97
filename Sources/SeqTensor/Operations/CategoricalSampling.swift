extension Tensor {
    /// For each row of logits the column that a number from 0 up to 1 falls on when the columns share that
    /// range by the row's softmax, outside the tape.
    ///
    /// With uniform numbers it is a draw from the softmax.
    ///
    /// - Parameters:
    ///   - numbers: one a row.
    ///   - temperature: what logits are divided by before.
    public func columns(at numbers: [Double], temperature: Float = 1) -> [Int32] {
        precondition(numbers.count == rows, "columns: \(numbers.count) numbers for \(shape)")
        let probabilities = withoutGradient {
            (temperature == 1 ? self : self * (1 / temperature)).softmax()
        }
        let width = rowWidth
        return probabilities.withUnsafeValues { values in
            numbers.enumerated().map { row, number in
                let shares = values[row * width..<(row + 1) * width]
                var sum = 0.0
                // Rounding may leave the sum below a number close to 1.
                var last = 0
                for (column, share) in shares.enumerated() where share > 0 {
                    sum += Double(share)
                    last = column
                    if number < sum { break }
                }
                return Int32(last)
            }
        }
    }
}
