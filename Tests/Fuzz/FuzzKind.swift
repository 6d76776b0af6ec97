import Foundation

/// One run of the command over damaged input.
struct FuzzInput {
    var arguments: [String]
    var input: [UInt8] = []
    /// How many lines the output has where the command ends with 0; nil where any number will do.
    var lines: Int?
}

/// What is damaged.
enum FuzzKind: String, CaseIterable {
    case configuration, settings, flags, model, cache, state, corpus, gzip, alignment, lexicon,
        lines

    /// Damages the files of `folder`, a copy of the playground, and says what to run.
    func make(in folder: String, _ random: inout FuzzGenerator) throws -> FuzzInput {
        switch self {
        case .configuration: try configuration(folder, &random)
        case .settings: settings(&random)
        case .flags: flags(&random)
        case .model: try model(folder, &random)
        case .cache, .state: try resumed(folder, &random)
        case .corpus: try corpus(folder, &random)
        case .gzip: try gzip(folder, &random)
        case .alignment: try alignment(folder, &random)
        case .lexicon: try lexicon(folder, &random)
        case .lines: try lines(&random)
        }
    }

    /// The most that a run of training may do.
    private static let brief = ["--for", "2steps"]

    // MARK: What the user writes

    private func configuration(_ folder: String, _ random: inout FuzzGenerator) throws -> FuzzInput
    {
        let text =
            random.below(4) == 0
            ? try String(contentsOfFile: "\(folder)/whole/config.yaml", encoding: .utf8)
            : Playground.configuration
        let damaged =
            random.below(3) == 0
            ? Mutation.damaged(Array(text.utf8), &random)
            : Array(Mutation.rewritten(text, &random).utf8)
        try Data(damaged).write(to: URL(filePath: "\(folder)/config.yaml"))
        return FuzzInput(arguments: ["train", "config.yaml", "--output", "new"] + Self.brief)
    }

    private func settings(_ random: inout FuzzGenerator) -> FuzzInput {
        let keys = [
            "seed", "threads", "run", "outputs", "data", "data.maximum_length", "data.temperature",
            "data.train.weight", "data.train.source", "data.train.table", "data.check",
            "data.weights",
            "tokenizer.source.language", "tokenizer.target.vocabulary_size",
            "tokenizer.target.minimum_count", "tokenizer.joint", "model.dropout", "model.bridge",
            "model.encoder.hidden", "model.encoder.layers", "model.decoder.type",
            "model.encoder.type",
            "model.attention.score", "model.attention.heads", "model.attention.window",
            "model.attention.coverage_loss", "model.decoder.transformer.attention_dropout",
            "model.encoder.transformer.feed_forward", "model.initialization.scale",
            "training.epochs",
            "training.batch.size", "training.batch.unit", "training.optimizer.learning_rate",
            "training.optimizer.beta1", "training.schedule", "training.schedule.warmup",
            "training.label_smoothing", "training.averaging.ema", "training.averaging.best",
            "training.clip_norm", "training.accumulation", "training.validate_every",
            "training.save_every", "training.early_stopping.patience", "validation.pairs",
            "validation.samples", "validation.metrics", "decoding.beam_size",
            "decoding.length_penalty", "decoding.maximum_length_ratio",
            "decoding.maximum_length_offset", "no.such.key", "data.corpora[0].weight",
            "data.corpora[99999999].weight", "training.groups",
        ]
        var arguments = ["train", "config.yaml", "--output", "new"] + Self.brief
        for _ in 0...random.below(3) {
            arguments += ["--set", "\(random.pick(keys))=\(random.pick(Mutation.values))"]
        }
        return FuzzInput(arguments: arguments.map(withoutNUL))
    }

    private func flags(_ random: inout FuzzGenerator) -> FuzzInput {
        let commands: [[String]] = [
            ["predict", "-m", "whole/best"], ["evaluate", "-r", "held.en", "held.en"],
            ["evaluate", "-m", "whole/best", "-s", "held.zh", "-r", "held.en"],
            ["score", "-m", "whole/best", "-s", "held.zh", "-t", "held.en"],
            ["check-data", "-s", "train.zh", "-t", "train.en"], ["info", "whole/best"],
            ["average", "-m", "whole/best", "-m", "whole/last", "mean"],
            ["train", "config.yaml", "--output", "new", "--for", "2steps"],
        ]
        let names = [
            "--beam-size", "--batch-size", "--length-penalty", "--threads", "--precision",
            "--maximum-length", "--n-best", "--format", "--metric", "--tokenize", "--smooth",
            "--smooth-value", "--sample", "--maximum-unknown", "--maximum-duplicates", "--accept",
            "--until", "--init-from", "--lexicon", "--input", "--output", "--model", "--source",
            "--target", "--table", "--source-column", "-b", "-r", "--json", "--with-scores",
            "--with-alignments", "--sentence-level", "--resume", "--no-such-flag",
        ]
        var arguments = random.pick(commands)
        for _ in 0...random.below(3) {
            arguments.append(random.pick(names))
            if random.below(5) > 0 { arguments.append(random.pick(Mutation.values)) }
        }
        return FuzzInput(
            arguments: arguments.map(withoutNUL), input: Array("我看书。\n".utf8))
    }

    /// An argument cannot hold a NUL.
    private func withoutNUL(_ text: String) -> String { text.replacing("\u{0}", with: "\u{1}") }

    // MARK: What the program has written

    private func model(_ folder: String, _ random: inout FuzzGenerator) throws -> FuzzInput {
        let name = random.pick(["whole/best", "whole/best", "pieces/best"])
        try damageFile(under: "\(folder)/\(name)", &random)
        return switch random.below(5) {
        case 0: FuzzInput(arguments: ["info", name])
        case 1: FuzzInput(arguments: ["score", "-m", name, "-s", "held.zh", "-t", "held.en"])
        case 2:
            FuzzInput(
                arguments: ["train", "config.yaml", "--output", "new", "--init-from", name]
                    + Self.brief)
        case 3: FuzzInput(arguments: ["average", "-m", name, "-m", "whole/last", "mean"])
        default:
            FuzzInput(
                arguments: ["predict", "-m", name], input: Array("我看书。\n\n他们买茶。\n".utf8),
                lines: 3)
        }
    }

    private func resumed(_ folder: String, _ random: inout FuzzGenerator) throws -> FuzzInput {
        let places = self == .cache ? ["run/cache"] : ["run/last", "run/last", "run"]
        try damageFile(under: "\(folder)/\(random.pick(places))", &random)
        return FuzzInput(arguments: ["train", "config.yaml", "--resume"] + Self.brief)
    }

    /// Damages one of the files of a folder and its folders, or removes it.
    private func damageFile(under folder: String, _ random: inout FuzzGenerator) throws {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(
                atPath: "\(folder)/\($0)", isDirectory: &isFolder) && !isFolder.boolValue
        }
        guard !names.isEmpty else { return }
        let place = "\(folder)/\(random.pick(names))"
        if random.below(30) == 0 {
            try FileManager.default.removeItem(atPath: place)
            return
        }
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: place)))
        // Half of the damage is done to the first bytes: headers are where sizes stand.
        let cut = random.below(2) == 0 ? min(bytes.count, 256) : bytes.count
        try Data(Mutation.damaged(Array(bytes[..<cut]), &random) + bytes[cut...]).write(
            to: URL(filePath: place))
    }

    // MARK: Data

    private func corpus(_ folder: String, _ random: inout FuzzGenerator) throws -> FuzzInput {
        let name = random.pick(["train.zh", "train.en", "held.zh", "held.en"])
        let place = URL(filePath: "\(folder)/\(name)")
        var bytes = Mutation.damaged([UInt8](try Data(contentsOf: place)), &random)
        if random.below(20) == 0 {
            bytes += [UInt8](repeating: 0x41, count: 3_000_000)
        }
        try Data(bytes).write(to: place)
        return random.below(2) == 0
            ? FuzzInput(arguments: ["check-data", "--source", "train.zh", "--target", "train.en"])
            : FuzzInput(arguments: ["train", "config.yaml", "--output", "new"] + Self.brief)
    }

    private func gzip(_ folder: String, _ random: inout FuzzGenerator) throws -> FuzzInput {
        _ = try Child.run("/bin/gzip", ["-kf", "held.zh", "train.zh"], input: [], in: folder)
        let name = random.pick(["held.zh.gz", "train.zh.gz"])
        let place = URL(filePath: "\(folder)/\(name)")
        let bytes = [UInt8](try Data(contentsOf: place))
        let more = random.below(4) == 0 ? bytes : []
        try Data(Mutation.damaged(bytes + more, &random)).write(to: place)
        return name == "held.zh.gz"
            ? FuzzInput(arguments: ["predict", "-m", "whole/best", "-i", name])
            : FuzzInput(
                arguments: [
                    "train", "config.yaml", "--output", "new", "--set", "data.train.source=\(name)",
                ]
                    + Self.brief)
    }

    private func alignment(_ folder: String, _ random: inout FuzzGenerator) throws -> FuzzInput {
        let name = random.pick(["train.align", "weights"])
        let place = URL(filePath: "\(folder)/\(name)")
        try Data(Mutation.damaged([UInt8](try Data(contentsOf: place)), &random)).write(to: place)
        let settings =
            name == "weights"
            ? ["data.train.weights=weights"]
            : ["data.alignment=train.align", "training.guided_alignment=0.5"]
        return FuzzInput(
            arguments: ["train", "config.yaml", "--output", "new"] + Self.brief
                + settings.flatMap { ["--set", $0] })
    }

    private func lexicon(_ folder: String, _ random: inout FuzzGenerator) throws -> FuzzInput {
        let place = URL(filePath: "\(folder)/lexicon.tsv")
        try Data(Mutation.damaged([UInt8](try Data(contentsOf: place)), &random)).write(to: place)
        return FuzzInput(
            arguments: ["predict", "-m", "whole/best", "--lexicon", "lexicon.tsv"],
            input: Array("我看龙。\n".utf8), lines: 1)
    }

    private func lines(_ random: inout FuzzGenerator) throws -> FuzzInput {
        let scalars: [UInt32] = [
            0, 7, 9, 0x0C, 0x20, 0x85, 0xA0, 0xAD, 0x200B, 0x200D, 0x2028, 0x202E, 0xFEFF, 0xFFFD,
            0xFFFF,
            0x1F600, 0x301, 0x6211, 0x770B, 0x4E66, 0x3002, 0x61, 0x7A, 0xFDFA, 0x10FFFF, 0xE0001,
        ]
        var bytes: [UInt8] = []
        let count = 1 + random.below(12)
        for _ in 0..<count {
            switch random.below(8) {
            case 0:
                bytes += (0..<random.below(30)).map { _ in random.pick([0x80, 0xFF, 0xE6, 0x41]) }
            case 1: bytes += Array(String(repeating: "我", count: random.below(3000)).utf8)
            default:
                for _ in 0..<random.below(20) {
                    let scalar = Unicode.Scalar(random.pick(scalars)) ?? " "
                    bytes += Array(String(Character(scalar)).utf8)
                }
            }
            bytes.append(0x0A)
        }
        var arguments = ["predict", "-m", random.pick(["whole/best", "pieces/best"])]
        let best = random.pick([1, 1, 3])
        if best > 1 { arguments += ["--n-best", "\(best)", "--beam-size", "4"] }
        return FuzzInput(arguments: arguments, input: bytes, lines: count * best)
    }
}
