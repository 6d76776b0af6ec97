import Testing

@testable import SeqTraining

@Suite struct OutputHealthTests {
    /// Translations with sources and references; tokens stand between spaces.
    private func health(
        _ triples: [(source: String, reference: String, output: String)], cut: Int = 0
    )
        -> OutputHealth
    {
        func tokens(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
        return OutputHealth(
            triples.enumerated().map { index, triple in
                OutputHealth.Output(
                    source: triple.source, reference: triple.reference,
                    referenceTokens: tokens(triple.reference), text: triple.output,
                    tokens: tokens(triple.output), isCut: index < cut)
            }, unknownToken: "<unk>")
    }

    private func health(_ outputs: String...) -> OutputHealth {
        health(outputs.map { ("source", "one two three four", $0) })
    }

    @Test(arguments: [
        ("a a a", true), ("x a a a y", true), ("a a", false), ("a b a b", false),
        ("a b a b a b", true), ("z a b a b a b", true), ("a b a b a c", false),
        ("a b c a b c a b c", true), ("a b c a b c a b", false), ("a a b a a b a a", false),
        ("", false), ("a", false), ("a b c d e f g", false), ("a b b a b b a b b", true),
    ])
    func `three times in a row is a repetition`(text: String, isOne: Bool) {
        #expect(
            OutputHealth.repeatsItself(text.split(separator: " ").map(String.init)) == isOne)
    }

    @Test func `repeated four-grams are counted within a text`() {
        let text = ["a", "b", "c", "d"]
        #expect(OutputHealth.repeatedFourGrams([text, text]) == 0)
        // Five four-grams, of which the last is the first.
        #expect(OutputHealth.repeatedFourGrams([text + text]) == 1.0 / 5)
        #expect(OutputHealth.repeatedFourGrams([["a"], []]) == 0)
    }

    @Test func `shares of outputs`() {
        let found = health("one two three four", "", "one one one one", "<unk> two")
        #expect(found.outputs == 4)
        #expect(found.lengthRatio == 10.0 / 16)
        #expect(found.repetition == 0.25 && found.referenceRepetition == 0)
        #expect(found.empty == 0.25)
        #expect(found.unknown == 0.1)
        #expect(found.mostFrequent == 0.25 && found.referenceMostFrequent == 1)
        #expect(found.copied == 0 && found.cut == 0)
        #expect(health("a", "a", "b").mostFrequent == 2.0 / 3)
    }

    @Test func `copies and cuts`() {
        let found = health(
            [("a b", "x y", "a  b"), ("c d", "c d", "c d"), ("e", "f", "f"), ("A", "b", "a")],
            cut: 1)
        #expect(found.copied == 0.5 && found.referenceCopied == 0.25)
        #expect(found.cut == 0.25)
    }

    @Test func `nothing but empty outputs is measured, not divided by`() {
        let found = health("", "")
        #expect(found.lengthRatio == 0 && found.unknown == 0 && found.repeatedFourGrams == 0)
        #expect(found.empty == 1 && found.mostFrequent == 1)
    }
}
