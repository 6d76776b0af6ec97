import Testing

@testable import Command

@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("abc", 3), ("我爱", 4), ("한국", 4), ("ｱ", 1), ("Ａ", 2), ("e\u{301}", 1), ("é", 1),
        ("👩‍👧", 2), ("❤️", 2), ("\u{200B}", 0), ("«…»", 3), ("", 0),
    ])
    func `wide characters take two columns`(_ text: String, _ columns: Int) {
        #expect(TerminalText.columns(text) == columns)
    }

    @Test func `a line is cut to its columns, never through a character`() {
        let line = TerminalText("我爱吃苹果")
        #expect(line.cut(to: 10).text(inColor: false) == "我爱吃苹果")
        #expect(line.cut(to: 9).text(inColor: false) == "我爱吃苹…")
        #expect(line.cut(to: 8).text(inColor: false) == "我爱吃…")
        #expect(line.cut(to: 1).text(inColor: false) == "…")
        #expect(line.cut(to: 0).text(inColor: false) == "")
        for limit in 0..<12 { #expect(line.cut(to: limit).columns <= limit) }
    }

    @Test func `a row holds as many items as fit`() {
        let items = ["loss 2", "ppl 7.39", "x"].map { TerminalText($0) }
        #expect(TerminalText.row(items, limit: 40).text(inColor: false) == "loss 2 | ppl 7.39 | x")
        #expect(TerminalText.row(items, limit: 17).text(inColor: false) == "loss 2 | ppl 7.39")
        #expect(TerminalText.row(items, limit: 16).text(inColor: false) == "loss 2 | x")
        #expect(TerminalText.row(items, limit: 4).text(inColor: false) == "los…")
        #expect(TerminalText.row([], limit: 4).columns == 0)
    }

    @Test func `text cannot act on the terminal`() {
        #expect(TerminalText.clean("a\u{1B}[2Jb\u{7}\tc\u{9B}d\r\ne\u{2028}f") == "a [2Jb  c d e f")
        var line = TerminalText("a", .good)
        line.append("b")
        #expect(line.text(inColor: true) == "\u{1B}[32ma\u{1B}[0mb")
        #expect(line.text(inColor: false) == "ab")
        #expect(line.columns == 2)
    }
}
