import SeqMetrics
import Testing

@testable import Command
@testable import SeqTraining

/// The display, fed with events; `TerminalTests` has it in a real terminal.
@Suite struct TrainingDisplayTests {
    /// A display and what it has written to a window that can change its size.
    private final class Fixture {
        var window: TerminalWindow
        var screen: Screen
        var written = ""
        private(set) lazy var display = TrainingDisplay(
            isInteractive: isInteractive, usesColor: usesColor, interval: .zero,
            window: { [unowned self] in self.window },
            write: { [unowned self] text in
                self.written += text
                self.screen.write(text)
            })
        private let isInteractive: Bool
        private let usesColor: Bool

        init(_ columns: Int, _ rows: Int = 24, isInteractive: Bool = true, usesColor: Bool = false)
        {
            window = TerminalWindow(columns: columns, rows: rows)
            screen = Screen(columns: columns)
            self.isInteractive = isInteractive
            self.usesColor = usesColor
        }

        func show(_ events: TrainingEvent...) { for event in events { display.show(event) } }
    }

    private func progress(_ step: Int, share: Double? = 0.784) -> TrainingEvent {
        .progress(
            .init(
                step: step, totalSteps: 400, epoch: 2, loss: 2.34567, perplexity: 8.1249,
                gradientNorm: 1.5, learningRate: 0.001, tokensPerSecond: 2811.7, dataShare: 0.0042,
                shareOfPeak: share, seconds: 10, remaining: 312, isReport: step % 50 == 0))
    }

    private func validation(_ step: Int, isBest: Bool) -> TrainingEvent {
        var result = ValidationResult(step: step, epoch: 1, perplexity: 7.5)
        result.scores = [.bleu: 24.3111]
        result.signatures = [.bleu: "nrefs:1"]
        result.isBest = isBest
        result.samples = [
            .init(
                source: "我爱吃苹果", reference: "I love\u{1B}[2J apples",
                hypothesis: "I love eating apples")
        ]
        return .validation(result)
    }

    private let started = TrainingEvent.started(
        parameters: 1000, stepsPerEpoch: 100, totalSteps: 400, resumedAt: 0)

    @Test func `elsewhere a report is one line that can be searched`() {
        let fixture = Fixture(40, isInteractive: false)
        fixture.show(
            started, progress(49), progress(50), validation(50, isBest: true),
            progress(100, share: nil),
            .finished(reason: "done", best: nil))
        #expect(
            fixture.written == """
                model: 1000 parameters | 100 steps an epoch | 400 steps in all
                step 50 | epoch 2 | loss 2.3457 | ppl 8.12 | norm 1.50 | lr 0.001 | 2811 tok/s | eta 5m12s | 78% of peak | data 0.4%
                validation: step 50 | epoch 1 | ppl 7.500 | BLEU 24.31 | best so far
                  BLEU: nrefs:1
                  source     我爱吃苹果
                  reference  I love [2J apples
                  hypothesis I love eating apples
                step 100 | epoch 2 | loss 2.3457 | ppl 8.12 | norm 1.50 | lr 0.001 | 2811 tok/s | eta 5m12s | data 0.4%
                finished: done

                """)
    }

    @Test func `in a terminal a block is drawn anew in place`() {
        let fixture = Fixture(91)
        fixture.show(started, progress(1), progress(100), validation(50, isBest: true))
        fixture.show(validation(100, isBest: false), progress(101))
        #expect(
            fixture.screen.rows == [
                "model: 1000 parameters | 100 steps an epoch | 400 steps in all",
                "validation: step 50 | epoch 1 | ppl 7.500 | BLEU 24.31 | best so far",
                "validation: step 100 | epoch 1 | ppl 7.500 | BLEU 24.31",
                "███████░░░░░░░░░░░░░░░░░░░░░░░ 25% | eta 5m12s | epoch 2 | step 101 of 400",
                "loss 2.346 | ppl 8.12 | 2811 tok/s | 78% of peak | data 0.4% | lr 0.001 | norm 1.50",
                "last  step 100 | ppl 7.500 | BLEU 24.31",
                "best  step 50 | ppl 7.500 | BLEU 24.31",
                "source     我爱吃苹果",
                "reference  I love [2J apples",
                "hypothesis I love eating apples",
            ])
        // Whatever ends the program, the prompt comes below.
        #expect(fixture.screen.row == 10 && fixture.screen.column == 0)
        fixture.show(.finished(reason: "done", best: nil))
        #expect(fixture.screen.rows.count == 4 && fixture.screen.rows[3] == "finished: done")
        #expect(fixture.screen.row == 4 && fixture.screen.column == 0)
        #expect(!fixture.written.contains("m█"))
    }

    @Test(arguments: [true, false])
    func `warnings stay`(_ isInteractive: Bool) {
        let fixture = Fixture(80, isInteractive: isInteractive)
        var result = ValidationResult(step: 7, epoch: 1, perplexity: 2)
        result.warnings = ["all outputs are equal"]
        fixture.show(progress(50), .validation(result), progress(100))
        #expect(fixture.screen.rows.contains("warning: all outputs are equal"))
    }

    @Test(arguments: [1, 2, 5, 11, 16, 20, 33, 60])
    func `a narrow window holds the block without breaking lines`(_ columns: Int) {
        let fixture = Fixture(columns)
        fixture.show(progress(1), validation(1, isBest: true), progress(2))
        let before = fixture.screen.rows.count
        for step in 3..<20 { fixture.show(progress(step)) }
        #expect(fixture.screen.rows.count == before)
        #expect(
            fixture.screen.rows.suffix(7).allSatisfy { TerminalText.columns($0) < max(2, columns) })
    }

    @Test func `a low window holds the first lines`() {
        let fixture = Fixture(80, 4)
        fixture.show(progress(1), validation(1, isBest: true), progress(2), progress(3))
        #expect(fixture.screen.rows.count == 4)
        #expect(fixture.screen.rows.last == "last  step 1 | ppl 7.500 | BLEU 24.31")
    }

    @Test func `a window that has become narrower is cleared of the broken lines`() {
        let fixture = Fixture(64)
        fixture.show(started, progress(1))
        let lines = fixture.screen.rows
        // The terminal breaks each line anew.
        fixture.window.columns = 20
        fixture.screen = Screen(columns: 20)
        fixture.screen.write(lines.joined(separator: "\n") + "\n")
        #expect(fixture.screen.rows.count > 8)
        fixture.show(progress(2))
        #expect(fixture.screen.rows.prefix(4).joined() == lines[0])
        #expect(fixture.screen.rows.dropFirst(4) == ["░░░░░░ 0% | epoch 2", "loss 2.346"])
    }

    @Test func `colours are used only where they are wanted`() {
        let plain = Fixture(80)
        plain.show(progress(200), validation(200, isBest: true))
        #expect(plain.written.matches(of: /\u{1B}\[[0-9]*m/).isEmpty)
        let coloured = Fixture(80, usesColor: true)
        coloured.show(progress(200), validation(200, isBest: true))
        #expect(coloured.written.contains("\u{1B}[32m██"))
        #expect(coloured.screen.rows == plain.screen.rows)
    }
}
