import SeqText
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Whatever happens to a SentencePiece model, loading and using it ends with tokens or an error.
@Suite struct DamagedPiecesTests {
    @Test(arguments: [
        TokenizerConfiguration.SentencePieceType.unigram, .bpe,
    ])
    func `flipped bits, cut ends and other lengths`(
        type: TokenizerConfiguration.SentencePieceType
    ) throws {
        let texts = ["the cat sees the dog", "a dog sees water", "the water is cold"]
        let codec = try TextCodec.train(
            on: texts,
            configuration: TokenizerConfiguration(
                kind: .sentencepiece, vocabularySize: type == .bpe ? 30 : 21,
                sentencepieceType: type))
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "seqtext-pieces-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try codec.save(in: folder.path(percentEncoded: false), name: "x")
        let whole = try Data(contentsOf: folder.appending(path: "x.sentencepiece.model"))
        var (loaded, refused) = (0, 0)
        func use(_ bytes: [UInt8]) {
            do {
                let pieces = try SentencePieceTokenizer(modelBytes: bytes)
                for text in texts + ["", "xyz 我", "\u{0}"] {
                    _ = pieces.detokenize(pieces.tokenize(text))
                    _ = pieces.decode(pieces.encode(text))
                }
                for id in Int32(-2)...Int32(pieces.count + 2) { _ = pieces.piece(id) }
                loaded += 1
            } catch { refused += 1 }
        }
        var state: UInt64 = 5
        for round in 0..<1500 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var bytes = Array(whole)
            let place = Int(state >> 33) % bytes.count
            switch round % 5 {
            case 0: bytes.removeLast(bytes.count - place)
            case 1: bytes[place] = 0xFF
            case 2: bytes[place] = 0
            default: bytes[place] ^= 1 << UInt8(state >> 60 & 7)
            }
            use(bytes)
        }
        #expect(loaded + refused == 1500 && refused > 100)
    }
}
