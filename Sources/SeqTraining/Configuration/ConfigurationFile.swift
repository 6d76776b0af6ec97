import SeqFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import SeqData
import SeqMetrics
import SeqModels
import SeqNN
import SeqTensor
import SeqText
import Yams

/// Reads a configuration strictly: every key must be known, every value of the right type; what is left
/// out keeps its default.
public enum ConfigurationFile {
    /// Reads the file at `path`.
    ///
    /// - Parameters:
    ///   - path: a YAML file.
    ///   - settings: `section.key=value`, which overrule the file.
    ///   - output: the run folder, if not that of the file.
    ///   - resumes: whether the run in that folder is to be continued.
    /// - Throws: a ``Seq2SeqError`` naming the line, the key and, for a misspelt one, the nearest.
    public static func read(
        _ path: String, settings: [String] = [], output: String? = nil, resumes: Bool = false
    ) throws -> RunConfiguration {
        try parse(
            text(of: path), path: path, settings: settings, output: output, resumes: resumes)
    }

    /// Reads the configuration that a run has written into its folder, where nothing is left out.
    static func readResolved(_ path: String) throws -> RunConfiguration {
        var configuration = try overlay(
            text(of: path), path, [], onto: RunConfiguration()
        ).0
        try configuration.tokenizer.canonicalize(isStrict: false) { _ in false }
        return configuration
    }

    static func text(of path: String) throws -> String {
        var lines: [String] = []
        var bytes = 0
        // A line may be as long as a whole file that is told to be too long.
        let reader = try TextLineReader(path: path, maximumLineBytes: 1 << 24)
        while let line = try reader.next() {
            bytes += line.utf8.count + 1
            guard bytes <= ConfigurationText.longest else { throw ConfigurationText.tooLong(path) }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }

    /// Reads a configuration from YAML text, as ``read(_:settings:output:resumes:)`` does.
    ///
    /// With `training.init_from`, what is left out of `model` and `tokenizer` is as in that model; in a
    /// run that is resumed, as it was at its start.
    public static func parse(
        _ text: String, path: String, settings: [String] = [], output: String? = nil,
        resumes: Bool = false
    ) throws -> RunConfiguration {
        func overlaid(on base: RunConfiguration) throws -> (RunConfiguration, ConfigurationPlaces) {
            var (configuration, places) = try overlay(text, path, settings, onto: base)
            if let output { configuration.run = output }
            configuration.expandHome()
            return (configuration, places)
        }
        var (configuration, places) = try overlaid(on: RunConfiguration())
        if let base = try base(of: configuration, resumes: resumes) {
            (configuration, places) = try overlaid(on: base)
        } else if configuration.tokenizer.joint, !places.has("tokenizer.target.language") {
            configuration.tokenizer.target.language = configuration.tokenizer.source.language
        }
        if !configuration.model.hasText, !places.has("validation.metrics") {
            let usual = Set(configuration.outputs.flatMap(\.usualMetrics))
            configuration.validation.metrics = Metric.allCases.filter(usual.contains)
        }
        do {
            try configuration.validate()
            try configuration.tokenizer.canonicalize(isStrict: !resumes) { places.has($0) }
        } catch let error as Seq2SeqError where error.kind == .badConfiguration {
            throw places.locate(error)
        }
        return configuration
    }

    /// What `configuration` takes where it says nothing, if that is not the default.
    private static func base(
        of configuration: RunConfiguration, resumes: Bool
    ) throws -> RunConfiguration? {
        var base = RunConfiguration()
        let run = "\(configuration.run)/config.yaml"
        if resumes, FileManager.default.fileExists(atPath: run) {
            // The origin may have gone since; the run knows what it took from there.
            let run = try readResolved(run)
            guard !run.training.initFrom.isEmpty else { return nil }
            base.model = run.model
            base.tokenizer = run.tokenizer
            base.training.initFrom = run.training.initFrom
            base.training.extendVocabulary = run.training.extendVocabulary
            return base
        }
        let origin = configuration.training.initFrom
        guard !origin.isEmpty else { return nil }
        let model: ModelConfiguration
        do { model = try ModelFolder.configuration(of: origin) } catch let error as Seq2SeqError
            where error.kind == .missingInput
        {
            throw Seq2SeqError(
                .missingInput, path: error.path, reason: error.reason,
                remedy:
                    "name the folder of a trained model in training.init_from, for example runs/NAME/best"
            )
        }
        base.takeParts(
            model: model,
            source: try TextCodec(contentsOf: origin, name: "source"),
            target: try TextCodec(contentsOf: origin, name: "target"))
        return base
    }

    /// The configuration that the user's text and settings make of `base`.
    static func overlay(
        _ text: String, _ path: String, _ settings: [String], onto base: RunConfiguration
    ) throws -> (RunConfiguration, ConfigurationPlaces) {
        var tree = try tree(base)
        var places = try ConfigurationPlaces(path: path, options: options(of: tree, at: []))
        if let user = try ConfigurationText.compose(text, path: path) {
            let user = try inPresentForm(user, path: path)
            try overlay(user, onto: &tree, at: [], places: &places)
        }
        for setting in settings { try apply(setting, to: &tree, places: &places) }
        do {
            return (try ConfigurationDecoder.decode(RunConfiguration.self, from: tree), places)
        } catch {
            throw places.describe(error, in: tree)
        }
    }

    /// The YAML text of a configuration, every option written out.
    public static func text(_ configuration: RunConfiguration) throws -> String {
        try serialize(node: readable(tree(configuration)), width: -1, allowUnicode: true)
    }

    /// The first option in which two configurations differ, with its values in both.
    static func firstDifference(
        _ first: RunConfiguration, _ second: RunConfiguration
    ) throws -> (key: String, first: String, second: String)? {
        firstDifference(readable(try tree(first)), readable(try tree(second)), at: [])
    }

    private static func firstDifference(
        _ first: Node, _ second: Node, at keys: [String]
    ) -> (key: String, first: String, second: String)? {
        guard case .mapping(let options) = first else {
            return firstElementDifference(first, second, at: keys)
        }
        for (key, value) in options {
            let name = key.string ?? ""
            let other = second[name] ?? Node("")
            if let found = firstDifference(value, other, at: keys + [name]) { return found }
        }
        return nil
    }

    private static func firstElementDifference(
        _ first: Node, _ second: Node, at keys: [String]
    ) -> (key: String, first: String, second: String)? {
        let name = keys.joined(separator: ".")
        guard case (.sequence(let elements), .sequence(let others)) = (first, second),
            elements.count == others.count, elements.contains(where: { $0.mapping != nil })
        else {
            let (first, second) = (text(of: first), text(of: second))
            return first == second ? nil : (name, first, second)
        }
        for (index, (element, other)) in zip(elements, others).enumerated() {
            let keys = Array(keys.dropLast()) + ["\(keys.last ?? "")[\(index)]"]
            if let found = firstDifference(element, other, at: keys) { return found }
        }
        return nil
    }

    static func tree(_ configuration: some Encodable) throws -> Node {
        try Yams.compose(yaml: YAMLEncoder().encode(configuration)) ?? Node([:])
    }

    /// The lists whose elements are sections, each with an element that has every default.
    private static let sections: [String: any (Encodable & Sendable)] = [
        "data.corpora": TrainingCorpusConfiguration(),
        "training.groups": ParameterGroupConfiguration(),
    ]

    /// What an element of the list `name` is before the user's values; nil unless it is a section.
    ///
    /// - Parameter element: the user's, whose `type` decides where kinds have options of their own.
    private static func section(of name: String, for element: Node? = nil) throws -> Node? {
        if name == "outputs" {
            let kind = element?["type"]?.string.flatMap(OutputPart.Kind.init(rawValue:))
            return try tree(OutputPart(kind ?? .labels))
        }
        return try sections[withoutIndices(name)].map { try tree($0) }
    }

    /// The user's text with `output` as the list of outputs that it stands for; the name of a folder, which
    /// stood there in version 0.1, is `run`.
    private static func inPresentForm(_ user: Node, path: String) throws -> Node {
        guard case .mapping(var options) = user,
            let (key, value) = options.first(where: { $0.key.string == "output" })
        else { return user }
        options["output"] = nil
        if value.scalar?.isNull == true { return .mapping(options) }
        let isMapping = value.mapping != nil
        guard isMapping || value.scalar != nil else {
            throw Seq2SeqError(
                .badConfiguration, path: path, line: key.mark?.line,
                reason: "output is \(Self.text(of: value)), not a section",
                remedy: "write output: {type: text}, or outputs for a list")
        }
        let name = isMapping ? "outputs" : "run"
        guard options[name] == nil else {
            throw Seq2SeqError(
                .badConfiguration, path: path, line: key.mark?.line,
                reason: "output and \(name) are both given", remedy: "leave output out")
        }
        options[Node(name)] =
            isMapping ? .sequence(Node.Sequence([value], .implicit, .block, value.mark)) : value
        return .mapping(options)
    }

    /// `a[0].b` as `a.b`.
    static func withoutIndices(_ name: String) -> String {
        name.split(separator: ".").map { $0.prefix { $0 != "[" } }.joined(separator: ".")
    }

    /// The names of all options and sections of a tree.
    private static func options(of tree: Node, at keys: [String]) throws -> [String] {
        if case .sequence = tree, let section = try section(of: keys.joined(separator: ".")) {
            return try options(of: section, at: keys)
        }
        guard case .mapping(let options) = tree else { return [] }
        return try options.flatMap { key, value in
            let path = keys + [key.string ?? ""]
            return try [path.joined(separator: ".")] + self.options(of: value, at: path)
        }
    }

    /// A value on one line: a list as `[a, b]`.
    static func text(of value: Node) -> String {
        switch value {
        case .sequence(let elements): "[\(elements.map(text).joined(separator: ", "))]"
        default: value.string ?? "{…}"
        }
    }

    /// The tree with numbers as people write them, and each list of values on one line.
    ///
    /// The encoder turns the `Float` 0.1 into the `Double` 0.100000001490116.
    private static func readable(_ node: Node) -> Node {
        switch node {
        case .mapping(var options):
            for (key, value) in options { options[key] = readable(value) }
            return .mapping(options)
        case .sequence(let elements):
            let hasSections = elements.contains { $0.mapping != nil }
            return .sequence(
                Node.Sequence(elements.map(readable), .implicit, hasSections ? .block : .flow))
        case .scalar(let scalar) where scalar.style == .plain:
            let isInteger = scalar.string.allSatisfy { $0.isWholeNumber || $0 == "-" }
            guard !isInteger, let value = node.float, value.isFinite else { return node }
            // A whole `Double` may be a `Float` too, whose fewest digits are then not enough for it.
            if value == value.rounded(), abs(value) <= 0x1p64 { return Node("\(value)") }
            let single = Float(value)
            let isSingle = abs(Double(single) - value) <= 1e-14 * abs(value)
            return Node(isSingle ? "\(single)" : "\(value)")
        default: return node
        }
    }

    /// Puts the user's values into the tree of defaults.
    private static func overlay(
        _ user: Node, onto tree: inout Node, at keys: [String], places: inout ConfigurationPlaces
    ) throws {
        let name = keys.joined(separator: ".")
        // A key without a value is as if it were left out.
        if user.scalar?.isNull == true { return }
        func refusal(_ form: String, _ remedy: String) -> Seq2SeqError {
            Seq2SeqError(
                .badConfiguration, path: places.path, line: user.mark?.line,
                reason:
                    "\(name.isEmpty ? "the file" : name) is \(form), not \(Self.form(of: user))",
                remedy: remedy
            )
        }
        let known: Node.Mapping
        switch (tree, user) {
        case (.scalar, .scalar):
            places.lines[name] = user.mark?.line ?? 1
            tree = user
            return
        case (.sequence, .sequence(let elements)):
            places.lines[name] = user.mark?.line ?? 1
            for (index, element) in elements.enumerated() {
                places.lines[element: index, of: name] = element.mark?.line ?? 1
            }
            tree = try .sequence(
                Node.Sequence(
                    elements.enumerated().map { index, element in
                        guard var section = try section(of: name, for: element) else {
                            return element
                        }
                        let keys = Array(keys.dropLast()) + ["\(keys.last ?? "")[\(index)]"]
                        try overlay(element, onto: &section, at: keys, places: &places)
                        return section
                    }))
            return
        case (.sequence(var elements), .mapping(let given))
        where try section(of: name) != nil && given.keys.allSatisfy({ index(of: $0) != nil }):
            for (key, value) in given {
                guard let index = index(of: key), elements.indices.contains(index) else {
                    throw Seq2SeqError(
                        .badConfiguration, path: places.path, line: key.mark?.line,
                        reason:
                            "\(name) has \(elements.count) elements, and no [\(key.string ?? "")]",
                        remedy: "elements are counted from 0")
                }
                let keys = Array(keys.dropLast()) + ["\(keys.last ?? "")[\(index)]"]
                try overlay(value, onto: &elements[index], at: keys, places: &places)
            }
            tree = .sequence(elements)
            return
        case (.mapping(let options), _): known = options
        case (.sequence, _):
            guard let section = try section(of: name) else {
                throw refusal("a list", "write \(name): \(text(of: tree))")
            }
            throw refusal(
                "a list", "write a list of sections with the keys \(keyList(of: section))")
        default:
            throw refusal("one value", "write \(name): VALUE")
        }
        guard case .mapping(let given) = user else {
            throw refusal("a section with keys", "its keys are \(keyList(of: tree))")
        }
        for (key, value) in given {
            let spelt = key.string ?? ""
            let path = keys + [spelt]
            guard var child = tree[spelt] else {
                throw unknown(
                    path, among: known.keys.compactMap(\.string), line: key.mark?.line, places)
            }
            try overlay(value, onto: &child, at: path, places: &places)
            tree[spelt] = child
        }
    }

    /// The number of the element of a list that a key of a setting names.
    private static func index(of key: Node) -> Int? { key.string.flatMap { Int($0) } }

    private static func keyList(of section: Node) -> String {
        section.mapping?.keys.compactMap(\.string).joined(separator: ", ") ?? ""
    }

    private static func form(of node: Node) -> String {
        switch node {
        case .mapping: "a section"
        case .sequence: "a list"
        default: "one value"
        }
    }

    private static func apply(
        _ setting: String, to tree: inout Node, places: inout ConfigurationPlaces
    ) throws {
        guard let equals = setting.firstIndex(of: "=") else {
            throw Seq2SeqError(
                .badConfiguration, reason: "--set \(setting) has no =",
                remedy: "write --set section.key=value")
        }
        // An element of a list is named as in an error: data.corpora[0].weight.
        let keys = setting[..<equals].split(omittingEmptySubsequences: false) { ".[".contains($0) }
            .map { $0.hasSuffix("]") ? String($0.dropLast()) : String($0) }
        let text = String(setting[setting.index(after: equals)...])
        var user = try value(text, isList: !isWord(keys, of: tree), setting: setting)
        for key in keys.reversed() { user = Node.mapping(.init([(Node(key), user)])) }
        var settingPlaces = ConfigurationPlaces(path: "--set \(setting)", options: places.options)
        do {
            user = try inPresentForm(user, path: settingPlaces.path)
            try overlay(user, onto: &tree, at: [], places: &settingPlaces)
        } catch var error as Seq2SeqError {
            error.line = nil
            throw error
        }
        for name in settingPlaces.lines.keys {
            places.lines[name] = nil
            places.settings[name] = setting
        }
    }

    /// Whether the option that `keys` name, if there is one, has one word as its value.
    private static func isWord(_ keys: [String], of tree: Node) -> Bool {
        var node = tree
        for key in keys {
            let element = Int(key).flatMap { index in
                node.sequence.flatMap { $0.indices.contains(index) ? $0[index] : nil }
            }
            guard let child = element ?? node[key] else { return true }
            node = child
        }
        return node.scalar != nil
    }

    /// The value of a setting: a list, a section or a quoted word of YAML if it is one from its first
    /// character to its last, and otherwise what was given, character by character.
    ///
    /// - Parameter isList: whether the option has a list or a section, so that a value that begins like one
    ///   is meant as one.
    private static func value(_ text: String, isList: Bool, setting: String) throws -> Node {
        let closers: [Character: Character] = ["[": "]", "{": "}", "'": "'", "\"": "\""]
        func document(_ text: String) throws -> Node? {
            do { return try ConfigurationText.compose(text, path: "--set \(setting)") } catch var
                error
                as Seq2SeqError
            {
                error.line = nil
                throw error
            }
        }
        func literal() -> Node {
            let word = Node.Scalar(text, .implicit, .plain)
            // An empty word, or one that YAML has for no value, is a text here.
            return .scalar(word.isNull ? Node.Scalar(text, .implicit, .singleQuoted) : word)
        }
        let closer = text.first.flatMap { closers[$0] }
        guard isList || closer != nil else { return literal() }
        let found: Node?
        do { found = try document(text) } catch {
            guard isList, closer == "]" || closer == "}" else { return literal() }
            throw error
        }
        let hasForm =
            switch (found, closer) {
            case (.sequence, "]"), (.mapping, "}"), (.scalar, "'"), (.scalar, "\""): true
            case (.sequence, nil), (.mapping, nil): text.contains("\n")
            default: false
            }
        // Behind the end of a value in brackets or quotes nothing more can stand but a comment.
        let isWhole = closer == nil || text.last == closer && (try? document(text + " x")) == nil
        guard let found, hasForm, isWhole else { return literal() }
        return found
    }

    /// What has become of keys of older versions.
    private static let replacements = [
        "validation.bleu": "write validation.metrics: [bleu], or [] for no translations",
        "validation.bleu_pairs": "its name is validation.pairs now",
    ]

    private static func unknown(
        _ path: [String], among known: [String], line: Int?, _ places: ConfigurationPlaces
    ) -> Seq2SeqError {
        if let replacement = replacements[path.joined(separator: ".")] {
            return Seq2SeqError(
                .badConfiguration, path: places.path, line: line,
                reason: "\(path.joined(separator: ".")) is a key of older versions",
                remedy: replacement)
        }
        let key = path[path.count - 1]
        if path.count == 2, path[0].hasPrefix("outputs["), !known.contains(key),
            let kind = OutputPart.Kind.allCases.first(where: { kind in
                (try? tree(OutputPart(kind)))?[key] != nil
            })
        {
            return Seq2SeqError(
                .badConfiguration, path: places.path, line: line,
                reason:
                    "\(path.joined(separator: ".")) belongs to outputs of type \(kind.rawValue)",
                remedy: "leave it out, or write type: \(kind.rawValue)")
        }
        let section = path.dropLast().joined(separator: ".")
        let nearest = known.min { editDistance($0, key) < editDistance($1, key) } ?? ""
        let elsewhere = places.options.first { $0.hasSuffix(".\(key)") }
        let isClose = editDistance(nearest, key) <= max(2, key.count / 3)
        let list = known.joined(separator: ", ")
        return Seq2SeqError(
            .badConfiguration, path: places.path, line: line,
            reason: "unknown key \(path.joined(separator: "."))",
            remedy: isClose
                ? "did you mean \(nearest)?"
                : elsewhere.map { "did you mean \($0)?" }
                    ?? "the keys \(section.isEmpty ? "" : "of \(section) ")are \(list)")
    }
}
