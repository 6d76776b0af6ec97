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
                "epochs: 6\nsave_every: 6\nreport_every: 2\nprecision: bfloat16\nschedule: {type: plateau}\naveraging: {ema: 0.9, best: 2}"
        )
    }

    private let files = [
        "last/model.safetensors", "last/optimizer.safetensors", "last/state.json", "last/kept.json",
        "last/average.safetensors", "best/model.safetensors", "validation.jsonl",
    ]

    private func expectSameRuns(_ settings: [String] = []) throws {
        let outcome = try Program.run(
            ["train", "config.yaml", "--output", "undisturbed"] + settings, in: folder.path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        for name in files {
            #expect(
                try folder.bytes("run/\(name)") == folder.bytes("undisturbed/\(name)"), "\(name)")
        }
        let steps = try ["run", "undisturbed"].map { try reportedSteps("\($0)/train.jsonl") }
        #expect(steps[0] == steps[1])
        let kept = try ["run", "undisturbed"].map {
            try FileManager.default.contentsOfDirectory(atPath: folder.path("\($0)/checkpoints"))
        }
        #expect(Set(kept[0]) == Set(kept[1]))
    }

    private func reportedSteps(_ log: String) throws -> [Int] {
        struct Line: Decodable {
            var step: Int
        }
        return try folder.data(log).split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Line.self, from: $0).step
        }
    }

    private func arguments(_ settings: [String]) -> [String] {
        ["train", "config.yaml"] + settings
            + (folder.exists("run/last/state.json") ? ["--resume"] : [])
    }

    private func step() throws -> Int {
        guard folder.exists("run/last/state.json") else { return 0 }
        let state = try JSONSerialization.jsonObject(with: folder.data("run/last/state.json"))
        return (state as? [String: Any])?["step"] as? Int ?? 0
    }

    @Test(arguments: ["float32", "bfloat16"])
    func `killed at random instants`(_ precision: String) throws {
        let settings = ["--set", "training.precision=\(precision)"]
        var kills = 0
        var attempts = 0
        // A kill that comes before anything is saved, or after the end, does not count.
        while kills < 5, attempts < 40 {
            attempts += 1
            let before = try step()
            let run = try Program.start(arguments(settings), in: folder.path)
            while run.isRunning, try step() == before { usleep(500) }
            usleep(.random(in: 0...60_000))
            guard run.isRunning else { break }
            run.send(SIGKILL)
            let outcome = try run.outcome()
            #expect(outcome.status == 137, "\(outcome.messages)")
            kills += 1
        }
        #expect(kills >= 3)
        let outcome = try Program.run(arguments(settings), in: folder.path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        try expectSameRuns(settings)
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
            ["train", "config.yaml", "--set", "training.epochs=6", "--threads", "1"],
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
                == "seq2seq train config.yaml --set training.epochs=6 --threads 1 --output run --resume"
        )
        let resumed = try Program.shell(command ?? "false", in: folder.path)
        #expect(resumed.status == 0, "\(resumed.messages)")
        #expect(resumed.messages.contains("resumed at step "))
        try expectSameRuns()
    }

    /// A run of four updates with a validation after the second that takes long, and its arguments.
    private func longValidation() throws -> [String] {
        try folder.writeCorpus(
            train: 30, validation: 600,
            training: "epochs: 4\nreport_every: 1\nsave_every: 1\nvalidate_every: 2")
        return ["train", "config.yaml", "--set", "decoding.beam_size=20"]
    }

    private func messages(of run: Running, until word: String) throws -> String {
        var text = ""
        while run.isRunning, !text.contains(word) {
            usleep(1000)
            text = try run.messages()
        }
        return text
    }

    private let answer = "a second signal stops at once"

    @Test func `a signal during validation gives it up, and the resumed run makes up for it`()
        throws
    {
        let arguments = try longValidation()
        let run = try Program.start(arguments, in: folder.path)
        _ = try messages(of: run, until: "step 2 |")
        run.send(SIGTERM)
        let answered = try messages(of: run, until: answer)
        #expect(!answered.contains("validation: step 2"), "the validation was over: \(answered)")
        let outcome = try run.outcome()
        #expect(outcome.status == 130)
        #expect(!outcome.messages.contains("validation: step 2"))
        #expect(outcome.messages.contains("finished: interrupted at step 2"))
        #expect(try step() == 2)
        let resumed = try Program.run(arguments + ["--resume", "--for", "1"], in: folder.path)
        #expect(resumed.status == 0, "\(resumed.messages)")
        #expect(resumed.messages.contains("validation: step 2"))
        #expect(try step() == 3)
    }

    @Test(arguments: [[SIGINT, SIGINT], [SIGTERM, SIGINT]])
    func `a second signal stops at once`(_ signals: [Int32]) throws {
        // An update of two thousand batches.
        try folder.writeCorpus(
            train: 2000,
            training: "epochs: 4\naccumulation: 2000\nvalidate_every: 9")
        let arguments = ["train", "config.yaml", "--set", "training.batch.size=1"]
        #expect(try Program.run(arguments + ["--for", "1"], in: folder.path).status == 0)
        let state = try folder.bytes("run/last/state.json")
        let run = try Program.start(arguments + ["--resume"], in: folder.path)
        _ = try messages(of: run, until: "resumed at step 1")
        run.send(signals[0])
        _ = try messages(of: run, until: answer)
        run.send(signals[1])
        let outcome = try run.outcome()
        #expect(outcome.status == 128 + signals[1])
        #expect(!outcome.messages.contains("Saved."))
        #expect(try folder.bytes("run/last/state.json") == state)
    }

    @Test func `a run that pauses ends well and tells how to go on`() throws {
        for (limit, step) in [("5", 5), ("1epochs", 24)] {
            let isFirst = step == 5
            let outcome = try Program.run(
                ["train", "config.yaml", "--for", limit] + (isFirst ? [] : ["--resume"]),
                in: folder.path)
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(try self.step() == step)
            #expect(outcome.messages.contains("finished: paused at step \(step), --for \(limit)"))
            #expect(
                outcome.messages.hasSuffix(
                    "Saved. Continue with: seq2seq train config.yaml --output run --resume\n"))
        }
        let until = try Program.run(
            "train", "config.yaml", "--until", "20", "--resume", in: folder.path)
        #expect(until.status == 0)
        #expect(try step() == 24)
        let outcome = try Program.run("train", "config.yaml", "--resume", in: folder.path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        try expectSameRuns()
        expectFailure(
            try Program.run("train", "config.yaml", "--for", "soon", in: folder.path), 64,
            "--for soon", "90m")
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
