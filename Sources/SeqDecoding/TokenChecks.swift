import SeqFiles
import SeqModels
import SeqNN

extension Translator {
    /// Refuses tokens that the model does not know, and copies that do not belong to the sources.
    func checkSources(_ sources: [[Int32]], copies: [[Int32]], unknownWords: [String]) throws {
        let needsCopies = folder.model.output.needsContext && !sources.allSatisfy(\.isEmpty)
        guard copies.count == sources.count || (copies.isEmpty && !needsCopies) else {
            throw wrong(
                "copies", "\(copies.count) for \(sources.count) sources",
                "give the ids of each source's tokens in the target vocabulary")
        }
        for (index, source) in sources.enumerated() {
            try checkSource(source[...], unknownWords: unknownWords, "source \(index)")
            if !copies.isEmpty {
                try checkCopies(copies[index][...], source: source.count, "source \(index)")
            }
        }
    }

    /// Refuses pairs with tokens that the model does not know.
    func checkPairs(_ pairs: [TranslationPair], unknownWords: [String]) throws {
        let copies = folder.model.output.needsContext
        for (index, pair) in pairs.enumerated() {
            let place = "pair \(index)"
            try checkSource(pair.source, unknownWords: unknownWords, place)
            if copies { try checkCopies(pair.copies, source: pair.source.count, place) }
            let known = copies ? Int(pair.copies.max() ?? -1) + 1 : 0
            try check(
                pair.target, below: max(folder.model.targetVocabulary, known),
                "\(place): the target")
        }
    }

    private func checkSource(
        _ source: ArraySlice<Int32>, unknownWords: [String], _ place: String
    ) throws {
        let hasSpelling = folder.model.configuration.encoder.wordVectors == .characters
        try check(
            source, below: folder.model.sourceVocabulary + (hasSpelling ? unknownWords.count : 0),
            place)
    }

    private func checkCopies(_ copies: ArraySlice<Int32>, source: Int, _ place: String) throws {
        guard copies.count == source else {
            throw wrong(
                place, "\(copies.count) copies for \(source) tokens", "give one for each token")
        }
        try check(
            copies, below: folder.model.targetVocabulary + source, "\(place): the copies")
    }

    private func check(_ tokens: ArraySlice<Int32>, below size: Int, _ place: String) throws {
        guard let token = tokens.first(where: { $0 < 0 || Int($0) >= size }) else { return }
        throw wrong(
            place, "token \(token), where there are ids from 0 to \(size - 1)",
            "encode texts with the tokenizers of the model's folder")
    }

    private func wrong(_ place: String, _ reason: String, _ remedy: String) -> Seq2SeqError {
        Seq2SeqError(.badData, reason: "\(place): \(reason)", remedy: remedy)
    }
}
