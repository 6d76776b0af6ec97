import SeqData
import SeqMetrics
import SeqNN
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

/// What a run needs to continue comes back from the file as it was, whatever it is.
@Suite struct TrainingStateTests {
    /// A state in which everything that is optional has a value, so that it is seen.
    private func state() throws -> TrainingState {
        var state = TrainingState(
            generator: RandomGenerator(seed: 3), learningRate: 0.5,
            best: ImprovementTracker(.perplexity), plateau: ImprovementTracker(.perplexity),
            dataHash: "data")
        _ = state.best.update(5)
        _ = state.plateau.update(6)
        state.bestValidation = ValidationResult(step: 1, epoch: 1, perplexity: 2)
        state.bestValidation?.samples = [.init(source: "a", reference: "b", hypothesis: "c")]
        state.learned = Perplexity(totalLogProbability: -2, tokenCount: 3)
        state.health = TrainingHealth()
        state.validationHash = "validation"
        state.threads = 2
        var norms = NormHistory()
        norms.append(1)
        state.norms = norms
        state.batchSize = 9
        state.isValidationDue = true
        state.origin = FileFingerprint(path: "p", sha256: "s")
        return state
    }

    /// Another value for every value of a tree.
    private func changed(_ value: JSONValue, _ number: inout Int) -> JSONValue {
        number += 1
        switch value {
        case .null: return .null
        case .bool(let flag): return .bool(!flag)
        case .integer, .number: return .integer(3 + number)
        // A metric is one of two words; all other text is free.
        case .string("perplexity"): return .string("bleu")
        case .string: return .string("text \(number)")
        case .array(let elements): return .array(elements.map { changed($0, &number) })
        case .object(let members):
            var others: [String: JSONValue] = [:]
            for key in members.keys.sorted() {
                others[key] = members[key].map { changed($0, &number) }
            }
            return .object(others)
        }
    }

    private func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private func tree(_ state: TrainingState) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(state))
    }

    @Test func `every value of the state is written and read again`() throws {
        let state = try state()
        let names = Mirror(reflecting: state).children.compactMap(\.label)
        let tree = try tree(state)
        guard case .object(let members) = tree else {
            Issue.record("a state is no object")
            return
        }
        // A field that is nil here, or not encoded, could be lost without being noticed below.
        #expect(Set(members.keys) == Set(names), "give a new field a value in state()")
        var number = 0
        let other = changed(tree, &number)
        let folder = try TemporaryFolder()
        _ = try folder.file("state.json", text(other).utf8)
        #expect(try text(TrainingState.read(from: folder.path)) == text(other))
    }

    @Test func `a state of version 0_1 is still read`() throws {
        var tree = try tree(state())
        for name in ["validationHash", "threads", "origin", "learned", "health"] {
            tree[name] = nil
        }
        let folder = try TemporaryFolder()
        _ = try folder.file("state.json", text(tree).utf8)
        let read = try TrainingState.read(from: folder.path)
        #expect(read.validationHash == nil && read.origin == nil && read.dataHash == "data")
    }
}
