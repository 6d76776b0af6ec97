import SeqFiles
import CSentencePiece

/// A model that the SentencePiece library holds.
///
/// The library's constant methods may be called from several threads, and only those are used.
final class SentencePieceModel: @unchecked Sendable {
    private let processor: OpaquePointer
    let count: Int
    let unknownID: Int32
    let startID: Int32
    let endID: Int32

    init(_ bytes: [UInt8]) throws {
        var loaded: OpaquePointer?
        let message = bytes.withUnsafeBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) {
                seq_spm_load($0.baseAddress, $0.count, &loaded)
            }
        }
        try Self.check(message, .badData, "not a SentencePiece model")
        guard let loaded else {
            throw Seq2SeqError(.badData, reason: "not a SentencePiece model")
        }
        processor = loaded
        count = Int(seq_spm_size(loaded))
        unknownID = seq_spm_unknown_id(loaded)
        startID = seq_spm_start_id(loaded)
        endID = seq_spm_end_id(loaded)
    }

    deinit {
        seq_spm_close(processor)
    }

    /// Throws the message of a failed call, and releases it.
    static func check(
        _ message: UnsafeMutablePointer<CChar>?, _ kind: Seq2SeqError.Kind, _ context: String
    ) throws {
        guard let message else { return }
        defer { seq_spm_free(message) }
        throw Seq2SeqError(kind, reason: "\(context): \(String(cString: message))")
    }

    func ids(of text: String) throws -> [Int32] {
        var ids: UnsafeMutablePointer<Int32>?
        var count = 0
        let message = Self.withCharacters(of: text) {
            seq_spm_encode_ids(processor, $0.baseAddress, $0.count, &ids, &count)
        }
        defer { seq_spm_free(ids) }
        try Self.check(message, .badData, "SentencePiece cannot encode a text")
        return Array(UnsafeBufferPointer(start: ids, count: count))
    }

    func pieces(of text: String) throws -> [String] {
        var pieces = seq_spm_pieces()
        let message = Self.withCharacters(of: text) {
            seq_spm_encode_pieces(processor, $0.baseAddress, $0.count, &pieces)
        }
        defer {
            seq_spm_free(pieces.text)
            seq_spm_free(pieces.ends)
        }
        try Self.check(message, .badData, "SentencePiece cannot encode a text")
        var result: [String] = []
        result.reserveCapacity(pieces.count)
        var begin = 0
        for end in UnsafeBufferPointer(start: pieces.ends, count: pieces.count) {
            result.append(Self.string(pieces.text?.advanced(by: begin), end - begin))
            begin = end
        }
        return result
    }

    func text(of ids: [Int32]) throws -> String {
        var text: UnsafeMutablePointer<CChar>?
        var length = 0
        let message = seq_spm_decode_ids(processor, ids, ids.count, &text, &length)
        defer { seq_spm_free(text) }
        try Self.check(message, .badData, "SentencePiece cannot decode")
        return Self.string(text, length)
    }

    func text(of pieces: [String]) throws -> String {
        var text: UnsafeMutablePointer<CChar>?
        var length = 0
        let joined = JoinedText(pieces)
        let message = joined.withCharacters { characters in
            seq_spm_decode_pieces(
                processor, characters.baseAddress, joined.ends, joined.ends.count, &text, &length)
        }
        defer { seq_spm_free(text) }
        try Self.check(message, .badData, "SentencePiece cannot decode")
        return Self.string(text, length)
    }

    func piece(_ id: Int32) -> String? {
        var length = 0
        guard let piece = seq_spm_piece(processor, id, &length) else { return nil }
        return Self.string(piece, length)
    }

    func id(of piece: String) -> Int32 {
        Self.withCharacters(of: piece) { seq_spm_id(processor, $0.baseAddress, $0.count) }
    }

    private static func withCharacters<Result>(
        of text: String, _ body: (UnsafeBufferPointer<CChar>) -> Result
    ) -> Result {
        var text = text
        return text.withUTF8 { $0.withMemoryRebound(to: CChar.self, body) }
    }

    private static func string(_ characters: UnsafePointer<CChar>?, _ length: Int) -> String {
        UnsafeBufferPointer(start: characters, count: length).withMemoryRebound(to: UInt8.self) {
            String(decoding: $0, as: UTF8.self)
        }
    }
}

/// Texts one after the other in one piece of memory.
struct JoinedText {
    private var bytes: [UInt8] = []
    /// The end of each text.
    private(set) var ends: [Int] = []

    init(_ texts: some Sequence<String> = []) {
        for text in texts { append(text) }
    }

    mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        ends.append(bytes.count)
    }

    func withCharacters<Result>(_ body: (UnsafeBufferPointer<CChar>) -> Result) -> Result {
        bytes.withUnsafeBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self, body)
        }
    }
}
