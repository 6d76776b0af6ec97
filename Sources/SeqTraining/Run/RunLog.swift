import SeqFiles

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

/// The run folder: its places and its logs.
///
/// It is locked against a second process while this lives.
final class RunLog {
    private let folder: String
    private let lock: Int32
    private static let logs = ["train.jsonl", "validation.jsonl"]

    /// The model folder of the best validation.
    var best: String { "\(folder)/best" }
    /// The model folder of the last saving, with the state for resumption.
    var last: String { "\(folder)/last" }

    /// Makes the folder for a new run, or opens that of an old one.
    init(_ configuration: RunConfiguration, resumes: Bool) throws {
        folder = configuration.run
        guard !folder.isEmpty else {
            throw Seq2SeqError(
                .badConfiguration, reason: "no run folder is named",
                remedy: "set output, or give --output DIR")
        }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw Seq2SeqError(
                .cannotWrite, path: folder,
                reason: "cannot create the run folder: \(String(cString: strerror(errno)))",
                remedy: "choose another --output")
        }
        let isForeign =
            FileManager.default.fileExists(atPath: "\(folder)/config.yaml")
            && !FileManager.default.fileExists(atPath: "\(folder)/.lock")
        if isForeign {
            throw Seq2SeqError(
                .cannotWrite, path: folder,
                reason: "the folder holds a config.yaml that no run has written",
                remedy: "choose another --output")
        }
        lock = open("\(folder)/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard lock >= 0 else {
            throw Seq2SeqError(
                .cannotWrite, path: folder,
                reason: "cannot write: \(String(cString: strerror(errno)))",
                remedy: "choose another --output or correct its permissions")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw Seq2SeqError(
                .cannotWrite, path: folder, reason: "another process is training in this folder",
                remedy: "wait for it, or choose another --output")
        }
        try AtomicFolder.recover(last)
        try AtomicFolder.recover(best)
        if resumes, !hasState {
            throw Seq2SeqError(
                .missingInput, path: folder, reason: "there is no saved run to resume",
                remedy: "start it without --resume")
        }
        if !resumes, hasState {
            throw Seq2SeqError(
                .cannotWrite, path: folder, reason: "the folder already holds a run",
                remedy: "continue it with --resume, or choose another --output")
        }
        if resumes { try checkSame(configuration) }
        try AtomicFile.write(ConfigurationFile.text(configuration), to: "\(folder)/config.yaml")
        if !resumes {
            for name in RunLog.logs { try AtomicFile.write("", to: "\(folder)/\(name)") }
        }
    }

    /// Whether a state has been saved.
    var hasState: Bool { FileManager.default.fileExists(atPath: "\(last)/state.json") }

    /// Refuses to resume a run with options that would make it another one.
    private func checkSame(_ configuration: RunConfiguration) throws {
        let path = "\(folder)/config.yaml"
        let old = try ConfigurationFile.readResolved(path)
        let difference = try ConfigurationFile.firstDifference(
            old.withoutResumableChanges, configuration.withoutResumableChanges)
        if let (key, old, new) = difference {
            throw Seq2SeqError(
                .badConfiguration, path: path, reason: "the run has \(key): \(old), not \(new)",
                remedy: "resume with the configuration of the run, or start anew in another folder")
        }
    }

    /// Drops what was logged after the update `step`, whose state is resumed, and a line that a kill
    /// has cut short.
    func forget(after step: Int) throws {
        struct Line: Decodable {
            var step: Int
        }
        for path in RunLog.logs.map({ "\(folder)/\($0)" }) {
            let text = FileManager.default.contents(atPath: path) ?? Data()
            var kept = Data()
            for line in text.split(separator: UInt8(ascii: "\n")) {
                guard let logged = try? JSONDecoder().decode(Line.self, from: line),
                    logged.step <= step
                else { continue }
                kept += line + [UInt8(ascii: "\n")]
            }
            if kept != text { try AtomicFile.write(kept, to: path) }
        }
    }

    deinit { if lock >= 0 { close(lock) } }

    /// Refuses to go on when the folder is no longer the one that this process has locked.
    func checkPlace() throws {
        var (locked, found) = (stat(), stat())
        let isThere = stat("\(folder)/.lock", &found) == 0
        guard fstat(lock, &locked) == 0, isThere, locked.st_ino == found.st_ino,
            locked.st_dev == found.st_dev
        else {
            throw Seq2SeqError(
                .cannotWrite, path: folder,
                reason:
                    "the run folder was \(isThere ? "replaced" : "deleted or moved") during training",
                remedy: "bring it back and continue with --resume, or start again")
        }
    }

    func train(_ record: TrainingRecord) throws {
        try append(record, to: "train.jsonl")
    }

    func validation(_ result: ValidationResult) throws {
        try append(result, to: "validation.jsonl")
    }

    private func append(_ value: some Encodable, to name: String) throws {
        try checkPlace()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // An undefined figure is null, which the encoder cannot write by itself.
        let mark = "\u{E000}undefined\u{E000}"
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: mark, negativeInfinity: mark, nan: mark)
        let path = "\(folder)/\(name)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw Seq2SeqError(
                .cannotWrite, path: path,
                reason: "cannot write: \(String(cString: strerror(errno)))",
                remedy: "correct its permissions or free some disk space, then --resume")
        }
        defer { close(descriptor) }
        let writer = LineWriter(fileDescriptor: descriptor, name: path)
        try writer.write(
            String(decoding: encoder.encode(value), as: UTF8.self)
                .replacing("\"\(mark)\"", with: "null"))
        try writer.flush()
    }
}
