import Foundation
import SeqTensor
import TestSupport
import Testing

/// Model folders that change while they are used, or whose numbers are none, as users meet them.
@Suite struct DamagedFilesTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.copyModel()
    }

    /// Writes the parameters, changed, with a checksum that fits them.
    private func rewrite(_ change: (Float) -> Float) throws {
        let path = folder.path("model/model.safetensors")
        let file = try Safetensors(contentsOf: path)
        var bytes = Data()
        let tensors = try file.names.map { name in
            let tensor = try file.tensor(name)
            return (name: name, tensor: Tensor(tensor.values.map(change), shape: tensor.shape))
        }
        Safetensors.write(tensors, hasChecksum: true) { bytes.append(contentsOf: $0) }
        _ = try folder.file("model/model.safetensors", bytes)
    }

    private func predict() throws -> Outcome {
        try Program.run(
            "predict", "-m", "model", input: Data("1 2 3\n\n4 5\n".utf8), in: folder.path)
    }

    @Test func `weights that are cut short or overwritten in use change no answer`() throws {
        let expected = try predict().output
        for damage in ["truncate -s 4096", "dd if=/dev/zero conv=notrunc bs=4096 count=9 of="] {
            let space = damage.hasSuffix("=") ? "" : " "
            let outcome = try Program.shell(
                """
                (echo 1 2 3; sleep 2; echo; echo 4 5) | seq2seq predict -m model &
                sleep 1.5; \(damage)\(space)model/model.safetensors 2>/dev/null; wait $!
                """, in: folder.path)
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(outcome.output == expected)
            expectFailure(try predict(), 65, "model/model.safetensors: ")
            try FileManager.default.removeItem(atPath: folder.path("model"))
            try folder.copyModel()
        }
    }

    @Test func `a flipped bit among the weights is an error`() throws {
        var bytes = try folder.bytes("model/model.safetensors")
        bytes[bytes.count - 100] ^= 4
        _ = try folder.file("model/model.safetensors", bytes)
        expectFailure(try predict(), 65, "model/model.safetensors: ", "the checksum is")
    }

    @Test func `weights that are no numbers are refused by their name`() throws {
        try rewrite { _ in .nan }
        expectFailure(
            try predict(), 65, "model/model.safetensors: ", "encoder.", "holds a NaN")
    }

    @Test func `weights that are all zero are refused`() throws {
        try rewrite { _ in 0 }
        expectFailure(try predict(), 65, "model/model.safetensors: ", "all parameters are zero")
    }

    /// They pass for numbers, but what is computed from them does not.
    @Test func `answers that are no numbers are an error`() throws {
        try rewrite { $0 * 1e38 }
        let outcome = try predict()
        expectFailure(outcome, 70, "not a finite number", output: nil)
        for (name, line) in [("s", "1 2"), ("t", "1 2")] { try folder.write(name, [line]) }
        let scored = try Program.run(
            "score", "-m", "model", "-s", "s", "-t", "t", in: folder.path)
        expectFailure(scored, 70, "not a finite number")
    }

    @Test func `info shows the checksum and whether it holds`() throws {
        let checksum = try #require(
            Safetensors(contentsOf: folder.path("model/model.safetensors")).checksum)
        var outcome = try Program.run("info", "model", "--json", in: folder.path)
        #expect(
            outcome.output.contains(#""checksum":{"crc32c":"\#(checksum)","state":"verified"}"#),
            "\(outcome.output)")
        let file = try Safetensors(contentsOf: folder.path("model/model.safetensors"))
        var bytes = Data()
        Safetensors.write(try file.names.map { ($0, try file.tensor($0)) }) {
            bytes.append(contentsOf: $0)
        }
        _ = try folder.file("model/model.safetensors", bytes)
        outcome = try Program.run("info", "model", "--json", in: folder.path)
        #expect(outcome.output.contains(#""checksum":{"state":"none"}"#), "\(outcome.output)")
    }

    @Test func `a description with impossible values is damaged data`() throws {
        let text = String(decoding: try folder.bytes("model/config.json"), as: UTF8.self)
        _ = try folder.file(
            "model/config.json",
            text.replacingOccurrences(of: "\"hidden\" : 64", with: "\"hidden\" : 0").utf8)
        expectFailure(try predict(), 65, "model/config.json: ", "hidden is 0")
        _ = try folder.file("model/config.json", text.utf8)
        _ = try folder.file("model/provenance.json", Array("[".utf8))
        expectFailure(
            try Program.run("info", "model", in: folder.path), 65, "model/provenance.json: ")
    }

    @Test func `a model folder tells nothing of the machine`() throws {
        try folder.writeCorpus(train: 40, training: "epochs: 1")
        let place = folder.path
        let outcome = try Program.run(
            "train", "\(place)/config.yaml", "--output", "\(place)/run", "--set",
            "data.train.source=\(place)/train.source", "--set",
            "data.train.target=\(place)/train.target", in: place)
        #expect(outcome.status == 0, "\(outcome.messages)")
        let further = try Program.run(
            "train", "config.yaml", "--output", "further", "--init-from", "\(place)/run/best",
            in: place)
        #expect(further.status == 0, "\(further.messages)")
        let secrets = [place, NSUserName(), ProcessInfo.processInfo.hostName]
            .filter { $0.utf8.count > 4 }
        for model in ["run/best", "run/last", "further/best", "further/last"] {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path(model)) {
                let bytes = try folder.data("\(model)/\(name)")
                for secret in secrets {
                    #expect(
                        bytes.range(of: Data(secret.utf8)) == nil, "\(model)/\(name): \(secret)")
                }
            }
        }
    }
}
