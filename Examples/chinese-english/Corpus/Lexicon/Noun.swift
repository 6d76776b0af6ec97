/// A noun with its measure word, and the English forms that its use calls for.
struct Noun: Sendable {
    let chinese: String
    let measure: String
    /// What is counted in English: "apple", "cup of tea", "pair of shoes".
    let unit: String
    /// The bare noun in a general statement: "apples", "tea".
    let general: String
    /// The bare noun as the object of one event: "an apple", "tea".
    let single: String
    /// The noun after "the" or "my": "apple", "tea", "shoes".
    let definite: String
    let generalAgreement: Agreement
    let definiteAgreement: Agreement
    /// The largest number in which people speak of it.
    let most: Int

    /// Creates a noun that is counted one by one: 三个苹果, three apples.
    static func count(_ chinese: String, _ measure: String, _ english: String, upTo most: Int = 10)
        -> Self
    {
        Self(
            chinese: chinese, measure: measure, unit: english,
            general: EnglishMorphology.plural(english),
            single: EnglishMorphology.withArticle(english), definite: english,
            generalAgreement: .plural, definiteAgreement: .thirdSingular, most: most)
    }

    /// Creates a noun that is counted, but meant in the plural when bare: 吃饺子, eat dumplings.
    static func group(_ chinese: String, _ measure: String, _ english: String, upTo most: Int = 20)
        -> Self
    {
        let plural = EnglishMorphology.plural(english)
        return Self(
            chinese: chinese, measure: measure, unit: english, general: plural, single: plural,
            definite: plural, generalAgreement: .plural, definiteAgreement: .plural, most: most)
    }

    /// Creates a noun that needs a container to be counted: 一杯茶, a cup of tea.
    static func mass(
        _ chinese: String, _ measure: String, _ english: String, in container: String,
        upTo most: Int = 3, isPlural: Bool = false
    ) -> Self {
        let agreement: Agreement = isPlural ? .plural : .thirdSingular
        return Self(
            chinese: chinese, measure: measure, unit: "\(container) of \(english)",
            general: english, single: english, definite: english, generalAgreement: agreement,
            definiteAgreement: agreement, most: most)
    }

    /// Returns the Chinese noun after a number: 两本书.
    func counted(_ number: Int) -> String {
        Numerals.chineseQuantity(number) + measure + chinese
    }

    /// Returns the English noun after a number: "a book", "two books".
    func countedEnglish(_ number: Int) -> String {
        number == 1
            ? EnglishMorphology.withArticle(unit) : "\(Numerals.english(number)) \(units)"
    }

    /// What is counted, in the plural: "apples", "cups of tea".
    var units: String {
        guard let space = unit.firstIndex(of: " "), unit[space...].hasPrefix(" of ") else {
            return EnglishMorphology.plural(unit)
        }
        return EnglishMorphology.plural(String(unit[..<space])) + unit[space...]
    }

    /// Whether it is counted without a container.
    var isCountable: Bool { !unit.contains(" of ") }
}

/// One noun phrase in both languages.
struct NounPhrase: Sendable {
    let chinese: String
    let english: String
    let agreement: Agreement

    init(_ chinese: String, _ english: String, _ agreement: Agreement = .thirdSingular) {
        (self.chinese, self.english, self.agreement) = (chinese, english, agreement)
    }
}

extension Noun {
    var this: NounPhrase { NounPhrase("这\(measure)\(chinese)", "this \(unit)") }
    var that: NounPhrase { NounPhrase("那\(measure)\(chinese)", "that \(unit)") }
    var these: NounPhrase { NounPhrase("这些\(chinese)", "these \(units)", .plural) }
    var those: NounPhrase { NounPhrase("那些\(chinese)", "those \(units)", .plural) }

    /// The noun as one definite thing: 书, "the book".
    var the: NounPhrase { NounPhrase(chinese, "the \(definite)", definiteAgreement) }

    /// The noun in a general statement: 苹果, "apples".
    var inGeneral: NounPhrase { NounPhrase(chinese, general, generalAgreement) }

    /// This and that one, and where it is counted without a container, these and those.
    var demonstratives: [NounPhrase] {
        isCountable ? [this, that, these, those] : [this, that]
    }

    /// Returns somebody's: 我的书, "my book".
    func of(_ owner: Person) -> NounPhrase {
        NounPhrase(
            owner.chinesePossessive + chinese, "\(owner.possessive) \(definite)",
            definiteAgreement)
    }
}
