/// The form in which a verb stands in a sentence.
enum VerbForm: Sendable {
    case base
    case thirdPerson
    case past
    case participle
    case gerund
}

/// Regular English inflection; `IrregularForms` holds the exceptions.
enum EnglishMorphology {
    /// Returns the plural of a noun; of a compound, its last word is inflected.
    static func plural(_ noun: String) -> String {
        if let space = noun.lastIndex(of: " ") {
            return noun[...space] + plural(String(noun[noun.index(after: space)...]))
        }
        if let irregular = IrregularForms.plurals[noun] {
            return irregular
        }
        if noun.hasSuffix("y"), endsInConsonant(noun.dropLast()) {
            return noun.dropLast() + "ies"
        }
        return noun + (endsInSibilant(noun) ? "es" : "s")
    }

    /// Returns a verb in the wanted form.
    static func inflect(_ verb: String, _ form: VerbForm) -> String {
        switch form {
        case .base: verb
        case .thirdPerson: thirdPerson(verb)
        case .past: IrregularForms.pasts[verb]?.past ?? regularPast(verb)
        case .participle: IrregularForms.pasts[verb]?.participle ?? regularPast(verb)
        case .gerund: gerund(verb)
        }
    }

    /// Returns "taller", "more expensive", "better".
    static func comparative(_ adjective: String) -> String {
        if let irregular = IrregularForms.degrees[adjective] {
            return irregular.comparative
        }
        return gradesBySuffix(adjective) ? gradingStem(adjective) + "er" : "more " + adjective
    }

    /// Returns "tallest", "most expensive", "best", without an article.
    static func superlative(_ adjective: String) -> String {
        if let irregular = IrregularForms.degrees[adjective] {
            return irregular.superlative
        }
        return gradesBySuffix(adjective) ? gradingStem(adjective) + "est" : "most " + adjective
    }

    /// Returns the phrase with "a" or "an" before it, by the sound with which it begins.
    static func withArticle(_ phrase: String) -> String {
        let word = phrase.prefix { $0 != " " }.lowercased()
        let vowelLetter = word.first.map { "aeiou".contains($0) } ?? false
        let vowelSound =
            IrregularForms.silentInitials.contains(word)
            || vowelLetter && !IrregularForms.consonantSoundInitials.contains(word)
        return (vowelSound ? "an " : "a ") + phrase
    }

    /// Returns the sentence with its first letter in upper case.
    static func capitalized(_ sentence: String) -> String {
        sentence.prefix(1).uppercased() + sentence.dropFirst()
    }

    private static func thirdPerson(_ verb: String) -> String {
        if verb == "have" {
            return "has"
        }
        if verb.hasSuffix("y"), endsInConsonant(verb.dropLast()) {
            return verb.dropLast() + "ies"
        }
        return verb + (endsInSibilant(verb) || verb.hasSuffix("o") ? "es" : "s")
    }

    private static func regularPast(_ verb: String) -> String {
        if verb.hasSuffix("e") {
            return verb + "d"
        }
        if verb.hasSuffix("y"), endsInConsonant(verb.dropLast()) {
            return verb.dropLast() + "ied"
        }
        return doublingFinal(verb) + "ed"
    }

    private static func gerund(_ verb: String) -> String {
        if verb.hasSuffix("ie") {
            return verb.dropLast(2) + "ying"
        }
        if verb.hasSuffix("e"), !verb.hasSuffix("ee"), verb != "be" {
            return verb.dropLast() + "ing"
        }
        return doublingFinal(verb) + "ing"
    }

    private static func doublingFinal(_ verb: String) -> String {
        let doubles = IrregularForms.doublingVerbs.contains(verb) || isShortSyllable(verb)
        return doubles ? verb + verb.suffix(1) : verb
    }

    private static func gradesBySuffix(_ adjective: String) -> Bool {
        syllables(adjective) == 1 || adjective.hasSuffix("y")
    }

    private static func gradingStem(_ adjective: String) -> String {
        if adjective.hasSuffix("e") {
            return String(adjective.dropLast())
        }
        if adjective.hasSuffix("y"), endsInConsonant(adjective.dropLast()) {
            return adjective.dropLast() + "i"
        }
        return isShortSyllable(adjective) ? adjective + adjective.suffix(1) : adjective
    }

    /// Groups of vowel letters, a final silent e not counted.
    private static func syllables(_ word: String) -> Int {
        var groups = 0
        var previousWasVowel = false
        for letter in word.hasSuffix("e") ? word.dropLast() : word[...] {
            let isVowel = "aeiouy".contains(letter)
            groups += isVowel && !previousWasVowel ? 1 : 0
            previousWasVowel = isVowel
        }
        return groups
    }

    /// One syllable that ends consonant, vowel, consonant ("run", "big"): its last letter doubles.
    private static func isShortSyllable(_ word: String) -> Bool {
        let letters = Array(word)
        guard letters.count >= 3, syllables(word) == 1, let last = letters.last else {
            return false
        }
        let isVowel = letters.suffix(3).map { "aeiou".contains($0) }
        return isVowel == [false, true, false] && !"wxy".contains(last)
    }

    private static func endsInSibilant(_ word: String) -> Bool {
        ["s", "x", "z", "ch", "sh"].contains { word.hasSuffix($0) }
    }

    private static func endsInConsonant(_ word: Substring) -> Bool {
        word.last.map { !"aeiou".contains($0) } ?? false
    }
}
