import SeqTraining
import Testing
import Yams

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `Documentation/configuration.yaml` names every option with its default.
@Suite struct ReferenceConfigurationTests {
    private let path = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Documentation/configuration.yaml").path(percentEncoded: false)

    private func keys(_ node: Node?, at path: String = "") -> [String] {
        guard let mapping = node?.mapping else { return [path] }
        return mapping.flatMap { key, value in
            keys(value, at: path.isEmpty ? key.string ?? "" : "\(path).\(key.string ?? "")")
        }
    }

    private func values(_ node: Node) -> [Node] { node.sequence.map(Array.init) ?? [node] }

    @Test func `its values are the defaults`() throws {
        var configuration = try ConfigurationFile.read(path)
        let defaults = RunConfiguration()
        #expect(configuration != defaults)
        configuration.data.train = defaults.data.train
        configuration.data.validation = defaults.data.validation
        #expect(configuration == defaults)
    }

    @Test func `it names every option, in the order of the resolved configuration`() throws {
        let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        let encoded = try compose(yaml: ConfigurationFile.text(RunConfiguration()))
        #expect(try keys(compose(yaml: text)) == keys(encoded))
        #expect(keys(encoded).count == 229)
    }

    @Test func `it is written out as numbers that people write`() throws {
        let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        let user = try #require(try compose(yaml: text))
        let encoded = try #require(try compose(yaml: ConfigurationFile.text(RunConfiguration())))
        for key in keys(encoded) where !key.hasPrefix("data.") {
            let names = key.split(separator: ".").map(String.init)
            let (mine, written) = (
                names.reduce(user) { $0[$1] ?? $0 }, names.reduce(encoded) { $0[$1] ?? $0 }
            )
            for (mine, written) in zip(values(mine), values(written)) {
                #expect(mine.float == written.float || mine.string == written.string, "\(key)")
                #expect((written.string ?? "").count <= 12, "\(key): \(written.string ?? "")")
            }
            #expect(values(mine).count == values(written).count, "\(key)")
        }
    }
}
