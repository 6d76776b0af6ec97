import SeqFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import SeqData
import SeqTensor

/// `report.html`: a run on one page that needs no other file and no network.
///
/// It is well-formed XML as well as HTML, and every text that is not its own is escaped.
struct RunReport {
    /// What is known of a run before the first update.
    struct Facts {
        var train: CorpusReport
        var validation: CorpusReport?
        var sourceVocabulary: Int
        var targetVocabulary: Int
        var parameters: Int
        var stepsPerEpoch: Int
        var totalSteps: Int
    }

    let configuration: RunConfiguration
    let history: RunHistory
    let facts: Facts
    /// Why the run is over; nil while it is not.
    let ending: String?
    /// When it is written.
    var time = Date()

    /// The page.
    var html: String {
        get throws {
            let title = Markup.escaped("Run \(configuration.output)")
            return """
                <!DOCTYPE html>
                <html xmlns="http://www.w3.org/1999/xhtml" lang="en">
                <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <title>\(title)</title>
                <style>
                \(RunReport.style)
                </style>
                </head>
                <body>
                <h1>\(title)</h1>
                <p>\(Markup.escaped(state))</p>
                \(section("Scores", scores))\(section("Warnings", warnings))\
                \(section("Curves", curves))\(section("Samples", samples))\
                \(section("BLEU by source length", lengths))\(section("Run", table(timing)))\
                \(section("Data and model", table(sizes)))\
                \(section("Configuration", "<pre>\(Markup.escaped(try ConfigurationFile.text(configuration)))</pre>\n"))\
                </body>
                </html>

                """
        }
    }

    /// Colours for light and dark windows.
    private static let style = """
        :root { color-scheme: light dark; --ink: #1f2328; --paper: #ffffff; --faint: #6b7280;
          --grid: #d8dde3; --training: #2563b8; --validation: #c2571a; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --paper: #15181c;
          --faint: #9aa3ae; --grid: #363c44; --training: #6ea8ee; --validation: #ee9a62; } }
        body { margin: 2rem auto; max-width: 76rem; padding: 0 1rem; background: var(--paper);
          color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
        table { border-collapse: collapse; } td, th { padding: 0.15rem 1rem 0.15rem 0;
          text-align: left; vertical-align: top; font-weight: normal; }
        th { color: var(--faint); } td.number { text-align: right; }
        pre { overflow: auto; border: 1px solid var(--grid); padding: 0.8rem; }
        .curves { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); }
        figure { margin: 0; } figure svg { width: 100%; } figcaption { font-weight: 600; }
        .key { font-weight: normal; margin-left: 0.8rem; } .key::before { content: "― "; }
        .key.training::before { color: var(--training); } .key.validation::before { color: var(--validation); }
        svg { max-width: 100%; height: auto; } svg text { fill: var(--faint); font-size: 11px; }
        .grid { stroke: var(--grid); } polyline { fill: none; stroke-width: 1.5; }
        polyline.training { stroke: var(--training); } polyline.validation { stroke: var(--validation); }
        circle.training { fill: var(--training); } circle.validation { fill: var(--validation); }
        .attention rect { fill: var(--training); } .attention text { fill: var(--ink); }
        .bar { fill: var(--training); }
        """

    private func section(_ title: String, _ content: String) -> String {
        content.isEmpty ? "" : "<h2>\(title)</h2>\n\(content)"
    }

    private func table(_ rows: [(String, String)]) -> String {
        "<table>\n"
            + rows.map {
                "<tr><th>\(Markup.escaped($0))</th><td>\(Markup.escaped($1))</td></tr>\n"
            }.joined() + "</table>\n"
    }

    private var state: String {
        let step = max(history.training.last?.step ?? 0, history.validations.last?.step ?? 0)
        let time = "written \(time.formatted(.iso8601)) by seq2seq \(Seq2SeqVersion.current)"
        return (ending.map { "Finished: \($0)" } ?? "Running: step \(step) of \(facts.totalSteps)")
            + "; \(time)."
    }

    private var scores: String {
        guard let last = history.validations.last else { return "" }
        let best = history.best
        var rows = "<tr><th></th><th>last, step \(last.step)</th>"
        if let best { rows += "<th>best, step \(best.step)</th>" }
        rows += "</tr>\n"
        for (name, value) in last.figures {
            rows +=
                "<tr><th>\(Markup.escaped(name))</th><td class=\"number\">\(Markup.number(value))</td>"
            if let value = best?.figures.first(where: { $0.name == name })?.value {
                rows += "<td class=\"number\">\(Markup.number(value))</td>"
            }
            rows += "</tr>\n"
        }
        let signatures = last.signatureLines.map { "<p>\(Markup.escaped($0))</p>\n" }
        return "<table>\n\(rows)</table>\n\(signatures.joined())"
    }

    /// Each warning once, with the validations that gave it.
    private var warnings: String {
        var steps: [String: [Int]] = [:]
        for result in history.validations {
            for warning in result.warnings { steps[warning, default: []].append(result.step) }
        }
        guard !steps.isEmpty else { return "" }
        let latest = steps.sorted { ($0.value.last ?? 0, $1.key) > ($1.value.last ?? 0, $0.key) }
        let items = latest.map { warning, steps in
            let first = steps[0]
            let last = steps[steps.count - 1]
            let place =
                first == last ? "step \(first)" : "\(steps.count) times, steps \(first) to \(last)"
            return "<li>\(Markup.escaped(warning)) (\(place))</li>\n"
        }
        return "<ul>\n\(items.joined())</ul>\n"
    }

    private var curves: String {
        var names: [String] = []
        for name in (history.training.last?.figures ?? []).map(\.name)
            + (history.validations.last?.figures ?? []).map(\.name) where !names.contains(name)
        {
            names.append(name)
        }
        let charts = names.map { name in
            Chart(
                title: name.replacing("_", with: " "),
                curves: [
                    .init(points: history.training(name), kind: .training),
                    .init(points: history.validation(name), kind: .validation),
                ], mayBeLogarithmic: ["perplexity", "gradient_norm"].contains(name)
            ).svg
        }.joined()
        return charts.isEmpty ? "" : "<div class=\"curves\">\n\(charts)</div>\n"
    }

    private var samples: String {
        (history.validations.last?.samples ?? []).map { sample in
            table([
                ("source", sample.source), ("reference", sample.reference),
                ("hypothesis", sample.hypothesis),
            ]) + (sample.attention?.svg ?? "")
        }.joined()
    }

    private var lengths: String {
        guard let bins = history.validations.last?.bleuByLength, !bins.isEmpty else { return "" }
        let rows = bins.map { bin in
            let width = Markup.number(max(0, min(100, bin.bleu)) * 2)
            return
                "<tr><td>\(Markup.escaped(bin.name))</td><td class=\"number\">\(bin.pairs)</td><td class=\"number\">\(Markup.number(bin.bleu))</td><td><svg viewBox=\"0 0 200 12\" width=\"200\" height=\"12\"><rect class=\"bar\" width=\"\(width)\" height=\"12\"/></svg></td></tr>\n"
        }.joined()
        return
            "<table>\n<tr><th>source tokens</th><th>pairs</th><th>BLEU</th><th></th></tr>\n\(rows)</table>\n"
    }

    private var timing: [(String, String)] {
        let seconds = history.training.compactMap(\.seconds).reduce(0, +)
        var rows = [("training time", RunReport.duration(seconds))]
        let times = history.training.compactMap(\.time)
        if let first = times.first, let last = times.last, last > first {
            rows.append(("from the first report to the last", RunReport.duration(last - first)))
        }
        return rows + [
            ("updates", "\(history.training.last?.step ?? 0) of \(facts.totalSteps)"),
            ("updates an epoch", "\(facts.stepsPerEpoch)"),
            ("threads", "\(ThreadTeam.count)"), ("matrix library", ThreadTeam.matrixLibrary),
            ("version", "seq2seq \(Seq2SeqVersion.current)"),
        ]
    }

    private var sizes: [(String, String)] {
        let megabytes = Markup.number(Double(facts.parameters) * 4 / 1_048_576)
        return [("training data", "\(facts.train)")]
            + (facts.validation.map { [("validation data", "\($0)")] } ?? []) + [
                (
                    "vocabulary",
                    "\(facts.sourceVocabulary) source, \(facts.targetVocabulary) target"
                ),
                ("parameters", "\(facts.parameters), \(megabytes) MB in float32"),
            ]
    }

    private static func duration(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 1e12))
        return "\(whole / 3600) h \(whole % 3600 / 60) min \(whole % 60) s"
    }
}
