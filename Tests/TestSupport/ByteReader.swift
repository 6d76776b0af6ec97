#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A file in somebody else's format that is not what it should be.
public struct FormatError: Error, CustomStringConvertible {
    /// The file in question.
    public let path: String
    /// What is wrong.
    public let reason: String

    /// `path: reason`.
    public var description: String { "\(path): \(reason)" }
}

/// Reads a file of little-endian numbers from front to back; what it lacks is an error.
struct ByteReader {
    let path: String
    private let bytes: ArraySlice<UInt8>
    private(set) var offset = 0

    /// Reads the file at `path`.
    init(contentsOf path: String) throws {
        self.init(Array(try Data(contentsOf: URL(filePath: path)))[...], path: path)
    }

    init(_ bytes: ArraySlice<UInt8>, path: String) {
        self.path = path
        self.bytes = bytes
    }

    var count: Int { bytes.count }
    var remaining: Int { bytes.count - offset }

    func failure(_ reason: String) -> FormatError { FormatError(path: path, reason: reason) }

    /// Goes on at another place.
    mutating func move(to offset: Int) throws {
        guard (0...count).contains(offset) else {
            throw failure("points to byte \(offset) of \(count)")
        }
        self.offset = offset
    }

    /// The next `count` bytes.
    mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count <= remaining else {
            throw failure("ends early: \(count) bytes wanted at byte \(offset) of \(self.count)")
        }
        let start = bytes.startIndex + offset
        offset += count
        return bytes[start..<start + count]
    }

    /// The next number.
    mutating func integer<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type) throws -> Int {
        Int(try take(T.bitWidth / 8).reversed().reduce(T(0)) { $0 << 8 | T($1) })
    }

    /// The next `count` numbers of the type, as they stand in memory.
    mutating func numbers<T: BitwiseCopyable>(_ count: Int, of type: T.Type) throws -> [T] {
        let size = MemoryLayout<T>.size
        guard count <= remaining / size else {
            throw failure(
                "ends early: \(count) numbers of \(size) bytes wanted at byte \(offset) of \(self.count)"
            )
        }
        let part = try take(count * size)
        return part.withUnsafeBytes { source in
            (0..<count).map { source.loadUnaligned(fromByteOffset: $0 * size, as: T.self) }
        }
    }

    /// The number of elements of an array of the given shape.
    func elements(_ shape: [Int]) throws -> Int {
        try shape.reduce(1) { product, size in
            let (next, overflows) = product.multipliedReportingOverflow(by: size)
            guard !overflows, size >= 0 else { throw failure("an array has shape \(shape)") }
            return next
        }
    }
}
