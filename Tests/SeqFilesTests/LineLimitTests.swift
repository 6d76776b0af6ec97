import SeqFiles
import TestSupport
import Testing

/// Lines that are wrong by themselves.
@Suite struct LineLimitTests {
    @Test func `reading goes on behind a bad line`() throws {
        let folder = try TemporaryFolder()
        let long = [UInt8](repeating: 0x78, count: 500_000)
        let bytes = long + [0x0A, 0x61, 0x0A, 0xFF, 0x0A, 0x62, 0x0A, 0x00, 0x0A] + long
        let path = try folder.file("text", bytes)
        let reader = try TextLineReader(path: path, maximumLineBytes: 1000)
        var found: [String?] = []
        while let result = try reader.nextResult() {
            switch result {
            case .success(let line): found.append(line)
            case .failure(let error):
                #expect(error.line == found.count + 1)
                found.append(nil)
            }
        }
        #expect(found == [nil, "a", nil, "b", nil, nil])
        #expect(reader.lineNumber == 6)
    }

    @Test func `a line of the limit is read, one of a byte more is not`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("text", Array("xxxx\nxxxxx\nxx".utf8))
        let reader = try TextLineReader(path: path, maximumLineBytes: 4)
        #expect(try reader.next() == "xxxx")
        #expect(throws: Seq2SeqError.self) { try reader.next() }
        #expect(try reader.next() == "xx")
        #expect(try reader.next() == nil)
    }
}
