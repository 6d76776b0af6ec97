import SeqFiles
import SeqData
import Yams

extension ConfigurationFile {
    /// Adds to the error of a file that cannot be read which option names it, and where that stands; leaves
    /// other errors as they are.
    ///
    /// - Parameters:
    ///   - error: what ended a run.
    ///   - configuration: that of the run.
    ///   - path: the file that it was read from.
    ///   - settings: what overruled the file.
    public static func locate(
        _ error: any Error, in configuration: RunConfiguration, path: String, settings: [String]
    ) -> any Error {
        guard var found = error as? Seq2SeqError, found.kind == .missingInput,
            let file = found.path,
            let tree = try? tree(configuration),
            let option = option(naming: file, in: tree, at: []),
            option != "output"
        else { return error }
        // What was read from a pipe is gone, and to ask for more of it might wait for ever.
        let text = isRegularFile(path) ? try? text(of: path) : ""
        let places = text.flatMap {
            try? overlay($0, path, settings, onto: RunConfiguration()).1
        }
        let place =
            places?.settings[option].map { "--set \($0)" }
            ?? places?.lines[option].map { "\(path):\($0)" } ?? path
        found.reason += ", named by \(option) of \(place)"
        return found
    }

    /// The first option whose value is `file`.
    private static func option(naming file: String, in node: Node, at keys: [String]) -> String? {
        switch node {
        case .mapping(let options):
            return options.lazy.compactMap { key, value in
                option(naming: file, in: value, at: keys + [key.string ?? ""])
            }.first
        case .sequence(let elements):
            return elements.enumerated().lazy.compactMap { index, value in
                let keys = Array(keys.dropLast()) + ["\(keys.last ?? "")[\(index)]"]
                return option(naming: file, in: value, at: keys)
            }.first
        case .scalar(let word): return word.string == file ? keys.joined(separator: ".") : nil
        case .alias: return nil
        }
    }
}
