import Foundation
import TestSupport
import Testing

@Suite struct TrainTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writeCorpus(train: 100, training: "epochs: 2")
    }

    private func train(_ arguments: String...) throws -> Outcome {
        try Program.run(["train", "config.yaml"] + arguments, in: folder.path)
    }

    /// A configuration of only these lines.
    private func train(configuration: String) throws -> Outcome {
        _ = try folder.file("config.yaml", configuration.utf8)
        return try train()
    }

    // MARK: What it does

    @Test func `a run writes its folder and reports on standard error`() throws {
        let outcome = try TrainedModel.shared.get().outcome
        #expect(outcome.status == 0)
        #expect(outcome.output == "")
        let lines = outcome.messages.split(separator: "\n")
        #expect(
            lines.first
                == "train: train.source, train.target: 2000 pairs read, 2000 kept, 0 empty and 0 overlong dropped"
        )
        #expect(lines.contains { $0.hasPrefix("vocabulary: 13 source, 13 target") })
        #expect(
            lines.contains {
                $0.hasPrefix("step 50 | epoch 1 | loss ") && $0.contains(" tok/s | eta ")
            })
        #expect(lines.contains { $0.hasPrefix("validation: step 63 | epoch 1 | ppl ") })
        #expect(lines.last?.hasPrefix("finished: 8 epochs done | best: step ") == true)
        #expect(!outcome.messages.contains("\u{1b}"))
    }

    @Test func `a corpus smaller than a batch trains`() throws {
        try folder.writeCorpus(train: 3, validation: 1)
        let outcome = try train("--set", "training.epochs=2", "--output", "small")
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.messages.contains("1 steps an epoch | 2 steps in all"))
        #expect(folder.exists("small/best/model.safetensors"))
    }

    @Test func `an overlong line is dropped and counted`() throws {
        let words = Array(repeating: "1", count: 100_000).joined(separator: " ")
        try folder.write("train.source", ["1 2 3", words, "4 5"])
        try folder.write("train.target", ["1 2 3", "1", "4 5"])
        let outcome = try train()
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.messages.contains("3 pairs read, 2 kept, 0 empty and 1 overlong dropped"))
    }

    @Test func `compressed corpora serve as well`() throws {
        #expect(try Program.shell("gzip train.source train.target", in: folder.path).status == 0)
        let outcome = try train(
            "--set", "data.train.source=train.source.gz", "--set",
            "data.train.target=train.target.gz")
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.messages.contains("100 pairs read, 100 kept"))
    }

    @Test func `a run is not overwritten`() throws {
        #expect(try train().status == 0)
        let model = try folder.bytes("run/last/model.safetensors")
        expectFailure(try train(), 73, "run: ", "already holds a run", "--resume")
        expectFailure(
            try train("--resume", "--set", "seed=2"), 78, "run/config.yaml", "seed: 1, not 2")
        #expect(try folder.bytes("run/last/model.safetensors") == model)
        expectFailure(try train("--output", "other", "--resume"), 66, "other: ", "no saved run")
    }

    // MARK: Bad configurations

    @Test func `a missing configuration is named`() throws {
        expectFailure(
            try Program.run("train", "nowhere.yaml", in: folder.path), 66, "nowhere.yaml: ",
            "No such file")
        expectFailure(try Program.run("train", folder.path), 66, folder.path)
    }

    @Test func `a misspelt key is named with its line and the nearest`() throws {
        expectFailure(
            try train(configuration: "seed: 1\ntraining:\n  epoch: 3\n"), 78, "config.yaml:3: ",
            "training.epoch", "did you mean epochs?")
    }

    @Test func `a value of the wrong type is named with its line`() throws {
        expectFailure(
            try train(configuration: "training:\n  epochs: many\n"), 78, "config.yaml:2: ",
            "training.epochs is many", "give a whole number")
    }

    @Test func `a configuration that is no YAML, or no text, is refused`() throws {
        expectFailure(try train(configuration: "a: [b\nc: d\n"), 78, "config.yaml:2: ")
        _ = try folder.file("config.yaml", [0x61, 0x3A, 0x20, 0xFF, 0x0A])
        expectFailure(try train(), 65, "config.yaml:1: ", "invalid UTF-8")
    }

    @Test func `settings and flags that make no sense are refused`() throws {
        expectFailure(try train("--set", "training.epochs=0"), 78, "--set training.epochs=0: ")
        expectFailure(try train("--set", "training.epoch=1"), 78, "did you mean epochs?")
        expectFailure(try train("--set", "training"), 78, "has no =")
        expectFailure(try train("--threads=-1"), 64, "--threads -1")
        expectFailure(try train("--bogus"), 64, "--bogus")
        expectFailure(try train("--set", "run="), 78, "no run folder is named")
        #expect(!folder.exists("run"))
    }

    @Test func `a run that does not fit is refused before its first update`() throws {
        expectFailure(
            try train("--set", "training.memory=1MB"), 78,
            "training.memory is 1000 kB, but training needs about ", "choose a smaller model")
        #expect(!folder.exists("run/last"))
        expectFailure(
            try train("--set", "training.memory=much"), 78, "--set training.memory=much: ", "4GB")
        expectFailure(
            try train("--set", "training.batch.size=0"), 78, "--set training.batch.size=0: ",
            "training.batch.unit: tokens")
        let groups = "training.groups=[{parameters: encoder.embeding.*, frozen: true}]"
        expectFailure(
            try train("--set", groups), 78, "encoder.embeding.*, which no parameter matches",
            "encoder.embedding.weight")
    }

    @Test func `a run says what memory it needs`() throws {
        let outcome = try train("--set", "training.memory=3GB", "--set", "training.accumulation=2")
        #expect(outcome.status == 0, "\(outcome.messages)")
        let line = outcome.messages.split(separator: "\n").first { $0.hasPrefix("memory: about ") }
        #expect(line?.contains(" MB of 3000 MB: parameters ") == true)
        #expect(line?.contains("largest batch ") == true)
        #expect(outcome.messages.contains("2 steps an epoch | 4 steps in all"))
    }

    // MARK: Bad corpora

    @Test func `a missing or unreadable corpus is named`() throws {
        for path in ["nowhere", "."] {
            expectFailure(try train("--set", "data.train.source=\(path)"), 66, "\(path): ")
        }
        expectFailure(
            try train("--set", "data.validation.target=nowhere", "--output", "b"), 66, "nowhere: ",
            "named by data.validation.target of --set data.validation.target=nowhere")
        try FileManager.default.removeItem(atPath: folder.path("train.target"))
        expectFailure(
            try train("--output", "c"), 66, "train.target: ",
            "named by data.train.target of config.yaml:5")
    }

    @Test func `invalid UTF-8 is found by its line`() throws {
        _ = try folder.file("train.source", Array("1 2\n3 4\n".utf8) + [0x35, 0xC3, 0x28, 0x0A])
        expectFailure(
            try train(), 65, "train.source:3: ", "invalid UTF-8 (0xC3) at byte 2", "iconv")
        _ = try folder.file("held.target", Array("1\u{0}2\n".utf8))
        try folder.write("train.source", Array(digits(120).dropFirst(20)))
        expectFailure(try train(), 65, "held.target:1: ", "NUL")
    }

    @Test func `unequal line counts are told`() throws {
        try folder.write("train.target", Array(digits(120).dropFirst(21)))
        expectFailure(
            try train(), 65, "train.target: ", "has 99 lines, but train.source has 100")
    }

    @Test func `an empty corpus is refused`() throws {
        for name in ["train.source", "train.target"] { try folder.write(name, []) }
        expectFailure(try train(), 65, "train.source", "empty")
        for name in ["train.source", "train.target"] { try folder.write(name, ["", " "]) }
        expectFailure(try train(), 65)
    }

    @Test func `a table without enough columns is found by its line`() throws {
        try folder.write("table.tsv", ["1\t2", "3"])
        expectFailure(
            try train("--set", "data.train={source: '', target: '', table: table.tsv}"), 65,
            "table.tsv:2: ", "1 of at least 2 columns")
    }

    // MARK: Trouble on the way

    @Test func `a run that diverges names a tensor`() throws {
        expectFailure(
            try train(
                "--set", "training.optimizer={type: sgd, learning_rate: 1e38}", "--set",
                "training.clip_norm=0"), 70, "run: ", "diverged at step", "learning_rate")
    }

    @Test func `a run folder that cannot be made is refused`() throws {
        try folder.write("file", ["x"])
        expectFailure(try train("--output", "file/run"), 73, "file/run: ")
    }

    @Test func `a run folder in use is refused`() throws {
        let first = try Program.start(
            ["train", "config.yaml", "--set", "training.epochs=100000"], in: folder.path)
        while first.isRunning, !folder.exists("run/last/state.json") { usleep(5000) }
        expectFailure(try train("--resume"), 73, "run: ", "another process is training")
        first.send(SIGKILL)
        #expect(try first.outcome().status == 137)
    }

    /// A file cannot grow beyond 64 KiB, as if the disk were full at that point.
    @Test func `a disk that is full leaves the state saved before`() throws {
        #expect(try train("--set", "training.maximum_steps=3").status == 0)
        let state = try folder.bytes("run/last/state.json")
        let model = try folder.bytes("run/last/model.safetensors")
        let best = try folder.bytes("run/best/model.safetensors")
        let outcome = try Program.shell(
            "ulimit -f 128; exec seq2seq train config.yaml --resume", in: folder.path)
        expectFailure(outcome, 73, "run/best/model.safetensors: ", "File too large", "--resume")
        #expect(try folder.bytes("run/last/state.json") == state)
        #expect(try folder.bytes("run/last/model.safetensors") == model)
        #expect(try folder.bytes("run/best/model.safetensors") == best)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("run"))
        #expect(!names.contains { $0.hasSuffix(".partial") })
        #expect(try train("--resume").status == 0)
    }

    @Test func `a run folder that is deleted on the way is noticed`() throws {
        let run = try Program.start(
            ["train", "config.yaml", "--set", "training.epochs=100000"], in: folder.path)
        while run.isRunning, !folder.exists("run/last/state.json") { usleep(5000) }
        try FileManager.default.moveItem(atPath: folder.path("run"), toPath: folder.path("away"))
        expectFailure(try run.outcome(), 73, "run: ", "deleted or moved", "--resume")
        #expect(!folder.exists("run"))
        try FileManager.default.moveItem(atPath: folder.path("away"), toPath: folder.path("run"))
        #expect(try train("--resume", "--for", "1").status == 0)
    }

    @Test(.enabled(if: getuid() != 0, "root may write anywhere"))
    func `a run folder that cannot be written to is refused`() throws {
        #expect(try train("--set", "training.maximum_steps=3").status == 0)
        #expect(try Program.shell("chmod a-w run run/.lock", in: folder.path).status == 0)
        expectFailure(try train("--resume"), 73, "run: cannot write: Permission denied")
        #expect(try Program.shell("chmod u+w run run/.lock", in: folder.path).status == 0)
        #expect(try train("--resume").status == 0)
    }

    // MARK: Starting from a model

    @Test func `a model is trained further, with the tokens of new data`() throws {
        #expect(try train("--for", "3").status == 0)
        for side in ["source", "target"] {
            try folder.write("new.\(side)", (0..<40).map { "\($0 % 10) x" })
        }
        let text = """
            threads: 1
            data: {train: {source: new.source, target: new.target}, check: warn}
            training: {epochs: 1}
            """
        _ = try folder.file("new.yaml", text.utf8)
        let arguments = ["train", "new.yaml", "--output", "it's new"]
        let outcome = try Program.run(
            arguments + ["--init-from", "run/last", "--extend-vocabulary"], in: folder.path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.messages.contains("starts from: run/last (sha256 "))
        #expect(outcome.messages.contains("| 1 new source tokens, 1 new target tokens"))
        let provenance = try JSONDecoder().decode(
            [String: String].self, from: folder.data("it's new/best/provenance.json"))
        #expect(provenance["init_from"] == "run/last")
        // What is left out is as the run has it.
        try FileManager.default.removeItem(atPath: folder.path("run"))
        let more = try Program.run(
            arguments + ["--resume", "--set", "training.epochs=2"], in: folder.path)
        #expect(more.status == 0, "\(more.messages)")
        #expect(more.messages.contains("finished: 2 epochs done"))
        expectFailure(
            try Program.run(
                ["train", "new.yaml", "--output", "other", "--init-from", "run/last"],
                in: folder.path), 66, "run/last/config.json: ")
    }

    @Test func `another architecture than that of the model is refused`() throws {
        #expect(try train("--for", "3").status == 0)
        expectFailure(
            try train("--init-from", "run/last", "--output", "new", "--set", "model.bridge=zero"),
            78, "run/last: ", "the model has model.bridge: copy, not zero", "leave model.bridge out"
        )
        expectFailure(
            try train("--extend-vocabulary", "--output", "new"), 78,
            "--set training.extend_vocabulary=true: ", "no vocabulary to extend")
    }
}
