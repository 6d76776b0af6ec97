import SeqFiles
import Testing

@Suite struct Seq2SeqErrorTests {
    @Test func `errors read as place, reason and remedy`() {
        func text(path: String? = nil, line: Int? = nil, remedy: String? = nil) -> String {
            let error = Seq2SeqError(
                .badData, path: path, line: line, reason: "wrong", remedy: remedy)
            #expect(error.errorDescription == error.description)
            return error.description
        }
        #expect(text(path: "a.txt", line: 3, remedy: "right it") == "a.txt:3: wrong (right it)")
        #expect(text(path: "a.txt") == "a.txt: wrong")
        #expect(text(line: 2) == "line 2: wrong")
        #expect(text() == "wrong")
    }

    @Test func `the error of an option names it, in whatever section it stands`() {
        let error = Seq2SeqError(option: "heads", "is 0", remedy: "choose 1")
        #expect(error.kind == .badConfiguration && error.exitCode == 78)
        #expect(error.description == "heads is 0 (choose 1)")
        let within = error.within("model.attention")
        #expect(within.option == "model.attention.heads")
        #expect(within.description == "model.attention.heads is 0 (choose 1)")
        #expect(within.renamingOption("--heads").description == "--heads is 0 (choose 1)")
        #expect(Seq2SeqError(.badData, reason: "wrong").within("model").description == "wrong")
    }

    @Test func `exit codes are those of sysexits`() {
        let kinds: [Seq2SeqError.Kind] = [
            .missingInput, .badData, .badConfiguration, .cannotWrite, .brokenPipe, .notANumber,
            .diverged, .interrupted,
        ]
        #expect(kinds.map(\.exitCode) == [66, 65, 78, 73, 141, 70, 70, 130])
    }
}
