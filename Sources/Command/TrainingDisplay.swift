import Seq2Seq

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Shows training on standard error: a bar on a terminal, one line a report elsewhere.
final class TrainingDisplay {
    private let isInteractive: Bool
    private var hasBar = false
    private var lastDrawn = ContinuousClock.now
    /// Those shown last, which need not be told again.
    private var signatures: [String] = []

    init(isInteractive: Bool) {
        self.isInteractive = isInteractive
    }

    func show(_ event: TrainingEvent) {
        switch event {
        case .distillation(let done, let total):
            line("distillation: \(done) of \(total) sources translated")
        case .dataCheck(let findings): show(findings)
        case .data(let train, let validation, let source, let target):
            line("train: \(train)")
            if let validation { line("validation: \(validation)") }
            line("vocabulary: \(source) source, \(target) target")
        case .origin(let model, let newSource, let newTarget):
            line(
                "starts from: \(model.path) (sha256 \(model.sha256.prefix(12))…)"
                    + (newSource + newTarget > 0
                        ? " | \(newSource) new source tokens, \(newTarget) new target tokens" : ""))
        case .notice(let text): line("note: \(text)")
        case .started(let parameters, let stepsPerEpoch, let totalSteps, let resumedAt):
            line(
                "model: \(parameters) parameters | \(stepsPerEpoch) steps an epoch | \(totalSteps) steps in all"
                    + (resumedAt > 0 ? " | resumed at step \(resumedAt)" : ""))
        case .progress(let progress):
            if isInteractive {
                drawBar(progress)
            } else if progress.isReport {
                line(text(progress))
            }
        case .validation(let result): show(result)
        case .saved: break
        case .finished(let reason, let best):
            line("finished: \(reason)" + (best.map { " | best: \(scores($0))" } ?? ""))
        }
    }

    private func show(_ findings: [CorpusFinding]) {
        for finding in findings {
            line(
                "\(finding.severity.rawValue): \(finding.path): \(finding.message) (\(finding.remedy))"
            )
        }
        line("seq2seq check-data tells more; data.check: off silences this")
    }

    private func show(_ result: ValidationResult) {
        line("validation: \(scores(result))\(result.isBest ? " | best so far" : "")")
        for warning in result.warnings { line("warning: \(warning)") }
        if result.signatureLines != signatures {
            signatures = result.signatureLines
            for signature in signatures { line("  \(signature)") }
        }
        for sample in result.samples {
            line("  source     \(sample.source)")
            line("  reference  \(sample.reference)")
            line("  hypothesis \(sample.hypothesis)")
        }
    }

    private func scores(_ result: ValidationResult) -> String {
        let figures = result.figures.map { name, value in
            name == "perplexity" ? "ppl \(fixed(value, 3))" : "\(name) \(fixed(value, 2))"
        }
        return (["step \(result.step)", "epoch \(result.epoch)"] + figures)
            .joined(separator: " | ")
    }

    private func text(_ progress: TrainingEvent.Progress) -> String {
        let reward = progress.reward.map { " | reward \(fixed($0, 4))" } ?? ""
        return
            "step \(progress.step) | epoch \(progress.epoch) | loss \(fixed(progress.loss, 4)) | ppl \(fixed(progress.perplexity, 2))\(reward) | norm \(fixed(progress.gradientNorm, 2)) | lr \(progress.learningRate) | \(Int(progress.tokensPerSecond)) tok/s | eta \(duration(progress.remaining))"
    }

    private func drawBar(_ progress: TrainingEvent.Progress) {
        guard progress.isReport || ContinuousClock.now - lastDrawn > .milliseconds(100) else {
            return
        }
        lastDrawn = .now
        let width = 24
        let done =
            progress.totalSteps > 0 ? min(width, width * progress.step / progress.totalSteps) : 0
        let bar = String(repeating: "█", count: done) + String(repeating: "░", count: width - done)
        let percent = progress.totalSteps > 0 ? 100 * progress.step / progress.totalSteps : 0
        Terminal.write(
            "\r\u{1b}[K\(bar) \(percent)% | epoch \(progress.epoch) | ppl \(fixed(progress.perplexity, 2)) | \(Int(progress.tokensPerSecond)) tok/s | eta \(duration(progress.remaining))"
        )
        hasBar = true
    }

    private func line(_ text: String) {
        if hasBar {
            Terminal.write("\r\u{1b}[K")
            hasBar = false
        }
        Terminal.error(text)
    }

    private func duration(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 1e9))
        if whole >= 3600 { return "\(whole / 3600)h\(whole % 3600 / 60)m" }
        return whole >= 60 ? "\(whole / 60)m\(whole % 60)s" : "\(whole)s"
    }
}

/// A number with a fixed count of decimals.
func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    let scale = pow(10, Double(decimals))
    let scaled = (abs(value) * scale).rounded()
    let whole = Int(scaled / scale)
    let fraction = Int(scaled) - whole * Int(scale)
    let digits = String(fraction)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(whole)" }
    return "\(sign)\(whole).\(String(repeating: "0", count: decimals - digits.count))\(digits)"
}
