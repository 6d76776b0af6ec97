import Foundation
import TestSupport
import Testing

/// A leading `~/` is the user's folder wherever a path can be given.
@Suite struct HomeFolderTests {
    @Test(arguments: ["run: ~/run", "run: '~/run'"])
    func `in a configuration`(_ line: String) throws {
        let folder = try TemporaryFolder()
        try folder.writeCorpus(train: 50, training: "maximum_steps: 1")
        let text = String(decoding: try folder.data("config.yaml"), as: UTF8.self)
        _ = try folder.file("config.yaml", text.replacing("run: run", with: line).utf8)
        let outcome = try Program.shell(
            "HOME=$PWD/home; export HOME; seq2seq train config.yaml", in: folder.path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(folder.exists("home/run/config.yaml") && !folder.exists("~"))
    }

    @Test(arguments: ["--output=~/run", "--output '~/run'", "--set 'run=~/run'"])
    func `in flags`(_ flag: String) throws {
        let folder = try TemporaryFolder()
        try folder.writeCorpus(train: 50, training: "maximum_steps: 1")
        let outcome = try Program.shell(
            "HOME=$PWD/home; export HOME; seq2seq train config.yaml \(flag)", in: folder.path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(folder.exists("home/run/config.yaml") && !folder.exists("~"))
    }
}
