/// At which distance the lengths of two sides follow each other, where neighbours resemble each other.
///
/// What the lines before say of a length is taken away on each side by itself (an autoregressive model, by
/// the recursion of Levinson and Durbin), so that what is left of two sides agrees at one distance only
/// (Box & Jenkins 1970, prewhitening).
struct LengthLag {
    private let source: [Float]
    private let target: [Float]

    private static let order = 12
    private static let largestLag = 2_500
    /// Enough to tell, and few enough for thousands of distances.
    private static let mostLines = 4_000

    init(_ source: [Float], _ target: [Float]) {
        self.source = Self.whitened(Array(source.prefix(Self.mostLines)))
        self.target = Self.whitened(Array(target.prefix(Self.mostLines)))
    }

    /// The distance at which lengths agree beyond doubt, if it is another than 0 and they do not agree at 0.
    func offset() -> Int? {
        let largest = min(Self.largestLag, source.count / 2)
        guard largest > 20 else { return nil }
        var best = (offset: 0, score: Float(-1))
        var straight: Float = 0
        source.withUnsafeBufferPointer { source in
            target.withUnsafeBufferPointer { target in
                for offset in -largest...largest {
                    let start = max(0, -offset)
                    let end = min(source.count, target.count - offset)
                    var sum: Float = 0
                    var line = start
                    while line < end {
                        sum += source[line] * target[line + offset]
                        line += 1
                    }
                    let score = sum / Float(end - start).squareRoot()
                    if offset == 0 { straight = score }
                    if score > best.score { best = (offset, score) }
                }
            }
        }
        guard best.offset != 0, best.score > 7, best.score > 2 * straight + 3 else { return nil }
        return best.offset
    }

    /// The lengths without what the lines before them say, in standard deviations.
    private static func whitened(_ lengths: [Float]) -> [Float] {
        let count = lengths.count
        guard count > 4 * order else { return lengths.map { _ in 0 } }
        let mean = lengths.reduce(0, +) / Float(count)
        let values = lengths.map { $0 - mean }
        var covariances = (0...order).map { lag in
            (lag..<count).reduce(Float(0)) { $0 + values[$1] * values[$1 - lag] } / Float(count)
        }
        guard covariances[0] > 1e-6 else { return lengths.map { _ in 0 } }
        covariances[0] *= 1.001
        var weights = [Float](repeating: 0, count: order + 1)
        var error = covariances[0]
        for step in 1...order {
            var rest = covariances[step]
            for lag in 1..<step { rest -= weights[lag] * covariances[step - lag] }
            let reflection = rest / error
            let before = weights
            weights[step] = reflection
            for lag in 1..<step { weights[lag] = before[lag] - reflection * before[step - lag] }
            error *= 1 - reflection * reflection
        }
        let rests = values.indices.map { line in
            (1...order).reduce(values[line]) { rest, lag in
                line >= lag ? rest - weights[lag] * values[line - lag] : rest
            }
        }
        let deviation = (rests.reduce(0) { $0 + $1 * $1 } / Float(count)).squareRoot()
        return rests.map { max(-4, min(4, $0 / max(deviation, 1e-6))) }
    }
}
