import SeqData
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Corpora of other people, which are not part of the package, and are good.
private enum SharedData {
    static let folder: String = {
        let beside = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../shared/data").standardized.path(percentEncoded: false)
        return ProcessInfo.processInfo.environment["SEQ2SEQ_DATA"] ?? beside
    }()

    static func files(_ source: String, _ target: String) -> ParallelCorpus {
        ParallelCorpus(source: "\(folder)/\(source)", target: "\(folder)/\(target)")
    }

    static func table(_ path: String) -> ParallelCorpus {
        ParallelCorpus(table: "\(folder)/\(path)")
    }
}

@Suite(
    .enabled(
        if: FileManager.default.fileExists(atPath: "\(SharedData.folder)/multi30k"),
        "ABSENT multi30k: set SEQ2SEQ_DATA to the folder of the data"))
struct RealCorpusCheckTests {
    @Test(arguments: [
        [
            SharedData.files("multi30k/train.en.gz", "multi30k/train.de.gz"),
            SharedData.files("multi30k/val.en.gz", "multi30k/val.de.gz"),
            SharedData.files("multi30k/test_2016_flickr.en.gz", "multi30k/test_2016_flickr.de.gz"),
        ],
        [
            SharedData.files("couplets/train.in.txt.gz", "couplets/train.out.txt.gz"),
            SharedData.files("couplets/valid.in.txt", "couplets/valid.out.txt"),
            SharedData.files("couplets/test.in.txt", "couplets/test.out.txt"),
        ],
        [
            SharedData.table("translit-wikidata/wd_chinese_64"),
            SharedData.table("translit-wikidata/wd_chinese_16"),
            SharedData.table("translit-wikidata/wd_chinese_20"),
        ],
        [SharedData.table("tatoeba-cmn-eng/cmn.txt.gz")],
        [SharedData.files("django-code/all.anno.gz", "django-code/all.code")],
        [
            SharedData.files(
                "opennmt-ende-10k/src-train.txt.gz", "opennmt-ende-10k/tgt-train.txt.gz"),
            SharedData.files("opennmt-ende-10k/src-val.txt", "opennmt-ende-10k/tgt-val.txt"),
        ],
    ])
    func `good corpora raise no alarm`(corpora: [ParallelCorpus]) throws {
        var check = CorpusCheck()
        // Enough of it, and not so much that the tests wait.
        check.maximumLines = 20_000
        let report = try check.report(
            training: [corpora[0]], validation: corpora.dropFirst().first,
            test: corpora.dropFirst(2).first)
        // Control characters and lost letters really are in one of them, and repetition in another.
        let genuine: Set<CorpusFinding.Code> = [.controlCharacters, .mojibake, .duplicatePairs]
        let alarms = report.findings.filter {
            $0.severity == .error || $0.severity == .warning && !genuine.contains($0.code)
        }
        #expect(alarms == [])
    }
}
