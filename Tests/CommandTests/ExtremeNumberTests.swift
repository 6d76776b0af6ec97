import Foundation
import TestSupport
import Testing

/// Numbers at the ends of what can be written end in a run or in an error that names them, never in a trap.
@Suite struct ExtremeNumberTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writeCorpus(train: 40, validation: 4, training: "epochs: 1")
    }

    private func train(_ settings: String...) throws -> Outcome {
        try? FileManager.default.removeItem(atPath: folder.path("run"))
        return try Program.run(
            ["train", "config.yaml"] + settings.flatMap { ["--set", $0] }, in: folder.path)
    }

    @Test(arguments: [
        "data.maximum_length=9223372036854775807", "data.temperature=0.005",
        "data.temperature=1e-320", "data.train.weight=1e308",
        "training.batch.size=9223372036854775807",
        "training.batch.bucket=9223372036854775807", "training.epochs=1000000000",
        "training.report_every=9223372036854775807", "training.save_every=9223372036854775807",
        "training.validate_every=9223372036854775807", "tokenizer.sample=9223372036854775807",
        "training.early_stopping.patience=9223372036854775807", "seed=18446744073709551615",
        "validation.pairs=9223372036854775807", "validation.samples=9223372036854775807",
        "training.averaging.keep_last=9223372036854775807", "training.clip_norm=3e38",
        "training.schedule={type: step, period: 1e-300}", "data.filters.maximum_ratio=1e308",
        "training.schedule={type: polynomial, period: 1e300, power: 1e300}",
    ])
    func `a number that means much or little trains`(_ setting: String) throws {
        let outcome = try train(setting, "training.maximum_steps=2")
        #expect(outcome.status == 0, "\(setting): \(outcome.messages)")
    }

    @Test(arguments: [
        "model.decoder.transformer.attention_dropout=.inf",
        "model.encoder.transformer.activation_dropout=.nan", "model.attention.coverage_loss=.inf",
        "model.attention.window=0", "training.clip_norm=.inf", "data.train.loss_weight=0",
        "training.memory=1e30TB", "model.encoder.convolution.kernel=0",
        "training.scheduled_sampling.k=.inf",
    ])
    func `a number that means nothing is refused by its name`(_ setting: String) throws {
        let name = setting.prefix { $0 != "=" }
        expectFailure(try train(setting), 78, "--set \(setting): ", "\(name) is ")
    }

    @Test func `a model that no memory holds is refused`() throws {
        expectFailure(
            try train(
                "model={bridge: zero, encoder: {hidden: 65536, layers: 1024}, decoder: {hidden: 65536}}"
            ),
            78, "model is too large for", "lower hidden")
    }

    @Test func `the learning rate that ruins a model ends with 70`() throws {
        let outcome = try train(
            "training.optimizer={type: sgd, learning_rate: 1e6}", "training.epochs=2")
        expectFailure(outcome, 70, "run: ", "training diverged at step ", "learning_rate")
        #expect(!folder.exists("run/best"))
    }

    // MARK: Flags

    @Test(arguments: [
        ["--beam-size", "0"], ["--beam-size", "9223372036854775807"],
        ["--beam-size", "9223372036854775808"], ["--batch-size", "9223372036854775807"],
        ["--batch-size", "-1"], ["--maximum-length", "4611686018427387904"],
        ["--length-penalty", "inf"], ["--length-penalty", "nan"], ["--length-penalty", "1e999"],
        ["--threads", "9223372036854775807"], ["--threads", "-1"], ["--n-best", "0"],
        ["--n-best", "9223372036854775807"], ["--bem-size", "3"],
    ])
    func `a flag of predict that makes no sense is wrong usage`(_ flags: [String]) throws {
        let outcome = try Program.run(["predict", "-m", folder.path("model")] + flags)
        expectFailure(outcome, 64)
    }

    @Test(arguments: ["99999999999h", "9223372036854775808", "0", "-1", "1e3", "inf", "nanh"])
    func `a limit that makes no sense is wrong usage`(_ amount: String) throws {
        for flag in ["--for", "--until"] {
            let outcome = try Program.run(
                ["train", "config.yaml", "\(flag)=\(amount)"], in: folder.path)
            expectFailure(outcome, 64, "\(flag) \(amount)")
        }
    }

    @Test(arguments: [
        ["--maximum-length", "4611686018427387904"], ["--maximum-length", "9223372036854775807"],
        ["--sample", "9223372036854775807"], ["--source-column", "9223372036854775807"],
    ])
    func `check-data takes the largest numbers`(_ flags: [String]) throws {
        let outcome = try Program.run(
            ["check-data", "--source", "train.source", "--target", "train.target"] + flags,
            in: folder.path)
        #expect([0, 65].contains(outcome.status), "\(outcome.messages)")
    }

    @Test(arguments: ["nan", "inf", "-1", "1e999", "101%", "nan%"])
    func `a share that is none is wrong usage`(_ share: String) throws {
        let outcome = try Program.run(
            [
                "check-data", "--source", "train.source", "--target", "train.target",
                "--maximum-unknown=\(share)",
            ], in: folder.path)
        expectFailure(outcome, 64)
    }

    @Test func `a command that there is not gets the nearest one`() throws {
        expectFailure(try Program.run("trian"), 64, "no command trian", "did you mean train?")
        expectFailure(try Program.run("translat"), 64, "did you mean translate?")
        expectFailure(try Program.run("xyzzy"), 64, "the commands are train, predict")
        #expect(try Program.run("help", "train").status == 0)
    }

    @Test func `an unknown flag gets the nearest one`() throws {
        expectFailure(
            try Program.run("predict", "-m", "model", "--bem-size", "3"), 64, "--bem-size",
            "--beam-size")
    }
}
