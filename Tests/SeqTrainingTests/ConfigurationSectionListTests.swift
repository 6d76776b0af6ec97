import SeqFiles
import Testing

@testable import SeqTraining

/// Options that are lists of sections.
@Suite struct ConfigurationSectionListTests {
    private func parse(_ text: String, _ settings: String...) throws -> RunConfiguration {
        try ConfigurationFile.parse(
            "data: {train: {source: s, target: t}}\n" + text, path: "run.yaml", settings: settings)
    }

    private static let two = """
        training:
          groups:
          - parameters: encoder.*
            learning_rate: 0.1
          - {parameters: "*.bias", weight_decay: 0, frozen: true}
        """

    @Test func `keys that a section leaves out have their defaults`() throws {
        let groups = try parse(Self.two).training.groups
        var first = ParameterGroupConfiguration()
        first.parameters = "encoder.*"
        first.learningRate = 0.1
        var second = ParameterGroupConfiguration()
        second.parameters = "*.bias"
        second.weightDecay = 0
        second.frozen = true
        #expect(groups == [first, second])
        #expect(try parse("").training.groups.isEmpty)
        #expect(try parse(Self.two, "training.groups=[]").training.groups.isEmpty)
        #expect(
            try parse("", "training.groups=[{parameters: a, frozen: true}]").training.groups[0]
                .frozen)
    }

    @Test func `a list of sections is written out and read back`() throws {
        let configuration = try parse(Self.two)
        let text = try ConfigurationFile.text(configuration)
        #expect(text.contains("learning_rate: 0.1\n"))
        #expect(try ConfigurationFile.parse(text, path: "written") == configuration)
    }

    @Test func `lists of sections are compared key by key`() throws {
        let first = try parse(Self.two)
        let second = try parse(Self.two.replacing("0.1", with: "0.2"))
        let difference = try #require(try ConfigurationFile.firstDifference(first, second))
        #expect(difference == ("training.groups[0].learning_rate", "0.1", "0.2"))
        let shorter = try #require(try ConfigurationFile.firstDifference(first, parse("")))
        #expect(shorter == ("training.groups", "[{…}, {…}]", "[]"))
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var groups: String
        var line: Int
        var reason: String
        var remedy: String
        var testDescription: String { groups }
    }

    private static let keys = "parameters, learning_rate, weight_decay, frozen"
    private static let multiplier =
        "choose 0 or a positive number, by which that of the optimizer is multiplied"

    @Test(arguments: [
        Refusal(
            groups: "- {parameters: a}\n  - parameters: b\n    learning_rat: 1", line: 6,
            reason: "unknown key training.groups[1].learning_rat",
            remedy: "did you mean learning_rate?"),
        Refusal(
            groups: "- parameters: a\n    precision: 1", line: 5,
            reason: "unknown key training.groups[0].precision",
            remedy: "did you mean training.precision?"),
        Refusal(
            groups: "- {parameters: a}\n  - parameters: b\n    frozen: perhaps", line: 6,
            reason: "training.groups[1].frozen is perhaps", remedy: "give true or false"),
        Refusal(
            groups: "- parameters: a\n    learning_rate: [1]", line: 5,
            reason: "training.groups[0].learning_rate is one value, not a list",
            remedy: "write training.groups[0].learning_rate: VALUE"),
        Refusal(
            groups: "- parameters: a\n    weight_decay: -1", line: 5,
            reason: "training.groups[0].weight_decay is -1.0", remedy: multiplier),
        Refusal(
            groups: "- parameters: a\n  - frozen: true", line: 5,
            reason: "training.groups[1].parameters is empty",
            remedy: "give a pattern of names, such as encoder.*"),
        Refusal(
            groups: "- encoder", line: 4,
            reason: "training.groups[0] is a section with keys, not one value",
            remedy: "its keys are \(keys)"),
        Refusal(
            groups: "  encoder", line: 4, reason: "training.groups is a list, not one value",
            remedy: "write a list of sections with the keys \(keys)"),
        Refusal(
            groups: "  {parameters: a}", line: 4,
            reason: "training.groups is a list, not a section",
            remedy: "write a list of sections with the keys \(keys)"),
    ])
    func `what cannot be understood is an error with its line`(_ expected: Refusal) throws {
        let error = try #require(
            trainingError { try parse("training:\n  groups:\n  \(expected.groups)") })
        #expect(error.kind == .badConfiguration)
        #expect(error.line == expected.line)
        #expect(error.reason == expected.reason)
        #expect(error.remedy == expected.remedy)
    }

    @Test func `an error of a setting names the setting`() throws {
        let setting = "training.groups=[{parameters: a, learning_rate: -2}]"
        let error = try #require(trainingError { try parse("", setting) })
        #expect(error.path == "--set \(setting)" && error.line == nil)
        #expect(error.reason == "training.groups[0].learning_rate is -2.0")
    }

    @Test func `a key of an element that stands elsewhere is named`() throws {
        let error = try #require(trainingError { try parse("training: {frozen: true}") })
        #expect(error.remedy == "did you mean training.groups.frozen?")
    }
}
