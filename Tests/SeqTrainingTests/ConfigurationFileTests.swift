import SeqFiles
import SeqDecoding
import SeqModels
import SeqNN
import SeqTensor
import SeqText
import Testing
import Yams

@testable import SeqTraining

@Suite struct ConfigurationFileTests {
    private static let data = "data: {train: {source: s, target: t}}\n"

    private func parse(_ text: String, _ settings: String...) throws -> RunConfiguration {
        try ConfigurationFile.parse(Self.data + text, path: "run.yaml", settings: settings)
    }

    private func refusal(_ text: String, _ settings: [String] = []) -> Seq2SeqError? {
        #expect(throws: Seq2SeqError.self) {
            try ConfigurationFile.parse(text, path: "run.yaml", settings: settings)
        }
    }

    // MARK: What is read

    @Test func `what is left out keeps its default`() throws {
        var expected = RunConfiguration()
        expected.data.train.source = "s"
        expected.data.train.target = "t"
        #expect(try parse("") == expected)
        #expect(try parse("training:\nmodel: ~\nseed:\noutput: null\n") == expected)
    }

    @Test func `values of every kind overlay the defaults`() throws {
        let configuration = try parse(
            """
            seed: 18446744073709551615
            run: "runs/ü 1"
            tokenizer:
              joint: true
              source: {kind: sentencepiece, language: no}
            model:
              attention: {score: concat}
              dropout: 1e-1
            training:
              precision: bfloat16
              optimizer: {type: sgd, learning_rate: 1}
              early_stopping: {patience: 0}
            """)
        #expect(configuration.seed == .max)
        #expect(configuration.run == "runs/ü 1")
        #expect(configuration.tokenizer.joint)
        #expect(configuration.tokenizer.source.kind == .sentencepiece)
        #expect(configuration.tokenizer.source.language == "no")
        // Of a joint tokenizer, the language of the target is that of the source unless it is given.
        #expect(configuration.tokenizer.target == TokenizerConfiguration(language: "no"))
        #expect(configuration.model.attention.score == .concat)
        #expect(configuration.model.dropout == 0.1)
        #expect(configuration.training.precision == .bfloat16)
        #expect(configuration.training.optimizer.type == .sgd)
        #expect(configuration.training.optimizer.learningRate == 1)
        #expect(configuration.training.optimizer.adam == Adam.Options())
    }

    @Test func `the run folder stood in output in version 0.1`() throws {
        #expect(try parse("output: runs/a").run == "runs/a")
        #expect(try parse("run: runs/b", "output=runs/a").run == "runs/a")
        let outputs = try parse("output: {type: label, pooling: max}\nrun: runs/b").outputs
        #expect(outputs.map(\.kind) == [.label])
        let set = try parse("", "output={type: label, pooling: max}").outputs
        #expect(set == outputs)
    }

    @Test func `settings overrule the file, the last one first`() throws {
        let configuration = try parse(
            "training: {epochs: 3}\nrun: old\n", "training.epochs=4", "training.epochs=5",
            "run=", "data.train.source=a=b", "model={dropout: 0.5, bridge: dense}",
            "tokenizer.source.language=no")
        #expect(configuration.training.epochs == 5)
        #expect(configuration.run == "")
        #expect(configuration.data.train.source == "a=b")
        #expect(configuration.model.dropout == 0.5)
        #expect(configuration.model.bridge == .dense)
        #expect(configuration.tokenizer.source.language == "no")
    }

    // MARK: What is refused

    struct Refusal: Sendable, CustomTestStringConvertible {
        var text: String
        var line: Int?
        var reason: String
        var remedy: String
        var testDescription: String { text }

        init(_ text: String, line: Int?, _ reason: String, _ remedy: String) {
            self.text = text
            self.line = line
            self.reason = reason
            self.remedy = remedy
        }
    }

    @Test(arguments: [
        Refusal(
            "model:\n  drpout: 0.1", line: 2, "unknown key model.drpout", "did you mean dropout?"),
        Refusal("trainig: {epochs: 3}", line: 1, "unknown key trainig", "did you mean training?"),
        Refusal(
            "training:\n  epochs: 3\n  batch:\n    siez: 3", line: 4,
            "unknown key training.batch.siez", "did you mean size?"),
        Refusal(
            "training: {dropout: 0.1}", line: 1, "unknown key training.dropout",
            "did you mean model.dropout?"),
        Refusal(
            "validation: {xyzzy: 1}", line: 1, "unknown key validation.xyzzy",
            "the keys of validation are metrics, tokenize, lowercase, pairs, samples"),
        Refusal(
            "validation:\n  bleu: false", line: 2,
            "validation.bleu is a key of older versions",
            "write validation.metrics: [bleu], or [] for no translations"),
        Refusal(
            "validation: {bleu_pairs: 3}", line: 1,
            "validation.bleu_pairs is a key of older versions",
            "its name is validation.pairs now"),
        Refusal(
            "validation: {metrics: bleu}", line: 1,
            "validation.metrics is a list, not one value", "write validation.metrics: [bleu]"),
        Refusal(
            "validation: {metrics: [bleu, blue]}", line: 1, "validation.metrics is [bleu, blue]",
            "choose bleu, chrf, chrf++, ter, wer, cer, token_accuracy, sentence_accuracy, accuracy, macro_f1, span_f1, segmentation_f1 in place of blue"
        ),
        Refusal(
            "1: 2", line: 1, "unknown key 1",
            "the keys are seed, threads, run, outputs, data, tokenizer, model, training, validation, decoding"
        ),
        Refusal(
            "\n\noutput: a\noutput: b", line: 3, "the key output appears twice", "keep one of them"),
        Refusal(
            "training:\n  epochs: [1\nseed: 1", line: 3, "did not find expected", "correct the YAML"
        ),
        Refusal(
            "training:\n\tepochs: 1", line: 2, "found character that cannot start",
            "correct the YAML"),
        Refusal("output: *x", line: 1, "found undefined alias", "correct the YAML"),
        Refusal("output: a\n---\noutput: b", line: 2, "another document", "correct the YAML"),
        Refusal(
            "a: " + String(repeating: "[", count: 100_000), line: 1, "nesting level",
            "correct the YAML"),
        Refusal("seed: 1\nmodel: 4", line: 2, "model is a section", "encoder, decoder, attention"),
        Refusal("- model", line: 1, "the file is a section", "seed, threads, run"),
        Refusal("run: {a: b}", line: 1, "run is one value", "write run: VALUE"),
        Refusal("run: [a]", line: 1, "run is one value", "write run: VALUE"),
        Refusal("output: [a]", line: 1, "output is [a], not a section", "or outputs for a list"),
        Refusal(
            "training:\n  epochs: ten", line: 2, "training.epochs is ten", "give a whole number"),
        Refusal(
            "training:\n  epochs: 1.5", line: 2, "training.epochs is 1.5", "give a whole number"),
        Refusal(
            "training: {epochs: ''}", line: 1, "training.epochs is empty", "give a whole number"),
        Refusal("seed: -1", line: 1, "seed is -1", "give a whole number of at least 0"),
        Refusal("model: {dropout: a lot}", line: 1, "model.dropout is a lot", "give a number"),
        Refusal("tokenizer: {joint: 3}", line: 1, "tokenizer.joint is 3", "give true or false"),
        Refusal(
            "training:\n  optimizer:\n    type: adan", line: 3, "training.optimizer.type is adan",
            "choose adam, sgd"),
        Refusal(
            "tokenizer: {target: {kind: words}}", line: 1, "tokenizer.target.kind is words",
            "choose word, character, sentencepiece, whitespace"),
    ])
    func `what cannot be understood is an error with line and remedy`(_ expected: Refusal) throws {
        let error = try #require(refusal(expected.text))
        #expect(error.kind == .badConfiguration)
        #expect(error.path == "run.yaml")
        #expect(error.line == expected.line)
        #expect(error.reason.contains(expected.reason), "\(error)")
        #expect(error.remedy?.contains(expected.remedy) == true, "\(error)")
    }

    @Test(arguments: [
        ("training.epoch=3", "unknown key training.epoch", "did you mean epochs?"),
        ("training", "has no =", "--set section.key=value"),
        ("training=3", "training is a section", "its keys are init_from"),
        ("seed.x=3", "seed is one value", "write seed: VALUE"),
        ("training.epochs=ten", "training.epochs is ten", "give a whole number"),
        ("training={epochs: ten}", "training.epochs is ten", "give a whole number"),
        ("training.epochs=", "training.epochs is empty", "give a whole number"),
        ("training.epochs=[", "training.epochs is [", "give a whole number"),
        ("training.epochs=0", "training.epochs is 0", "choose a number from 1"),
    ])
    func `a setting that makes no sense is named`(
        setting: String, reason: String, remedy: String
    ) throws {
        let error = try #require(refusal(Self.data + "training: {epochs: 4}", [setting]))
        #expect(error.kind == .badConfiguration)
        #expect("\(error)".contains("--set \(setting)"))
        #expect(error.path?.hasPrefix("--set") == true || setting == "training")
        #expect(error.line == nil)
        #expect(error.reason.contains(reason), "\(error)")
        #expect(error.remedy?.contains(remedy) == true, "\(error)")
    }

    /// The names of all options.
    private func options() throws -> [String] {
        func leaves(_ node: Node, at path: [String]) -> [String] {
            guard let mapping = node.mapping else { return [path.joined(separator: ".")] }
            return mapping.flatMap { leaves($1, at: path + [$0.string ?? ""]) }
        }
        let tree = try #require(try compose(yaml: ConfigurationFile.text(RunConfiguration())))
        return leaves(tree, at: [])
    }

    /// What an option wants is said in its own terms, never by a reference to the documentation.
    @Test func `an error names what would be right`() throws {
        var refused = 0
        for option in try options() {
            for value in ["nonsense", "''"] {
                do { _ = try parse("", "\(option)=\(value)") } catch let error as Seq2SeqError {
                    #expect(error.remedy?.contains("Documentation") != true, "\(option): \(error)")
                    refused += 1
                }
            }
        }
        #expect(refused > 250)
    }

    /// Every option that is one of some words lists them all when another is given.
    @Test func `the words to choose from are listed`() throws {
        let choices = try options().filter { option in
            let error = trainingError { try parse("", "\(option)=nonsense") }
            // What BLEU cuts by is a text that validation looks at.
            return error?.remedy?.hasPrefix("choose ") == true && option != "validation.tokenize"
        }
        #expect(choices.count == 43)
        for key in choices {
            let error = try #require(refusal(Self.data, ["\(key)=nonsense"]))
            #expect(error.reason == "\(key) is nonsense")
            #expect(error.remedy?.hasPrefix("choose ") == true)
            let words = (error.remedy ?? "").dropFirst(7).split(separator: ", ")
            #expect(words.count >= 2)
            for word in words {
                // Some words need other options beside them, but none is unknown.
                do { _ = try parse("", "\(key)=\(word)") } catch let error as Seq2SeqError {
                    #expect(!error.reason.hasPrefix("\(key) is \(word) (choose"), "\(error)")
                    let all = words.joined(separator: ", ")
                    #expect(error.remedy?.contains(all) != true, "\(error)")
                }
            }
        }
    }

    @Test(arguments: [
        ("threads=-1", "threads is -1"), ("threads=1025", "threads is 1025"),
        ("data.train.source=", "data.train names only one file"),
        ("data.train.table=x", "data.train names a table and separate files"),
        ("data.train={source: '', target: ''}", "data.train names no files"),
        (
            "data.train={source: '', target: '', table: x, source_column: 0}",
            "data.train.source_column is 0"
        ),
        (
            "data.train={source: '', target: '', table: x, target_column: -1}",
            "data.train.target_column is -1"
        ),
        ("data.validation.target=x", "data.validation names only one file"),
        ("data.train.jsonl=x", "data.train names separate files and jsonl"),
        ("data.train={source: '', target: '', jsonl: x}", "data.train.fields is empty"),
        (
            "data.train={source: '', target: '', conll: x, fields: [FORM]}",
            "data.train.fields are FORM"
        ),
        ("data.train.fields=[1, 2]", "data.train.fields is given for files of text"),
        (
            "data.train={source: '', target: '', table: x, target_column: 3, fields: [1, 2]}",
            "data.train.fields is given beside source_column or target_column"
        ),
        ("data.train={source: '', target: '', files: [x]}", "data.train.files are x"),
        ("data.maximum_length=0", "data.maximum_length is 0"),
        ("tokenizer.source.language=12", "tokenizer.source.language is \"12\""),
        ("tokenizer.target.vocabulary_size=3", "tokenizer.target.vocabulary_size is 3"),
        ("tokenizer.source.minimum_count=0", "tokenizer.source.minimum_count is 0"),
        ("tokenizer.source.character_coverage=0.5", "tokenizer.source.character_coverage is 0.5"),
        ("model.encoder.embedding=0", "model.encoder.embedding is 0"),
        ("model.encoder.hidden=65537", "model.encoder.hidden is 65537"),
        ("model.encoder.layers=0", "model.encoder.layers is 0"),
        ("model.decoder.embedding=-3", "model.decoder.embedding is -3"),
        ("model.decoder.hidden=0", "model.decoder.hidden is 0"),
        ("model.decoder.layers=0", "model.decoder.layers is 0"),
        ("model.dropout=1", "model.dropout is 1.0"), ("model.dropout=.nan", "model.dropout is nan"),
        ("model.initialization.range=0", "model.initialization.range is 0.0"),
        ("model.encoder.hidden=511", "model.encoder.hidden is 511, odd"),
        ("model.decoder.layers=3", "model.bridge is copy"),
        (
            "model={bridge: dense, attention: {score: dot}, decoder: {hidden: 6}}",
            "model.attention.score is dot"
        ),
        (
            "model={decoder: {type: bahdanau}, attention: {score: none}}",
            "model.decoder.type is bahdanau"
        ),
        (
            "model={decoder: {input_feeding: true}, attention: {score: none}}",
            "model.decoder.input_feeding"
        ),
        ("training.batch.size=0", "training.batch.size is 0"),
        ("training.batch.bucket=0", "training.batch.bucket is 0"),
        ("training.clip_norm=-1", "training.clip_norm is -1.0"),
        ("training.clip_value=.nan", "training.clip_value is nan"),
        ("training.label_smoothing=1", "training.label_smoothing is 1.0"),
        ("training.epochs=0", "training.epochs is 0"),
        ("training.epochs=9223372036854775807", "training.epochs is 9223372036854775807"),
        ("training.maximum_steps=-1", "training.maximum_steps is -1"),
        ("training.validate_every=-1", "training.validate_every is -1"),
        ("training.save_every=-1", "training.save_every is -1"),
        ("training.report_every=0", "training.report_every is 0"),
        ("training.early_stopping.patience=-1", "training.early_stopping.patience is -1"),
        ("training.early_stopping.patience=1", "training.early_stopping needs validation data"),
        ("training.schedule.type=plateau", "training.schedule needs validation data"),
        ("training.optimizer.learning_rate=0", "training.optimizer.learning_rate is 0.0"),
        ("training.optimizer.learning_rate=.inf", "training.optimizer.learning_rate is inf"),
        ("training.optimizer.momentum=1", "training.optimizer.momentum is 1.0"),
        ("training.optimizer.adam.beta1=1", "training.optimizer.adam.beta1 is 1.0"),
        ("training.optimizer.adam.beta2=-1", "training.optimizer.adam.beta2 is -1.0"),
        ("training.optimizer.adam.epsilon=0", "training.optimizer.adam.epsilon is 0.0"),
        (
            "training.optimizer={type: sgd, nesterov: true}",
            "training.optimizer.nesterov is true without"
        ),
        ("training.optimizer.weight_decay=-1", "training.optimizer.weight_decay is -1.0"),
        ("training.optimizer.adagrad.epsilon=0", "training.optimizer.adagrad.epsilon is 0.0"),
        ("training.optimizer.adagrad.initial_sum=-1", "training.optimizer.adagrad.initial_sum is"),
        ("training.optimizer.adadelta.rho=1", "training.optimizer.adadelta.rho is 1.0"),
        ("training.optimizer.rmsprop.alpha=1", "training.optimizer.rmsprop.alpha is 1.0"),
        ("training.optimizer.lion.beta2=1", "training.optimizer.lion.beta2 is 1.0"),
        (
            "training.optimizer.adafactor.beta2_decay=0.8",
            "training.optimizer.adafactor.beta2_decay is 0.8"
        ),
        (
            "training.optimizer.adafactor.threshold=0.5",
            "training.optimizer.adafactor.threshold is 0.5"
        ),
        ("training.guided_alignment=-1", "training.guided_alignment is -1.0"),
        ("training.guided_alignment=.inf", "training.guided_alignment is inf"),
        ("training.guided_alignment=1", "training.guided_alignment is 1.0 without data.alignment"),
        ("training.schedule.factor=1", "training.schedule.factor is 1.0"),
        ("training.schedule.patience=-1", "training.schedule.patience is -1"),
        ("training.schedule.minimum=.inf", "training.schedule.minimum is inf"),
        ("validation.tokenize=14a", "validation.tokenize is 14a"),
        ("validation.pairs=-1", "validation.pairs is -1"),
        ("validation.metrics=[ter, chrf++, ter]", "validation.metrics is [ter, chrf++, ter]"),
        ("validation.metrics=[perplexity]", "validation.metrics is [perplexity]"),
        (
            "training.early_stopping.minimum_change=-1",
            "training.early_stopping.minimum_change is -1.0"
        ),
        ("validation.samples=-1", "validation.samples is -1"),
        ("decoding.beam_size=0", "decoding.beam_size is 0"),
        ("decoding.n_best=6", "decoding.n_best is 6"),
        ("decoding.length_penalty=-1", "decoding.length_penalty is -1.0"),
        ("decoding.maximum_length_ratio=.nan", "decoding.maximum_length_ratio is nan"),
        ("decoding.maximum_length_offset=0", "decoding.maximum_length_offset is 0"),
        ("decoding.batch_size=0", "decoding.batch_size is 0"),
    ])
    func `every rule of validation is reached`(setting: String, reason: String) throws {
        let error = try #require(refusal(Self.data, [setting]))
        #expect(error.kind == .badConfiguration)
        #expect(error.reason.hasPrefix(reason), "\(error)")
        #expect(error.remedy?.isEmpty == false)
        #expect(error.path != nil)
    }

    @Test func `what guides attention needs attention`() throws {
        let (links, weight) = ("data.alignment=x", "training.guided_alignment=1")
        #expect(throws: Never.self) { try parse("", links, weight) }
        let error = try #require(
            refusal(Self.data, [links, weight, "model.attention.score=none"]))
        #expect(error.reason.hasPrefix("training.guided_alignment guides attention"))
        // Transformers have an attention of their own.
        #expect(throws: Never.self) {
            try parse(
                "", links, weight,
                "model={attention: {score: none}, decoder: {type: transformer}}")
        }
    }

    @Test func `Adafactor needs gradients of whole parameters`() throws {
        let settings = ["training.optimizer.type=adafactor", "model.output.type=sampled"]
        for setting in settings { #expect(throws: Never.self) { try parse("", setting) } }
        let error = try #require(refusal(Self.data, settings))
        #expect(error.reason.hasPrefix("training.optimizer.type is adafactor"))
        #expect(error.path == "--set training.optimizer.type=adafactor")
    }

    @Test func `a metric must be computed where it decides`() throws {
        let validation = "data.validation={source: a, target: b}"
        for setting in [
            "training.early_stopping.metric=ter",
            "training.schedule={type: plateau, metric: ter}",
        ] {
            #expect(throws: Never.self) {
                try parse("", validation, setting, "validation.metrics=[bleu, ter]")
            }
            let error = try #require(
                refusal(Self.data, [validation, setting, "validation.metrics=[bleu]"]))
            #expect(error.reason.hasPrefix("validation.metrics is [bleu] without ter"))
            #expect(error.path == "--set validation.metrics=[bleu]")
        }
    }

    @Test func `a rule that is broken names the line of the option`() throws {
        let error = try #require(refusal(Self.data + "model:\n  encoder:\n    layers: 0\n"))
        #expect(error.line == 4)
        #expect(
            "\(error)" == "run.yaml:4: model.encoder.layers is 0 (choose a number from 1 to 1024)")
    }

    @Test func `a file that is missing or no text is refused`() {
        #expect(throws: (any Error).self) { try ConfigurationFile.read("/nonexistent/run.yaml") }
        #expect(throws: (any Error).self) { try ConfigurationFile.read("/") }
    }

    // MARK: What is written

    @Test func `a configuration is read back as it was written`() throws {
        var configuration = try parse("")
        #expect(try roundTrip(configuration) == configuration)
        configuration.seed = .max
        configuration.run = "a: 'b' #\"c\\ \u{1F600} " + String(repeating: "long ", count: 50)
        configuration.model.initialization = Initialization(kind: .orthogonal, range: 1 / 3)
        configuration.training.optimizer.learningRate = 1.2e-38
        configuration.training.optimizer.adam.epsilon = 3.4e38
        configuration.training.clipNorm = .greatestFiniteMagnitude
        configuration.tokenizer.source.characterCoverage = 0.9995
        configuration.tokenizer.target.characterCoverage = 0.999_999_999_999
        configuration.decoding.lengthPenalty = 0.6
        for name in ["no", "1.5", "1e3", "null", "~", "", " ", "- a", "0x1F", "2020-01-01", "a\nb"]
        {
            configuration.data.train.source = name.isEmpty ? "s" : name
            configuration.data.train.target = name.isEmpty ? "t" : name
            #expect(try roundTrip(configuration) == configuration, "\(name)")
        }
    }

    private func roundTrip(_ configuration: RunConfiguration) throws -> RunConfiguration {
        try ConfigurationFile.parse(ConfigurationFile.text(configuration), path: "written")
    }

    @Test func `the first difference of two configurations is found`() throws {
        let first = try parse("")
        #expect(try ConfigurationFile.firstDifference(first, first) == nil)
        let second = try parse("", "model.dropout=0.25", "decoding.beam_size=1")
        let difference = try #require(try ConfigurationFile.firstDifference(first, second))
        #expect(difference == ("model.dropout", "0.3", "0.25"))
    }
}
