import SeqFiles
import SeqNN
import SeqTensor
import SeqText

/// The mean of the parameters of several models, as in section 6.1 of Vaswani and others 2017.
public enum ModelAverage {
    /// Loads model folders one after the other and makes the mean of their parameters.
    ///
    /// The models must have equal configurations and vocabularies. Sums are of double precision; beside
    /// them no more than the first model and another one are in memory.
    ///
    /// - Parameter paths: at least one folder; one that is named twice counts twice.
    /// - Returns: the mean with the tokenizers of the first folder.
    public static func folder(of paths: [String]) throws -> ModelFolder {
        precondition(!paths.isEmpty, "ModelAverage: no models")
        let first = try ModelFolder(contentsOf: paths[0])
        var sums = first.model.parameters.map { [Double](repeating: 0, count: $0.count) }
        add(first, to: &sums)
        for path in paths.dropFirst() {
            let next = try ModelFolder(contentsOf: path)
            try check(next, at: path, against: first, at: paths[0])
            add(next, to: &sums)
        }
        let count = Double(paths.count)
        for (parameter, sum) in zip(first.model.parameters, sums) {
            parameter.move(to: Tensor(sum.map { Float($0 / count) }, shape: parameter.shape).stored)
        }
        return ModelFolder(model: first.model, source: first.source, target: first.target)
    }

    private static func add(_ folder: ModelFolder, to sums: inout [[Double]]) {
        for (index, parameter) in folder.model.parameters.enumerated() {
            parameter.value.withUnsafeValues { values in
                sums[index].withUnsafeMutableBufferPointer { sum in
                    for place in values.indices { sum[place] += Double(values[place]) }
                }
            }
        }
    }

    private static func check(
        _ folder: ModelFolder, at path: String, against first: ModelFolder, at firstPath: String
    ) throws {
        let differences = [
            ("configuration", folder.model.configuration == first.model.configuration),
            ("source vocabulary", folder.source.fingerprint == first.source.fingerprint),
            ("target vocabulary", folder.target.fingerprint == first.target.fingerprint),
        ]
        for (name, isSame) in differences where !isSame {
            throw Seq2SeqError(
                .badData, path: path, reason: "the \(name) is not that of \(firstPath)",
                remedy: "average models of one run, or of runs with the same data and configuration"
            )
        }
    }
}
