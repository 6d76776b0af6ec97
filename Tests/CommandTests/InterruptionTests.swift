import Foundation
import TestSupport
import Testing

/// Training that is killed or interrupted, and resumed, ends with the bytes of an undisturbed run.
@Suite(.serialized) struct InterruptionTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writeCorpus(
            train: 600, validation: 10,
            training:
                "epochs: 12\nsave_every: 4\nreport_every: 2\nprecision: bfloat16\nschedule: {type: plateau}"
        )
    }

    private let files = [
        "last/model.safetensors", "last/optimizer.safetensors", "last/state.json",
        "best/model.safetensors", "validation.jsonl",
    ]

    private func expectSameRuns() throws {
        let outcome = try Program.run(
            "train", "config.yaml", "--output", "undisturbed", in: folder.path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        for name in files {
            #expect(
                try folder.bytes("run/\(name)") == folder.bytes("undisturbed/\(name)"), "\(name)")
        }
        let steps = try ["run", "undisturbed"].map { try reportedSteps("\($0)/train.jsonl") }
        #expect(steps[0] == steps[1])
    }

    private func reportedSteps(_ log: String) throws -> [Int] {
        struct Line: Decodable {
            var step: Int
        }
        return try folder.data(log).split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Line.self, from: $0).step
        }
    }

    private func arguments() -> [String] {
        ["train", "config.yaml"] + (folder.exists("run/last/state.json") ? ["--resume"] : [])
    }

    private func step() throws -> Int {
        guard folder.exists("run/last/state.json") else { return 0 }
        let state = try JSONSerialization.jsonObject(with: folder.data("run/last/state.json"))
        return (state as? [String: Any])?["step"] as? Int ?? 0
    }

    @Test func `killed at random instants`() throws {
        var kills = 0
        var attempts = 0
        // A kill that comes before anything is saved, or after the end, does not count.
        while kills < 6, attempts < 40 {
            attempts += 1
            let before = try step()
            let run = try Program.start(arguments(), in: folder.path)
            while run.isRunning, try step() == before { usleep(500) }
            usleep(.random(in: 0...60_000))
            guard run.isRunning else { break }
            run.send(SIGKILL)
            let outcome = try run.outcome()
            #expect(outcome.status == 137, "\(outcome.messages)")
            kills += 1
        }
        #expect(kills >= 3)
        let outcome = try Program.run(arguments(), in: folder.path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        try expectSameRuns()
        try expectWholeEvents()
    }

    /// Expects that the event file of each session is records from its start to its end, or to one that
    /// the kill has cut short.
    private func expectWholeEvents() throws {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: folder.path("run/tensorboard"))
        #expect(names.count >= 4)
        for name in names {
            let file = try folder.bytes("run/tensorboard/\(name)")
            var (place, records) = (0, 0)
            while place + 13 <= file.count {
                let length = file[place..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
                // The field of the time, with which each message starts.
                #expect(length > 8 && file[place + 12] == 0x09, "\(name) at \(place)")
                place += length + 16
                records += 1
            }
            #expect(records >= 2, "\(name)")
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `interrupted, it saves and tells how to resume`(_ signal: Int32) throws {
        let run = try Program.start(
            ["train", "config.yaml", "--set", "training.epochs=12", "--threads", "1"],
            in: folder.path)
        while run.isRunning, try step() == 0 { usleep(500) }
        run.send(signal)
        let outcome = try run.outcome()
        #expect(outcome.status == 130)
        #expect(outcome.output == "")
        #expect(outcome.messages.contains("finished: interrupted at step "))
        let command = outcome.messages.split(separator: "\n").last?
            .replacingOccurrences(of: "Saved. Continue with: ", with: "")
        #expect(
            command
                == "seq2seq train config.yaml --set training.epochs=12 --threads 1 --output run --resume"
        )
        let resumed = try Program.shell(command ?? "false", in: folder.path)
        #expect(resumed.status == 0, "\(resumed.messages)")
        #expect(resumed.messages.contains("resumed at step "))
        try expectSameRuns()
    }

    @Test func `the command to resume can be given to a shell`() throws {
        let name = "it's a $run"
        let run = try Program.start(
            ["train", "config.yaml", "--output", name, "--set", "training={epochs: 500}"],
            in: folder.path)
        while run.isRunning, !folder.exists("\(name)/last/state.json") { usleep(500) }
        run.send(SIGINT)
        let outcome = try run.outcome()
        #expect(outcome.status == 130)
        let command = outcome.messages.split(separator: "\n").last?
            .replacingOccurrences(of: "Saved. Continue with: ", with: "")
        let resumed = try Program.shell(
            "\(command ?? "false") --set training.epochs=1", in: folder.path)
        #expect(resumed.status == 0, "\(resumed.messages)")
    }
}
