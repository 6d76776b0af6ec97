import SeqFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import SeqData
import SeqMetrics
import SeqNN
import SeqTensor

/// Everything beside the parameters that a run needs to continue as if it had never stopped.
struct TrainingState: Codable, Sendable {
    /// The epoch that is running, from 1.
    var epoch = 1
    /// The next batch of that epoch.
    var batch = 0
    /// Updates so far.
    var step = 0
    /// Target tokens seen so far.
    var tokens = 0
    /// Where dropout masks come from.
    var generator: RandomGenerator
    /// The learning rate now.
    var learningRate: Float
    /// What early stopping has seen.
    var best: ImprovementTracker
    /// What the plateau schedule has seen since its last change.
    var plateau: ImprovementTracker
    /// The norms that `clip_percentile` looks back to.
    var norms: NormHistory?
    /// The size of batches, where it was chosen by memory.
    var batchSize: Int?
    /// The best validation so far.
    var bestValidation: ValidationResult?
    /// What the model made of the training targets since the last validation; nil in states of version 0.1.
    var learned: Perplexity?
    /// What the warnings of validation remember; nil in states of version 0.1.
    var health: TrainingHealth?
    /// True when the run was interrupted while it validated; nil in states of version 0.1.
    var isValidationDue: Bool?
    /// What the run was trained on, so that a resumed one can tell that it is still that.
    var dataHash: String
    /// What the run is judged by, empty for nothing; nil in states of version 0.1.
    var validationHash: String?
    /// The number of threads, on which the rounding of sums depends; nil in states of version 0.1.
    var threads: Int?
    /// The model that the run has started from, if any.
    var origin: FileFingerprint?

    /// What ``dataHash`` starts with since caches describe their columns; the hashes of the same data were
    /// others before, and so was the order of batches.
    private static let dataVersion = "cache-2 "

    static func dataHash(_ corpora: TrainingCorpora) -> String { dataVersion + corpora.hash }

    /// Refuses a state of other data than those with the hash `hash`.
    func checkData(_ hash: String, path: String) throws {
        guard dataHash.hasPrefix(TrainingState.dataVersion) else {
            throw Seq2SeqError(
                .badData, path: path,
                reason:
                    "the run was begun by an older version, whose data cannot be told from others",
                remedy: "end it with that version, or start anew in another folder")
        }
        guard dataHash == hash else {
            throw Seq2SeqError(
                .badData, path: path, reason: "the training data are not those of the run",
                remedy: "restore the corpus, or start anew in another folder")
        }
    }

    private static let stateFile = "state.json"
    private static let optimizerFile = "optimizer.safetensors"

    func write(to folder: String, optimizer: any Optimizer) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        try AtomicFile.write(encoder.encode(self), to: "\(folder)/\(TrainingState.stateFile)")
        try OptimizerFile.write(optimizer, to: "\(folder)/\(TrainingState.optimizerFile)")
    }

    static func read(from folder: String) throws -> TrainingState {
        let path = "\(folder)/\(stateFile)"
        guard let data = try SmallFile.contents(path) else {
            throw Seq2SeqError(
                .missingInput, path: path, reason: "missing or not readable",
                remedy: "the folder holds no run to resume; start without --resume")
        }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let remedy = "the file is damaged; restore it or start anew in another folder"
        let state: TrainingState
        do { state = try decoder.decode(TrainingState.self, from: data) } catch {
            throw Seq2SeqError(
                .badData, path: path, reason: "not the state of a run", remedy: remedy)
        }
        if let (name, value) = state.impossibleField {
            throw Seq2SeqError(.badData, path: path, reason: "\(name) is \(value)", remedy: remedy)
        }
        return state
    }

    func restore(_ optimizer: any Optimizer, from folder: String) throws {
        let path = "\(folder)/\(TrainingState.optimizerFile)"
        let file = try Safetensors(contentsOf: path)
        if let saved = file.metadata[OptimizerFile.step], saved != "\(step)" {
            throw Seq2SeqError(
                .badData, path: path,
                reason:
                    "it is the state after update \(saved), not that after update \(step) as \(TrainingState.stateFile) says",
                remedy: "restore the folder, or start anew in another one")
        }
        try optimizer.restore(step: step, from: file)
    }
}
