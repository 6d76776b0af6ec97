import Foundation
import TestSupport
import Testing

/// Inputs that are no regular files, and paths that start with `~`.
@Suite struct PipeTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writeCorpus(train: 60, training: "maximum_steps: 2\nepochs: 1")
        #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
    }

    @Test(arguments: [
        "data.train.source", "data.train.target", "data.validation.source",
        "data.validation.target", "data.train.weights", "data.alignment",
    ])
    func `what training reads more than once is no pipe`(_ option: String) throws {
        var settings = ["--set", "\(option)=pipe"]
        if option == "data.alignment" {
            settings += ["--set", "training.guided_alignment=0.1"]
        }
        // A check looks at the pairs alone, and would refuse so small a corpus for other reasons.
        let isSide = option.hasSuffix("source") || option.hasSuffix("target")
        for mode in isSide ? ["off", "refuse"] : ["off"] {
            expectFailure(
                try Program.run(
                    ["train", "config.yaml", "--set", "data.check=\(mode)"] + settings,
                    in: folder.path), 66, "pipe: is a pipe", "more than once", option)
        }
    }

    @Test func `a table is no pipe either, nor a device`() throws {
        for (path, word) in [("pipe", "a pipe"), ("/dev/zero", "a device"), (".", "directory")] {
            expectFailure(
                try Program.run(
                    "train", "config.yaml", "--set", "data.train.source=", "--set",
                    "data.train.target=", "--set", "data.train.table=\(path)", in: folder.path),
                66, word)
            expectFailure(
                try Program.run("check-data", "--table", path, in: folder.path), 66, word)
        }
        let outcome = try Program.shell(
            "cat train.source | seq2seq check-data --source /dev/stdin --target train.target",
            in: folder.path)
        expectFailure(outcome, 66, "/dev/stdin: is a pipe")
    }

    @Test func `a pipe in a model folder is refused and not waited for`() throws {
        for name in ["config.json", "model.safetensors", "source.vocabulary.txt"] {
            try folder.copyModel("model-\(name)")
            let path = folder.path("model-\(name)/\(name)")
            try FileManager.default.removeItem(atPath: path)
            #expect(mkfifo(path, 0o600) == 0)
            let outcome = try Program.run("info", "model-\(name)", in: folder.path)
            #expect([65, 66].contains(outcome.status), "\(outcome.messages)")
            #expect(outcome.messages.contains("regular file"), "\(outcome.messages)")
        }
    }

    @Test func `what is read once may be a pipe`() throws {
        let model = try TrainedModel.shared.get().folder
        let script = """
            for side in source target; do mkfifo "$side"; cat held.$side >$side & done
            seq2seq evaluate --model '\(model)' --source source --reference target \
                --metric bleu perplexity
            """
        let piped = try Program.shell(script, in: folder.path)
        #expect(piped.status == 0, "\(piped.messages)")
        let plain = try Program.run(
            "evaluate", "--model", model, "--source", "held.source", "--reference", "held.target",
            "--metric", "bleu", "perplexity", in: folder.path)
        #expect(piped.output == plain.output)
        let predicted = try Program.shell(
            "cat held.source | seq2seq predict -m '\(model)' -i /dev/stdin", in: folder.path)
        #expect(predicted.lines.count == 20)
    }

    @Test func `a configuration from a pipe is read once, also for an error`() throws {
        for command in ["train", "check-data"] {
            let outcome = try Program.shell(
                """
                rm -f config; mkfifo config; sed 's/train.source/none.source/' config.yaml >config &
                seq2seq \(command) config
                """, in: folder.path)
            expectFailure(outcome, 66, "none.source", "data.train.source of config")
        }
    }

    @Test func `a tilde is the home folder where no shell has replaced it`() throws {
        let home = folder.path("home")
        let script = """
            export HOME='\(home)'; mkdir "$HOME"; cp train.source "$HOME"
            sed 's#source: train.source#source: ~/train.source#; s#run: run#run: ~/run#' \
                config.yaml >"$HOME/tilde.yaml"
            seq2seq train '~/tilde.yaml' --set 'data.validation.source=~/train.source' \
                --set 'data.validation.target=~/train.source' || exit
            seq2seq train '~/tilde.yaml' --output='~/other' || exit
            seq2seq average '~/mean' --model='~/run/best' -m '~/other/best' || exit
            seq2seq predict --model='~/mean' --input='~/train.source' -o '~/out'
            """
        let outcome = try Program.shell(script, in: folder.path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(folder.exists("home/run/best") && folder.exists("home/other/best"))
        #expect(try folder.data("home/out").count { $0 == UInt8(ascii: "\n") } == 60)
        #expect(!folder.exists("~"))
    }
}
