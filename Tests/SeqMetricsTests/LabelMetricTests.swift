import SeqMetrics
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What seqeval and scikit-learn say, as `scripts/goldens/metrics_labels.py` wrote it.
private struct Goldens: Decodable {
    struct Spans: Decodable {
        struct Span: Decodable, Equatable {
            var type: String
            var start: Int
            var end: Int

            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                type = try list.decode(String.self)
                start = try list.decode(Int.self)
                end = try list.decode(Int.self)
            }
        }

        var name: String
        var expected: [[String]]
        var predicted: [[String]]
        var spans: [[Span]]?
        var figures: [String: [Double]]
    }

    struct Classes: Decodable {
        var expected: [String]
        var predicted: [String]
        var figures: [String: [Double]]
        var accuracy: Double
    }

    var spans: [Spans]
    var classes: [Classes]

    static func load() throws -> Goldens {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/labels.json")
        return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: file))
    }
}

struct LabelMetricTests {
    private func expect(_ found: (Double, Double, Double), _ right: [Double]?, _ name: String) {
        guard let right else {
            Issue.record("no figures of \(name)")
            return
        }
        for (found, right) in zip([found.0, found.1, found.2], right) {
            #expect(abs(found - right) < 1e-12, "\(name)")
        }
    }

    private func expect(_ found: PrecisionRecall, _ right: [Double]?, _ name: String) {
        expect((found.precision, found.recall, found.f1), right, name)
    }

    private func expect(_ found: AveragedF1, _ right: [Double]?, _ name: String) {
        expect((found.precision, found.recall, found.f1), right, name)
    }

    @Test func `spans equal seqeval`() throws {
        for golden in try Goldens.load().spans {
            var found = SpanF1()
            for (predicted, expected) in zip(golden.predicted, golden.expected) {
                found += SpanF1(predicted: predicted, expected: expected)
            }
            expect(found.overall, golden.figures["micro avg"], golden.name)
            expect(found.macro, golden.figures["macro avg"], golden.name)
            expect(found.weighted, golden.figures["weighted avg"], golden.name)
            for (type, counts) in found.types where golden.figures[type] != nil {
                expect(counts, golden.figures[type], "\(golden.name) \(type)")
            }
            #expect(
                Set(found.types.keys) == Set(golden.figures.keys.filter { !$0.hasSuffix(" avg") }))
            for (labels, right) in zip(golden.predicted, golden.spans ?? []) {
                let spans = LabelSpan.spans(of: labels)
                #expect(spans.map(\.type) == right.map(\.type), "\(labels)")
                #expect(spans.map(\.start) == right.map(\.start), "\(labels)")
                #expect(spans.map(\.end) == right.map(\.end), "\(labels)")
            }
        }
    }

    @Test func `classes equal scikit-learn`() throws {
        for (number, golden) in try Goldens.load().classes.enumerated() {
            let found = ClassificationF1(predicted: golden.predicted, expected: golden.expected)
            #expect(abs(found.accuracy.value - golden.accuracy) < 1e-12)
            expect(found.macro, golden.figures["macro"], "macro \(number)")
            expect(found.weighted, golden.figures["weighted"], "weighted \(number)")
            // Of one label an item, micro-averages are the accuracy.
            #expect(abs(found.accuracy.value - (golden.figures["micro"]?[2] ?? -1)) < 1e-12)
        }
    }

    @Test func `sums equal the whole`() {
        let first = ClassificationF1(predicted: ["a", "b"], expected: ["a", "a"])
        var sum = first
        sum += ClassificationF1(predicted: ["c"], expected: ["c"])
        #expect(sum == ClassificationF1(predicted: ["a", "b", "c"], expected: ["a", "a", "c"]))
    }

    @Test func `words of a text`() {
        // 我 爱吃 苹果 against 我 爱 吃 苹果: two of three found are right, of four expected.
        let found = SegmentationF1(
            predicted: ["我", "爱吃", "苹果"], expected: ["我", "爱", "吃", "苹果"],
            vocabulary: ["我", "爱", "吃"])
        #expect(found.words == PrecisionRecall(correct: 2, predicted: 3, expected: 4))
        #expect(found.words.precision == 2.0 / 3)
        #expect(found.words.recall == 0.5)
        #expect(abs(found.words.f1 - 4.0 / 7) < 1e-15)
        #expect(found.unseenRate == 0.25)
        #expect(found.unseen == Accuracy(correct: 1, total: 1))
        #expect(found.seen == Accuracy(correct: 1, total: 3))
        #expect(SegmentationF1().unseenRate == 0)
    }
}
