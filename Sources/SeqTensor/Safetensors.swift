import SeqFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A file of named tensors in the safetensors format: eight bytes of header length, a JSON header, and
/// the numbers, little-endian and row-major.
///
/// The file is read at once, and what happens to it afterwards does not matter; tensors of type F32 share
/// the memory. A checksum under `crc32c` in `__metadata__` is compared, see ``checksum``.
public struct Safetensors: Sendable {
    private struct Entry: Sendable {
        var dtype: String
        var shape: [Int]
        var begin: Int
        var end: Int
    }

    /// The path it was read from.
    public let path: String
    /// The strings under `__metadata__`.
    public let metadata: [String: String]
    /// The CRC-32C of the file in eight hexadecimal digits, which has been compared with what was read; nil
    /// when the file has none.
    public var checksum: String? { metadata[SafetensorsChecksum.key] }
    private let data: StoredBytes
    private let entries: [String: Entry]

    /// The largest header that is accepted, as in the reference implementation.
    private static let maximumHeader = 100_000_000

    /// Opens a file; throws a ``Seq2SeqError`` that says what is wrong with it.
    public init(contentsOf path: String) throws {
        self.path = path
        let file = try StoredFile(path)
        func bad(_ reason: String) -> Seq2SeqError {
            Seq2SeqError(
                .badData, path: path, reason: reason,
                remedy: "the file is damaged or no safetensors file; save or copy it again")
        }
        guard file.size >= 8 else {
            throw bad("only \(file.size) bytes, too short for a safetensors header")
        }
        var length: UInt64 = 0
        try withUnsafeMutableBytes(of: &length) { try file.read(into: $0) }
        let lengthBytes = length
        length = UInt64(littleEndian: length)
        guard length <= UInt64(Safetensors.maximumHeader) else {
            throw bad("header of \(length) bytes is larger than 100 MB")
        }
        guard 8 + Int(length) <= file.size else {
            throw bad(
                "truncated: the header needs \(length) bytes of \(file.size - 8) that follow")
        }
        var header = [UInt8](repeating: 0, count: Int(length))
        try header.withUnsafeMutableBytes { try file.read(into: $0) }
        guard header.first == UInt8(ascii: "{") else {
            throw bad("the header does not start with {")
        }
        let parsed: [(String, HeaderParser.Value)]
        let digits: Int?
        do {
            (parsed, digits) = try header.withUnsafeBytes { bytes in
                var parser = HeaderParser(bytes)
                return (try parser.parse(), parser.checksumPosition)
            }
        } catch let error as HeaderParser.Problem {
            throw bad("header, byte \(error.position): \(error.reason)")
        }
        var entries: [String: Entry] = [:]
        var metadata: [String: String] = [:]
        let available = file.size - 8 - header.count
        for (name, value) in parsed {
            switch value {
            case .metadata(let strings): metadata = strings
            case .tensor(let dtype, let shape, let begin, let end):
                guard let size = Safetensors.elementSize(dtype) else {
                    throw bad("tensor \(name) has the unknown type \(dtype)")
                }
                // Without its zeros, so that the product of no part of a shape overflows.
                var product = 1
                for dimension in shape where dimension > 0 {
                    let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
                    guard !overflow, next < Int.max / 16 else {
                        throw bad("tensor \(name) has a shape that overflows")
                    }
                    product = next
                }
                let count = shape.contains(0) ? 0 : product
                guard begin <= end, end - begin == count * size else {
                    throw bad(
                        "tensor \(name) of shape \(shape) and type \(dtype) takes \(count * size) bytes, not \(begin)..<\(end)"
                    )
                }
                guard end <= available else {
                    throw bad("truncated: tensor \(name) ends at byte \(end) of \(available)")
                }
                entries[name] = Entry(dtype: dtype, shape: shape, begin: begin, end: end)
            }
        }
        var reached = 0
        for (name, entry) in entries.sorted(by: {
            ($0.value.begin, $0.value.end, $0.key) < ($1.value.begin, $1.value.end, $1.key)
        }) {
            guard entry.begin == reached else {
                throw bad(
                    "tensor \(name) starts at byte \(entry.begin), the one before ends at \(reached): a hole or an overlap"
                )
            }
            reached = entry.end
        }
        guard reached == available else {
            throw bad("\(available - reached) bytes after the last tensor")
        }
        self.entries = entries
        self.metadata = metadata
        var found = SafetensorsChecksum()
        if let digits {
            withUnsafeBytes(of: lengthBytes) { found.add($0) }
            found.add(header: header, digitsAt: digits)
        }
        data = try StoredBytes(available, of: file) { if digits != nil { found.add($0) } }
        if digits != nil, let checksum, found.digits != checksum {
            let cause = firstNotFinite.map { "; tensor \($0) holds a NaN or an infinity" } ?? ""
            throw Seq2SeqError(
                .badData, path: path,
                reason: "the checksum is \(found.digits), not \(checksum)\(cause)",
                remedy:
                    "the file is damaged; copy it again, or leave crc32c out of its metadata if another program has changed it on purpose"
            )
        }
    }

    /// The name of the first tensor of floating point numbers, in the order of names, that has one that is
    /// not finite.
    private var firstNotFinite: String? {
        names.first { name in (try? tensor(name))?.isFinite == false }
    }

    /// The names of all tensors, sorted.
    public var names: [String] { entries.keys.sorted() }

    /// The shape of a tensor, if the file has it.
    public func shape(of name: String) -> [Int]? { entries[name]?.shape }

    /// The tensor `name`, of type F32 (shared with the file), F16, BF16 or F64 (converted).
    ///
    /// - Parameter shape: the shape it must have; nil accepts any.
    public func tensor(_ name: String, shape: [Int]? = nil) throws -> Tensor {
        let entry = try entry(name)
        if let shape, shape != entry.shape {
            throw Seq2SeqError(
                .badData, path: path,
                reason: "tensor \(name) has shape \(entry.shape), expected \(shape)",
                remedy: "the file belongs to a model of another configuration")
        }
        let start = data.pointer + entry.begin
        let count = entry.shape.reduce(1, *)
        if entry.dtype == "F32", UInt(bitPattern: start) % 4 == 0 {
            let storage = Storage(
                borrowing: start.assumingMemoryBound(to: Float.self), count: count, owner: data)
            return Tensor(storage: storage, shape: entry.shape)
        }
        // Stored like the tensors that share the memory, so that products treat both alike.
        let result = Tensor(storage: Storage(count: count, isPersistent: true), shape: entry.shape)
        for index in 0..<count {
            switch entry.dtype {
            case "F32":
                result.pointer[index] = start.loadUnaligned(
                    fromByteOffset: 4 * index, as: Float.self)
            case "F64":
                result.pointer[index] = Float(
                    start.loadUnaligned(fromByteOffset: 8 * index, as: Double.self))
            case "BF16":
                let bits = start.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
                result.pointer[index] = Float(bitPattern: UInt32(bits) << 16)
            case "F16":
                result.pointer[index] = Safetensors.float(
                    half: start.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
            default:
                throw Seq2SeqError(
                    .badData, path: path,
                    reason: "tensor \(name) has the type \(entry.dtype), not a floating point type",
                    remedy: "the file is not a model of this program")
            }
        }
        return result
    }

    /// The integers of a tensor of type I32 or I64.
    public func integers(_ name: String) throws -> [Int] {
        let entry = try entry(name)
        let start = data.pointer + entry.begin
        let count = entry.shape.reduce(1, *)
        switch entry.dtype {
        case "I32":
            return (0..<count).map {
                Int(start.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self))
            }
        case "I64":
            return (0..<count).map {
                Int(start.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self))
            }
        default:
            throw Seq2SeqError(
                .badData, path: path,
                reason: "tensor \(name) has the type \(entry.dtype), not I32 or I64",
                remedy: "the file is not what it should be")
        }
    }

    private func entry(_ name: String) throws -> Entry {
        guard let entry = entries[name] else {
            throw Seq2SeqError(
                .badData, path: path, reason: "tensor \(name) is missing",
                remedy: "the file belongs to a model of another configuration")
        }
        return entry
    }

    private static func elementSize(_ dtype: String) -> Int? {
        switch dtype {
        case "F64", "I64", "U64": 8
        case "F32", "I32", "U32": 4
        case "F16", "BF16", "I16", "U16": 2
        case "I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2": 1
        default: nil
        }
    }

    private static func float(half: UInt16) -> Float {
        let sign: Float = half & 0x8000 != 0 ? -1 : 1
        let exponent = Int(half >> 10) & 0x1f
        let fraction = Float(half & 0x3ff) / 1024
        switch exponent {
        case 0: return sign * fraction * 0x1p-14
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default:
            return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
        }
    }

    /// The bytes of a safetensors file: the header and, one after the other, the chunks of data.
    ///
    /// - Parameters:
    ///   - tensors: names and values, written in this order.
    ///   - metadata: strings for `__metadata__`.
    ///   - hasChecksum: whether to put a ``checksum`` there, for which the tensors are gone through once more.
    ///   - write: takes the file piece by piece.
    public static func write(
        _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:],
        hasChecksum: Bool = false, to write: (UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        var metadata = metadata
        if hasChecksum { metadata[SafetensorsChecksum.key] = SafetensorsChecksum.placeholder }
        var header = header(tensors, metadata)
        let length = UInt64(header.count).littleEndian
        if hasChecksum {
            var checksum = SafetensorsChecksum()
            withUnsafeBytes(of: length) { checksum.add($0) }
            header.withUnsafeBytes { checksum.add($0) }
            for (_, tensor) in tensors {
                tensor.withUnsafeValues { checksum.add(UnsafeRawBufferPointer($0)) }
            }
            metadata[SafetensorsChecksum.key] = checksum.digits
            header = Safetensors.header(tensors, metadata)
        }
        try withUnsafeBytes(of: length) { try write($0) }
        try header.withUnsafeBytes { try write($0) }
        for (_, tensor) in tensors {
            try tensor.withUnsafeValues { try write(UnsafeRawBufferPointer($0)) }
        }
    }

    private static func header(
        _ tensors: [(name: String, tensor: Tensor)], _ metadata: [String: String]
    ) -> [UInt8] {
        var parts: [String] = []
        if !metadata.isEmpty {
            let strings = metadata.sorted { $0.key < $1.key }
                .map { "\(quoted($0.key)):\(quoted($0.value))" }
            parts.append("\"__metadata__\":{\(strings.joined(separator: ","))}")
        }
        var offset = 0
        for (name, tensor) in tensors {
            let end = offset + tensor.count * 4
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            parts.append(
                "\(quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
            )
            offset = end
        }
        var header = Array("{\(parts.joined(separator: ","))}".utf8)
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        return header
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case let control where control.value < 0x20:
                let hex = String(control.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
