import Foundation
import Testing

@Suite struct HelpTests {
    @Test(arguments: [
        [], ["train"], ["predict"], ["translate"], ["evaluate"], ["score"], ["average"], ["info"],
        ["check-data"],
    ])
    func `help goes to standard output`(_ command: [String]) throws {
        let outcome = try Program.run(command + ["--help"])
        #expect(outcome.status == 0)
        #expect(outcome.messages == "")
        #expect(outcome.output.contains("USAGE: seq2seq"))
        #expect(try Program.run(["help"] + command).output == outcome.output)
    }

    @Test func `no command at all is a request for help`() throws {
        let outcome = try Program.run()
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("SUBCOMMANDS:"))
    }

    @Test func `the version is told`() throws {
        let outcome = try Program.run("--version")
        #expect(outcome.status == 0)
        #expect(outcome.output.wholeMatch(of: /seq2seq [0-9]+\.[0-9]+\.[0-9]+\n/) != nil)
    }

    @Test func `a model is described`() throws {
        let model = try TrainedModel.shared.get().folder
        let outcome = try Program.run("info", model)
        #expect(outcome.status == 0)
        #expect(outcome.messages == "")
        #expect(outcome.output.contains("\"parameters\" : "))
        #expect(outcome.lines.contains("encoder.embedding.weight\t13×32"))
    }

    @Test func `a model is described as JSON`() throws {
        let model = try TrainedModel.shared.get().folder
        let outcome = try Program.run("info", model, "--json")
        #expect(outcome.lines.count == 1)
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        let description = try #require(object as? [String: Any])
        #expect(
            Set(description.keys) == [
                "parameters", "source_vocabulary", "target_vocabulary", "source_tokenizer",
                "target_tokenizer", "model", "provenance", "checksum", "outputs",
            ])
        #expect(description["source_vocabulary"] as? Int == 13)
        #expect(
            ((description["model"] as? [String: Any])?["encoder"] as? [String: Any])?["hidden"]
                as? Int == 64)
        #expect((description["provenance"] as? [String: String])?["seed"] == "1")
        #expect((description["parameters"] as? Int ?? 0) > 10_000)
    }
}
