import SeqFiles
import Yams

/// Where the user wrote each value.
struct ConfigurationPlaces {
    let path: String
    /// All options there are.
    let options: [String]
    var lines: [String: Int] = [:]
    var settings: [String: String] = [:]

    init(path: String, options: [String]) {
        self.path = path
        self.options = options
    }

    /// Whether the user has given the option `name`.
    func has(_ name: String) -> Bool { lines[name] != nil || settings[name] != nil }

    /// An error about the option `name`, or an element of it if that is a list.
    private func error(
        _ option: String?, element: Int? = nil, _ reason: String, _ remedy: String?
    ) -> Seq2SeqError {
        // What an element of a list leaves out stands where the element does.
        let given = option ?? ""
        let name =
            has(given) ? given : given.split(separator: ".").dropLast().joined(separator: ".")
        let setting = settings[name].map { "--set \($0)" }
        let line = element.flatMap { lines[element: $0, of: name] } ?? lines[name]
        return Seq2SeqError(
            .badConfiguration, option: option, path: setting ?? path,
            line: setting == nil ? line : nil, reason: reason,
            remedy: remedy)
    }

    /// Adds to an error of ``RunConfiguration/validate()`` where the option stands that it names.
    func locate(_ found: Seq2SeqError) -> Seq2SeqError {
        error(found.option, found.reason, found.remedy)
    }

    /// Explains why a value does not have the type of its option.
    func describe(_ found: any Error, in tree: Node) -> Seq2SeqError {
        let context: DecodingError.Context
        var remedy = "see Documentation/configuration.yaml for its values"
        switch found {
        case DecodingError.typeMismatch(let type, let found),
            DecodingError.valueNotFound(let type, let found):
            context = found
            remedy = "give \(ConfigurationPlaces.name(of: type))"
        case DecodingError.dataCorrupted(let found), DecodingError.keyNotFound(_, let found):
            context = found
        default:
            return Seq2SeqError(
                .badConfiguration, path: path, reason: "\(found)", remedy: "correct the value")
        }
        // What ends in an index is an element of a list of values, which is shown as a whole.
        let path = context.codingPath.reversed().drop { $0.intValue != nil }.reversed()
        let name = path.reduce("") { name, key in
            if let index = key.intValue { return "\(name)[\(index)]" }
            return name.isEmpty ? key.stringValue : "\(name).\(key.stringValue)"
        }
        if let choices = ConfigurationFile.choices[ConfigurationFile.withoutIndices(name)] {
            remedy = "choose \(choices.joined(separator: ", "))"
        }
        let value = path.reduce(tree) { node, key in
            key.intValue.flatMap { node.sequence?[$0] } ?? node[key.stringValue] ?? node
        }
        let text = ConfigurationFile.text(of: value)
        let reason = "\(name) is \(text.isEmpty ? "empty" : text)"
        guard let index = context.codingPath.dropFirst(path.count).first?.intValue,
            case .sequence(let elements) = value
        else { return error(name, reason, remedy) }
        if elements[index].scalar == nil { remedy = "give one value" }
        let element = ConfigurationFile.text(of: elements[index])
        return error(
            name, element: index, reason,
            "\(remedy) in place of \(element.isEmpty ? "nothing" : element)")
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is Bool.Type: "true or false"
        case is Float.Type, is Double.Type: "a number"
        case is UInt64.Type: "a whole number of at least 0"
        case is Int.Type: "a whole number"
        default: "text"
        }
    }
}

extension [String: Int] {
    /// The line of an element of the list `name`.
    subscript(element index: Int, of name: String) -> Int? {
        get { self["\(name)[\(index)]"] }
        set { self["\(name)[\(index)]"] = newValue }
    }
}
