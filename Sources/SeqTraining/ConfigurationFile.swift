import SeqData
import Yams

/// Reads a configuration strictly: every key must be known, every value of the right type; what is left
/// out keeps its default.
public enum ConfigurationFile {
    /// Reads the file at `path`.
    ///
    /// - Parameters:
    ///   - path: a YAML file.
    ///   - settings: `section.key=value`, which overrule the file.
    /// - Throws: a ``TrainingError`` naming the line, the key and, for a misspelt one, the nearest.
    public static func read(_ path: String, settings: [String] = []) throws -> RunConfiguration {
        var lines: [String] = []
        let reader = try TextLineReader(path: path)
        while let line = try reader.next() { lines.append(line) }
        return try parse(lines.joined(separator: "\n"), path: path, settings: settings)
    }

    /// Reads a configuration from YAML text.
    public static func parse(
        _ text: String, path: String, settings: [String] = []
    ) throws -> RunConfiguration {
        var tree = try compose(YAMLEncoder().encode(RunConfiguration()), path: path) ?? Node([:])
        var places = Places(path: path)
        if let user = try compose(text, path: path) {
            try overlay(user, onto: &tree, at: [], places: &places)
        }
        for setting in settings { try apply(setting, to: &tree, places: &places) }
        let configuration: RunConfiguration
        do { configuration = try YAMLDecoder().decode(RunConfiguration.self, from: tree) } catch {
            throw places.describe(error)
        }
        do { try configuration.validate() } catch var error as TrainingError {
            if error.path == nil { error.path = path }
            throw error
        }
        return configuration
    }

    /// The YAML text of a configuration, every option written out.
    public static func text(_ configuration: RunConfiguration) throws -> String {
        let encoder = YAMLEncoder()
        encoder.options.sortKeys = false
        encoder.options.allowUnicode = true
        return try encoder.encode(configuration)
    }

    private static func compose(_ text: String, path: String) throws -> Node? {
        do { return try Yams.compose(yaml: text) } catch let error as YamlError {
            throw syntaxError(error, path: path)
        }
    }

    private static func syntaxError(_ error: YamlError, path: String) -> TrainingError {
        let remedy = "correct the YAML"
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return TrainingError(.badConfiguration, path: path, line: mark.line, problem, remedy)
        case .duplicatedKeysInMapping(let duplicates, let context):
            return TrainingError(
                .badConfiguration, path: path, line: context.mark.line,
                "the key \(duplicates.map { "\($0)" }.joined(separator: ", ")) appears twice",
                "keep one of them")
        default:
            return TrainingError(.badConfiguration, path: path, "not valid YAML: \(error)", remedy)
        }
    }

    /// Puts the user's values into the tree of defaults.
    private static func overlay(
        _ user: Node, onto tree: inout Node, at keys: [String], places: inout Places
    ) throws {
        let name = keys.joined(separator: ".")
        guard case .mapping(let known) = tree else {
            if case .scalar = user {
                places.lines[name] = user.mark?.line
                tree = user
                return
            }
            throw TrainingError(
                .badConfiguration, path: places.path, line: user.mark?.line,
                "\(name) is one value, not a section", "write \(name): VALUE")
        }
        if case .scalar(let scalar) = user, scalar.string.isEmpty || scalar.string == "null" { return }
        guard case .mapping(let given) = user else {
            throw TrainingError(
                .badConfiguration, path: places.path, line: user.mark?.line,
                "\(name.isEmpty ? "the file" : name) is a section with keys, not one value",
                "its keys are \(known.keys.compactMap(\.string).joined(separator: ", "))")
        }
        for (key, value) in given {
            let spelt = key.string ?? ""
            let path = keys + [spelt]
            guard var child = tree[spelt] else {
                throw unknown(path, among: known.keys.compactMap(\.string), line: key.mark?.line, places)
            }
            try overlay(value, onto: &child, at: path, places: &places)
            tree[spelt] = child
        }
    }

    private static func apply(
        _ setting: String, to tree: inout Node, places: inout Places
    ) throws {
        guard let equals = setting.firstIndex(of: "=") else {
            throw TrainingError(
                .badConfiguration, "--set \(setting) has no =", "write --set section.key=value")
        }
        let keys = setting[..<equals].split(separator: ".", omittingEmptySubsequences: false)
            .map(String.init)
        let text = String(setting[setting.index(after: equals)...])
        var value = try compose(text, path: "--set \(setting)") ?? Node("")
        if text.isEmpty { value = Node("") }
        var user = value
        for key in keys.reversed() { user = Node.mapping(.init([(Node(key), user)])) }
        var settingPlaces = Places(path: "--set \(setting)")
        try overlay(user, onto: &tree, at: [], places: &settingPlaces)
        places.settings[keys.joined(separator: ".")] = setting
    }

    private static func unknown(
        _ path: [String], among known: [String], line: Int?, _ places: Places
    ) -> TrainingError {
        let key = path[path.count - 1]
        let section = path.dropLast().joined(separator: ".")
        let nearest = known.min { distance($0, key) < distance($1, key) } ?? ""
        let isClose = distance(nearest, key) <= max(2, key.count / 3)
        let list = known.joined(separator: ", ")
        return TrainingError(
            .badConfiguration, path: places.path, line: line,
            "unknown key \(path.joined(separator: "."))",
            isClose
                ? "did you mean \(nearest)?"
                : "the keys \(section.isEmpty ? "" : "of \(section) ")are \(list)")
    }

    /// The edit distance of Levenshtein 1966.
    private static func distance(_ a: String, _ b: String) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let replaced = diagonal + (x == y ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }

    /// Where the user wrote each value.
    private struct Places {
        let path: String
        var lines: [String: Int] = [:]
        var settings: [String: String] = [:]

        init(path: String) { self.path = path }

        func describe(_ error: any Error) -> TrainingError {
            let context: DecodingError.Context
            switch error {
            case DecodingError.typeMismatch(_, let found), DecodingError.valueNotFound(_, let found),
                DecodingError.dataCorrupted(let found), DecodingError.keyNotFound(_, let found):
                context = found
            default:
                return TrainingError(.badConfiguration, path: path, "\(error)", "correct the value")
            }
            let name = context.codingPath.map(\.stringValue).joined(separator: ".")
            if let setting = settings[name] {
                return TrainingError(
                    .badConfiguration, path: "--set \(setting)", context.debugDescription,
                    "see Documentation/configuration.yaml for the values of \(name)")
            }
            return TrainingError(
                .badConfiguration, path: path, line: lines[name],
                "\(name): \(context.debugDescription)",
                "see Documentation/configuration.yaml for its values")
        }
    }
}
