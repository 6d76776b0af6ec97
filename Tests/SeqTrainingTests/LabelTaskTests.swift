import SeqDecoding
import SeqMetrics
import SeqModels
import SeqNN
import SeqTensor
import SeqText
import SeqTraining
import TestSupport
import Testing

extension TrainingRuns {
    /// Models whose outputs are labels are trained, saved, loaded, and say what they have learnt.
    @Suite struct LabelTaskTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// Words `a` to `e`; a span of type x begins with `a` and goes on over each `b` behind it, and the
        /// whole is `high` where `c` stands somewhere.
        private func lines(_ count: Int, seed: UInt64) -> [String] {
            var generator = SplitMix(state: seed)
            return (0..<count).map { _ in
                let words = (0..<Int.random(in: 2...8, using: &generator)).map { _ in
                    ["a", "b", "c", "d", "e"].randomElement(using: &generator) ?? "a"
                }
                var labels: [String] = []
                for word in words {
                    let isOpen = labels.last.map { $0 != "O" } ?? false
                    labels.append(word == "a" ? "B-x" : word == "b" && isOpen ? "I-x" : "O")
                }
                return [
                    words.joined(separator: " "), labels.joined(separator: " "),
                    words.contains("c") ? "quite high" : "low",
                ].joined(separator: "\t")
            }
        }

        private func configuration(_ outputs: String, fields: String) throws -> RunConfiguration {
            let train = try folder.write("train.tsv", lines(1500, seed: 3))
            let held = try folder.write("held.tsv", lines(200, seed: 4))
            return try ConfigurationFile.parse(
                """
                threads: 1
                run: \(folder.path("run"))
                \(outputs)
                data:
                  train: {table: \(train), fields: \(fields)}
                  validation: {table: \(held), fields: \(fields)}
                tokenizer: {source: {kind: whitespace}}
                model:
                  encoder: {embedding: 16, hidden: 32, layers: 1}
                  dropout: 0.1
                training:
                  optimizer: {learning_rate: 0.01}
                  label_smoothing: 0
                  batch: {size: 32}
                  epochs: 5
                """, path: "test.yaml")
        }

        @Test(arguments: ["{type: labels}", "{type: labels, head: crf, scheme: bio}"])
        func `one label for each step`(_ output: String) throws {
            let configuration = try configuration("output: \(output)", fields: "[1, 2]")
            let best = try #require(try Trainer(configuration).run())
            #expect(best.scores[.accuracy].map { $0 >= 0.99 } == true)
            let translator = try Translator(contentsOf: "\(configuration.run)/best")
            let found = try translator.translate("a b b c a d b")
            #expect(found.text == "B-x I-x I-x O B-x O O")
            #expect(found.outputs.map(\.name) == ["labels"])
            #expect(found.outputs[0].probabilities.count == 7)
            let scored = try translator.score([("a b b c a d b", found.text)])
            #expect(abs(scored[0].logProbability - found.logProbability) < 1e-5)
        }

        @Test(arguments: SingleLabelConfiguration.Pooling.allCases)
        func `one label for all`(_ pooling: SingleLabelConfiguration.Pooling) throws {
            let configuration = try configuration(
                "output: {type: label, name: degree, pooling: \(pooling.rawValue)}",
                fields: "[1, 3]")
            let best = try #require(try Trainer(configuration).run())
            #expect(best.scores[.accuracy].map { $0 >= 0.99 } == true)
            let translator = try Translator(contentsOf: "\(configuration.run)/best")
            #expect(try translator.translate("d c e").text == "quite high")
            #expect(try translator.translate("d a e").text == "low")
            #expect(try translator.translate(" ").text == "")
        }

        @Test func `two outputs of one model, resumed to the same bits`() throws {
            let outputs = """
                outputs:
                - {type: labels, name: spans, head: crf, scheme: bio}
                - {type: label, name: degree, loss_weight: 0.5}
                """
            var configuration = try configuration(outputs, fields: "[1, 2, 3]")
            configuration.training.epochs = 3
            try Trainer(configuration).run()
            let whole = try ModelFolder(contentsOf: "\(configuration.run)/last")
            let translator = Translator(whole)
            let found = try translator.translate(["a b c", "d"])
            #expect(found.map { $0[0].text } == ["B-x I-x O\tquite high", "O\tlow"])
            #expect(found[0][0].outputs[0].spans == [LabelSpan(type: "x", start: 0, end: 2)])
            #expect(found[0][0].outputs[1].spans == nil)

            configuration.run = folder.path("parts")
            configuration.training.epochs = 1
            try Trainer(configuration).run()
            configuration.training.epochs = 3
            try Trainer(configuration, resumes: true).run()
            let parts = try ModelFolder(contentsOf: "\(configuration.run)/last")
            for (first, second) in zip(whole.model.parameters, parts.model.parameters) {
                #expect(first.value.values == second.value.values, "\(first.name)")
            }
        }

        /// Words are known by the table and by their characters, so that a new one is told by its spelling.
        @Test func `unknown words are labelled by their spelling`() throws {
            var generator = SplitMix(state: 9)
            func line() -> String {
                let words = (0..<4).map { _ in
                    "\(Int.random(in: 100...999, using: &generator))"
                        + (Bool.random(using: &generator) ? "x" : "y")
                }
                return words.joined(separator: " ") + "\t"
                    + words.map { $0.hasSuffix("x") ? "X" : "Y" }.joined(separator: " ")
            }
            var configuration = try configuration("output: {type: labels}", fields: "[1, 2]")
            configuration.data.train.table = try folder.write("t", (0..<800).map { _ in line() })
            configuration.data.validation.table = try folder.write(
                "v", (0..<100).map { _ in line() })
            configuration.tokenizer.source.vocabularySize = 20
            configuration.model.encoder.wordVectors = .both
            configuration.training.epochs = 3
            let best = try #require(try Trainer(configuration).run())
            #expect(best.scores[.accuracy].map { $0 >= 0.99 } == true)
        }

        @Test(
            arguments: [
                ("output: {type: labels, pooling: max}", "belongs to outputs of type label"),
                ("output: {type: tags}", "outputs[0].type is tags"),
                ("output: [runs/x]", "or outputs for a list"),
                ("outputs: [{type: label}, {type: label}]", "outputs[1].name is label again"),
                ("output: {type: labels}\nmodel: {encoder: {type: pyramidal}}", "joins steps"),
                ("output: {type: label, name: A}", "outputs[0].name is A"),
                ("output: {type: labels}\nvalidation: {metrics: [bleu]}", "metrics has bleu"),
                ("output: {type: labels}\ntraining: {r_drop: 1}", "training.r_drop is given"),
                ("outputs: []", "outputs is an empty list"),
                ("output: {type: label}\noutputs: []", "output and outputs are both given"),
            ])
        func refusals(_ text: String, _ reason: String) {
            let data = "data: {train: {table: t}}\n"
            #expect {
                try ConfigurationFile.parse(data + text, path: "test.yaml")
            } throws: { "\($0)".contains(reason) }
        }

        @Test func `labels that are not as many as the steps are refused by line`() throws {
            let configuration = try configuration("output: {type: labels}", fields: "[1, 2]")
            _ = try folder.write("train.tsv", ["a b\tO O", "a b c\tO O"])
            #expect {
                try Trainer(configuration)
            } throws: {
                "\($0)".contains("train.tsv:2: labels has 2 labels for an input of 3 steps")
            }
        }
    }
}
