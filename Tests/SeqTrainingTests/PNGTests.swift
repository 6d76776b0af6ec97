import CZlibShim
import Testing

@testable import SeqTraining

@Suite struct PNGTests {
    /// The chunks of a file by name, each with its checksum checked.
    private func chunks(_ file: [UInt8]) -> [(name: String, content: [UInt8])] {
        func number(_ start: Int) -> Int { file[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
        var chunks: [(name: String, content: [UInt8])] = []
        var place = 8
        while place + 12 <= file.count {
            let end = place + 8 + number(place)
            let checked = Array(file[place + 4..<end])
            #expect(Int(crc32(0, checked, uInt(checked.count))) == number(end))
            chunks.append(
                (String(decoding: checked.prefix(4), as: UTF8.self), Array(checked.dropFirst(4))))
            place = end + 4
        }
        #expect(place == file.count)
        return chunks
    }

    @Test(arguments: [(1, 1), (3, 2), (300, 7)])
    func `it holds its pixels row by row`(_ width: Int, _ height: Int) throws {
        let pixels = (0..<width * height).map { UInt8(truncatingIfNeeded: 37 * $0) }
        let file = try PNG.grey(width: width, height: height, pixels: pixels)
        #expect(file.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        let chunks = chunks(file)
        #expect(chunks.map(\.name) == ["IHDR", "IDAT", "IEND"])
        #expect(
            chunks[0].content == [
                0, 0, UInt8(width >> 8), UInt8(width & 255), 0, 0, 0, UInt8(height), 8, 0, 0, 0, 0,
            ])
        var rows = [UInt8](repeating: 1, count: height * (width + 1))
        var count = uLong(rows.count)
        #expect(
            uncompress(&rows, &count, chunks[1].content, uLong(chunks[1].content.count)) == Z_OK)
        #expect(Int(count) == rows.count)
        for row in 0..<height {
            let line = rows[row * (width + 1)..<(row + 1) * (width + 1)]
            #expect(line.first == 0)
            #expect(line.dropFirst() == pixels[row * width..<(row + 1) * width])
        }
    }
}
