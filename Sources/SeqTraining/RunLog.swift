#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import SeqData

/// The run folder: its places and its logs. It is locked against a second process while this lives.
final class RunLog {
    private let folder: String
    private let lock: Int32

    /// The model folder of the best validation.
    var best: String { "\(folder)/best" }
    /// The model folder of the last saving, with the state for resumption.
    var last: String { "\(folder)/last" }

    /// Makes the folder for a new run, or opens that of an old one.
    init(_ configuration: RunConfiguration, resumes: Bool) throws {
        folder = configuration.output
        guard !folder.isEmpty else {
            throw TrainingError(
                .badConfiguration, "no run folder is named", "set output, or give --output DIR")
        }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw TrainingError(
                .cannotWrite, path: folder, "cannot create the run folder: \(String(cString: strerror(errno)))",
                "choose another --output")
        }
        lock = open("\(folder)/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard lock >= 0 else {
            throw TrainingError(
                .cannotWrite, path: folder, "cannot write: \(String(cString: strerror(errno)))",
                "choose another --output or correct its permissions")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw TrainingError(
                .cannotWrite, path: folder, "another process is training in this folder",
                "wait for it, or choose another --output")
        }
        try AtomicFolder.recover(last)
        try AtomicFolder.recover(best)
        let hasRun = FileManager.default.fileExists(atPath: "\(last)/state.json")
        if resumes, !hasRun {
            throw TrainingError(
                .missingInput, path: folder, "there is no saved run to resume",
                "start it without --resume")
        }
        if !resumes, hasRun {
            throw TrainingError(
                .cannotWrite, path: folder, "the folder already holds a run",
                "continue it with --resume, or choose another --output")
        }
        if !resumes {
            try AtomicFile.write(ConfigurationFile.text(configuration), to: "\(folder)/config.yaml")
            for name in ["train.jsonl", "validation.jsonl"] {
                try AtomicFile.write("", to: "\(folder)/\(name)")
            }
        }
    }

    deinit { close(lock) }

    func train(_ progress: TrainingEvent.Progress) throws {
        struct Line: Encodable {
            var step: Int
            var epoch: Int
            var loss: Double
            var perplexity: Double
            var gradient_norm: Double
            var learning_rate: Float
            var tokens_per_second: Double
        }
        try append(
            Line(
                step: progress.step, epoch: progress.epoch, loss: progress.loss,
                perplexity: progress.perplexity, gradient_norm: progress.gradientNorm,
                learning_rate: progress.learningRate, tokens_per_second: progress.tokensPerSecond),
            to: "train.jsonl")
    }

    func validation(_ result: ValidationResult) throws {
        try append(result, to: "validation.jsonl")
    }

    private func append(_ value: some Encodable, to name: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let path = "\(folder)/\(name)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw TrainingError(
                .cannotWrite, path: path, "cannot write: \(String(cString: strerror(errno)))",
                "correct its permissions or free some disk space, then --resume")
        }
        defer { close(descriptor) }
        let writer = LineWriter(fileDescriptor: descriptor, name: path)
        try writer.write(String(decoding: encoder.encode(value), as: UTF8.self))
        try writer.flush()
    }

}
