import CZlibShim

/// Decompresses a gzip file of one or more members (RFC 1952).
final class GzipInflater {
    /// The first two bytes of a member.
    static let magic: [UInt8] = [0x1F, 0x8B]

    /// zlib keeps a pointer to the stream, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let path: String
    private var state = State.inMember
    private var consumedCount = 0

    private enum State {
        case inMember
        /// Behind the end of a member: another one, zeros or nothing may follow.
        case afterMember
        /// The first byte of a further member has been seen.
        case afterFirstMagicByte
    }

    init(path: String) throws {
        self.path = path
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = seq_gzip_inflate_start(stream)
        if status != Z_OK {
            throw Seq2SeqError(
                .missingInput, path: path, reason: "zlib cannot start (status \(status))")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Decompresses `input` into `output` as far as either reaches.
    ///
    /// - Parameter atEnd: Whether nothing follows `input`, so that an unfinished member is an error.
    /// - Returns: The number of bytes taken and the number of bytes written.
    func inflate(
        _ input: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer,
        atEnd: Bool
    ) throws -> (consumed: Int, produced: Int) {
        var consumed = 0
        while consumed < input.count, state != .inMember {
            try passGap(input[consumed])
            consumed += 1
        }
        guard state == .inMember else {
            if atEnd && state == .afterFirstMagicByte { throw trailingDataError() }
            consumedCount += consumed
            return (consumed, 0)
        }
        if consumed == input.count && !atEnd {
            consumedCount += consumed
            return (consumed, 0)
        }

        let rest = UnsafeMutableRawBufferPointer(rebasing: input[consumed...])
        stream.pointee.next_in = rest.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(rest.count)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(clamping: output.count)
        let room = Int(stream.pointee.avail_out)
        let status = CZlibShim.inflate(stream, Z_NO_FLUSH)
        let produced = room - Int(stream.pointee.avail_out)
        consumed += rest.count - Int(stream.pointee.avail_in)
        consumedCount += consumed

        switch status {
        case Z_STREAM_END:
            state = .afterMember
        case Z_OK, Z_BUF_ERROR:
            if atEnd && produced == 0 && stream.pointee.avail_in == 0 {
                throw Seq2SeqError(
                    .badData, path: path,
                    reason: "the gzip data end too early, at byte \(consumedCount)",
                    remedy: "the file is truncated: fetch it again")
            }
        default:
            let detail = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
            throw Seq2SeqError(
                .badData, path: path,
                reason: "the gzip data are damaged near byte \(consumedCount): \(detail)",
                remedy: "fetch the file again")
        }
        return (consumed, produced)
    }

    /// Takes one byte behind a member: zeros are padding, the magic bytes start another member.
    private func passGap(_ byte: UInt8) throws {
        if state == .afterMember && byte == 0 { return }
        if state == .afterMember && byte == Self.magic[0] {
            state = .afterFirstMagicByte
            return
        }
        guard state == .afterFirstMagicByte && byte == Self.magic[1] else {
            throw trailingDataError()
        }
        // The two bytes already passed are handed to zlib again.
        inflateReset(stream)
        state = .inMember
        var magic = Self.magic
        var nothing: [UInt8] = [0]
        magic.withUnsafeMutableBufferPointer { magic in
            nothing.withUnsafeMutableBufferPointer { nothing in
                stream.pointee.next_in = magic.baseAddress
                stream.pointee.avail_in = UInt32(magic.count)
                stream.pointee.next_out = nothing.baseAddress
                stream.pointee.avail_out = 1
                _ = CZlibShim.inflate(stream, Z_NO_FLUSH)
            }
        }
    }

    private func trailingDataError() -> Seq2SeqError {
        Seq2SeqError(
            .badData, path: path, reason: "something that is not gzip follows the gzip data",
            remedy: "the file is damaged: fetch it again")
    }
}
