import SeqFiles
import SeqTensor
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Reading and writing the safetensors format.
struct SafetensorsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The bytes of a file with this header and data.
    private static func bytes(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
        let text = Array(header.utf8)
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text + data
    }

    private func open(_ header: String, _ data: [UInt8] = []) throws -> Safetensors {
        try Safetensors(contentsOf: folder.file("x.safetensors", Self.bytes(header, data)))
    }

    private static func written(
        _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        Safetensors.write(tensors, metadata: metadata) { bytes.append(contentsOf: $0) }
        return bytes
    }

    @Test func roundTrip() throws {
        let tensors: [(name: String, tensor: Tensor)] = [
            ("encoder.weight", .draw([7, 5], seed: 1)), ("scalar", Tensor(3.25)),
            ("nothing", .zeros([0, 4])), ("Größe \"ä\\\n\u{1}\t\r🦆", .draw([3], seed: 2)),
            ("special", Tensor([.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude])),
        ]
        let metadata = ["format": "test", "läng\"e": "a\\b\n\u{1f}"]
        let bytes = Self.written(tensors, metadata: metadata)
        let file = try Safetensors(contentsOf: folder.file("x", bytes))
        #expect(file.metadata == metadata)
        #expect(file.names == tensors.map(\.name).sorted())
        for (name, tensor) in tensors {
            #expect(identical(try file.tensor(name, shape: tensor.shape), tensor))
            #expect(file.shape(of: name) == tensor.shape)
        }
        #expect(file.shape(of: "other") == nil)
        // The header is padded, so that numbers are aligned and need not be copied.
        let length = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        #expect(length % 8 == 0)
        let again = Self.written(file.names.map { ($0, (try? file.tensor($0)) ?? Tensor(0)) })
        #expect(again.count < bytes.count)
    }

    @Test func emptyFilesOfTensors() throws {
        #expect(try open("{}").names.isEmpty)
        #expect(try Safetensors(contentsOf: folder.file("y", Self.written([]))).names.isEmpty)
    }

    /// The tensor lives on when the file object is gone.
    @Test func tensorsKeepTheirFileMapped() throws {
        let values = Tensor.draw([1000], seed: 3)
        func load() throws -> Tensor {
            try Safetensors(contentsOf: folder.file("z", Self.written([("x", values)]))).tensor("x")
        }
        let tensor = try load()
        try FileManager.default.removeItem(atPath: folder.path("z"))
        #expect(identical(tensor, values))
    }

    @Test func filesOfPythonAreRead() throws {
        let golden = try Golden("cross_entropy")
        #expect(golden.file.metadata["description"]?.contains("cross-entropy") == true)
        #expect(try golden("parameter.weight").shape == [19, 53])
        #expect(try golden.integers("input.targets").count == 37)
        #expect(throws: Seq2SeqError.self) { try golden("input.targets") }
        #expect(throws: Seq2SeqError.self) { try golden.integers("parameter.weight") }
    }

    /// The same bytes as version 0.8.0 of the reference implementation makes.
    ///
    ///     a = numpy.arange(1, 7, dtype="f4").reshape(2, 3)
    ///     b = numpy.array([-0.5], dtype="f4")
    ///     safetensors.numpy.save({"a": a, "b": b}, metadata={"k": "v"})
    @Test func theWriterAgreesWithPython() throws {
        let header =
            #"{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"F32","shape":[1],"data_offsets":[24,28]}}"#
        let bytes = Self.written(
            [("a", Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])), ("b", Tensor([-0.5]))],
            metadata: ["k": "v"])
        let padding = String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        let data = [1, 2, 3, 4, 5, 6, -0.5].flatMap { (x: Float) in
            withUnsafeBytes(of: x.bitPattern.littleEndian) { Array($0) }
        }
        #expect(bytes == Self.bytes(header + padding, data))
    }

    @Test func otherNumberTypes() throws {
        func data<Value>(_ values: [Value]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }
        let halves: [UInt16] = [
            0x3C00, 0xC000, 0x0001, 0x83FF, 0x7BFF, 0x7C00, 0xFC00, 0x7E00, 0x0000, 0x3555,
        ]
        let parts: [(String, Int, [UInt8])] = [
            ("F16", halves.count, data(halves)),
            ("BF16", 4, data([0x3F80, 0xC049, 0x7F80, 0x0001] as [UInt16])),
            ("F64", 3, data([1.0 / 3, -1e300, .leastNonzeroMagnitude])),
            ("I32", 2, data([-7, 1 << 30] as [Int32])),
            ("I64", 2, data([-1 << 40, 9] as [Int64])), ("U8", 3, [1, 2, 3]),
        ]
        var (entries, bytes) = ([String](), [UInt8]())
        for (type, count, part) in parts {
            entries.append(
                #""\#(type)":{"dtype":"\#(type)","shape":[\#(count)],"data_offsets":[\#(bytes.count),\#(bytes.count + part.count)]}"#
            )
            bytes += part
        }
        let file = try open("{\(entries.joined(separator: ","))}", bytes)
        let found = try file.tensor("F16").values
        let expected: [Float] = [
            1, -2, 0x1p-24, -0x1.FF8p-15, 65504, .infinity, -.infinity, .nan, 0, 0x1.554p-2,
        ]
        for (a, b) in zip(found, expected) { #expect(a == b || a.isNaN && b.isNaN) }
        let brain = try file.tensor("BF16").values
        #expect(brain == [1, -3.140625, .infinity, Float(bitPattern: 0x1_0000)])
        #expect(try file.tensor("F64").values == [Float(1.0 / 3), -.infinity, 0])
        #expect(try file.integers("I32") == [-7, 1 << 30])
        #expect(try file.integers("I64") == [-1 << 40, 9])
        for name in ["I32", "U8"] { #expect(throws: Seq2SeqError.self) { try file.tensor(name) } }
        #expect(throws: Seq2SeqError.self) { try file.integers("U8") }
    }

    /// Numbers that do not lie at multiples of four are copied.
    @Test func unalignedNumbers() throws {
        let values: [Float] = [1.5, -2.5]
        let data = values.withUnsafeBytes { Array($0) }
        for padding in 0..<8 {
            let file = try open(
                #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
                    + String(repeating: " ", count: padding), data)
            #expect(try file.tensor("x").values == values)
        }
    }

    @Test func whatTheCallerWantsWrongly() throws {
        let file = try open(
            #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, [0, 0, 0, 0])
        for (name, shape, reason) in [
            ("y", nil, "tensor y is missing"), ("x", [2], "has shape [1], expected [2]"),
        ] as [(String, [Int]?, String)] {
            let error = #expect(throws: Seq2SeqError.self) { try file.tensor(name, shape: shape) }
            #expect(error?.path == file.path && error?.reason.contains(reason) == true)
        }
    }

    /// Headers that must be refused, and a word of the reason.
    static let malformed: [(header: String, data: Int, reason: String)] = [
        ("", 0, "does not start with {"), ("[]", 0, "does not start with {"),
        (" {}", 0, "does not start with {"), ("{", 0, "expected \""), ("{}}", 0, "text after"),
        ("{} x", 0, "text after"), ("{\"a\"}", 0, "expected :"), ("{\"a\":}", 0, "expected {"),
        ("{\"a\":1}", 0, "expected {"), ("{\"a\":{}}", 0, "needs dtype"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "needs dtype"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "two data_offsets"),
        (
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4,
            "two data_offsets"
        ),
        (
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"b\":1}}", 4,
            "unexpected or repeated key b"
        ),
        (
            "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4,
            "unexpected or repeated key dtype"
        ),
        (entry("a", 0, 4) + "," + entry("a", 4, 8), 8, "duplicate key a"),
        (entry("a", 0, 4) + "," + entry("\\u0061", 4, 8), 8, "duplicate key a"),
        (entry("a", 0, 4) + "," + entry("b", 0, 4), 4, "a hole or an overlap"),
        (entry("a", 0, 4) + "," + entry("b", 8, 12), 12, "a hole or an overlap"),
        (entry("a", 4, 8), 8, "a hole or an overlap"), (entry("a", 0, 4), 8, "4 bytes after"),
        (entry("a", 0, 4), 3, "truncated"), (entry("a", 0, 4) + ",", 4, "expected \""),
        (entry("a", 0, 8), 8, "takes 4 bytes"), (entry("a", 8, 4), 8, "takes 4 bytes"),
        (entry("a", 0, 4, shape: "2"), 4, "takes 8 bytes"),
        (entry("a", 0, 4, shape: "-1"), 4, "expected a size"),
        (entry("a", -4, 0), 4, "expected a size"),
        (entry("a", 0, 4, shape: "1.0"), 4, "expected ]"),
        (entry("a", 0, 4, shape: "1e0"), 4, "expected ]"),
        (entry("a", 0, 4, shape: "1,"), 4, "size"),
        (entry("a", 0, 4, shape: "\"1\""), 4, "size"),
        (entry("a", 0, 4, shape: "99999999999999999999"), 4, "too large"),
        (entry("a", 0, 4, shape: "9223372036854775807,3"), 4, "overflows"),
        (entry("a", 0, 4, shape: "4294967296,4294967296"), 4, "overflows"),
        (entry("a", 0, 4, shape: "4611686018427387904"), 4, "overflows"),
        (entry("a", 0, 4, type: "F31"), 4, "unknown type F31"),
        (entry("a", 0, 4, type: "f32"), 4, "unknown type f32"),
        (entry("a\\", 0, 4), 4, "expected"), (entry("\\x", 0, 4), 4, "unknown escape"),
        (entry("\\u12", 0, 4), 4, "hexadecimal"), (entry("\\ud800", 0, 4), 4, "surrogate"),
        (entry("\\ud800\\u0041", 0, 4), 4, "surrogate"), (entry("\\udc00", 0, 4), 4, "surrogate"),
        (entry("\\u+123", 0, 4), 4, "hexadecimal"), (entry("a\nb", 0, 4), 4, "control character"),
        ("{\"__metadata__\":{\"a\":1}}", 0, "expected \""),
        ("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "duplicate key a in __metadata__"),
        ("{\"__metadata__\":[]}", 0, "expected {"), ("{\"a\":{\"dtype\":\"F32", 0, "does not end"),
        ("{\"a\":{\"dtype\":\"F32\\", 0, "does not end"),
        (String(repeating: "{\"a\":", count: 100_000), 0, "unexpected or repeated key"),
    ]

    private static func entry(
        _ name: String, _ begin: Int, _ end: Int, shape: String = "1", type: String = "F32"
    ) -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}"
    }

    @Test func malformedHeaders() throws {
        for (number, (header, data, reason)) in Self.malformed.enumerated() {
            let text = header.hasPrefix("\"") ? "{\(header)}" : header
            let error = #expect(throws: Seq2SeqError.self, "\(number): \(text.prefix(99))") {
                try open(text, [UInt8](repeating: 0, count: data))
            }
            #expect(error?.kind == .badData && error?.path == folder.path("x.safetensors"))
            #expect(error?.reason.contains(reason) == true, "\(number): \(error?.reason ?? "")")
            #expect(error?.description.contains(error?.remedy ?? "no remedy") == true)
        }
    }

    @Test func headersThatAreNoText() throws {
        for bytes: [UInt8] in [
            [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC0, 0x80],
        ] {
            let header = Array("{\"a".utf8) + bytes + Array("\":{}}".utf8)
            let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
            let path = try folder.file("x", length + header)
            let error = #expect(throws: Seq2SeqError.self) { try Safetensors(contentsOf: path) }
            #expect(error?.reason.contains("UTF-8") == true)
        }
    }

    @Test func lengthsThatLie() throws {
        let lengths: [UInt64] = [3, 100, 100_000_000, 100_000_001, 1 << 62, 1 << 63, .max]
        for length in lengths {
            let bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array("{}".utf8)
            let path = try folder.file("x", bytes)
            let error = #expect(throws: Seq2SeqError.self) { try Safetensors(contentsOf: path) }
            #expect(error?.kind == .badData, "\(length)")
        }
        for count in 1..<8 {
            let path = try folder.file("x", [UInt8](repeating: 0, count: count))
            let error = #expect(throws: Seq2SeqError.self) { try Safetensors(contentsOf: path) }
            #expect(error?.reason.contains("too short") == true)
        }
    }

    @Test func filesThatAreNone() throws {
        let empty = try folder.file("empty", [])
        let pipe = folder.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        for (path, reason) in [
            (folder.path, "not a regular file"), (folder.path("absent"), "No such file"),
            ("", "No such file"), (empty, "the file is empty"), (pipe, "not a regular file"),
            (folder.path("empty/x"), "Not a directory"),
        ] {
            let error = #expect(throws: Seq2SeqError.self) { try Safetensors(contentsOf: path) }
            #expect(error?.reason.contains(reason) == true, "\(path)")
            #expect(error?.path == path)
        }
    }

    /// Whatever happens to a file, reading it gives tensors or an error.
    @Test func mutations() throws {
        var valid = Self.written(
            [("a.b", .draw([2, 3], seed: 1)), ("ü", .draw([4], seed: 2)), ("c", .zeros([0]))],
            metadata: ["k": "v\n"])
        let headerEnd = valid.count - 40
        var generator = RandomGenerator(seed: 20)
        let telling = Array("\"\\{}[]:,0123456789-eu \u{0}\u{FF}".utf8)
        var (read, refused) = (0, 0)
        for round in 0..<4000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let at = Int.random(in: 0..<headerEnd, using: &generator)
                let byte =
                    round % 2 == 0
                    ? UInt8.random(in: .min ... .max, using: &generator)
                    : telling.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: bytes.insert(byte, at: min(at, bytes.count))
                case 1 where at < bytes.count: bytes.remove(at: at)
                case 2:
                    bytes.removeLast(Int.random(in: 0...min(60, bytes.count), using: &generator))
                default: if at < bytes.count { bytes[at] = byte }
                }
            }
            do {
                let file = try Safetensors(contentsOf: folder.file("m", bytes))
                for name in file.names { _ = try? file.tensor(name).values.count }
                read += 1
            } catch let error as Seq2SeqError {
                #expect(!error.reason.isEmpty && error.path == folder.path("m"))
                refused += 1
            }
        }
        valid.removeAll()
        #expect(refused > 3000 && read > 20 && read + refused == 4000)
    }
}
