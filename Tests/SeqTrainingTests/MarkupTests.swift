import Testing

@testable import SeqTraining

@Suite struct MarkupTests {
    @Test func `nothing of a text is markup`() {
        #expect(
            Markup.escaped("<b title='x' id=\"y\">&amp;</b>")
                == "&lt;b title=&#39;x&#39; id=&quot;y&quot;&gt;&amp;amp;&lt;/b&gt;")
        #expect(
            Markup.escaped("a\u{0}b\u{1B}[0m\tc\n\u{FFFE}") == "a\u{FFFD}b\u{FFFD}[0m\tc\n\u{FFFD}")
        #expect(Markup.escaped("我爱吃苹果 👩‍👧 é") == "我爱吃苹果 👩‍👧 é")
        #expect(
            Markup.markdown("<i>*a*_b_ `c` [d](e) & \\ #1!\nf")
                == "&lt;i&gt;\\*a\\*\\_b\\_ \\`c\\` \\[d\\]\\(e\\) &amp; \\\\ \\#1\\! f")
    }

    @Test(
        arguments: [
            (0, "0"), (1, "1"), (-2.5, "-2.5"), (37.04159, "37.04"), (1234.56, "1235"),
            (123_456_789, "123456789"), (0.00012344, "0.0001234"), (1e-9, "1.0e-9"),
            (0.99999, "1"), (.nan, "-"), (.infinity, "-"), (2.5e300, "2.5e300"),
        ] as [(Double, String)])
    func `numbers are short`(_ value: Double, _ text: String) {
        #expect(Markup.number(value) == text)
    }
}
