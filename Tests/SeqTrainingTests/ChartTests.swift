import Testing

@testable import SeqTraining

@Suite struct ChartTests {
    private func chart(_ points: [(Double, Double)], mayBeLogarithmic: Bool = false) -> Chart {
        Chart(
            title: "loss", curves: [.init(points: points, kind: .training)],
            mayBeLogarithmic: mayBeLogarithmic)
    }

    @Test func `many points are thinned, but no spike is lost`() {
        var points = (0..<100_000).map { (Double($0), Double($0 % 7)) }
        points[54_321].1 = 1000
        points[65_432].1 = -1000
        let thinned = Chart.thinned(points)
        #expect((100...600).contains(thinned.count))
        #expect(thinned.contains { $0 == (54_321, 1000) })
        #expect(thinned.contains { $0 == (65_432, -1000) })
        #expect(thinned[0] == points[0] && thinned[thinned.count - 1] == points[99_999])
        #expect(zip(thinned, thinned.dropFirst()).allSatisfy { $0.0 < $1.0 })
        #expect(Chart.thinned(Array(points.prefix(600))).count == 600)
    }

    @Test func `values lie between the sides of the drawing`() {
        let svg = chart([(10, 2), (20, 4), (40, 3)]).svg
        // Updates start at 0, at 58 of 560; the largest value is at the top, 12, the least at 212.
        #expect(
            svg.contains(
                "<polyline class=\"training\" points=\"180.5,212.0 303.0,12.0 548.0,112.0\"/>"))
        #expect(!svg.contains("(logarithmic)") && !svg.contains("class=\"key"))
    }

    @Test func `values of several orders of magnitude are shown by their logarithms`() {
        let points = [(1.0, 1.0), (2, 10), (3, 100)]
        let svg = chart(points, mayBeLogarithmic: true).svg
        #expect(svg.contains("loss (logarithmic)"))
        #expect(svg.contains(",212.0 ") && svg.contains(",112.0 ") && svg.contains(",12.0\""))
        #expect(!chart(points).svg.contains("(logarithmic)"))
        #expect(!chart([(1, 0), (2, 100)], mayBeLogarithmic: true).svg.contains("(logarithmic)"))
    }

    @Test func `what is not finite is left out`() {
        #expect(chart([]).svg == "" && chart([(1, .nan), (2, .infinity)]).svg == "")
        let svg = chart([(1, 5), (2, .nan), (3, 5), (4, -.infinity)]).svg
        // A flat curve lies in the middle.
        #expect(svg.contains("points=\"221.3,112.0 548.0,112.0\""))
        #expect(!svg.contains("nan") && !svg.contains("inf"))
        #expect(chart([(7, 5)]).svg.contains("<circle class=\"training\""))
    }

    @Test func `ticks are round and inside`() {
        #expect(Axis(from: 0, to: 1300, isLogarithmic: false).ticks == [0, 500, 1000])
        #expect(Axis(from: 1.7, to: 4.2, isLogarithmic: false).ticks == [2, 2.5, 3, 3.5, 4])
        #expect(Axis(from: 3, to: 20_000, isLogarithmic: true).ticks == [10, 100, 1000, 10_000])
        for isLogarithmic in [false, true] {
            #expect(
                Axis(from: 1e308, to: 1.7e308, isLogarithmic: isLogarithmic).ticks.count <= 11)
        }
        #expect(Axis(from: -1.7e308, to: 1.7e308, isLogarithmic: false).ticks == [])
        for (least, most) in [(0.0, 0.0), (1e-12, 2e-12), (-5, 1e9), (3, 3.0000001)] {
            let ticks = Axis(from: least, to: most, isLogarithmic: false).ticks
            #expect((1...11).contains(ticks.count), "\(least) to \(most): \(ticks)")
        }
    }
}
