import SeqFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import SeqData
import SeqDecoding
import SeqModels

/// Sequence-level distillation (Kim & Rush 2016): the targets to learn from are what another model of ours,
/// the teacher, makes of the sources.
public struct DistillationConfiguration: Codable, Sendable, Hashable {
    /// The model folder of the teacher; empty for no distillation.
    public var teacher = ""
    /// The beam size of the teacher's search.
    public var beamSize = 5
    /// Whether the pairs of the corpus stay, behind those of the teacher.
    public var keepsOriginal = false

    /// Creates the default configuration: no distillation.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case teacher
        case beamSize = "beam_size"
        case keepsOriginal = "keep_original"
    }

    func validate() throws {
        guard (1...1000).contains(beamSize) else {
            throw Seq2SeqError(
                option: "training.distillation.beam_size", "is \(beamSize)",
                remedy: "choose a number from 1 to 1000")
        }
    }
}

/// Makes the corpus that a teacher has translated, in the run folder.
///
/// Teacher and student meet in text, so that their tokenizers may differ. What is translated stands in parts
/// that say what they were made from: after a kill only the part that was missing is translated again.
/// `distillation` then holds `source.txt`, `target.txt` and what they were made from.
struct Distillation {
    let configuration: RunConfiguration
    let report: (TrainingEvent) -> Void

    /// The sources that are translated together.
    private static let partSize = 1024

    private var folder: String { "\(configuration.run)/distillation" }
    private var parts: String { "\(configuration.run)/distillation.parts" }
    private var corpus: ParallelCorpus { configuration.data.train.corpus }

    /// What a distilled corpus was made from.
    private struct Origin: Codable, Hashable {
        /// The hash of the teacher and of how it searches.
        var teacher: String
        /// The hash of the corpus.
        var corpus: String
        var keepsOriginal: Bool
    }

    /// The configuration with the distilled corpus in place of the corpus, if there is a teacher.
    ///
    /// - Parameter resumes: whether the corpus was already trained on; then the teacher is not needed.
    func distilledConfiguration(resumes: Bool) throws -> RunConfiguration {
        let distillation = configuration.training.distillation
        guard !distillation.teacher.isEmpty else { return configuration }
        try AtomicFolder.recover(folder)
        var count = 0
        var hash = ContentHash()
        try corpus.forEachPair { source, target, _ in
            count += 1
            hash.update(Array("\(source)\n\(target)\n".utf8))
        }
        let known = origin
        let teacher = resumes ? known?.teacher ?? "" : try teacherHash()
        let wanted = Origin(
            teacher: teacher, corpus: hash.hexadecimal, keepsOriginal: distillation.keepsOriginal)
        if known != wanted {
            if resumes {
                throw Seq2SeqError(
                    .badData, path: folder, reason: "the distilled corpus is not that of the run",
                    remedy: "restore the folder and the corpus, or start anew in another folder")
            }
            try make(wanted, count: count)
        }
        var result = configuration
        result.data.train = TrainingCorpusConfiguration()
        result.data.train.weight = configuration.data.train.weight
        result.data.train.lossWeight = configuration.data.train.lossWeight
        result.data.train.source = "\(folder)/source.txt"
        result.data.train.target = "\(folder)/target.txt"
        return result
    }

    private var origin: Origin? {
        FileManager.default.contents(atPath: "\(folder)/origin.json").flatMap {
            try? JSONDecoder().decode(Origin.self, from: $0)
        }
    }

    private var options: DecodingOptions {
        var options = configuration.boundedDecoding
        options.beamSize = configuration.training.distillation.beamSize
        options.nBest = 1
        return options
    }

    private func teacherHash() throws -> String {
        let teacher = configuration.training.distillation.teacher
        var hash = ContentHash()
        for name in ["config.json", "model.safetensors"] {
            guard let data = FileManager.default.contents(atPath: "\(teacher)/\(name)") else {
                throw Seq2SeqError(
                    .missingInput, path: "\(teacher)/\(name)", reason: "missing or not readable",
                    remedy:
                        "let training.distillation.teacher name the folder of a trained model, for example runs/NAME/best"
                )
            }
            data.withUnsafeBytes { hash.update($0) }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var options = options
        // It cuts batches and changes no result.
        options.memory = ""
        hash.update(Array(try encoder.encode(options)))
        return hash.hexadecimal
    }

    private func make(_ origin: Origin, count: Int) throws {
        try FileManager.default.createDirectory(
            atPath: parts, withIntermediateDirectories: true)
        var translator = try Translator(
            contentsOf: configuration.training.distillation.teacher)
        translator.options = options
        try forEachPart { number, sources, _ in
            var hash = ContentHash()
            hash.update(Array((origin.teacher + sources.joined(separator: "\n")).utf8))
            let key = hash.hexadecimal
            let path = "\(parts)/\(number)"
            if try partLines(path)?.first != key {
                let texts = try translator.translate(sources).map { translations in
                    translations[0].text.split(whereSeparator: \.isNewline)
                        .joined(separator: " ")
                }
                let lines = [key] + texts
                try AtomicFile.write(lines.map { $0 + "\n" }.joined(), to: path)
            }
            report(
                .distillation(
                    done: min(count, (number + 1) * Distillation.partSize), total: count))
        }
        try AtomicFolder.replace(folder) { path in
            let sourceFile = try FileWriter("\(path)/source.txt")
            let targetFile = try FileWriter("\(path)/target.txt")
            func write(_ sources: [String], _ targets: [String]) throws {
                for (file, lines) in [(sourceFile, sources), (targetFile, targets)] {
                    let text = lines.map { $0 + "\n" }.joined()
                    try Array(text.utf8).withUnsafeBytes { try file.write($0) }
                }
            }
            try forEachPart { number, sources, _ in
                try write(sources, Array(partLines("\(parts)/\(number)")?.dropFirst() ?? []))
            }
            if origin.keepsOriginal { try forEachPart { try write($1, $2) } }
            try sourceFile.close()
            try targetFile.close()
            try AtomicFile.write(JSONEncoder().encode(origin), to: "\(path)/origin.json")
        }
        try FileManager.default.removeItem(atPath: parts)
    }

    /// The lines of a part, if it has been written.
    private func partLines(_ path: String) throws -> [String]? {
        FileManager.default.fileExists(atPath: path) ? try TextLineReader.lines(path: path) : nil
    }

    /// Calls `body` with the number, the sources and the targets of each part of the corpus.
    private func forEachPart(_ body: (Int, [String], [String]) throws -> Void) throws {
        var (number, sources, targets) = (0, [String](), [String]())
        func flush() throws {
            guard !sources.isEmpty else { return }
            try body(number, sources, targets)
            (number, sources, targets) = (number + 1, [], [])
        }
        try corpus.forEachPair { source, target, _ in
            sources.append(source)
            targets.append(target)
            if sources.count == Distillation.partSize { try flush() }
        }
        try flush()
    }
}
