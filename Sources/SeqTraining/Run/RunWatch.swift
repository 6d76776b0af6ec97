import SeqFiles
import SeqData
import SeqNN

/// Keeps what people look at while a run goes on: TensorBoard's event files and `report.html`.
final class RunWatch {
    private let configuration: RunConfiguration
    private let facts: RunReport.Facts
    private let tensorBoard: TensorBoardLog?
    private var history: RunHistory

    /// - Parameter resumedAt: updates of earlier sessions, whose logs are read.
    init(_ configuration: RunConfiguration, _ facts: RunReport.Facts, resumedAt: Int) {
        self.configuration = configuration
        self.facts = facts
        let settings = configuration.training.tensorboard
        tensorBoard =
            settings.enabled
            ? TensorBoardLog(
                folder: "\(configuration.output)/tensorboard", resumedAt: resumedAt,
                keepsHistograms: settings.histograms) : nil
        history = RunHistory(configuration.output)
    }

    func train(_ record: TrainingRecord) throws {
        history.append(record)
        try tensorBoard?.train(record)
    }

    /// - Parameter buffer: holds the parameters and their last gradients.
    func validation(_ result: ValidationResult, _ buffer: ParameterBuffer) throws {
        history.append(result)
        try tensorBoard?.validation(result)
        try tensorBoard?.histograms(buffer, step: result.step)
        try writeReport(ending: nil)
    }

    func finish(_ reason: String) throws { try writeReport(ending: reason) }

    private func writeReport(ending: String?) throws {
        let report = RunReport(
            configuration: configuration, history: history, facts: facts, ending: ending)
        try AtomicFile.write(report.html, to: "\(configuration.output)/report.html")
    }
}
