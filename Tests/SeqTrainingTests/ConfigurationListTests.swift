import SeqFiles
import SeqModels
import SeqNN
import SeqTensor
import Testing

@testable import SeqTraining

/// Options that are lists.
@Suite struct ConfigurationListTests {
    private static let data = "data: {train: {source: s, target: t}}\n"

    private func parse(_ text: String, _ settings: [String]) throws -> RunConfiguration {
        try ConfigurationFile.parse(Self.data + text, path: "run.yaml", settings: settings)
    }

    private func cutoffs(_ text: String, _ settings: String...) throws -> [Int] {
        try parse(text, settings).model.output.cutoffs
    }

    @Test func `files and settings give lists`() throws {
        #expect(try cutoffs("") == [2000, 10000])
        #expect(try cutoffs("model: {output: {cutoffs: [3, 5, 8]}}") == [3, 5, 8])
        #expect(try cutoffs("model:\n  output:\n    cutoffs:\n    - 3\n    - 5\n") == [3, 5])
        #expect(try cutoffs("model: {output: {cutoffs: }}") == [2000, 10000])
        #expect(try cutoffs("", "model.output.cutoffs=[20,30]") == [20, 30])
        #expect(try cutoffs("", "model.output.cutoffs=[ 7 ]") == [7])
        #expect(try cutoffs("", "model.output={cutoffs: [4, 6], type: adaptive}") == [4, 6])
        // A list replaces the one before it, whatever its length.
        #expect(
            try cutoffs(
                "model: {output: {cutoffs: [1, 2, 3]}}", "model.output.cutoffs=[9]",
                "model.output.cutoffs=[8, 9]") == [8, 9])
    }

    @Test func `a list is written on one line and read back`() throws {
        var configuration = try parse("", [])
        #expect(
            try ConfigurationFile.text(configuration).contains("\n    cutoffs: [2000, 10000]\n"))
        configuration.model.output.cutoffs = Array(1...60)
        let text = try ConfigurationFile.text(configuration)
        #expect(try ConfigurationFile.parse(text, path: "written") == configuration)
    }

    @Test func `lists are compared and shown`() throws {
        let first = try parse("", ["model.output.cutoffs=[3, 5]"])
        let same = try parse("model: {output: {cutoffs:\n [3,5]}}", [])
        #expect(try ConfigurationFile.firstDifference(first, same) == nil)
        let other = try parse("", ["model.output.cutoffs=[3, 5, 6]", "model.dropout=0"])
        let difference = try #require(try ConfigurationFile.firstDifference(first, other))
        #expect(difference == ("model.output.cutoffs", "[3, 5]", "[3, 5, 6]"))
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var value: String
        var reason: String
        var remedy: String
        /// The line of the option, or of its element, in a file that has the key in line 4.
        var line: Int
        var testDescription: String { value }

        init(_ value: String, _ reason: String, _ remedy: String, line: Int = 4) {
            self.value = value
            self.reason = "model.output.cutoffs is \(reason)"
            self.remedy = remedy
            self.line = line
        }
    }

    private static let example = "write model.output.cutoffs: [2000, 10000]"
    private static let number = "give a whole number in place of"
    private static let order = "list ascending numbers above 0, such as [2000, 10000]"

    @Test(arguments: [
        Refusal("2000", "a list, not one value", example),
        Refusal("many", "a list, not one value", example),
        Refusal("{a: 1}", "a list, not a section", example),
        Refusal("[2000, many]", "[2000, many]", "\(number) many"),
        Refusal("[1.5, 3]", "[1.5, 3]", "\(number) 1.5"),
        Refusal("[1, true, 3]", "[1, true, 3]", "\(number) true"),
        Refusal("['']", "[]", "\(number) nothing"),
        Refusal("[1, ~]", "[1, ~]", "\(number) ~"),
        Refusal("[1, [2, x]]", "[1, [2, x]]", "give one value in place of [2, x]"),
        Refusal("[1, {a: 2}]", "[1, {…}]", "give one value in place of {…}"),
        Refusal("[1,\n     2,\n     x]", "[1, 2, x]", "\(number) x", line: 6),
        Refusal("\n    - 1\n    - x", "[1, x]", "\(number) x", line: 6),
        Refusal("[5, 3]", "[5, 3]", order), Refusal("[0, 3]", "[0, 3]", order),
        Refusal("[]", "[]", order),
    ])
    func `a list that cannot be understood is an error with its line`(_ expected: Refusal) throws {
        let inFile = try #require(
            trainingError {
                try parse("model:\n  output:\n    cutoffs: \(expected.value)", [])
            })
        #expect(inFile.kind == .badConfiguration)
        #expect(inFile.path == "run.yaml")
        #expect(inFile.line == expected.line)
        #expect(inFile.reason == expected.reason)
        #expect(inFile.remedy == expected.remedy)
        let setting = "model.output.cutoffs=\(expected.value)"
        let inSetting = try #require(trainingError { try parse("", [setting]) })
        #expect(inSetting.path == "--set \(setting)")
        #expect(inSetting.line == nil)
        #expect(inSetting.reason == expected.reason)
        #expect(inSetting.remedy == expected.remedy)
    }

    @Test func `a list is no value and no section`() throws {
        let value = try #require(trainingError { try parse("seed: [1]", []) })
        #expect(value.reason == "seed is one value, not a list")
        #expect(value.line == 2)
        let section = try #require(trainingError { try parse("", ["model=[1]"]) })
        #expect(section.reason == "model is a section with keys, not a list")
        let below = try #require(trainingError { try parse("", ["model.output.cutoffs.x=3"]) })
        #expect(below.reason == "model.output.cutoffs is a list, not a section")
    }

    /// A setting after a list in the file is where the error stands.
    @Test func `the last value counts`() throws {
        #expect(
            try cutoffs("model: {output: {cutoffs: [x]}}", "model.output.cutoffs=[3]") == [3])
        let error = try #require(
            trainingError {
                try parse("model: {output: {cutoffs: [3]}}", ["model.output.cutoffs=[x]"])
            })
        #expect(error.path == "--set model.output.cutoffs=[x]" && error.line == nil)
    }
}
