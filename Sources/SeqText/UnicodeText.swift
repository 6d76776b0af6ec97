import SeqFiles
import CICU
import Synchronization

/// Text handling by the rules of Unicode that the standard library does not offer, done by ICU.
enum UnicodeText {
    /// Whether this build has ICU.
    static var isAvailable: Bool { seq_icu_available() != 0 }

    /// Returns the text in normalisation form C, or KC where `compatibility` is set.
    static func normalized(_ text: String, compatibility: Bool) -> String {
        let form = Int32(compatibility ? SEQ_ICU_NFKC : SEQ_ICU_NFC)
        return transformed(text) { source, length, result, capacity in
            seq_icu_normalize(form, source, length, result, capacity)
        }
    }

    /// Returns the text in lower case, by the rules of a language.
    static func lowercased(_ text: String, language: String) -> String {
        transformed(text) { source, length, result, capacity in
            seq_icu_lowercase(language, source, length, result, capacity)
        }
    }

    /// Returns what `transform` makes of a text, or the text itself where it fails, which ICU
    /// only does when memory runs out or the text has more than 2³¹ units.
    private static func transformed(
        _ text: String,
        _ transform: (UnsafePointer<UInt16>?, Int32, UnsafeMutablePointer<UInt16>?, Int32) -> Int32
    ) -> String {
        let source = Array(text.utf16)
        guard let length = Int32(exactly: source.count) else { return text }
        // Most text keeps its length; where it grows, the second round has the room it needs.
        var capacity = source.count + source.count / 4 + 16
        for _ in 0..<2 {
            guard let room = Int32(exactly: capacity) else { return text }
            var needed: Int32 = -1
            let result = [UInt16](unsafeUninitializedCapacity: capacity) { buffer, count in
                needed = transform(source, length, buffer.baseAddress, room)
                count = max(0, min(Int(needed), capacity))
            }
            if needed < 0 { return text }
            if needed <= room { return String(decoding: result, as: UTF16.self) }
            capacity = Int(needed)
        }
        return text
    }
}

/// Finds the words of languages that are written without spaces, by ICU's dictionaries.
///
/// A break iterator belongs to one thread at a time, and making one costs more than a sentence
/// does, so they are kept and lent out.
final class WordBreaker: Sendable {
    private struct Breaker: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private let original: Breaker
    private let idle = Mutex<[Breaker]>([])

    init(language: String) throws {
        var pointer: OpaquePointer?
        let status = seq_icu_breaker_open(language, &pointer)
        guard status == 0, let pointer else {
            throw Seq2SeqError(
                .badConfiguration,
                reason: "words of language \(language) cannot be found: "
                    + String(cString: seq_icu_error_name(status)),
                remedy: "build with ICU (libicu-dev), or use the kind character or sentencepiece")
        }
        original = Breaker(pointer: pointer)
    }

    deinit {
        idle.withLock { breakers in
            for breaker in breakers { seq_icu_breaker_close(breaker.pointer) }
        }
        seq_icu_breaker_close(original.pointer)
    }

    /// Appends the words of a run of letters to `words`.
    func appendWords(of run: some Sequence<Unicode.Scalar>, to words: inout [String]) {
        var text: [UInt16] = []
        for scalar in run { text.append(contentsOf: UTF16.encode(scalar) ?? .init()) }
        var begin = 0
        for end in ends(in: text) {
            words.append(String(decoding: text[begin..<end], as: UTF16.self))
            begin = end
        }
    }

    private func ends(in text: [UInt16]) -> [Int] {
        guard let length = Int32(exactly: text.count), let breaker = borrow() else {
            return text.isEmpty ? [] : [text.count]
        }
        defer { idle.withLock { $0.append(breaker) } }
        // A word has at least one unit, so there is always room.
        var count: Int32 = 0
        let ends = [Int32](unsafeUninitializedCapacity: text.count) { buffer, initialized in
            count = seq_icu_word_ends(breaker.pointer, text, length, buffer.baseAddress, length)
            initialized = Int(max(0, min(count, length)))
        }
        return count < 0 ? [text.count] : ends.map(Int.init)
    }

    private func borrow() -> Breaker? {
        idle.withLock { breakers -> Breaker? in
            if let breaker = breakers.popLast() { return breaker }
            // Copying reads the original, and the lock keeps that to one thread at a time.
            var pointer: OpaquePointer?
            guard seq_icu_breaker_copy(original.pointer, &pointer) == 0 else { return nil }
            return pointer.map(Breaker.init)
        }
    }
}
