import SeqFiles
import SeqData
import SeqTensor
import SeqTraining
import TestSupport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a run reports, gathered.
final class Events {
    private(set) var steps: [TrainingEvent.Progress] = []
    private(set) var validations: [ValidationResult] = []
    private(set) var trainReport: CorpusReport?
    private(set) var validationReport: CorpusReport?
    private(set) var reason: String?
    private(set) var best: ValidationResult?
    private(set) var saved = 0
    private(set) var notices: [String] = []
    private(set) var memory: MemoryEstimate?
    private(set) var epochTime: Double?
    private(set) var findings: [CorpusFinding] = []

    func take(_ event: TrainingEvent) {
        switch event {
        case .data(let train, let validation, _, _):
            trainReport = train
            validationReport = validation
        case .notice(let text): notices.append(text)
        case .origin, .started, .caching, .distillation: break
        case .memory(let estimate): memory = estimate
        case .epochTime(let seconds): epochTime = seconds
        case .dataCheck(let found): findings += found
        case .progress(let progress): steps.append(progress)
        case .validation(let result): validations.append(result)
        case .saved: saved += 1
        case .finished(let why, let result):
            reason = why
            best = result
        }
    }
}

/// Trains; `shouldStop` is given the number of updates so far.
@discardableResult
func train(
    _ configuration: RunConfiguration, resumes: Bool = false, stopsAt stop: Int? = nil
) throws -> Events {
    let events = Events()
    let trainer = try Trainer(
        configuration, resumes: resumes,
        shouldStop: { stop.map { (events.steps.last?.step ?? 0) >= $0 } ?? false },
        report: { events.take($0) })
    try trainer.run()
    return events
}

/// A line of `train.jsonl`.
struct TrainLine: Decodable {
    var step: Int
    var epoch: Int
    var loss: Double
    var perplexity: Double
    var gradient_norm: Double
    var learning_rate: Double
    var tokens_per_second: Double
    var data_share: Double
}

extension RunConfiguration {
    func contents(_ name: String) throws -> Data {
        try Data(contentsOf: URL(filePath: "\(run)/\(name)"))
    }

    /// The lines of a log.
    func log<Line: Decodable>(_ name: String, _: Line.Type) throws -> [Line] {
        try contents(name).split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Line.self, from: $0)
        }
    }

    /// The parameters of the model folder `name`, one after the other.
    func parameters(_ name: String) throws -> [Float] {
        let file = try Safetensors(contentsOf: "\(run)/\(name)/model.safetensors")
        return try file.names.flatMap { try file.tensor($0).values }
    }
}

/// The error of kind `Seq2SeqError` that `body` throws.
func trainingError(_ body: () throws -> some Any) -> Seq2SeqError? {
    do {
        _ = try body()
        return nil
    } catch { return error as? Seq2SeqError }
}
