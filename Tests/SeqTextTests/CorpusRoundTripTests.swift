import Foundation
import SeqText
import Testing

/// The corpora of real text, where they are: every line comes back from its words.
@Suite struct CorpusRoundTripTests {
    private static let corpora: [(path: String, languages: [String])] = [
        ("tatoeba-cmn-eng/cmn.txt.gz", ["en", "zh"]),
        ("multi30k/train.en.gz", ["en"]), ("multi30k/train.de.gz", ["de"]),
        ("ud-en-ewt", ["en"]), ("ud-zh-gsd", ["zh"]),
        ("couplets/test.in.txt", ["zh"]), ("couplets/train.out.txt.gz", ["zh"]),
        ("sst2/train.tsv", ["en"]), ("trec", ["en"]), ("atis", ["en"]),
        ("cmudict/cmudict.dict.gz", ["en"]), ("translit-wikidata", ["zh", "en"]),
        ("django-code", ["en"]), ("opennmt-ende-10k", ["en", "de"]),
        ("crosswoz-zh", ["zh"]), ("csl-title-zh", ["zh"]),
        ("tang-poetry/tang_regular.tsv.gz", ["zh"]), ("chatterbot-corpus", ["en", "zh"]),
        ("bpe-reference", ["en"]), ("sigmorphon2017", ["de"]), ("scan", ["en"]),
        ("im2latex-sample/formulas.lst", ["en"]),
    ]
    /// The lines of a corpus that are looked at, evenly spread: the whole of it takes minutes.
    private static let most = 4000

    @Test func `every line of the corpora comes back`() throws {
        for (path, languages) in Self.corpora {
            guard let place = sharedData(path) else { continue }
            let lines = try Self.lines(of: place)
            #expect(!lines.isEmpty, "\(path)")
            let step = max(1, lines.count / Self.most)
            for language in languages {
                let tokenizer = try WordTokenizer(language: language)
                var lost = 0
                for index in stride(from: 0, to: lines.count, by: step) {
                    let text = TextNormalization(form: .none).normalized(lines[index])
                    let returned = tokenizer.detokenize(tokenizer.tokenize(text))
                    if bytes(returned) != bytes(text) { lost += 1 }
                }
                #expect(lost == 0, "\(path) as \(language): \(lost) lines do not come back")
            }
        }
    }

    private static func lines(of place: String) throws -> [String] {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: place, isDirectory: &isFolder)
        let files =
            isFolder.boolValue
            ? FileManager.default.enumerator(atPath: place)?.allObjects
                .compactMap { ($0 as? String).map { "\(place)/\($0)" } }.sorted() ?? []
            : [place]
        return try files.flatMap { file in
            _ = FileManager.default.fileExists(atPath: file, isDirectory: &isFolder)
            if isFolder.boolValue { return [String]() }
            let data =
                file.hasSuffix(".gz")
                ? try unpacked(file) : try Data(contentsOf: URL(filePath: file))
            return String(decoding: data, as: UTF8.self).unicodeScalars.split(separator: "\n")
                .map { String($0) }
        }
    }

    private static func unpacked(_ file: String) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", file]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return data
    }
}
