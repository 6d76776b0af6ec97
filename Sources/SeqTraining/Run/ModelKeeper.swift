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

/// The models that a run keeps in `checkpoints`, by the updates before them.
struct KeptModels: Codable, Sendable, Hashable {
    /// A validated model.
    struct Validated: Codable, Sendable, Hashable {
        var step: Int
        var value: Double
    }

    /// The best validated ones, the best first; of equals the earlier first.
    private(set) var best: [Validated] = []
    /// The last ones that were saved, in their order.
    private(set) var last: [Int] = []

    var steps: Set<Int> { Set(best.map(\.step) + last) }

    /// Takes a validation and tells whether it is among the `limit` best so far.
    mutating func insert(_ step: Int, value: Double, of metric: Metric, limit: Int)
        -> Bool
    {
        guard value.isFinite else { return false }
        let worse = best.firstIndex { metric.isBetter(value, than: $0.value) }
        let place = worse ?? best.count
        guard place < limit else { return false }
        best.insert(Validated(step: step, value: value), at: place)
        best = Array(best.prefix(limit))
        return true
    }

    /// Takes a saving; the last `limit` ones are kept.
    mutating func append(_ step: Int, limit: Int) {
        last = Array((last.filter { $0 != step } + [step]).suffix(limit))
    }
}

/// Decides which models become `best` and which stay in `checkpoints`, and averages them: over updates
/// and over the best validations.
///
/// A folder in `checkpoints` is deleted only once a state that does not need it is saved, so that a run
/// that is killed at any instant finds the folders of the state that it resumes from.
final class ModelKeeper {
    private let configuration: AveragingConfiguration
    private let metric: Metric
    private let folder: ModelFolder
    private let buffer: ParameterBuffer
    private let average: ExponentialAverage?
    private let run: String
    private var kept = KeptModels()

    private static let averageFile = "average.safetensors"
    private static let keptFile = "kept.json"

    /// - Parameters:
    ///   - folder: the model that is trained; its parameters are in `buffer`.
    ///   - run: the run folder.
    init(
        _ training: TrainingConfiguration, folder: ModelFolder, buffer: ParameterBuffer, run: String
    ) {
        configuration = training.averaging
        metric = training.earlyStopping.metric
        self.folder = folder
        self.buffer = buffer
        self.run = run
        average =
            configuration.ema > 0
            ? ExponentialAverage(buffer, decay: configuration.ema) : nil
    }

    /// The bytes of moving averages.
    var averages: Int { average == nil ? 0 : buffer.count * MemoryLayout<Float>.stride }

    /// Takes the parameters after the update number `step`.
    func follow(step: Int) { average?.update(buffer, step: step) }

    /// Runs `body` while the parameters of the model are those to validate and to keep.
    func withKeptParameters<Result>(_ body: () throws -> Result) rethrows -> Result {
        try average?.withAverage(in: buffer, body) ?? body()
    }

    /// Writes the model to keep.
    func write(to path: String, provenance: [String: String]) throws {
        try withKeptParameters {
            try AtomicFolder.replace(path) { try folder.write(to: $0, provenance: provenance) }
        }
    }

    /// Takes a validation: `best` becomes the best model, or the mean of the best ones.
    ///
    /// - Parameter provenance: what a model with these scores, or with none, comes from.
    func keep(
        validated result: ValidationResult, best: String,
        provenance: (ValidationResult?) -> [String: String]
    ) throws {
        guard configuration.best > 1 else {
            if result.isBest { try write(to: best, provenance: provenance(result)) }
            return
        }
        let isAmongBest = kept.insert(
            result.step, value: result.value(metric), of: metric, limit: configuration.best)
        guard isAmongBest else { return }
        try writeCheckpoint(result.step, provenance: provenance(result))
        let names = kept.best.map { name($0.step) }
        let mean = try ModelAverage.folder(of: names.map { "\(run)/\($0)" })
        var origin = provenance(nil)
        origin["average_of"] = names.joined(separator: " ")
        try AtomicFolder.replace(best) { try mean.write(to: $0, provenance: origin) }
    }

    /// Takes a saving.
    func keep(saved step: Int, provenance: [String: String]) throws {
        if configuration.keepLast > 0, !kept.steps.contains(step) {
            try writeCheckpoint(step, provenance: provenance)
        }
        kept.append(step, limit: configuration.keepLast)
    }

    private func name(_ step: Int) -> String { "checkpoints/step-\(step)" }

    private func writeCheckpoint(_ step: Int, provenance: [String: String]) throws {
        let checkpoints = "\(run)/checkpoints"
        do {
            try FileManager.default.createDirectory(
                atPath: checkpoints, withIntermediateDirectories: true)
        } catch {
            throw Seq2SeqError(
                .cannotWrite, path: checkpoints, reason: "cannot create the folder",
                remedy: "correct the permissions or free some disk space, then --resume")
        }
        try write(to: "\(run)/\(name(step))", provenance: provenance)
    }

    /// Writes what resumption needs into the folder of the state.
    func writeState(to state: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try AtomicFile.write(encoder.encode(kept), to: "\(state)/\(ModelKeeper.keptFile)")
        guard let average else { return }
        try TensorFile.write(average.state, to: "\(state)/\(ModelKeeper.averageFile)")
    }

    /// Takes up a saved state.
    func restore(from state: String) throws {
        let path = "\(state)/\(ModelKeeper.keptFile)"
        if let data = try SmallFile.contents(path) {
            let found = try? JSONDecoder().decode(KeptModels.self, from: data)
            guard let found, found.steps.allSatisfy({ $0 >= 0 }) else {
                throw Seq2SeqError(
                    .badData, path: path, reason: "not the list of the models that a run keeps",
                    remedy: "the file is damaged; restore it or start anew in another folder")
            }
            kept = found
        } else if configuration.best > 1 || configuration.keepLast > 0 {
            throw Seq2SeqError(
                .missingInput, path: path, reason: "missing or not readable",
                remedy: "restore the file, or start anew in another folder")
        }
        for model in kept.best {
            let path = "\(run)/\(name(model.step))"
            guard !FileManager.default.fileExists(atPath: "\(path)/config.json") else { continue }
            throw Seq2SeqError(
                .missingInput, path: path, reason: "a model is missing of which best is the mean",
                remedy: "restore the folder, or start anew in another one")
        }
        try average?.restore(
            from: Safetensors(contentsOf: "\(state)/\(ModelKeeper.averageFile)"))
        deleteOthers()
    }

    /// Deletes the models that the saved state does not need, and what a kill has left of them.
    func deleteOthers() {
        let checkpoints = "\(run)/checkpoints"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: checkpoints)) ?? []
        let needed = Set(kept.steps.map { "step-\($0)" })
        for name in names where name.hasPrefix("step-") || name.hasPrefix(".step-") {
            guard !needed.contains(name) else { continue }
            try? FileManager.default.removeItem(atPath: "\(checkpoints)/\(name)")
        }
    }
}
