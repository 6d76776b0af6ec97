#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Curves over the updates of a run, as a drawing for a page.
struct Chart {
    struct Curve {
        /// Updates and values; what is not finite is left out.
        var points: [(Double, Double)]
        var kind: Kind
    }

    /// Where the values come from; those of validations are few, so that each is marked.
    enum Kind: String {
        case training, validation
    }

    var title: String
    var curves: [Curve]
    /// Whether values that differ by orders of magnitude are shown by their logarithms.
    var mayBeLogarithmic = false

    private static let (width, height) = (560.0, 240.0)
    private static let (left, right, top, bottom) = (58.0, 12.0, 12.0, 28.0)
    private static let mostPoints = 600

    /// The drawing; nothing when no curve has a point.
    var svg: String {
        let curves = curves.map { curve in
            var curve = curve
            curve.points.removeAll { !$0.0.isFinite || !$0.1.isFinite }
            return curve
        }.filter { !$0.points.isEmpty }
        let all = curves.flatMap(\.points)
        guard let firstX = all.map(\.0).min(), let lastX = all.map(\.0).max(),
            let least = all.map(\.1).min(), let most = all.map(\.1).max()
        else { return "" }
        let x = Axis(from: min(0, firstX), to: lastX, isLogarithmic: false)
        let y = Axis(
            from: least, to: most,
            isLogarithmic: mayBeLogarithmic && least > 0 && most / least > 30)
        var svg =
            "<figure><figcaption>\(Markup.escaped(title))\(y.isLogarithmic ? " (logarithmic)" : "")"
        if curves.count > 1 {
            for kind in curves.map(\.kind) {
                svg += " <span class=\"key \(kind)\">\(kind)</span>"
            }
        }
        svg +=
            "</figcaption><svg viewBox=\"0 0 \(Int(Chart.width)) \(Int(Chart.height))\" role=\"img\" aria-label=\"\(Markup.escaped(title))\">"
        for tick in y.ticks {
            let height = Chart.round(place(y, tick, Chart.height - Chart.bottom, Chart.top))
            svg +=
                "<line class=\"grid\" x1=\"\(Int(Chart.left))\" x2=\"\(Int(Chart.width - Chart.right))\" y1=\"\(height)\" y2=\"\(height)\"/><text x=\"\(Int(Chart.left) - 6)\" y=\"\(height)\" dy=\"4\" text-anchor=\"end\">\(Markup.number(tick))</text>"
        }
        for tick in x.ticks {
            let place = Chart.round(place(x, tick, Chart.left, Chart.width - Chart.right))
            svg +=
                "<text x=\"\(place)\" y=\"\(Int(Chart.height) - 8)\" text-anchor=\"middle\">\(Markup.number(tick))</text>"
        }
        for curve in curves {
            let points = Chart.thinned(curve.points)
            let places = points.map { step, value in
                (
                    Chart.round(place(x, step, Chart.left, Chart.width - Chart.right)),
                    Chart.round(place(y, value, Chart.height - Chart.bottom, Chart.top))
                )
            }
            let line = places.map { "\($0.0),\($0.1)" }.joined(separator: " ")
            svg += "<polyline class=\"\(curve.kind)\" points=\"\(line)\"/>"
            guard curve.kind == .validation || points.count == 1 else { continue }
            for ((step, value), place) in zip(points, places) {
                svg +=
                    "<circle class=\"\(curve.kind)\" cx=\"\(place.0)\" cy=\"\(place.1)\" r=\"3\"><title>\(curve.kind), step \(Markup.number(step)): \(Markup.number(value))</title></circle>"
            }
        }
        return svg + "</svg></figure>\n"
    }

    private func place(_ axis: Axis, _ value: Double, _ start: Double, _ end: Double) -> Double {
        start + axis.share(value) * (end - start)
    }

    private static func round(_ place: Double) -> Double { (place * 10).rounded() / 10 }

    /// At most some hundred points: of each stretch the least and the largest value, so that no spike is
    /// lost, with the first and the last point.
    static func thinned(_ points: [(Double, Double)]) -> [(Double, Double)] {
        guard points.count > mostPoints else { return points }
        let stretches = mostPoints / 2 - 1
        var result = [points[0]]
        let inner = points.dropFirst().dropLast()
        for stretch in 0..<stretches {
            let start = inner.startIndex + stretch * inner.count / stretches
            let end = inner.startIndex + (stretch + 1) * inner.count / stretches
            let places = start..<end
            guard let least = places.min(by: { points[$0].1 < points[$1].1 }),
                let most = places.max(by: { points[$0].1 < points[$1].1 })
            else { continue }
            result.append(points[min(least, most)])
            if least != most { result.append(points[max(least, most)]) }
        }
        return result + [points[points.count - 1]]
    }
}

/// A range of values along a side of a chart.
struct Axis {
    let isLogarithmic: Bool
    private let start: Double
    private let end: Double

    init(from least: Double, to most: Double, isLogarithmic: Bool) {
        self.isLogarithmic = isLogarithmic
        let (low, high) = isLogarithmic ? (log10(least), log10(most)) : (least, most)
        // A flat curve lies in the middle.
        let margin = high > low ? 0 : max(abs(low) / 2, 1e-9)
        (start, end) = (low - margin, high + margin)
    }

    /// Where a value lies, from 0 to 1.
    func share(_ value: Double) -> Double {
        ((isLogarithmic ? log10(value) : value) - start) / (end - start)
    }

    /// Round values, about five.
    var ticks: [Double] {
        if isLogarithmic, end - start >= 2 {
            let stride = max(1, Int(((end - start) / 5).rounded(.up)))
            return Swift.stride(from: Int(start.rounded(.up)), through: Int(end), by: stride)
                .map { pow(10, Double($0)) }
        }
        let (low, high) = isLogarithmic ? (pow(10, start), pow(10, end)) : (start, end)
        let raw = (high - low) / 5
        guard raw.isNormal else { return [] }
        let power = pow(10, floor(log10(raw)))
        let step = ([1, 2, 5, 10].first { $0 * power >= raw } ?? 10) * power
        let first = Int((low / step).rounded(.up))
        let last = Int((high / step + 1e-9).rounded(.down))
        return first <= last ? (first...last).map { Double($0) * step } : []
    }
}
