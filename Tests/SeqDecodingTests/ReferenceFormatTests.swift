import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Bytes of files in the formats of others.
private struct FileBuilder {
    var bytes: [UInt8] = []

    mutating func number<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }
}

struct NumPyArchiveTests {
    private static func array(
        _ values: [Float], shape: String, type: String = "<f4", isFortran: Bool = false
    ) -> [UInt8] {
        var file = FileBuilder(bytes: [0x93])
        file.text("NUMPY")
        file.number(UInt8(1))
        file.number(UInt8(0))
        let order = isFortran ? "True" : "False"
        let header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n"
        file.number(UInt16(header.utf8.count))
        file.text(header)
        for value in values { file.number(value.bitPattern) }
        return file.bytes
    }

    /// A zip archive; the local headers hold more than the directory says, as NumPy writes them.
    private static func archive(
        _ entries: [(name: String, bytes: [UInt8])], method: UInt16 = 0
    ) -> [UInt8] {
        var file = FileBuilder()
        var directory = FileBuilder()
        for (name, bytes) in entries {
            directory.bytes += [0x50, 0x4B, 1, 2] + [UInt8](repeating: 0, count: 6)
            directory.number(method)
            directory.bytes += [UInt8](repeating: 0, count: 8)
            directory.number(UInt32(bytes.count))
            directory.number(UInt32(bytes.count))
            directory.number(UInt16(name.utf8.count))
            directory.bytes += [UInt8](repeating: 0, count: 12)
            directory.number(UInt32(file.bytes.count))
            directory.text(name)
            file.bytes += [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 4)
            file.number(method)
            file.bytes += [UInt8](repeating: 0, count: 16)
            file.number(UInt16(name.utf8.count))
            file.number(UInt16(5))
            file.text(name + "extra")
            file.bytes += bytes
        }
        let start = file.bytes.count
        file.bytes += directory.bytes
        file.bytes += [0x50, 0x4B, 5, 6, 0, 0, 0, 0]
        file.number(UInt16(entries.count))
        file.number(UInt16(entries.count))
        file.number(UInt32(directory.bytes.count))
        file.number(UInt32(start))
        file.number(UInt16(0))
        return file.bytes
    }

    private static let sound = archive([
        ("matrix.npy", array([1, -2.5, 3, 4, 5, 6], shape: "(2, 3)")),
        ("vector.npy", array([7, 8], shape: "(2,)")),
        ("scalar.npy", array([9], shape: "()")),
    ])

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ bytes: some Sequence<UInt8>) throws -> NumPyArchive {
        try NumPyArchive(contentsOf: folder.file("a.npz", bytes))
    }

    @Test func readsArrays() throws {
        for end in [[], Array("comment".utf8)] {
            let archive = try read(Self.sound + end)
            #expect(archive.names == ["matrix", "vector", "scalar"])
            let matrix = try archive.tensor("matrix")
            #expect(matrix.shape == [2, 3])
            #expect(matrix.values == [1, -2.5, 3, 4, 5, 6])
            #expect(try archive.tensor("vector").shape == [2])
            #expect(try archive.tensor("scalar").item == 9)
            #expect(throws: FormatError.self) { try archive.tensor("tensor") }
        }
    }

    @Test func everyTruncationIsAnError() throws {
        for length in Self.sound.indices {
            #expect(throws: FormatError.self) { try read(Self.sound.prefix(length)) }
        }
        let array = Self.array([7, 8], shape: "(2,)")
        for length in array.indices {
            #expect(throws: FormatError.self) {
                try read(Self.archive([("a.npy", Array(array.prefix(length)))]))
            }
        }
    }

    @Test func damageIsAnErrorOrAnotherNumber() throws {
        for place in Self.sound.indices {
            var bytes = Self.sound
            bytes[place] ^= 0xFF
            do {
                #expect(!(try read(bytes).names.isEmpty), "byte \(place)")
            } catch {
                #expect(error is FormatError, "byte \(place): \(error)")
            }
        }
    }

    @Test func whatItDoesNotReadIsNamed() throws {
        func reason(_ bytes: [UInt8]) throws -> String {
            try #require(throws: FormatError.self) { try read(bytes) }.reason
        }
        let array = Self.array([7, 8], shape: "(2,)")
        #expect(
            try reason(Self.archive([("a.npy", array)], method: 8)).contains("compressed"))
        #expect(try reason(Self.archive([("a.txt", array)])).contains("no .npy file"))
        #expect(
            try reason(Self.archive([("a.npy", Self.array([7], shape: "(1,)", type: "<f8"))]))
                .contains("<f8"))
        let turned = Self.array([7, 8], shape: "(1, 2)", isFortran: true)
        #expect(try reason(Self.archive([("a.npy", turned)])).contains("Fortran order True"))
        #expect(try reason(Self.archive([("a.npy", array + [0])])).contains("1 bytes follow"))
        let vast = Self.array([7], shape: "(4294967296, 4294967296)")
        #expect(try reason(Self.archive([("a.npy", vast)])).contains("shape"))
        #expect(try reason(Array("no archive at all, but long enough".utf8)).contains("no zip"))
    }
}

struct CTranslate2FormatTests {
    private static func file(
        version: UInt32 = 2, specification: String = "TransformerBase", revision: UInt32 = 2,
        _ variables: [(name: String, shape: [Int], size: UInt8, items: [UInt8])]
    ) -> [UInt8] {
        var file = FileBuilder()
        func text(_ text: String) {
            file.number(UInt16(text.utf8.count + 1))
            file.text(text + "\0")
        }
        file.number(version)
        text(specification)
        file.number(revision)
        file.number(UInt32(variables.count))
        for variable in variables {
            text(variable.name)
            file.number(UInt8(variable.shape.count))
            for size in variable.shape { file.number(UInt32(size)) }
            file.number(variable.size)
            file.number(UInt32(variable.items.count / Int(variable.size)))
            file.bytes += variable.items
        }
        return file.bytes
    }

    private static func floats(_ values: [Float]) -> [UInt8] {
        var file = FileBuilder()
        for value in values { file.number(value.bitPattern) }
        return file.bytes
    }

    private static let sound = file([
        ("plain", [2], 4, floats([0.5, -1])),
        ("words", [1, 2], 2, [0, 1, 0xFE, 0xFF]),
        ("words_scale", [], 4, floats([4])),
        ("bytes", [2, 2], 1, [1, 2, 0xFD, 4]),
        ("bytes_scale", [2], 4, floats([2, 0.5])),
    ])

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ bytes: some Sequence<UInt8>) throws -> CTranslate2Variables {
        try CTranslate2Variables(contentsOf: folder.file("model.bin", bytes))
    }

    private func reason(_ bytes: [UInt8]) throws -> String {
        try #require(throws: FormatError.self) { try read(bytes) }.reason
    }

    @Test func readsVariablesOfEachFormat() throws {
        let tensors = try read(Self.sound).tensors
        #expect(Set(tensors.keys) == ["plain", "words", "bytes"])
        #expect(tensors["plain"]?.values == [0.5, -1])
        #expect(tensors["words"]?.shape == [1, 2])
        #expect(tensors["words"]?.values == [64, -0.5])
        #expect(tensors["bytes"]?.values == [0.5, 1, -6, 8])
    }

    @Test func everyTruncationIsAnError() throws {
        for length in Self.sound.indices {
            #expect(throws: FormatError.self) { try read(Self.sound.prefix(length)) }
        }
    }

    @Test func damageIsAnErrorOrAnotherNumber() throws {
        for place in Self.sound.indices {
            var bytes = Self.sound
            bytes[place] ^= 0xFF
            do {
                #expect(!(try read(bytes).tensors.isEmpty), "byte \(place)")
            } catch {
                #expect(error is FormatError, "byte \(place): \(error)")
            }
        }
    }

    @Test func whatItDoesNotReadIsNamed() throws {
        #expect(try reason(Self.file(version: 6, [])).contains("binary version 6"))
        #expect(try reason(Self.file(revision: 7, [])).contains("revision 7"))
        #expect(try reason(Self.sound + [0]).contains("1 bytes follow"))
        #expect(try reason(Self.file([("a", [2], 1, [1, 2])])).contains("no scale"))
        let unfitting = Self.file([
            ("a", [2], 1, [1, 2]), ("a_scale", [3], 4, Self.floats([1, 2, 3])),
        ])
        #expect(try reason(unfitting).contains("no scale"))
        #expect(try reason(Self.file([("a", [3], 1, [1, 2])])).contains("2 items"))
        #expect(
            try reason(Self.file([("a", [1], 8, [UInt8](repeating: 0, count: 8))]))
                .contains("items of 8 bytes"))
        #expect(try reason(Array("PK is something else".utf8)).contains("binary version"))
    }

    @Test func aModelGetsOurNamesAndOrder() throws {
        let rows: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
        let bytes = Self.file([
            ("encoder/embeddings/weight", [4, 2], 4, Self.floats(rows)),
            ("decoder/embeddings/weight", [4, 2], 4, Self.floats(rows)),
            ("decoder/projection/weight", [4, 2], 4, Self.floats(rows)),
            ("decoder/projection/bias", [4], 4, Self.floats([1, 2, 3, 4])),
            ("encoder/layer_0/ffn/linear_0/bias", [3], 4, Self.floats([1, 2, 3])),
            ("decoder/layer_1/attention/linear_1/weight", [4, 2], 4, Self.floats(rows)),
            ("decoder/layer_norm/gamma", [2], 4, Self.floats([1, 2])),
        ])
        _ = try folder.file("model.bin", bytes)
        for side in ["source", "target"] {
            _ = try folder.file("\(side)_vocabulary.txt", Array("<blank>\n<s>\n</s>\n".utf8))
        }
        let model = try CTranslate2Model(folder: folder.path, positions: 5)
        #expect(model.source == ["<unk>", "<s>", "</s>", "<blank>"])
        #expect(model.target == model.source)
        #expect(model.width == 2)
        #expect(model.layers == (1, 2))
        #expect(model.configuration.heads == 8)
        #expect(model.configuration.feedForward == 3)
        let found = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.tensor) })
        let reordered: [Float] = [7, 8, 3, 4, 5, 6, 1, 2]
        #expect(found["encoder.embedding.weight"]?.values == reordered)
        #expect(found["decoder.embedding.weight"]?.values == reordered)
        #expect(found["output.weight"]?.shape == [2, 4])
        #expect(found["output.weight"]?.values == [7, 3, 5, 1, 8, 4, 6, 2])
        #expect(found["output.bias"]?.values == [4, 2, 3, 1])
        #expect(found["encoder.layers.0.feed_forward.first.bias"]?.values == [1, 2, 3])
        #expect(
            found["decoder.layers.1.cross_attention.memory.weight"]?.values
                == [1, 3, 5, 7, 2, 4, 6, 8])
        #expect(found["decoder.norm.gain"]?.values == [1, 2])
        #expect(found["encoder.positions.weight"]?.shape == [5, 2])
        #expect(found["decoder.positions.weight"]?.shape == [5, 2])
        #expect(found.count == 9)
    }

    @Test func aModelNeedsItsParts() throws {
        func reason(_ bytes: [UInt8], vocabulary: String = "<blank>\n<s>\n</s>\n") throws -> String
        {
            _ = try folder.file("model.bin", bytes)
            _ = try folder.file("source_vocabulary.txt", vocabulary.utf8)
            _ = try folder.file("target_vocabulary.txt", vocabulary.utf8)
            return try #require(throws: FormatError.self) {
                try CTranslate2Model(folder: folder.path, positions: 4)
            }.reason
        }
        #expect(
            try reason(Self.file(specification: "WhisperSpec", []))
                .contains("WhisperSpec is not supported"))
        #expect(try reason(Self.file([])).contains("no encoder/embeddings/weight"))
        let table = Self.floats([Float](repeating: 1, count: 8))
        let parts = [
            ("encoder/embeddings/weight", [4, 2], UInt8(4), table),
            ("decoder/embeddings/weight", [4, 2], 4, table),
            ("encoder/layer_0/ffn/linear_0/bias", [2], 4, Self.floats([0, 0])),
        ]
        #expect(try reason(Self.file(parts), vocabulary: "<blank>\n<s>\n").contains("2 tokens"))
        #expect(
            try reason(Self.file(parts + [("encoder/layer_0/other/weight", [1, 2], 1, [0, 0])]))
                .contains("no scale"))
        let other = ("encoder/layer_0/other/weight", [1], UInt8(4), Self.floats([0]))
        #expect(try reason(Self.file(parts + [other])).contains("other/weight is not part"))
    }
}
