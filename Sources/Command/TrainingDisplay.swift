import Seq2Seq

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Shows training on standard error: a block that is drawn anew on a terminal, one line a report
/// elsewhere.
final class TrainingDisplay {
    private let isInteractive: Bool
    private let usesColor: Bool
    private let window: () -> TerminalWindow
    private let write: (String) -> Void
    private var block = LiveBlock()
    private var progress: TrainingEvent.Progress?
    private var last: ValidationResult?
    private var best: ValidationResult?
    private let interval: Duration
    private var lastDrawn: ContinuousClock.Instant?
    private let began = ContinuousClock.now
    /// Those shown last, which need not be told again.
    private var signatures: [String] = []

    /// - Parameters:
    ///   - isInteractive: whether a block can be drawn.
    ///   - interval: the least time between two drawings of progress.
    init(
        isInteractive: Bool, usesColor: Bool, interval: Duration = .milliseconds(100),
        window: @escaping () -> TerminalWindow = { Terminal.window },
        write: @escaping (String) -> Void = Terminal.write
    ) {
        self.isInteractive = isInteractive
        self.usesColor = usesColor
        self.interval = interval
        self.window = window
        self.write = write
    }

    func show(_ event: TrainingEvent) {
        switch event {
        case .distillation(let done, let total):
            line("distillation: \(done) of \(total) sources translated")
        case .dataCheck(let findings): show(findings)
        case .caching(let progress): show(progress)
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
        case .memory(let estimate): line("memory: \(text(estimate))")
        case .epochTime(let seconds): line("an epoch takes about \(duration(seconds))")
        case .progress(let progress):
            self.progress = progress
            if isInteractive {
                if lastDrawn.map({ .now - $0 >= interval }) ?? true { draw() }
            } else if progress.isReport {
                line(text(progress))
            }
        case .validation(let result):
            last = result
            if result.isBest { best = result }
            show(result)
        case .saved: break
        case .finished(let reason, let best):
            progress = nil
            line("finished: \(reason)" + (best.map { " | best: \(scores($0))" } ?? ""))
        }
    }

    private func text(_ estimate: MemoryEstimate) -> String {
        let parts = [
            ("parameters", estimate.parameters), ("gradients", estimate.gradients),
            ("optimizer", estimate.optimizer), ("averages", estimate.averages),
            ("packed weights", estimate.packedWeights), ("largest batch", estimate.activations),
            ("spare", estimate.spare), ("program and data", estimate.others),
        ]
        func size(_ bytes: Int) -> String { "\((bytes + 500_000) / 1_000_000) MB" }
        return "about \(size(estimate.total)) of \(size(estimate.limit)): "
            + parts.filter { $0.1 > 0 }.map { "\($0.0) \(size($0.1))" }.joined(separator: ", ")
    }

    /// Writes a line that stays; on a terminal the block moves down.
    private func line(_ text: String) {
        write(block.erase(columns: window().columns) + TerminalText.clean(text) + "\n")
        if isInteractive { draw() }
    }

    private func show(_ progress: CacheProgress) {
        guard
            ContinuousClock.now - (lastDrawn ?? began) >= (isInteractive ? interval : .seconds(10))
        else { return }
        lastDrawn = .now
        let text = "cache: \(Int(100 * progress.share))% | \(progress.pairs) pairs"
        guard isInteractive else { return line(text) }
        let window = window()
        let columns = min(40, window.columns / 3)
        let row = TerminalText.row(
            [bar(Int(100 * progress.share), of: 100, columns: columns), TerminalText(text)],
            limit: window.columns - 1)
        write(block.draw([row], in: window, inColor: usesColor))
    }

    private func show(_ findings: [CorpusFinding]) {
        for finding in findings {
            line(
                "\(finding.severity.rawValue): \(finding.path): \(finding.message) (\(finding.remedy))"
            )
            guard finding.code == .lossyTargets else { continue }
            for (number, text) in zip(finding.lines, finding.examples).prefix(2) {
                line("  line \(number): \(text)")
            }
        }
        line("seq2seq check-data tells more; data.check: off silences this")
    }

    private func show(_ result: ValidationResult) {
        line("validation: \(scores(result))\(result.isBest ? " | best so far" : "")")
        for warning in result.warnings { line("warning: \(warning)") }
        // On a terminal the block shows the rest.
        guard !isInteractive else { return }
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
        (["step \(result.step)", "epoch \(result.epoch)"] + figures(result)).joined(
            separator: " | ")
    }

    private func figures(_ result: ValidationResult) -> [String] {
        result.figures.map { name, value in
            name == "perplexity" ? "ppl \(fixed(value, 3))" : "\(name) \(fixed(value, 2))"
        }
    }

    private func text(_ progress: TrainingEvent.Progress) -> String {
        var parts = [
            "step \(progress.step)", "epoch \(progress.epoch)", "loss \(fixed(progress.loss, 4))",
            "ppl \(fixed(progress.perplexity, 2))",
        ]
        if let reward = progress.reward { parts.append("reward \(fixed(reward, 4))") }
        parts += [
            "norm \(fixed(progress.gradientNorm, 2))",
            "lr \(progress.learningRate)", "\(Int(progress.tokensPerSecond)) tok/s",
            "eta \(duration(progress.remaining))",
        ]
        if let share = progress.shareOfPeak { parts.append("\(percent(share)) of peak") }
        parts.append("data \(fixed(100 * progress.dataShare, 1))%")
        return parts.joined(separator: " | ")
    }

    private func draw() {
        guard let progress else { return }
        lastDrawn = .now
        let window = window()
        write(block.draw(lines(progress, window.columns - 1), in: window, inColor: usesColor))
    }

    private func lines(_ progress: TrainingEvent.Progress, _ limit: Int) -> [TerminalText] {
        func row(_ items: [String]) -> TerminalText {
            .row(items.map { TerminalText($0) }, limit: limit)
        }
        let total = max(1, progress.totalSteps)
        var lines = [
            .row(
                [
                    bar(progress.step, of: total, columns: min(40, limit / 3)),
                    TerminalText("eta \(duration(progress.remaining))"),
                    TerminalText("epoch \(progress.epoch)"),
                    TerminalText("step \(progress.step) of \(total)"),
                ], limit: limit),
            row(
                [
                    "loss \(fixed(progress.loss, 3))", "ppl \(fixed(progress.perplexity, 2))",
                    "\(Int(progress.tokensPerSecond)) tok/s",
                ] + (progress.shareOfPeak.map { ["\(percent($0)) of peak"] } ?? []) + [
                    "data \(fixed(100 * progress.dataShare, 1))%", "lr \(progress.learningRate)",
                    "norm \(fixed(progress.gradientNorm, 2))",
                ]),
        ]
        guard let last else { return lines }
        lines.append(row(["last  step \(last.step)"] + figures(last)))
        if let best { lines.append(row(["best  step \(best.step)"] + figures(best))) }
        for sample in last.samples {
            for (name, text) in [
                ("source     ", sample.source), ("reference  ", sample.reference),
                ("hypothesis ", sample.hypothesis),
            ] {
                var line = TerminalText(name, .faint)
                line.append(text)
                lines.append(line)
            }
        }
        return lines
    }

    private func bar(_ step: Int, of total: Int, columns: Int) -> TerminalText {
        let done = min(columns, columns * step / total)
        var bar = TerminalText(String(repeating: "█", count: max(0, done)), .good)
        bar.append(String(repeating: "░", count: max(0, columns - done)), .faint)
        bar.append(" \(min(100, 100 * step / total))%", .bold)
        return bar
    }

    private func percent(_ share: Double) -> String { "\(fixed(100 * share, 0))%" }

    private func duration(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 1e9))
        if whole >= 3600 { return "\(whole / 3600)h\(whole % 3600 / 60)m" }
        return whole >= 60 ? "\(whole / 60)m\(whole % 60)s" : "\(whole)s"
    }
}

/// A number with a fixed count of decimals.
func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "-" }
    guard abs(value) < 1e15 else { return "\(value)" }
    let scale = pow(10, Double(decimals))
    let scaled = (abs(value) * scale).rounded()
    let whole = Int(scaled / scale)
    let fraction = Int(scaled) - whole * Int(scale)
    let digits = String(fraction)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(whole)" }
    return "\(sign)\(whole).\(String(repeating: "0", count: decimals - digits.count))\(digits)"
}
