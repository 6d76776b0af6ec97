import SeqFiles
import CZlibShim

/// Images in the Portable Network Graphics format (ISO/IEC 15948).
package enum PNG {
    /// An image in shades of grey.
    ///
    /// - Parameters:
    ///   - pixels: from black, 0, to white, 255; row by row from the top, `width` a row.
    /// - Returns: the bytes of a file.
    package static func grey(width: Int, height: Int, pixels: [UInt8]) throws -> [UInt8] {
        precondition(
            width > 0 && height > 0 && pixels.count == width * height,
            "PNG: \(pixels.count) pixels are not \(width) × \(height)")
        // Each row starts with the number of its filter; 0 is none.
        var rows: [UInt8] = []
        rows.reserveCapacity(height * (width + 1))
        for row in 0..<height {
            rows.append(0)
            rows += pixels[row * width..<(row + 1) * width]
        }
        // Depth of 8 bits, colour type 0 (grey), and the only compression, filtering and no interlace.
        let header = bytes(UInt32(width)) + bytes(UInt32(height)) + [8, 0, 0, 0, 0]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
            + chunk("IDAT", try compressed(rows)) + chunk("IEND", [])
    }

    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let checked = Array(name.utf8) + content
        let checksum = crc32(0, checked, uInt(checked.count))
        return bytes(UInt32(content.count)) + checked + bytes(UInt32(checksum))
    }

    private static func bytes(_ number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }

    private static func compressed(_ bytes: [UInt8]) throws -> [UInt8] {
        var count = compressBound(uLong(bytes.count))
        var result = [UInt8](repeating: 0, count: Int(count))
        let status = compress(&result, &count, bytes, uLong(bytes.count))
        guard status == Z_OK else {
            throw Seq2SeqError(
                .cannotWrite, reason: "zlib cannot compress an image (status \(status))",
                remedy: "free some memory")
        }
        return Array(result.prefix(Int(count)))
    }
}
