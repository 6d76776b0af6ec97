import Testing

@testable import SeqData

@Suite struct BlankLineTests {
    @Test func `nothing visible is blank`() {
        for line in [
            "", " ", "\t\u{3000}", "\u{200B}\u{200D}", "\u{FEFF}", "\u{AD}", "\u{0}\u{7F}",
        ] {
            #expect(isBlank(line), "\(line.debugDescription)")
        }
        for line in [".", "a\u{200B}", "\u{5D0}", "\u{1F600}"] { #expect(!isBlank(line)) }
    }
}
