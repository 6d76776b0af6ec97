import Foundation
import Synchronization
import TestSupport

extension TemporaryFolder {
    func write(_ name: String, _ lines: [String]) throws {
        _ = try file(name, lines.map { $0 + "\n" }.joined().utf8)
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    func data(_ name: String) throws -> Data { Data(try bytes(name)) }

    func copyModel(_ name: String = "model") throws {
        try FileManager.default.copyItem(
            atPath: TrainedModel.shared.get().folder, toPath: path(name))
    }

    /// The tail of a configuration of a tiny model that copies digits, and the files it names.
    ///
    /// - Parameter training: more lines of the section `training`.
    func writeCorpus(train: Int, validation: Int = 20, training: String = "") throws {
        let examples = digits(train + validation)
        for side in ["source", "target"] {
            try write("train.\(side)", Array(examples.dropFirst(validation)))
            try write("held.\(side)", Array(examples.prefix(validation)))
        }
        let text = """
            threads: 1
            run: run
            data:
              check: off
              train: {source: train.source, target: train.target}
              validation: {source: held.source, target: held.target}
            tokenizer: {source: {kind: whitespace}, target: {kind: whitespace}}
            model:
              encoder: {embedding: 32, hidden: 64, layers: 1}
              decoder: {embedding: 32, hidden: 64, layers: 1}
              dropout: 0.1
            validation: {samples: 1}
            training:
              label_smoothing: 0
              optimizer: {learning_rate: 0.005}
              batch: {size: 32}
            \(training.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
            """
        _ = try file("config.yaml", text.utf8)
    }
}

/// Different lines of two to six digits.
func digits(_ count: Int) -> [String] {
    var state: UInt64 = 7
    func random(_ bound: UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) % bound
    }
    var lines: [String] = []
    var seen: Set<String> = []
    while lines.count < count {
        let line = (0..<(2 + random(5))).map { _ in "\(random(10))" }.joined(separator: " ")
        if seen.insert(line).inserted { lines.append(line) }
    }
    return lines
}

/// A model that copies digits, trained once for all tests by the command itself.
struct TrainedModel {
    /// The model folder.
    let folder: String
    /// How the training has ended.
    let outcome: Outcome
    /// The validation sources, which are the targets too.
    let held: [String]

    static let shared = Result { try TrainedModel() }

    private init() throws {
        let place = try TemporaryFolder()
        try place.writeCorpus(train: 2000, validation: 50, training: "epochs: 8")
        outcome = try Program.run("train", "config.yaml", in: place.path)
        folder = place.path("run/best")
        held = Array(digits(50))
        TrainedModel.keep(place)
    }

    /// The folder lasts as long as the process.
    private static func keep(_ place: TemporaryFolder) {
        kept.withLock { $0 = place }
        atexit { TrainedModel.kept.withLock { $0 = nil } }
    }

    private static let kept = Mutex<TemporaryFolder?>(nil)
}
