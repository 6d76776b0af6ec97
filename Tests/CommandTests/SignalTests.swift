import Foundation
import TestSupport
import Testing

/// Signals at random instants: every command answers them as documented, and none crashes.
@Suite(.serialized) struct SignalTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writeCorpus(
            train: 300, validation: 10,
            training: "epochs: 100000\nsave_every: 50\nvalidate_every: 20\nreport_every: 5")
    }

    /// Models whose products go through different kernels.
    private static let kinds: [(name: String, settings: [String])] = [
        ("lstm", []),
        (
            "gru",
            ["model.encoder.recurrent.cell=gru", "model.decoder.recurrent.cell=gru"]
        ),
        ("transformer", both("transformer")),
        (
            "wide transformer",
            both("transformer")
                + ["encoder", "decoder"].flatMap {
                    ["model.\($0).embedding=512", "model.\($0).hidden=512"]
                }
        ),
        ("convs2s", both("convs2s")),
        ("bfloat16", ["training.precision=bfloat16"]),
    ]

    private static func both(_ type: String) -> [String] {
        ["model.encoder.type=\(type)", "model.decoder.type=\(type)", "model.bridge=zero"]
    }

    /// Sends signals that a command takes no notice of until it has ended or some time has passed.
    private func storm(_ run: Running, for seconds: Double) {
        let end = Date(timeIntervalSinceNow: seconds)
        while run.isRunning, Date() < end {
            for signal in [SIGWINCH, SIGCONT, SIGURG, SIGCHLD] { run.send(signal) }
            usleep(500)
        }
    }

    @Test(arguments: kinds.indices, [SIGINT, SIGTERM, SIGHUP])
    func `training saves and ends, whatever it multiplies`(_ kind: Int, _ signal: Int32) throws {
        let settings = SignalTests.kinds[kind].settings.flatMap { ["--set", $0] }
        let run = try Program.start(["train", "config.yaml"] + settings, in: folder.path)
        while run.isRunning, !folder.exists("run/config.yaml") { usleep(500) }
        storm(run, for: .random(in: 0.01...0.6))
        run.send(signal)
        let outcome = try run.outcome()
        #expect(outcome.status == 130, "\(SignalTests.kinds[kind].name): \(outcome.messages)")
        guard folder.exists("run/last/state.json") else {
            #expect(outcome.messages.contains("interrupted before the first update"))
            return
        }
        #expect(outcome.messages.contains("Saved. Continue with: "))
        let resumed = try Program.run(
            ["train", "config.yaml", "--resume", "--for", "1"] + settings, in: folder.path)
        #expect(resumed.status == 0, "\(resumed.messages)")
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `before training there is nothing to save`(_ signal: Int32) throws {
        let words = (0..<40_000).map { "word\($0 % 9973) and word\($0 % 7919)" }
        for side in ["source", "target"] { try folder.write("train.\(side)", words) }
        let run = try Program.start(["train", "config.yaml"], in: folder.path)
        while run.isRunning, !folder.exists("run/config.yaml") { usleep(500) }
        run.send(signal)
        let outcome = try run.outcome()
        #expect(outcome.status == 130)
        #expect(outcome.messages.contains("interrupted before the first update"))
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        #expect(!names.contains { $0.hasSuffix(".partial") })
    }

    // MARK: Outputs

    private var predict: [String] {
        get throws { ["predict", "--model", try TrainedModel.shared.get().folder] }
    }

    private func lines(_ count: Int) -> Data {
        Data(digits(50).map { $0 + "\n" }.joined().utf8).repeated(count / 50)
    }

    private func hidden() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".partial")
        }
    }

    @Test func `a command that waits for its input ends too`() throws {
        #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
        let commands = [
            try predict + ["--input", "pipe", "--output", "out"], ["train", "pipe"],
            ["evaluate", "pipe", "--reference", "held.target"], ["check-data", "pipe"],
            try ["score"] + predict.dropFirst() + ["--source", "pipe", "--target", "pipe"],
        ]
        for command in commands {
            for signal in [SIGINT, SIGTERM, SIGHUP] {
                let run = try Program.start(command, in: folder.path)
                usleep(300_000)
                #expect(run.isRunning, "\(command)")
                run.send(signal)
                #expect(try run.outcome().status == 128 + signal, "\(command)")
            }
        }
    }

    @Test func `what a killed prediction left is never used`() throws {
        let killed = try Running(
            Program.path, predict + ["-o", "out"], input: lines(3000), in: folder.path)
        while killed.isRunning, try hidden().isEmpty { usleep(1000) }
        killed.send(SIGKILL)
        #expect(try killed.outcome().status == 137)
        #expect(try hidden().count == 1)
        #expect(
            try Program.run(predict + ["-o", "out"], input: lines(50), in: folder.path).status
                == 0)
        #expect(try hidden().isEmpty)
        #expect(try folder.data("out").count { $0 == UInt8(ascii: "\n") } == 50)
    }
}

extension Data {
    fileprivate func repeated(_ count: Int) -> Data {
        var result = Data(capacity: self.count * count)
        for _ in 0..<count { result += self }
        return result
    }
}
