/// Looks at corpora before anything is trained on them.
///
/// One pass over each corpus in memory of about 30 bytes a pair, and a second one, if there is something
/// to show, for the lines in question.
public struct CorpusCheck: Sendable {
    /// What is tolerated.
    public var limits = CorpusLimits()
    /// The number of pairs of each corpus that are kept as a sample.
    public var sampleSize = 0
    /// Where the sample and random pairs come from.
    public var seed: UInt64 = 1
    /// The number of lines of a corpus that are read.
    public var maximumLines = Int.max
    /// The script of each side, as far as known from its language.
    public var scripts: (source: Script?, target: Script?) = (nil, nil)

    /// Why a target does not come back from the tokens that a model makes of it, in words that go with a
    /// number of lines; nil if it does.
    public var loss: @Sendable (_ target: String) -> String? = { _ in nil }

    /// Creates a check with the default limits.
    public init() {}

    /// Reads the corpora and returns what was found.
    ///
    /// - Parameters:
    ///   - training: what a model learns from, in one place or several.
    ///   - validation: what it is judged by in training.
    ///   - test: what it is judged by in the end.
    ///   - progress: told how many lines of which corpus have been read, now and then.
    /// - Throws: ``Seq2SeqError`` when a file cannot be read or its compression is damaged; all other flaws
    ///   are findings.
    public func report(
        training: [ParallelCorpus], validation: ParallelCorpus? = nil, test: ParallelCorpus? = nil,
        progress: (CorpusFinding.Corpus, Int) -> Void = { _, _ in }
    ) throws -> CorpusCheckReport {
        // Held-out corpora are small: their hashes are kept, and training is compared with them.
        var heldOut: [(examination: CorpusExamination, leakage: LeakageCheck)] = []
        for (name, corpus) in [(CorpusFinding.Corpus.validation, validation), (.test, test)] {
            guard let corpus else { continue }
            var examination = examination(name, corpus)
            var leakage = LeakageCheck()
            try examination.read(maximumLines: maximumLines, progress: { progress(name, $0) }) {
                leakage.add(source: $0, target: $1, line: $2)
            }
            heldOut.append((examination, leakage))
        }
        var report = CorpusCheckReport()
        var first: CorpusExamination?
        for corpus in training {
            var examination = examination(.training, corpus)
            try examination.read(maximumLines: maximumLines, progress: { progress(.training, $0) })
            { source, target, line in
                for index in heldOut.indices {
                    heldOut[index].leakage.see(source: source, target: target, line: line)
                }
            }
            try add(examination, leakage: nil, training: first, to: &report)
            first = first ?? examination
        }
        for (held, leakage) in heldOut {
            try add(held, leakage: leakage, training: first, to: &report)
        }
        return report
    }

    private func examination(
        _ name: CorpusFinding.Corpus, _ corpus: ParallelCorpus
    ) -> CorpusExamination {
        CorpusExamination(
            name, corpus, limits: limits, sampleSize: sampleSize, seed: seed, loss: loss)
    }

    private func add(
        _ examination: CorpusExamination, leakage: LeakageCheck?, training: CorpusExamination?,
        to report: inout CorpusCheckReport
    ) throws {
        let verdict = CorpusVerdict(
            examination, leakage: leakage, training: training, limits: limits, scripts: scripts,
            seed: seed)
        var findings = verdict.findings
        try CorpusTexts.fill(&findings, of: examination.corpus)
        report.add(findings)
        report.corpora.append((verdict.summary, examination.sample))
    }
}
