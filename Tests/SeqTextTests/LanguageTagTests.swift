import SeqFiles
import Foundation
import SeqText
import Testing

@Suite struct LanguageTagTests {
    @Test(arguments: [
        ("zh", "zh"), ("ZH", "zh"), ("zh_CN", "zh-CN"), ("zh-cn", "zh-CN"), ("zho", "zh"),
        ("chi", "zh"), ("cmn", "zh"), ("cmn-Hans-CN", "zh-Hans-CN"), ("zh-cmn", "zh"),
        ("ZH_hant_tw", "zh-Hant-TW"), ("yue", "zh-yue"), ("wuu", "zh-wuu"), ("lzh", "zh-lzh"),
        ("jpn", "ja"), ("JA_jp", "ja-JP"), ("kor", "ko"), ("ger", "de"), ("deu", "de"),
        ("pt_br", "pt-BR"), ("sr_LATN", "sr-Latn"), ("es-419", "es-419"), ("tl", "tl"),
        ("de-1996", "de-1996"), ("sme", "sme"), ("no", "no"), ("tlh", "tlh"), ("iw", "he"),
    ])
    func `tags have one form`(tag: String, expected: String) throws {
        let parsed = try LanguageTag(tag)
        #expect(parsed.description == expected)
        #expect(try LanguageTag(parsed.description) == parsed)
    }

    @Test(arguments: [
        ("cn", "zh"), ("jp", "ja"), ("kr", "ko"), ("ua", "uk"), ("gr", "el"), ("cz", "cs"),
        ("dk", "da"), ("se", "sv"), ("CN", "zh"), ("english", "en"), ("Chinese", "zh"),
        ("zh ", "zh"), (" ja", "ja"), ("xx", "ISO 639"), ("", "ISO 639"), ("e", "ISO 639"),
        ("zh--CN", "ISO 639"), ("zh-CHN", "region"), ("en-USA", "region"),
    ])
    func `what is no language is refused with what was meant`(tag: String, meant: String) {
        let error = #expect(throws: Seq2SeqError.self) { try LanguageTag(tag) }
        #expect(error?.reason == "language is \"\(tag)\"")
        #expect(error?.remedy?.contains(meant) == true, "\(error?.remedy ?? "")")
    }

    @Test func `old files may hold anything`() {
        #expect(LanguageTag(lenient: "cn").language == "cn")
        #expect(LanguageTag(lenient: "").language == "und")
        #expect(LanguageTag(lenient: "zh_TW").isChineseOrJapanese)
    }

    /// Models of earlier versions may hold a code that is none, or another form of a tag.
    @Test(arguments: ["cn", "zh_CN", "zho"])
    func `a codec that was saved with any code loads as it is`(language: String) throws {
        var configuration = TokenizerConfiguration(normalization: .none)
        let trained = try TextCodec.train(on: ["a b c"], configuration: configuration)
        configuration.language = language
        let old = try TextCodec(configuration: configuration, vocabulary: trained.vocabulary)
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try old.save(in: folder.path, name: "target")
        let loaded = try TextCodec(contentsOf: folder.path, name: "target")
        #expect(loaded.fingerprint == old.fingerprint)
        #expect(loaded.configuration.language == language)
    }

    @Test func `scripts decide about spaces`() {
        #expect(LanguageTag(lenient: "yue").isChineseOrJapanese)
        #expect(!LanguageTag(lenient: "zh-Latn").isChineseOrJapanese)
        #expect(LanguageTag(lenient: "tha").isWithoutSpaces)
        #expect(!LanguageTag(lenient: "ko").isWithoutSpaces)
    }

    @Test func `both sides of a joint vocabulary keep their language`() throws {
        let texts = ["one, two (three)", "three two"]
        let chinese = ["你好，世界（很大）！", "你好！"]
        let joint = try TextCodec.trainJoint(
            on: texts, chinese, configuration: TokenizerConfiguration(normalization: .nfkc),
            targetLanguage: "ZH_cn")
        #expect(joint.target.configuration.language == "zh-CN")
        #expect(joint.source.sharesVocabulary(with: joint.target))
        #expect(joint.source.vocabulary.tokens == joint.target.vocabulary.tokens)
        #expect(joint.target.decode(joint.target.encode(chinese[0])) == chinese[0])
        #expect(joint.source.decode(joint.source.encode(texts[0])) == texts[0])
    }
}
