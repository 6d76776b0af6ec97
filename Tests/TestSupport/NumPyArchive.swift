public import SeqTensor

/// The arrays of a `.npz` file: a zip archive of `.npy` files, as `numpy.savez` writes it.
///
/// Entries must be stored, not compressed, and arrays float32 in C order.
public struct NumPyArchive {
    private let path: String
    private let arrays: [String: Tensor]

    /// Reads the archive at `path`.
    ///
    /// - Throws: a ``FormatError`` when it is damaged or holds something else.
    public init(contentsOf path: String) throws {
        self.path = path
        var reader = try ByteReader(contentsOf: path)
        var arrays: [String: Tensor] = [:]
        for (name, bytes) in try Self.entries(&reader) {
            guard name.hasSuffix(".npy") else { throw reader.failure("\(name) is no .npy file") }
            arrays[String(name.dropLast(4))] =
                try Self.array(ByteReader(bytes, path: "\(path)/\(name)"))
        }
        self.arrays = arrays
    }

    /// The names of the arrays.
    public var names: Set<String> { Set(arrays.keys) }

    /// The array of the given name.
    public func tensor(_ name: String) throws -> Tensor {
        guard let found = arrays[name] else {
            throw FormatError(path: path, reason: "there is no array \(name)")
        }
        return found
    }

    private static let endSignature: [UInt8] = [0x50, 0x4B, 5, 6]
    private static let directorySignature: [UInt8] = [0x50, 0x4B, 1, 2]
    private static let localSignature: [UInt8] = [0x50, 0x4B, 3, 4]
    private static let endLength = 22

    /// The files in a zip archive (PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16), which is read
    /// from its end, where the directory is.
    private static func entries(
        _ reader: inout ByteReader
    ) throws -> [(name: String, bytes: ArraySlice<UInt8>)] {
        try findEnd(&reader)
        _ = try reader.take(6)
        let count = try reader.integer(UInt16.self)
        _ = try reader.take(4)
        var next = try reader.integer(UInt32.self)
        return try (0..<count).map { _ in
            try reader.move(to: next)
            try expect(directorySignature, "directory entry", &reader)
            _ = try reader.take(6)
            let method = try reader.integer(UInt16.self)
            _ = try reader.take(8)
            let stored = try reader.integer(UInt32.self)
            _ = try reader.take(4)
            let nameLength = try reader.integer(UInt16.self)
            let extraLength = try reader.integer(UInt16.self)
            let commentLength = try reader.integer(UInt16.self)
            _ = try reader.take(8)
            let start = try reader.integer(UInt32.self)
            let name = String(decoding: try reader.take(nameLength), as: UTF8.self)
            next = reader.offset + extraLength + commentLength
            guard method == 0 else {
                throw reader.failure(
                    "\(name) is compressed (method \(method)); write it with numpy.savez, not savez_compressed"
                )
            }
            try reader.move(to: start)
            try expect(localSignature, "header of \(name)", &reader)
            _ = try reader.take(22)
            let ownNameLength = try reader.integer(UInt16.self)
            let ownExtraLength = try reader.integer(UInt16.self)
            _ = try reader.take(ownNameLength + ownExtraLength)
            return (name, try reader.take(stored))
        }
    }

    /// Moves behind the signature of the end record, which a comment of unknown length may follow.
    private static func findEnd(_ reader: inout ByteReader) throws {
        var place = reader.count - endLength
        while place >= 0 {
            try reader.move(to: place)
            if Array(try reader.take(4)) == endSignature { return }
            place -= 1
        }
        throw reader.failure("no zip archive, or it ends early: there is no end record")
    }

    private static func expect(
        _ signature: [UInt8], _ name: String, _ reader: inout ByteReader
    ) throws {
        let place = reader.offset
        guard Array(try reader.take(4)) == signature else {
            throw reader.failure("there is no \(name) at byte \(place)")
        }
    }

    /// One `.npy` file: magic, version, the length of the header, the header (a Python dictionary), and
    /// the numbers.
    private static func array(_ file: ByteReader) throws -> Tensor {
        var reader = file
        guard Array(try reader.take(6)) == [0x93] + Array("NUMPY".utf8) else {
            throw reader.failure("no .npy file: it does not begin with \\x93NUMPY")
        }
        let version = try reader.integer(UInt8.self)
        _ = try reader.take(1)
        let length =
            version == 1 ? try reader.integer(UInt16.self) : try reader.integer(UInt32.self)
        let header = String(decoding: try reader.take(length), as: UTF8.self)
        guard let type = header.firstMatch(of: /'descr': *'([^']*)'/)?.1,
            let order = header.firstMatch(of: /'fortran_order': *(True|False)/)?.1,
            let sizes = header.firstMatch(of: /'shape': *\(([0-9, ]*)\)/)?.1
        else { throw reader.failure("the header is \(header.debugDescription)") }
        guard type == "<f4", order == "False" else {
            throw reader.failure(
                "numbers of type \(type), Fortran order \(order); only <f4 in C order is read")
        }
        let shape = try sizes.split(whereSeparator: { $0 == "," || $0 == " " }).map { text in
            guard let size = Int(text) else { throw reader.failure("the shape is (\(sizes))") }
            return size
        }
        let values = try reader.numbers(try reader.elements(shape), of: Float.self)
        guard reader.remaining == 0 else {
            throw reader.failure("\(reader.remaining) bytes follow an array of shape \(shape)")
        }
        return Tensor(values, shape: shape)
    }
}
