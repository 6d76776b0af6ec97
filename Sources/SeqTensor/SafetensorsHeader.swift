/// A strict parser for the JSON of a safetensors header, which refuses what a general JSON reader lets
/// pass: duplicate keys, other fields, numbers that are no sizes.
struct HeaderParser {
    struct Problem: Error {
        var position: Int
        var reason: String
    }

    enum Value {
        case metadata([String: String])
        case tensor(dtype: String, shape: [Int], begin: Int, end: Int)
    }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// Where the eight digits of a checksum in the metadata start.
    private(set) var checksumPosition: Int?

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// All members of the header, in order.
    mutating func parse() throws -> [(String, Value)] {
        var result: [(String, Value)] = []
        var seen: Set<String> = []
        try object { parser, key in
            guard seen.insert(key).inserted else { throw parser.problem("duplicate key \(key)") }
            result.append(
                (key, key == "__metadata__" ? try parser.metadata() : try parser.tensor()))
        }
        skipSpace()
        guard position == bytes.count else {
            throw problem("text after the header's closing brace")
        }
        return result
    }

    private func problem(_ reason: String) -> Problem {
        Problem(position: position, reason: reason)
    }

    private mutating func metadata() throws -> Value {
        var strings: [String: String] = [:]
        try object { parser, key in
            parser.skipSpace()
            let start = parser.position + 1
            let value = try parser.string()
            guard strings.updateValue(value, forKey: key) == nil else {
                throw parser.problem("duplicate key \(key) in __metadata__")
            }
            guard key == SafetensorsChecksum.key else { return }
            // No escapes: the digits are as long in the file as they are in the text.
            guard value.utf8.count == SafetensorsChecksum.placeholder.utf8.count,
                parser.position - start == value.utf8.count + 1
            else { throw parser.problem("\(key) in __metadata__ has not eight digits") }
            parser.checksumPosition = start
        }
        return .metadata(strings)
    }

    private mutating func tensor() throws -> Value {
        var (dtype, shape, offsets): (String?, [Int]?, [Int]?)
        try object { parser, key in
            switch key {
            case "dtype" where dtype == nil: dtype = try parser.string()
            case "shape" where shape == nil: shape = try parser.sizes()
            case "data_offsets" where offsets == nil: offsets = try parser.sizes()
            default: throw parser.problem("unexpected or repeated key \(key)")
            }
        }
        guard let dtype, let shape, let offsets, offsets.count == 2 else {
            throw problem("a tensor needs dtype, shape and two data_offsets")
        }
        return .tensor(dtype: dtype, shape: shape, begin: offsets[0], end: offsets[1])
    }

    private mutating func object(_ member: (inout HeaderParser, String) throws -> Void) throws {
        try expect("{")
        if accept("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try member(&self, key)
        } while accept(",")
        try expect("}")
    }

    private mutating func sizes() throws -> [Int] {
        var result: [Int] = []
        try expect("[")
        if accept("]") { return result }
        repeat {
            skipSpace()
            let start = position
            var value = 0
            while position < bytes.count, (48...57).contains(bytes[position]) {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                let (sum, carry) = product.addingReportingOverflow(Int(bytes[position]) - 48)
                guard !overflow, !carry else { throw problem("a size is too large") }
                value = sum
                position += 1
            }
            guard position > start else { throw problem("expected a size") }
            result.append(value)
        } while accept(",")
        try expect("]")
        return result
    }

    private mutating func string() throws -> String {
        try expect("\"")
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw problem("a string is not valid UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): content += try escape()
            case 0..<0x20: throw problem("a control character in a string")
            default: content.append(byte)
            }
        }
        throw problem("a string does not end")
    }

    private mutating func escape() throws -> [UInt8] {
        guard position < bytes.count else { throw problem("a string does not end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code) {
                guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                    bytes[position + 1] == UInt8(ascii: "u")
                else { throw problem("half a surrogate pair") }
                position += 2
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else {
                    throw problem("half a surrogate pair")
                }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw problem("half a surrogate pair") }
            return Array(String(Character(scalar)).utf8)
        default: throw problem("an unknown escape in a string")
        }
    }

    private mutating func hexadecimal() throws -> UInt32 {
        guard position + 4 <= bytes.count,
            let text = String(validating: bytes[position..<position + 4], as: UTF8.self),
            text.allSatisfy(\.isHexDigit), let code = UInt32(text, radix: 16)
        else { throw problem("\\u without four hexadecimal digits") }
        position += 4
        return code
    }

    private mutating func skipSpace() {
        while position < bytes.count, [32, 9, 10, 13].contains(bytes[position]) { position += 1 }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else {
            return false
        }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard accept(character) else { throw problem("expected \(character)") }
    }
}
