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
import SeqNN
import SeqTensor

/// Event files as TensorBoard reads them, one a session of a run.
///
/// A session starts by telling readers to forget what earlier ones have written after the update it goes
/// on from, so that nothing appears twice. A record that a kill has cut short is what readers wait
/// behind; the file of the next session comes after it.
final class TensorBoardLog {
    private let folder: String
    private let resumedAt: Int
    private let keepsHistograms: Bool
    private let now: () -> Double
    private var writer: FileWriter?

    private static let prefix = "events.out.tfevents."

    /// - Parameters:
    ///   - folder: where the files are; it is made when there is something to write.
    ///   - resumedAt: updates of earlier sessions.
    ///   - now: seconds since 1970.
    init(
        folder: String, resumedAt: Int, keepsHistograms: Bool,
        now: @escaping () -> Double = { Date().timeIntervalSince1970 }
    ) {
        self.folder = folder
        self.resumedAt = resumedAt
        self.keepsHistograms = keepsHistograms
        self.now = now
    }

    func train(_ record: TrainingRecord) throws {
        try write(
            record.step, record.figures.map { ("train/\($0.name)", .scalar(Float($0.value))) })
    }

    func validation(_ result: ValidationResult) throws {
        var values: [(tag: String, value: TensorBoardEvent.Value)] = result.figures.map {
            ("validation/\($0.name)", .scalar(Float($0.value)))
        }
        if !result.warnings.isEmpty {
            let text = result.warnings.map(Markup.markdown).joined(separator: "\n\n")
            values.append(("warnings", .text(text)))
        }
        for (index, sample) in result.samples.enumerated() {
            let text = [
                ("source", sample.source), ("reference", sample.reference),
                ("hypothesis", sample.hypothesis),
            ].map { "**\($0)** \(Markup.markdown($1))" }.joined(separator: "\n\n")
            values.append(("samples/\(index + 1)", .text(text)))
            guard let image = try sample.attention?.png() else { continue }
            values.append(
                (
                    "attention/\(index + 1)",
                    .image(width: image.width, height: image.height, png: image.bytes)
                ))
        }
        try write(result.step, values)
    }

    /// Writes how the parameters and their last gradients are distributed.
    func histograms(_ buffer: ParameterBuffer, step: Int) throws {
        guard keepsHistograms else { return }
        let gradients = buffer.gradientValues.map { ("gradients/\($0.name)", $0.values) }
        for (tag, tensor) in buffer.parameters.map({ ("parameters/\($0.name)", $0.value) })
            + gradients
        {
            try write(step, [(tag, .histogram(tensor.withUnsafeValues { Histogram($0) }))])
        }
    }

    private func write(
        _ step: Int, _ values: [(tag: String, value: TensorBoardEvent.Value)]
    ) throws {
        guard !values.isEmpty else { return }
        try append(step, .summary(values), to: writer ?? start())
    }

    private func append(
        _ step: Int, _ content: TensorBoardEvent.Content, to writer: FileWriter
    ) throws {
        let event = TensorBoardEvent(wallTime: now(), step: step, content: content)
        try event.record.withUnsafeBytes { try writer.write($0) }
    }

    private func start() throws -> FileWriter {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw Seq2SeqError(
                .cannotWrite, path: folder, reason: "cannot create the folder",
                remedy:
                    "correct the permissions, or set training.tensorboard.enabled: false, then --resume"
            )
        }
        let writer = try FileWriter("\(folder)/\(try fileName())")
        self.writer = writer
        try append(0, .fileVersion, to: writer)
        try append(resumedAt + 1, .sessionStart, to: writer)
        return writer
    }

    /// A name behind those of earlier sessions, also when the clock has been set back: readers take the
    /// files in the order of their names.
    private func fileName() throws -> String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let times = names.filter { $0.hasPrefix(TensorBoardLog.prefix) }.compactMap {
            Int($0.dropFirst(TensorBoardLog.prefix.count).prefix { $0.isASCII && $0.isNumber })
        }
        let time = max(Int(max(0, now())), (times.max() ?? 0) + 1)
        let digits = String(repeating: "0", count: max(0, 10 - "\(time)".count)) + "\(time)"
        return "\(TensorBoardLog.prefix)\(digits).\(TensorBoardLog.host).\(getpid()).0"
    }

    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        let text = String(
            decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return text.isEmpty || text.contains("/") ? "localhost" : text
    }
}
