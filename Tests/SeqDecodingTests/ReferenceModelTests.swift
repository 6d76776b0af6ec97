import SeqDecoding
import SeqModels
import SeqNN
import SeqTensor
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Models that others trained; they are not part of the package.
private enum SharedModels {
    static let folder: String = {
        let beside = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../shared/data").standardized.path(percentEncoded: false)
        return "\(ProcessInfo.processInfo.environment["SEQ2SEQ_DATA"] ?? beside)/models"
    }()

    static func path(_ name: String) -> String { "\(folder)/\(name)" }

    static func isPresent(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: path(name))
    }

    /// The lines of a file without comments.
    static func lines(_ name: String) throws -> [Substring] {
        let text = String(decoding: try Data(contentsOf: URL(filePath: path(name))), as: UTF8.self)
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    }
}

/// A model with the names of its tokens.
private struct NamedModel {
    let model: TranslationModel
    private let sourceIDs: [String: Int32]
    private let targetIDs: [String: Int32]
    private let target: [String]

    init(
        _ configuration: ModelConfiguration, source: [String], target: [String],
        parameters: [(name: String, tensor: Tensor)]
    ) throws {
        let scope = ParameterScope(checkpoint: try checkpoint(parameters))
        model = try TranslationModel(
            configuration, sourceVocabulary: source.count, targetVocabulary: target.count,
            parametersFrom: scope)
        try scope.checkEverythingWasUsed()
        func ids(_ tokens: [String]) -> [String: Int32] {
            Dictionary(uniqueKeysWithValues: tokens.enumerated().map { ($1, Int32($0)) })
        }
        (sourceIDs, targetIDs, self.target) = (ids(source), ids(target), target)
    }

    func source(_ tokens: [String]) throws -> [Int32] {
        try tokens.map { try #require(sourceIDs[$0], "\($0) is not in the vocabulary") }
    }

    func target(_ tokens: [String]) throws -> [Int32] {
        try tokens.map { try #require(targetIDs[$0], "\($0) is not in the vocabulary") }
    }

    func names(_ tokens: [Int32]) -> [String] { tokens.map { target[Int($0)] } }

    func search(_ sources: [[String]], options: DecodingOptions) throws -> [Hypothesis] {
        try BeamSearch(model, options: options)(model.source(sources.map(source))).map { $0[0] }
    }

    func batch(_ pairs: [(source: [String], target: [String])]) throws -> TranslationBatch {
        model.batch(
            try pairs.map { (try source($0.source)[...], try target($0.target)[...]) })
    }
}

/// The GRU encoder–decoder of g2p_en (Kyubyong Park & Jongseok Kim 2019), which turns English letters
/// into phonemes, gives its own outputs; their log-probabilities were computed by NumPy in float64.
@Suite(
    .enabled(
        if: SharedModels.isPresent("g2p_en-gru"),
        "ABSENT models/g2p_en-gru: set SEQ2SEQ_DATA to the folder of the data"))
struct GraphemeToPhonemeTests {
    private let named: NamedModel
    private let cases: [(source: [String], target: [String], logProbability: Double)]

    init() throws {
        let archive = try NumPyArchive(
            contentsOf: SharedModels.path("g2p_en-gru/checkpoint20.npz"))
        let graphemes = try Vocabulary("graphemes", start: "<pad>")
        let phonemes = try Vocabulary("phonemes", start: "<s>")
        var configuration = ModelConfiguration()
        configuration.encoder.embedding = 256
        configuration.encoder.hidden = 256
        configuration.encoder.layers = 1
        configuration.encoder.isBidirectional = false
        configuration.encoder.hasEndToken = true
        configuration.encoder.recurrent.cell = .gru
        configuration.decoder.embedding = 256
        configuration.decoder.hidden = 256
        configuration.decoder.layers = 1
        configuration.decoder.recurrent.cell = .gru
        configuration.attention.score = .none
        configuration.bridge = .copy
        let output = try archive.tensor("fc_w").gatheringRows(phonemes.order).transposed()
        let bias = try archive.tensor("fc_b").gatheringRows(phonemes.order)
        named = try NamedModel(
            configuration, source: graphemes.tokens, target: phonemes.tokens,
            parameters: try Self.side("encoder", "enc", archive, order: graphemes.order)
                + Self.side("decoder", "dec", archive, order: phonemes.order)
                + [("output.weight", output), ("output.bias", bias)])
        cases = try SharedModels.lines("g2p_en-gru/expected.tsv").map { line in
            let fields = line.split(separator: "\t")
            try #require(fields.count == 3)
            return (
                fields[0].map { String($0) }, fields[1].split(separator: " ").map(String.init),
                try #require(Double(fields[2]))
            )
        }
        try #require(cases.count == 25)
    }

    /// Tokens in our order, the unknown token, start and end first.
    private struct Vocabulary {
        let tokens: [String]
        /// Their id of each.
        let order: [Int32]

        /// - Parameter start: graphemes have no start token, so that another takes its place.
        init(_ name: String, start: String) throws {
            let theirs = try SharedModels.lines("g2p_en-gru/\(name).txt").map(String.init)
            let special = ["<unk>", start, "</s>"]
            tokens = special + theirs.filter { !special.contains($0) }
            order = try tokens.map { Int32(try #require(theirs.firstIndex(of: $0))) }
        }
    }

    /// The embedding and the GRU of one side.
    ///
    /// PyTorch's gates have our order, reset, update, candidate; its two biases are one but in the
    /// candidate.
    private static func side(
        _ ours: String, _ theirs: String, _ archive: NumPyArchive, order: [Int32]
    ) throws -> [(name: String, tensor: Tensor)] {
        func tensor(_ name: String) throws -> Tensor { try archive.tensor("\(theirs)_\(name)") }
        let recurrentBias = try tensor("b_hh")
        let gates = recurrentBias.count / 3 * 2
        let summed = Tensor(
            recurrentBias.values[..<gates]
                + [Float](repeating: 0, count: recurrentBias.count - gates))
        let cell = "\(ours).layers.0.forward"
        return [
            ("\(ours).embedding.weight", try tensor("emb").gatheringRows(order)),
            ("\(cell).input_weight", try tensor("w_ih").transposed()),
            ("\(cell).recurrent_weight", try tensor("w_hh").transposed()),
            ("\(cell).bias", try tensor("b_ih") + summed),
            ("\(cell).candidate_bias", Tensor(Array(recurrentBias.values[gates...]))),
        ]
    }

    @Test func greedySearchGivesTheExpectedPhonemes() throws {
        let found = try named.search(cases.map(\.source), options: DecodingOptions(beam: 1))
        for (found, expected) in zip(found, cases) {
            let word = expected.source.joined()
            #expect(found.isComplete, "\(word)")
            #expect(named.names(found.tokens) == expected.target, "\(word)")
            #expect(
                abs(Double(found.logProbability) - expected.logProbability) < 1e-4, "\(word)")
        }
    }

    @Test func scoringGivesTheExpectedLogProbabilities() throws {
        let batch = try named.batch(cases.map { ($0.source, $0.target) })
        let found = named.model.tokenLogProbabilities(batch)
        try #require(found.count == cases.count)
        for (found, expected) in zip(found, cases) {
            let sum = found.reduce(0.0) { $0 + Double($1) }
            #expect(abs(sum - expected.logProbability) < 1e-4, "\(expected.source.joined())")
        }
    }
}

/// The Transformer `aren-transliteration` of the tests of CTranslate2, which writes Arabic names in Latin
/// letters, gives the outputs that those tests expect, in each number format.
@Suite(
    .enabled(
        if: SharedModels.isPresent("ctranslate2-v2"),
        "ABSENT models/ctranslate2-v2: set SEQ2SEQ_DATA to the folder of the data"))
struct TransliterationTests {
    /// What an output was made with.
    private enum Manner {
        case beams(ClosedRange<Int>)
        /// The first tokens were given.
        case given(Int)
        case maximumLength(Int)

        init(_ text: Substring) throws {
            if let match = text.wholeMatch(of: /greedy or beam \d+-(\d+)/) {
                self = .beams(1...(try #require(Int(match.1))))
            } else if let match = text.wholeMatch(of: /target prefix "(.*)"/) {
                self = .given(match.1.split(separator: " ").count)
            } else {
                let match = try #require(text.wholeMatch(of: /max decoding length (\d+)/))
                self = .maximumLength(try #require(Int(match.1)))
            }
        }
    }

    private struct Case {
        let source: [String]
        let target: [String]
        let manner: Manner
    }

    /// The log-probability of an output's tokens behind those given, the end token included, by a NumPy
    /// transcription of the float32 model in float64.
    private static let logProbabilities = [
        "a t z m o n": -1.0617, "a c h i s o n": -1.1136, "a t s u m o n": -0.5939,
        "a c h e s o n": -0.3345,
    ]

    private let cases: [Case]

    init() throws {
        cases = try SharedModels.lines("ctranslate2-expected.tsv").map { line in
            let fields = line.split(separator: "\t")
            try #require(fields.count == 3)
            return Case(
                source: fields[0].split(separator: " ").map(String.init),
                target: fields[1].split(separator: " ").map(String.init),
                manner: try Manner(fields[2]))
        }
        try #require(cases.count == 5)
    }

    private func model(_ format: String) throws -> NamedModel {
        let converted = try CTranslate2Model(
            folder: SharedModels.path("ctranslate2-v2/aren-transliteration\(format)"),
            positions: 64)
        var configuration = ModelConfiguration()
        configuration.encoder.type = .transformer
        configuration.encoder.embedding = converted.width
        configuration.encoder.hidden = converted.width
        configuration.encoder.layers = converted.layers.encoder
        configuration.encoder.transformer = converted.configuration
        configuration.decoder.type = .transformer
        configuration.decoder.embedding = converted.width
        configuration.decoder.hidden = converted.width
        configuration.decoder.layers = converted.layers.decoder
        configuration.decoder.transformer = converted.configuration
        return try NamedModel(
            configuration, source: converted.source, target: converted.target,
            parameters: converted.parameters)
    }

    @Test(arguments: ["", "-i16", "-i8"])
    func everyExpectedOutputComesOut(format: String) throws {
        let named = try model(format)
        for expected in cases {
            switch expected.manner {
            case .beams(let beams):
                for beam in beams {
                    let found = try named.search(
                        [expected.source], options: DecodingOptions(beam: beam))
                    #expect(found[0].isComplete)
                    #expect(named.names(found[0].tokens) == expected.target, "beam \(beam)")
                }
            case .maximumLength(let length):
                let found = try named.search(
                    [expected.source],
                    options: DecodingOptions(beam: 1, ratio: 0, offset: length))
                #expect(!found[0].isComplete)
                #expect(named.names(found[0].tokens) == expected.target)
            case .given(let given):
                // What greedy search goes on with is the best token behind each right beginning.
                var dropout = Dropout.none
                let batch = try named.batch([(expected.source, expected.target)])
                let vectors = named.model.hidden(batch, dropout: &dropout).output.vectors
                let best = named.model.output.logits(vectors, context: nil).topK(1).indices
                #expect(best.dropFirst(given) == batch.targets.dropFirst(given))
                #expect(!best.prefix(given).elementsEqual(batch.targets.prefix(given)))
            }
        }
    }

    @Test func logProbabilitiesAreThoseOfTheTranscription() throws {
        let named = try model("")
        for expected in cases {
            let given: Int
            switch expected.manner {
            case .beams: given = 0
            case .given(let count): given = count
            case .maximumLength: continue
            }
            let reference = try #require(
                Self.logProbabilities[expected.target.joined(separator: " ")])
            let batch = try named.batch([(expected.source, expected.target)])
            let scored = named.model.tokenLogProbabilities(batch)[0].dropFirst(given)
            #expect(abs(scored.reduce(0.0) { $0 + Double($1) } - reference) < 1e-4)
            if given > 0 { continue }
            let found = try named.search([expected.source], options: DecodingOptions(beam: 1))
            #expect(abs(Double(found[0].logProbability) - reference) < 1e-4)
        }
    }
}
