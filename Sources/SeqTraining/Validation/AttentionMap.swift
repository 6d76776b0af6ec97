import SeqData

/// How much attention each token of an output paid to each token of its source, for a picture.
public struct AttentionMap: Sendable {
    /// The source's tokens.
    public var source: [String]
    /// The output's tokens.
    public var target: [String]
    /// The weights, `[target, source]`, from 0 to 1.
    public var weights: [[Float]]

    /// The most tokens of a side that a picture shows.
    private static let limit = 100

    /// Nil where there is nothing to show.
    init?(source: [String], target: [String], weights: [[Float]]) {
        let width = source.count
        guard width > 0, !weights.isEmpty, weights.count <= target.count,
            weights.allSatisfy({ $0.count == width })
        else { return nil }
        let limit = AttentionMap.limit
        self.source = Array(source.prefix(limit))
        self.target = Array(target.prefix(min(limit, weights.count)))
        self.weights = weights.prefix(limit).map { Array($0.prefix(limit)) }
    }

    /// An image with a square for each pair of tokens, the target's from the top, the source's from the
    /// left: black is no attention, white all of it (Bahdanau and others 2015, figure 3).
    func png() throws -> (width: Int, height: Int, bytes: [UInt8]) {
        let cell = max(4, min(16, 800 / max(source.count, target.count)))
        let (width, height) = (source.count * cell, target.count * cell)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(width * height)
        for row in weights {
            let line = row.flatMap {
                [UInt8](repeating: UInt8(255 * max(0, min(1, $0))), count: cell)
            }
            for _ in 0..<cell { pixels += line }
        }
        return (width, height, try PNG.grey(width: width, height: height, pixels: pixels))
    }

    /// A drawing for a page, with the tokens beside the squares.
    var svg: String {
        let cell = 18
        // The widest glyphs are about as wide as the letters are high.
        let left = 12 + 11 * min(16, target.map(\.count).max() ?? 0)
        let top = 12 + 11 * min(16, source.map(\.count).max() ?? 0)
        let (width, height) = (left + cell * source.count + 8, top + cell * target.count + 8)
        var svg =
            "<svg class=\"attention\" viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" height=\"\(height)\" role=\"img\" aria-label=\"attention\">"
        for (index, token) in source.enumerated() {
            let (x, y) = (left + cell * index + 13, top - 6)
            svg +=
                "<text x=\"\(x)\" y=\"\(y)\" transform=\"rotate(-90 \(x) \(y))\">\(label(token))</text>"
        }
        for (index, token) in target.enumerated() {
            let y = top + cell * index + 13
            svg += "<text x=\"\(left - 6)\" y=\"\(y)\" text-anchor=\"end\">\(label(token))</text>"
        }
        for (row, weights) in weights.enumerated() {
            for (column, weight) in weights.enumerated() where weight >= 0.005 {
                let percent = Int((100 * min(1, weight)).rounded())
                let title = Markup.escaped("\(target[row]) ← \(source[column]): \(percent) %")
                svg +=
                    "<rect x=\"\(left + cell * column)\" y=\"\(top + cell * row)\" width=\"17\" height=\"17\" fill-opacity=\"\(Markup.number(Double(percent) / 100))\"><title>\(title)</title></rect>"
            }
        }
        return svg + "</svg>\n"
    }

    private func label(_ token: String) -> String {
        Markup.escaped(token.count > 16 ? token.prefix(15) + "…" : token)
    }
}
