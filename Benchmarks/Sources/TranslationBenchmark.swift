import ArgumentParser
import Seq2Seq

struct TranslationBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "translate",
        abstract: "Prints sentences a second in batches and milliseconds a sentence one at a time.")

    @Option(help: "The folder of a trained model.")
    var model: String

    @Option(help: "The folder with test_2016_flickr.en.gz and .de.gz.")
    var data: String

    @Option(help: "The number of threads.")
    var threads: Int = 2

    @Flag(help: "Multiplies bfloat16 numbers.")
    var bfloat16 = false

    @Option(help: "Sentences translated one at a time.")
    var single: Int = 200

    func run() throws {
        ThreadTeam.count = threads
        var translator = try Translator(contentsOf: model)
        translator.precision = bfloat16 ? .bfloat16 : .float32
        let sources = try TextLineReader.lines(path: "\(data)/test_2016_flickr.en.gz")
        let references = try TextLineReader.lines(path: "\(data)/test_2016_flickr.de.gz")
        print("processor        \(Machine.processor)")
        print(
            "matrix library   \(ThreadTeam.matrixLibrary), \(threads) threads, \(translator.precision.rawValue)"
        )
        let metric = BLEU(tokenizer: .mteval13a, lowercase: true)
        for beam in [1, 5] {
            translator.options.beamSize = beam
            var texts: [String] = []
            var times: [Double] = []
            for _ in 0..<3 {
                times.append(
                    try seconds { texts = try translator.translate(sources).map { $0[0].text } })
            }
            let score = try metric.corpusScore(hypotheses: texts, references: references)
            print(
                "beam \(beam), batches of \(translator.options.batchSize): \(Int(Double(sources.count) / median(times))) sentences/s, BLEU \(score.formatted(decimals: 2))"
            )
            let singles = try sources.prefix(single).map { source in
                1000 * (try seconds { _ = try translator.translate(source) })
            }
            print("beam \(beam), one at a time: \(fixed(median(singles))) ms a sentence")
        }
        print("peak resident memory \(Int(Machine.peakResidentMegabytes)) MB")
    }

    private func fixed(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
