import SeqFiles
import SeqData
import SeqMetrics
import SeqModels
import SeqNN
import SeqText
import TestSupport
import Testing

@testable import SeqTraining

/// What a configuration may hold beside its options: the YAML itself, and what `--set` makes of a value.
@Suite struct ConfigurationYAMLTests {
    private static let data = "data: {train: {source: s, target: t}}\n"

    private func parse(_ text: String, _ settings: String...) throws -> RunConfiguration {
        try ConfigurationFile.parse(Self.data + text, path: "run.yaml", settings: settings)
    }

    // MARK: Values

    @Test(arguments: [
        ("10", 10), ("010", 10), ("0010", 10), ("+1", 1), ("0x1F", 31), ("0o17", 15),
        ("1_000", 1000), ("000_7", 7),
    ])
    func `whole numbers are those of YAML 1_2`(_ text: String, _ value: Int) throws {
        #expect(try parse("training: {epochs: \(text)}").training.epochs == value)
        #expect(try parse("", "training.epochs=\(text)").training.epochs == value)
    }

    @Test(arguments: [
        "1:30", "1e3", "1.0", "0b11", "_1", "1_", "1__0", "+0x1F", "0x-1F", "0x", "2020-01-01",
        "ten",
        "'10'", "\"10\"", "9223372036854775808", "-9223372036854775809", "1e19", ".inf", "٣", "1 0",
        "0o8", "--1", "+-1", "١",
    ])
    func `what is no whole number is refused`(_ text: String) throws {
        let error = try #require(trainingError { try parse("training:\n  epochs: \(text)") })
        #expect(error.line == 3)
        #expect(error.remedy == "give a whole number", "\(error)")
    }

    @Test(arguments: [
        ("1", Float(1)), (".5", 0.5), ("0.5", 0.5), ("5.", 5), ("+5e-1", 0.5), ("010", 10),
        ("1_0.5", 10.5), ("0x10", 16), ("1E-1", 0.1), ("0o10", 8),
    ])
    func `numbers are those of YAML 1_2`(_ text: String, _ value: Float) throws {
        #expect(try parse("training: {clip_norm: \(text)}").training.clipNorm == value)
        #expect(try parse("", "training.clip_norm=\(text)").training.clipNorm == value)
    }

    @Test(arguments: [
        "1:30", "inf", "nan", "Infinity", "0x1p3", "1e", ".", "e5", "1 2", "'1'", "1e5_",
    ])
    func `what is no number is refused`(_ text: String) throws {
        let error = try #require(trainingError { try parse("training: {clip_norm: \(text)}") })
        #expect(error.reason.hasPrefix("training.clip_norm is "))
        #expect(error.remedy == "give a number", "\(error)")
    }

    @Test(arguments: [
        "true", "True", "TRUE", "yes", "Yes", "on", "ON",
    ])
    func `truth values may be words of YAML 1_1`(_ text: String) throws {
        #expect(try parse("tokenizer: {joint: \(text)}").tokenizer.joint)
        #expect(trainingError { try parse("tokenizer: {joint: '\(text)'}") } != nil)
    }

    /// Nothing but the type of the option decides what a word is.
    @Test(arguments: [
        "1:30", "no", "on", "010", "1_000", "0x1F", "2020-01-01", ".inf", "1e3", "12", "=", "y",
    ])
    func `a text is what was written`(_ text: String) throws {
        #expect(try parse("run: \(text)").run == text)
        #expect(try parse("", "run=\(text)").run == text)
    }

    @Test(arguments: ["~", "null", "Null", "NULL", ""])
    func `no value leaves an option as it is`(_ text: String) throws {
        let configuration = try parse("run: \(text)\ntraining: {epochs: \(text)}")
        #expect(configuration.run == "" && configuration.training.epochs == 10)
        #expect(try parse("run: '\(text)'").run == text)
    }

    @Test func `anchors give a value twice`() throws {
        let configuration = try parse(
            """
            tokenizer:
              source: &words {kind: character, language: zh}
              target: *words
            """)
        #expect(configuration.tokenizer.target == configuration.tokenizer.source)
        #expect(configuration.tokenizer.target.language == "zh")
    }

    // MARK: What is refused

    @Test(arguments: [
        ("\nrun: !!str 5", 3, "a value has the tag !!str"),
        ("output: !mine a", 2, "a value has the tag !mine"),
        ("model: !!map {dropout: 0.5}", 2, "a value has the tag !!map"),
        ("seed: 1\nmodel:\n  <<: {dropout: 0.5}", 4, "<< is the merge key of YAML 1.1"),
        ("seed: &x 1\n? *x\n: 2", 3, "a key is a section, a list or an alias"),
        ("{a: 1}: 2", 2, "a key is a section, a list or an alias"),
        ("output: a\noutput: b", 2, "the key output appears twice"),
        ("output: a\n\"output\": b", 2, "the key output appears twice"),
        ("output: \u{7}", 2, "control characters are not allowed"),
        (
            "a: \(String(repeating: "[", count: 40))\(String(repeating: "]", count: 40))", 2,
            "nested more than 32 deep"
        ),
    ])
    func `what is no plain YAML names its line`(_ text: String, line: Int, reason: String) throws {
        let error = try #require(trainingError { try parse(text) })
        #expect(error.kind == .badConfiguration && error.path == "run.yaml")
        #expect(error.line == line, "\(error)")
        #expect(error.reason.contains(reason), "\(error)")
    }

    /// Nested aliases stand for billions of values: as a value, as an option, and as a key, which Yams
    /// compares with others.
    @Test(arguments: ["last: *a9", "*a9 : 1", "? *a9\n: 1", "{[*a9, *a9]: 1}", "output: [*a9]"])
    func `aliases of aliases are refused at once`(_ end: String) throws {
        let text =
            (0..<10).map { level in
                let value = level == 0 ? "x" : "*a\(level - 1)"
                let list = Array(repeating: value, count: 10).joined(separator: ", ")
                return "k\(level): &a\(level) [\(list)]\n"
            }.joined() + end
        let start = ContinuousClock.now
        let error = try #require(trainingError { try parse(text) })
        #expect(error.kind == .badConfiguration && error.line != nil)
        #expect(
            error.reason.contains("that aliases repeat") || error.reason.hasPrefix("a key is"))
        #expect(.now - start < .seconds(20))
    }

    @Test(arguments: ["[", "{a: ", "- ", "? ", "&a [", "'", "\"", "!!str ", "*a ", "a:\n "])
    func `endless text ends`(_ text: String) {
        let long = String(repeating: text, count: 100_000)
        #expect(throws: Seq2SeqError.self) { try parse(long) }
    }

    @Test func `a file is limited in size`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("long.yaml", Array(repeating: UInt8(ascii: "#"), count: 1 << 21))
        let error = try #require(trainingError { try ConfigurationFile.read(path) })
        #expect(error.kind == .badConfiguration && error.path == path)
        #expect(error.reason == "more than 1048576 bytes")
    }

    @Test func `a byte order mark and CRLF are read`() throws {
        let folder = try TemporaryFolder()
        let text = "\u{FEFF}" + (Self.data + "seed: 7\n").replacing("\n", with: "\r\n")
        let path = try folder.file("windows.yaml", text.utf8)
        #expect(try ConfigurationFile.read(path).seed == 7)
    }

    // MARK: Settings

    @Test(arguments: [
        "a #b", "a: b", "#a", "- a", "&a b", "*a", "!!str a", "| a", "%a", "@a", "`a`", "a=b", "=a",
        " a ", "a\\nb", "a\nb", "it's", "'a' b", "'a' # b", "'a' # b'", "\"a\": \"b\"", "[a] b",
        "[a] # b]", "{a: b", "[", "'", "\"", "ü\u{1F600}", "~", "null", "a\u{85}b", "a\u{0}b",
        "---",
        "? a", "[a]: b]", "runs/[1]", "'a': 'b'",
    ])
    func `a setting keeps what it was given`(_ value: String) throws {
        let configuration = try parse("run: old", "run=\(value)")
        #expect(configuration.run == value)
        let written = try ConfigurationFile.text(configuration)
        #expect(try ConfigurationFile.parse(written, path: "written") == configuration)
    }

    @Test func `a whole value of YAML is one`() throws {
        #expect(try parse("", "run='a # b'").run == "a # b")
        #expect(try parse("", "run=\"a\\tb\"").run == "a\tb")
        #expect(try parse("", "run=").run == "")
        #expect(
            try parse("", "validation.metrics=[chrf, ter]").validation.metrics == [.chrf, .ter])
        #expect(try parse("", "validation.metrics=[]").validation.metrics == [])
        #expect(try parse("", "model={dropout: 0.5}").model.dropout == 0.5)
        #expect(try parse("", "model.output.cutoffs=[010, 20]").model.output.cutoffs == [10, 20])
        let broken = try #require(trainingError { try parse("", "validation.metrics=[chrf # ter") })
        #expect(broken.path == "--set validation.metrics=[chrf # ter" && broken.line == nil)
        let commented = try #require(
            trainingError { try parse("", "validation.metrics=[chrf] #a") })
        #expect(commented.reason == "validation.metrics is a list, not one value")
        #expect(
            trainingError { try parse("", "run={a: b}") }?.reason.contains("one value") == true)
        for value in ["null", "~", "1 #2", "&a 1", "!!int 1"] {
            let error = try #require(trainingError { try parse("", "training.epochs=\(value)") })
            #expect(error.path == "--set training.epochs=\(value)" && error.line == nil)
            #expect(error.remedy == "give a whole number")
        }
    }
}
