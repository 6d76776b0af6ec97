import SeqData
import SeqDecoding
import SeqMetrics
import TestSupport
import Testing

@testable import SeqTraining

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct ValidationResultTests {
    @Test func `scores stand under the names of their metrics`() throws {
        var result = ValidationResult(step: 7, epoch: 2, perplexity: 8.5)
        result.trainingPerplexity = 9.5
        result.scores = [.bleu: 31.25, .chrfPlusPlus: 55, .ter: 44]
        result.signatures = [.bleu: "nrefs:1|x", .chrfPlusPlus: "nrefs:1|y", .ter: "nrefs:1|z"]
        result.warnings = ["it is bad: mend it"]
        let data = try JSONEncoder().encode(result)
        struct Line: Decodable {
            var bleu: Double
            var ter: Double
            var training_perplexity: Double
            var signatures: [String: String]
            var warnings: [String]
        }
        let line = try JSONDecoder().decode(Line.self, from: data)
        #expect(line.bleu == 31.25 && line.ter == 44 && line.training_perplexity == 9.5)
        #expect(line.signatures["ter"] == "nrefs:1|z" && line.signatures.count == 3)
        #expect(line.warnings == ["it is bad: mend it"])
        #expect(String(decoding: data, as: UTF8.self).contains("\"chrf++\":55"))
        let read = try JSONDecoder().decode(ValidationResult.self, from: data)
        #expect(read.scores == result.scores && read.signatures == result.signatures)
        #expect(read.warnings == result.warnings && read.trainingPerplexity == 9.5)
        #expect(
            read.figures.map(\.name) == ["perplexity", "BLEU", "chrF++", "TER"])
        #expect(read.figures.map(\.value) == [8.5, 31.25, 55, 44])
        #expect(
            read.signatureLines == ["BLEU: nrefs:1|x", "chrF++: nrefs:1|y", "TER: nrefs:1|z"])
    }

    @Test func `a line of version 0.1 can be read`() throws {
        let line =
            #"{"bleu":36.8,"epoch":8,"isBest":true,"perplexity":6.15,"samples":[],"signature":"nrefs:1","step":9}"#
        let read = try JSONDecoder().decode(ValidationResult.self, from: Data(line.utf8))
        #expect(read.scores == [.bleu: 36.8] && read.perplexity == 6.15 && read.isBest)
        #expect(read.warnings.isEmpty && read.health == nil && read.trainingPerplexity == nil)
        let written = String(decoding: try JSONEncoder().encode(read), as: UTF8.self)
        #expect(written.contains(#""is_best":true"#) && !written.contains("isBest"))
    }

    @Test func `a run writes its metrics, and warns of what it sees`() throws {
        let folder = try TemporaryFolder()
        // Targets that have nothing to do with their sources.
        var configuration = try folder.configuration(.copy, train: 300, validation: 30)
        let targets = (0..<330).map { $0 % 7 == 0 ? "5 5 5" : "1 2 3 4 5 6 7" }
        configuration.data.train.target = try folder.write("t", Array(targets.prefix(300)))
        configuration.data.validation.target = try folder.write(
            "v", (0..<30).map { "1 2 3 4 5 6 \($0 % 10)" })
        configuration.training.epochs = 4
        configuration.training.maximumSteps = 0
        configuration.training.batch.size = 1
        configuration.training.validateEvery = 1100
        configuration.validation.metrics = [.ter, .sentenceAccuracy, .cer]
        configuration.training.earlyStopping.metric = .cer
        configuration.decoding.beamSize = 1
        let events = try train(configuration)
        let results = try configuration.log("validation.jsonl", ValidationResult.self)
        let last = try #require(results.last)
        #expect(Set(last.scores.keys) == [.ter, .sentenceAccuracy, .cer])
        #expect(last.health?.outputs == 30)
        #expect(last.trainingPerplexity.map { $0.isFinite && $0 >= 1 } == true)
        #expect(last.warnings.contains { $0.hasPrefix("every output is the same sentence") })
        #expect(events.validations.last?.warnings == last.warnings)
        let best = try #require(events.best)
        let provenance = try JSONDecoder().decode(
            [String: String].self, from: configuration.contents("best/provenance.json"))
        #expect(provenance["validation_cer"] == best.scores[.cer].map { "\($0)" })
        #expect(provenance["validation_ter_signature"] == best.signatures[.ter])
    }
}
