import Testing

@testable import SeqTraining

@Suite struct AttentionMapTests {
    private func map(_ source: Int, _ target: Int) -> AttentionMap? {
        AttentionMap(
            source: (0..<source).map { "s<\($0)>" }, target: (0..<target).map { "t\($0)" },
            weights: (0..<target).map { row in
                (0..<source).map { $0 == row % max(1, source) ? 0.75 : 0.001 }
            })
    }

    @Test func `there is none where weights and tokens do not match`() {
        #expect(map(0, 3) == nil && map(3, 0) == nil)
        #expect(AttentionMap(source: ["a"], target: [], weights: [[1]]) == nil)
        #expect(AttentionMap(source: ["a", "b"], target: ["c"], weights: [[1]]) == nil)
        #expect(map(3, 2) != nil)
    }

    @Test func `an image has a square for each pair`() throws {
        let image = try #require(map(3, 2)).png()
        #expect(image.width == 48 && image.height == 32)
        let large = try #require(map(300, 20))
        #expect(large.source.count == 100 && large.weights.allSatisfy { $0.count == 100 })
        #expect(try large.png().width == 800)
        let odd = try #require(
            AttentionMap(source: ["a"], target: ["b"], weights: [[.nan]]))
        #expect(try odd.png().width == 16)
        #expect(!odd.svg.contains("<rect"))
    }

    @Test func `a drawing names the tokens and leaves out what is next to nothing`() throws {
        let svg = try #require(map(3, 2)).svg
        #expect(svg.split(separator: "<rect").count == 3)
        #expect(svg.contains("fill-opacity=\"0.75\"><title>t1 ← s&lt;1&gt;: 75 %</title>"))
        #expect(svg.contains(">s&lt;2&gt;</text>"))
    }
}
