#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the logs of a run hold, with what has come since they were read.
struct RunHistory {
    private(set) var training: [TrainingRecord] = []
    private(set) var validations: [ValidationResult] = []

    /// Reads the logs in the run folder; a line that is none is left out.
    init(_ folder: String) {
        training = RunHistory.lines("\(folder)/train.jsonl")
        validations = RunHistory.lines("\(folder)/validation.jsonl")
    }

    private static func lines<Line: Decodable>(_ path: String) -> [Line] {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let text = FileManager.default.contents(atPath: path) ?? Data()
        return text.split(separator: UInt8(ascii: "\n")).compactMap {
            try? decoder.decode(Line.self, from: $0)
        }
    }

    mutating func append(_ record: TrainingRecord) { training.append(record) }

    /// Takes a validation; only the last one keeps its attention weights.
    mutating func append(_ result: ValidationResult) {
        if let last = validations.indices.last {
            for index in validations[last].samples.indices {
                validations[last].samples[index].attention = nil
            }
        }
        validations.append(result)
    }

    /// The best of the validations.
    var best: ValidationResult? { validations.last(where: \.isBest) }

    /// A figure of training over the updates.
    func training(_ name: String) -> [(Double, Double)] {
        training.compactMap { record in
            record.figures.first { $0.name == name }.map { (Double(record.step), $0.value) }
        }
    }

    /// A figure of the validations over the updates.
    func validation(_ name: String) -> [(Double, Double)] {
        validations.compactMap { result in
            result.figures.first { $0.name == name }.map { (Double(result.step), $0.value) }
        }
    }
}
