import SeqFiles
import SeqNN
import Testing
import Yams

@testable import SeqTraining

/// No number of a configuration is taken that cannot work, whatever part it belongs to and whether or not
/// that part is used.
@Suite struct ConfigurationNumbersTests {
    private static let data =
        "data: {train: {source: s, target: t}, corpora: [{table: c}], validation: {table: v}}\n"

    /// The options that are numbers, or lists of them.
    private static func numbers() throws -> [String] {
        func leaves(_ node: Node, at name: String) -> [String] {
            switch node {
            case .mapping(let options):
                return options.flatMap { key, value in
                    leaves(
                        value, at: name.isEmpty ? key.string ?? "" : "\(name).\(key.string ?? "")")
                }
            case .sequence(let elements):
                return elements.enumerated().flatMap { leaves($1, at: "\(name)[\($0)]") }
            case .scalar(let word):
                return word.style == .plain && (node.float != nil || node.int != nil) ? [name] : []
            case .alias: return []
            }
        }
        var configuration = try ConfigurationFile.parse(Self.data, path: "run.yaml")
        configuration.training.groups = [ParameterGroupConfiguration()]
        let text = try ConfigurationFile.text(configuration)
        return leaves(try #require(try compose(yaml: text)), at: "")
    }

    static let extremes = [
        "-1", "0", "0.5", "1e308", ".inf", ".nan", "1e-320", "9223372036854775807",
        "-9223372036854775808", "1e19",
    ]

    @Test func `every number is taken or refused by its name`() throws {
        let numbers = try Self.numbers()
        #expect(numbers.count > 100)
        for option in numbers {
            let isElement = option.hasSuffix("]")
            let group =
                option.hasPrefix("training.groups")
                ? ["training.groups=[{parameters: encoder.*}]"] : []
            for value in Self.extremes {
                let setting =
                    isElement
                    ? "\(option.prefix { $0 != "[" })=[\(value)]" : "\(option)=\(value)"
                do {
                    let configuration = try ConfigurationFile.parse(
                        Self.data, path: "run.yaml", settings: group + [setting])
                    #expect(Self.isFinite(configuration), "\(setting)")
                    // What is written can be read again; whole numbers stay themselves.
                    guard value == "9223372036854775807" else { continue }
                    let text = try ConfigurationFile.text(configuration)
                    #expect(
                        try ConfigurationFile.parse(text, path: "written") == configuration,
                        "\(setting)")
                } catch let error as Seq2SeqError {
                    #expect(error.kind == .badConfiguration)
                    #expect(error.path == "--set \(setting)", "\(error)")
                    let name = option.prefix { !isElement || $0 != "[" }
                    #expect(error.reason.contains(name), "\(error)")
                }
            }
        }
    }

    /// Whether no number of a configuration is infinite or none.
    private static func isFinite(_ configuration: RunConfiguration) -> Bool {
        func isFinite(_ value: Any) -> Bool {
            if let value = value as? Float { return value.isFinite }
            if let value = value as? Double { return value.isFinite }
            return Mirror(reflecting: value).children.allSatisfy { isFinite($0.value) }
        }
        return isFinite(configuration)
    }
}
