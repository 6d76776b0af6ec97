import SeqFiles
@testable import SeqData

/// Pairs that resemble translations: made-up words, each with its translation; longer sources have
/// longer targets; numbers and end marks are kept.
struct SyntheticCorpus {
    var sources: [String] = []
    var targets: [String] = []

    private static let consonants = Array("bdfgklmnprstvz")

    /// - Parameters:
    ///   - isHan: whether the target is written in Han characters without spaces.
    ///   - seed: another one gives other pairs in the same two languages.
    init(_ count: Int, isHan: Bool = false, seed: UInt64 = 1) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<count {
            let words = (0..<(3 + generator.next(below: 15))).map { _ in
                generator.next(below: 400)
            }
            let number = generator.next(below: 10) == 0 ? "\(10 + generator.next(below: 990))" : nil
            let mark = generator.next(below: 5) == 0 ? "?" : "."
            let source = words.map { Self.word($0, vowels: "aeo") } + (number.map { [$0] } ?? [])
            // One word of longer sentences is not translated.
            var kept = words
            if kept.count > 5 { kept.remove(at: Int(generator.next(below: UInt64(kept.count)))) }
            sources.append(source.joined(separator: " ") + mark)
            if isHan {
                let text = kept.map { Self.character($0) }.joined()
                targets.append(
                    text + (number ?? "") + (mark == "?" ? "？" : "。"))
            } else {
                let text = (kept.map { Self.word($0, vowels: "iuy") } + (number.map { [$0] } ?? []))
                targets.append(text.joined(separator: " ") + mark)
            }
        }
    }

    private static func word(_ number: UInt64, vowels: String) -> String {
        let vowels = Array(vowels)
        var (rest, word) = (number &* 7 &+ 3, "")
        repeat {
            word.append(consonants[Int(rest % 14)])
            word.append(vowels[Int(rest % 3)])
            rest /= 14
        } while rest > 0
        return word
    }

    private static func character(_ number: UInt64) -> String {
        Unicode.Scalar(UInt32(0x4E00 + 7 * number)).map(String.init) ?? ""
    }
}
