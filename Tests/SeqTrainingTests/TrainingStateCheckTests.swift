import SeqFiles
import SeqData
import SeqMetrics
import SeqTensor
import TestSupport
import Testing

@testable import SeqModels
@testable import SeqTraining

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A state with a number that no run comes to is refused by the name of the field.
@Suite struct TrainingStateCheckTests {
    private let folder: TemporaryFolder
    private let tree: JSONValue

    init() throws {
        folder = try TemporaryFolder()
        var state = TrainingState(
            generator: RandomGenerator(seed: 3), learningRate: 0.5,
            best: ImprovementTracker(.perplexity), plateau: ImprovementTracker(.perplexity),
            dataHash: "data")
        for value in [5.0, 6] {
            _ = state.best.update(value)
            _ = state.plateau.update(value)
        }
        state.bestValidation = ValidationResult(step: 1, epoch: 1, perplexity: 2)
        state.learned = Perplexity(totalLogProbability: -2, tokenCount: 3)
        state.health = TrainingHealth()
        state.threads = 2
        var norms = NormHistory()
        norms.append(1)
        state.norms = norms
        state.batchSize = 9
        tree = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(state))
    }

    /// What is said of a state with another value for a field, whose name may have parts.
    private func refusal(_ name: String, _ value: JSONValue) throws -> Seq2SeqError? {
        var tree = tree
        let parts = name.split(separator: ".").map(String.init)
        if parts.count == 2 { tree[parts[0]]?[parts[1]] = value } else { tree[name] = value }
        _ = try folder.file("state.json", JSONEncoder().encode(tree))
        return trainingError { try TrainingState.read(from: folder.path) }
    }

    @Test func `the state itself is fine`() throws {
        #expect(try refusal("batch", .integer(0)) == nil)
        #expect(try refusal("epoch", .integer(1)) == nil)
        #expect(try refusal("step", .integer(1 << 30)) == nil)
        #expect(try refusal("learningRate", .integer(0)) == nil)
    }

    @Test(arguments: [
        "epoch", "batch", "step", "tokens", "batchSize", "threads", "learned.tokenCount",
        "best.validationsWithout", "plateau.validationsWithout", "health.above",
        "bestValidation.step", "bestValidation.epoch", "generator.position", "learningRate",
    ])
    func `counts are no negative numbers and none that overflow`(name: String) throws {
        for value in [-1, .min, .max, .max - 1] {
            // Any finite rate is one.
            if name == "learningRate", value > 0 { continue }
            let error = try #require(try refusal(name, .integer(value)), "\(value)")
            #expect(error.kind == .badData && error.path == folder.path("state.json"))
            // A position is decoded as a number without sign.
            guard name != "generator.position" || value > 0 else { continue }
            #expect(error.reason.hasPrefix("\(name) is "), "\(error.reason)")
        }
    }

    @Test(arguments: ["nan", "inf", "-inf"])
    func `what must be a number is one`(value: String) throws {
        for name in ["learningRate", "best.best", "plateau.milestone", "best.milestone"] {
            let error = try #require(try refusal(name, .string(value)))
            #expect(error.reason.hasPrefix(name.split(separator: ".")[0]), "\(error.reason)")
        }
        let error = try #require(
            try refusal("norms", .object(["norms": .array([.integer(1), .string(value)])])))
        #expect(error.reason.hasPrefix("norms.norms is "))
    }

    @Test func `as many norms as are never kept are refused`() throws {
        let norms = [JSONValue](repeating: .integer(1), count: NormHistory.capacity + 1)
        let error = try refusal("norms", .object(["norms": .array(norms)]))
        #expect(error?.reason == "norms.norms is a list of 1001")
    }

    @Test func `numbers as words, floats as counts and nesting without end`() throws {
        for value in [
            JSONValue.string("1"), .number(1.5), .number(1e300), .null, .array([]), .object([:]),
        ] {
            let error = try #require(try refusal("epoch", value))
            #expect(error.kind == .badData && error.path == folder.path("state.json"))
        }
        let deep = String(repeating: "[", count: 100_000)
        _ = try folder.file("state.json", deep.utf8)
        let error = trainingError { try TrainingState.read(from: folder.path) }
        #expect(error?.kind == .badData)
    }
}

extension TrainingRuns {
    /// A run whose files do not fit each other, or whose cache is damaged.
    @Suite struct DamagedRunTests {
        private let folder: TemporaryFolder
        private let configuration: RunConfiguration

        init() throws {
            folder = try TemporaryFolder()
            configuration = try folder.configuration()
        }

        @Test func `a state of another update than the optimizer's is refused`() throws {
            try train(configuration, stopsAt: 2)
            let path = "\(configuration.run)/last/state.json"
            let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
            try Data(text.replacing("\"step\" : 2", with: "\"step\" : 3").utf8)
                .write(to: URL(filePath: path))
            let error = try #require(trainingError { try train(configuration, resumes: true) })
            #expect(error.kind == .badData)
            #expect(error.path == "\(configuration.run)/last/optimizer.safetensors")
        }

        @Test func `a damaged cache is built anew, and the run ends with the same bytes`() throws {
            var whole = configuration
            whole.run = folder.path("whole")
            try train(whole)
            try train(configuration, stopsAt: 2)
            let caches = "\(configuration.run)/cache"
            let name = try #require(
                try FileManager.default.contentsOfDirectory(atPath: caches).first)
            let index = URL(filePath: "\(caches)/\(name)/index")
            var bytes = try Data(contentsOf: index)
            bytes[11] ^= 2
            try bytes.write(to: index)
            let events = try train(configuration, resumes: true)
            #expect(
                events.notices.contains { $0.contains("/index: ") && $0.contains("built anew") })
            #expect(try configuration.parameters("last") == whole.parameters("last"))
        }

        @Test func `a loss weight of nothing is refused`() throws {
            var changed = configuration
            changed.data.train.lossWeight = 0
            let error = try #require(trainingError { try changed.validate() })
            #expect(error.kind == .badConfiguration && error.reason.contains("loss_weight"))
        }
    }
}
