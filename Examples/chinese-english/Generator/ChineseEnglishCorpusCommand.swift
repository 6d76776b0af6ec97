import ChineseEnglishCorpus

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes the Chinese-English corpus of the quick start into a folder.
@main
struct ChineseEnglishCorpusCommand {
    static func main() {
        do {
            let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
            guard let folder = arguments.folder else {
                print(Arguments.usage, terminator: "")
                return
            }
            let corpus = try Corpus(pairs: arguments.pairs, seed: arguments.seed)
            try corpus.write(to: folder)
            report(
                "\(folder): \(corpus.training.count) training, \(corpus.validation.count) validation"
                    + " and \(corpus.test.count) test pairs, seed \(arguments.seed)")
            report(corpus.topics.map { "\($0.name) \($0.pairs)" }.joined(separator: ", "))
        } catch let error as ChineseEnglishCorpusError {
            report("error: \(error)")
            exit(error.kind == .cannotWrite ? EX_CANTCREAT : EX_USAGE)
        } catch {
            report("error: \(error)")
            exit(EX_SOFTWARE)
        }
    }

    private static func report(_ line: String) {
        var standardError = StandardError()
        print(line, to: &standardError)
    }
}

/// Standard error as a stream; nothing can be done, nor said, when it is closed.
private struct StandardError: TextOutputStream {
    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            _ = systemWrite(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}

private func systemWrite(_ file: Int32, _ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int {
    write(file, bytes, count)
}
