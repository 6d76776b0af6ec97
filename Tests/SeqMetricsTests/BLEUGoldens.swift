import SeqMetrics

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What sacreBLEU says, as `scripts/goldens/metrics_bleu.py` wrote it.
struct BLEUGoldens: Decodable {
    struct Corpus: Decodable {
        var hypotheses: [String]
        var references: [[String?]]
    }

    struct Setting: Decodable {
        var tokenize: BLEUTokenizer?
        var smooth_method: String?
        var smooth_value: Double?
        var lowercase: Bool?
        var effective_order: Bool?
        var max_ngram_order: Int?

        var metric: BLEU {
            let smoothing: BLEU.Smoothing =
                switch smooth_method {
                case "none": .none
                case "floor": smooth_value.map { .floor($0) } ?? .floor()
                case "add-k": smooth_value.map { .addK($0) } ?? .addK()
                default: .exponential
                }
            return BLEU(
                tokenizer: tokenize ?? .mteval13a, smoothing: smoothing,
                lowercase: lowercase ?? false, effectiveOrder: effective_order ?? false,
                maximumOrder: max_ngram_order ?? 4)
        }
    }

    struct Case: Decodable {
        var corpus: String
        var index: Int?
        var setting: Setting
        var score: Double
        var precisions: [Double]
        var bp: Double
        var sys_len: Int
        var ref_len: Int
        var signature: String
        var text: String
    }

    struct Tokens: Decodable {
        var text: String
        var lower: String
        var tokens: [String: [String]]
    }

    var corpora: [String: Corpus]
    var cases: [Case]
    var sentences: [Case]
    var tokens: [Tokens]

    static func load() throws -> BLEUGoldens {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appending(path: "Fixtures/bleu.json"))
        return try JSONDecoder().decode(BLEUGoldens.self, from: data)
    }
}
