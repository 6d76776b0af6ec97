import SeqFiles
import Foundation
import SeqData
import SeqMetrics
import SeqModels
import SeqNN
import SeqText
import TestSupport
import Testing

@testable import SeqTraining

#if canImport(FoundationXML)
import FoundationXML
#endif

extension TrainingRuns {
    /// `report.html` and the other things that people look at, of real runs.
    @Suite struct RunReportTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        private func page(_ configuration: RunConfiguration) throws -> (text: String, page: Page) {
            let text = String(
                decoding: try configuration.contents("report.html"), as: UTF8.self)
            return (text, try Page(text))
        }

        private func watched() throws -> RunConfiguration {
            var configuration = try folder.configuration()
            configuration.validation.metrics = [.bleu]
            configuration.validation.samples = 2
            configuration.training.validateEvery = 6
            return configuration
        }

        @Test func `a run is on one page`() throws {
            let configuration = try watched()
            let events = try train(configuration)
            let (text, page) = try page(configuration)
            #expect(
                page.headings == [
                    "Scores", "Curves", "Samples", "BLEU by source length", "Run",
                    "Data and model", "Configuration",
                ])
            #expect(text.contains("Finished: 3 epochs done"))
            #expect(
                page.captions.map { $0.prefix { $0 != " " } }.prefix(2) == ["loss", "perplexity"])
            #expect(page.captions.contains { $0.hasPrefix("BLEU") })
            // The curves have a point for each report and each validation.
            #expect(page.points("training").first == events.steps.count)
            #expect(page.points("validation").first == events.validations.count)
            #expect(page.circles == 2 * events.validations.count)
            let samples = try #require(events.validations.last?.samples)
            #expect(samples.count == 2 && samples.allSatisfy { $0.attention != nil })
            for sample in samples { #expect(page.cells.contains(sample.source)) }
            #expect(page.pictures == 2)
            #expect(text.contains("\n  batch:\n    unit: sentences\n"))
            #expect(text.contains("seq2seq \(Seq2SeqVersion.current)"))
            // Nothing comes from elsewhere and nothing runs.
            #expect(page.elements.isDisjoint(with: ["script", "img", "link", "iframe", "object"]))
            #expect(!page.attributes.contains { $0.hasPrefix("on") || $0 == "href" || $0 == "src" })
            #expect(!text.contains("url(") && !text.contains("@import"))
        }

        @Test func `curves go on where a run is resumed, and no event appears twice`() throws {
            let configuration = try watched()
            try train(configuration, stopsAt: 8)
            let before = try page(configuration).page
            #expect(before.points("training").first == 8)
            let events = try train(configuration, resumes: true)
            #expect(try page(configuration).page.points("training").first == 8 + events.steps.count)
            let sessions = try FileManager.default.contentsOfDirectory(
                atPath: "\(configuration.output)/tensorboard"
            ).sorted()
            #expect(sessions.count == 2)
            let second = try configuration.contents("tensorboard/\(sessions[1])")
            // Behind the first record: a length with its checksum, and the field of the time.
            let version = TensorBoardEvent(wallTime: 0, step: 0, content: .fileVersion).record
            let start = TensorBoardEvent(wallTime: 0, step: 9, content: .sessionStart).message
            #expect(second.dropFirst(version.count + 12 + 9).starts(with: start.dropFirst(9)))
        }

        @Test func `every text is escaped`() throws {
            var configuration = try watched()
            let name = "run <script>alert(\"1\")</script> & 'more'"
            configuration.output = folder.path(name.replacing("/", with: "|"))
            let nasty = ["<b>", "&amp;", "\u{1B}[31m", "]]>", "\"'", "<!--"]
            for side in ["train", "held"] {
                let lines = nasty + nasty.map { "\($0) 1 2" }
                configuration.data.train.source = try folder.write("\(side).source", lines)
                configuration.data.train.target = try folder.write("\(side).target", lines)
            }
            configuration.data.validation.source = configuration.data.train.source
            configuration.data.validation.target = configuration.data.train.target
            configuration.validation.samples = 12
            try train(configuration)
            let (text, page) = try page(configuration)
            #expect(!page.elements.contains("script") && !page.elements.contains("b"))
            #expect(
                text.contains(
                    "run &lt;script&gt;alert(&quot;1&quot;)&lt;|script&gt; &amp; &#39;more&#39;"))
            #expect(page.cells.contains("<b>") && page.cells.contains("&amp; 1 2"))
            #expect(!text.contains("\u{1B}"))
        }

        @Test func `without attention, BLEU, samples or validation there is less to show`() throws {
            var configuration = try watched()
            configuration.model.attention.score = .none
            try train(configuration)
            let plain = try page(configuration).page
            #expect(plain.pictures == 0 && plain.headings.contains("Samples"))

            configuration = try folder.configuration(validation: 0)
            configuration.output += "2"
            configuration.training.tensorboard.enabled = false
            try train(configuration)
            #expect(
                try page(configuration).page.headings == [
                    "Curves", "Run", "Data and model", "Configuration",
                ])
            #expect(!FileManager.default.fileExists(atPath: "\(configuration.output)/tensorboard"))
        }

        @Test func `a warning is told once, with the validations that gave it`() throws {
            var history = RunHistory(folder.path("nowhere"))
            for step in [10, 20, 30] {
                var result = ValidationResult(step: step, epoch: 1, perplexity: 5)
                result.warnings = ["outputs <repeat>"] + (step == 20 ? ["too short"] : [])
                history.append(result)
            }
            let facts = RunReport.Facts(
                train: CorpusReport(), sourceVocabulary: 1, targetVocabulary: 1, parameters: 1,
                stepsPerEpoch: 1, totalSteps: 100)
            let html = try RunReport(
                configuration: RunConfiguration(), history: history, facts: facts, ending: nil
            ).html
            #expect(try Page(html).headings.prefix(2) == ["Scores", "Warnings"])
            #expect(
                html.contains(
                    "<li>outputs &lt;repeat&gt; (3 times, steps 10 to 30)</li>\n<li>too short (step 20)</li>"
                ))
            #expect(html.contains("Running: step 30 of 100"))
        }

        @Test func `logs of earlier versions are read, and lines that are none left out`() throws {
            _ = try folder.write(
                "train.jsonl",
                [
                    #"{"step":5,"epoch":1,"loss":2.5,"perplexity":9,"gradient_norm":1,"learning_rate":0.1,"tokens_per_second":100}"#,
                    #"{"step":6,"#,
                ])
            _ = try folder.write(
                "validation.jsonl",
                [
                    #"{"step":5,"epoch":1,"perplexity":"inf","isBest":false,"samples":[{"source":"a","reference":"b","hypothesis":"c"}]}"#
                ])
            let history = RunHistory(folder.path)
            #expect(history.training.map(\.step) == [5])
            #expect(history.training("gradient_norm").map(\.1) == [1])
            #expect(history.training("share_of_peak").isEmpty)
            #expect(history.validations.map(\.perplexity) == [.infinity])
            #expect(history.validations[0].samples[0].attention == nil)
            #expect(RunHistory(folder.path("nowhere")).training.isEmpty)
        }

        @Test func `figures of time and of the machine are in the log`() throws {
            let configuration = try folder.configuration()
            let events = try train(configuration)
            let history = RunHistory(configuration.output)
            #expect(history.training.map(\.step) == events.steps.filter(\.isReport).map(\.step))
            for record in history.training {
                #expect(try #require(record.shareOfPeak) > 0)
                #expect(try (0...1).contains(#require(record.dataShare)))
                #expect(try #require(record.seconds) > 0)
                #expect(abs(try #require(record.time) - Date().timeIntervalSince1970) < 3600)
            }
        }
    }
}

/// What an XML parser finds in a page.
private final class Page: NSObject, XMLParserDelegate {
    private(set) var headings: [String] = []
    private(set) var captions: [String] = []
    private(set) var cells: [String] = []
    private(set) var elements: Set<String> = []
    private(set) var attributes: Set<String> = []
    private(set) var circles = 0
    private(set) var pictures = 0
    private var lines: [(kind: String, points: Int)] = []
    /// The text of each element that is open, that of elements within left out.
    private var texts: [String] = [""]

    init(_ page: String) throws {
        super.init()
        let parser = XMLParser(data: Data(page.utf8))
        parser.delegate = self
        let isWellFormed = parser.parse()
        try #require(
            isWellFormed, "line \(parser.lineNumber): \(String(describing: parser.parserError))")
    }

    /// The number of points of each curve of a kind.
    func points(_ kind: String) -> [Int] { lines.filter { $0.kind == kind }.map(\.points) }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String] = [:]
    ) {
        elements.insert(name)
        self.attributes.formUnion(attributes.keys)
        if name == "circle" { circles += 1 }
        if attributes["class"] == "attention" { pictures += 1 }
        if name == "polyline", let kind = attributes["class"], let points = attributes["points"] {
            lines.append((kind, points.split(separator: " ").count))
        }
        texts.append("")
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        texts[texts.count - 1] += string
    }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
        qualifiedName: String?
    ) {
        let text = texts.removeLast()
        switch name {
        case "h2": headings.append(text)
        case "figcaption": captions.append(text)
        case "td": cells.append(text)
        default: break
        }
    }
}
