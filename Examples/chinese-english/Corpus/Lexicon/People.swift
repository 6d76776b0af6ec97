/// Somebody who can be the subject or the object of a sentence.
struct Person: Sendable {
    let chinese: String
    let english: String
    let objective: String
    let possessive: String
    let agreement: Agreement
    /// The pronoun that takes the person up again; nil where it would need a gender not given.
    let chinesePronoun: String?
    let pronoun: String?

    var be: String { agreement.be }
    var was: String { agreement.was }
    var have: String { agreement.have }
    var `do`: String { agreement.do }
    var isPlural: Bool { agreement == .plural }
    var chinesePossessive: String { chinese + "的" }

    /// Returns the present tense of a verb that agrees with the person.
    func present(_ verb: String) -> String {
        EnglishMorphology.inflect(verb, agreement.presentForm)
    }

    static func named(_ chinese: String, _ english: String, _ gender: Gender?) -> Self {
        Self(
            chinese: chinese, english: english, objective: english, possessive: english + "'s",
            agreement: .thirdSingular, chinesePronoun: gender?.chinese, pronoun: gender?.english)
    }
}

/// The two genders that the pronouns 他 and 她 tell apart in writing.
enum Gender: Sendable {
    case male
    case female

    var chinese: String { self == .male ? "他" : "她" }
    var english: String { self == .male ? "he" : "she" }
}

/// Somebody's relative or acquaintance.
struct Relation: Sendable {
    let chinese: String
    let english: String
    let gender: Gender?

    init(_ chinese: String, _ english: String, _ gender: Gender?) {
        (self.chinese, self.english, self.gender) = (chinese, english, gender)
    }

    var isSpouse: Bool { ["husband", "wife"].contains(english) }

    /// Whether somebody of the owner's gender has such a relation.
    func fits(_ owner: Person) -> Bool {
        switch english {
        case "husband": owner.pronoun != "he"
        case "wife": owner.pronoun != "she"
        default: true
        }
    }

    /// Relatives stand without 的 (我妈妈), others with it (我的朋友).
    func of(_ owner: Person) -> Person {
        let link = gender == nil ? "的" : ""
        return .named(
            owner.chinese + link + chinese, "\(owner.possessive) \(english)", gender)
    }
}

enum People {
    private static func pronoun(
        _ chinese: String, _ english: String, _ objective: String, _ possessive: String,
        _ agreement: Agreement
    ) -> Person {
        Person(
            chinese: chinese, english: english, objective: objective, possessive: possessive,
            agreement: agreement, chinesePronoun: chinese, pronoun: english)
    }

    static let me = pronoun("我", "I", "me", "my", .firstSingular)
    static let you = pronoun("你", "you", "you", "your", .plural)
    static let he = pronoun("他", "he", "him", "his", .thirdSingular)
    static let she = pronoun("她", "she", "her", "her", .thirdSingular)
    static let we = pronoun("我们", "we", "us", "our", .plural)
    static let youAll = pronoun("你们", "you", "you", "your", .plural)
    static let they = pronoun("他们", "they", "them", "their", .plural)
    static let theyWomen = pronoun("她们", "they", "them", "their", .plural)

    static let pronouns = [me, you, he, she, we, youAll, they, theyWomen]
    static let singularPronouns = [me, you, he, she]
    static let pluralPronouns = [we, youAll, they, theyWomen]
    static let askedPronouns = [you, he, she, youAll, they, theyWomen]

    static let names: [Person] = [
        .named("小明", "Xiaoming", .male), .named("小红", "Xiaohong", .female),
        .named("李华", "Li Hua", .male), .named("王芳", "Wang Fang", .female),
        .named("小丽", "Xiaoli", .female), .named("张伟", "Zhang Wei", .male),
        .named("大卫", "David", .male), .named("安娜", "Anna", .female),
        .named("玛丽", "Mary", .female), .named("汤姆", "Tom", .male),
        .named("约翰", "John", .male), .named("杰克", "Jack", .male),
        .named("露西", "Lucy", .female),
    ]
    static let titled: [Person] = [
        .named("王老师", "Teacher Wang", nil), .named("李医生", "Doctor Li", nil),
    ]
    static let surnames: [(chinese: String, english: String)] = [
        ("王", "Wang"), ("李", "Li"), ("张", "Zhang"), ("刘", "Liu"), ("陈", "Chen"),
    ]

    static let relatives: [Relation] = [
        Relation("爸爸", "father", .male), Relation("妈妈", "mother", .female),
        Relation("哥哥", "older brother", .male), Relation("弟弟", "younger brother", .male),
        Relation("姐姐", "older sister", .female), Relation("妹妹", "younger sister", .female),
        Relation("爷爷", "grandfather", .male), Relation("奶奶", "grandmother", .female),
        Relation("叔叔", "uncle", .male), Relation("阿姨", "aunt", .female),
        Relation("儿子", "son", .male), Relation("女儿", "daughter", .female),
        Relation("丈夫", "husband", .male), Relation("妻子", "wife", .female),
    ]
    static let acquaintances: [Relation] = [
        Relation("朋友", "friend", nil), Relation("同学", "classmate", nil),
        Relation("同事", "colleague", nil), Relation("老师", "teacher", nil),
        Relation("邻居", "neighbor", nil),
    ]

    static let mine = (relatives + acquaintances).map { $0.of(me) }
    static let yours = (relatives + acquaintances).map { $0.of(you) }
    /// Returns the relatives that somebody can have.
    static func relatives(of owner: Person) -> [Person] {
        relatives.filter { $0.fits(owner) }.map { $0.of(owner) }
    }

    private static let others =
        names + mine + titled + relatives(of: he) + relatives(of: she)
    private static let askedOthers = names + yours + titled

    /// Returns the pronouns and a few other people, different ones for each turn.
    ///
    /// Pronouns are what people use most, so they outweigh the many names and relatives.
    static func subjects(_ turn: Int, others count: Int = 6) -> [Person] {
        pronouns + window(of: others, turn, count)
    }

    /// Returns people of whom one would ask: everybody but the speaker.
    static func askedSubjects(_ turn: Int, others count: Int = 5) -> [Person] {
        askedPronouns + window(of: askedOthers, turn, count)
    }

    /// Returns a few people who are no pronouns.
    static func window(_ turn: Int, _ count: Int) -> [Person] {
        window(of: others, turn, count)
    }

    /// Returns singular people whom a pronoun can take up again.
    static func referable(_ turn: Int, others count: Int = 6) -> [Person] {
        subjects(turn, others: count).filter { $0.pronoun != nil }
    }

    private static func window(of people: [Person], _ turn: Int, _ count: Int) -> [Person] {
        (0..<count).map { people[(turn * count + $0) % people.count] }
    }
}

extension People {
    /// Everybody who can be the object of an affection.
    static let everybody = pronouns + names + mine + titled

    /// The first word of what somebody is: whose relative, or which pronoun.
    private static let overlapping: [String: Set<String>] = [
        "我": ["我", "我们"], "我们": ["我", "我们"], "你": ["你", "你们"], "你们": ["你", "你们"],
        "他们": ["他", "她", "他们", "她们"], "她们": ["她", "她们", "他们"],
        "他": ["他们"], "她": ["她们", "他们"],
    ]

    fileprivate static func overlap(_ first: Person, _ second: Person) -> Bool {
        first.chinese == second.chinese
            || overlapping[first.chinese]?.contains(second.chinese) ?? false
    }
}

extension Person {
    /// Whether somebody belongs to both, so that a reflexive pronoun would be called for.
    func sharesSomebody(with other: Person) -> Bool {
        People.overlap(self, other) || People.overlap(other, self)
    }

    /// Returns a verb with what follows it, the verb in the present tense: "wants to buy".
    func conjugated(_ phrase: String) -> String {
        let verb = phrase.prefix { $0 != " " }
        return present(String(verb)) + phrase.dropFirst(verb.count)
    }
}

extension Person {
    /// The possessive of the pronoun that takes the person up again: "his", "my".
    var ownPossessive: String {
        switch pronoun {
        case "he": "his"
        case "she": "her"
        default: possessive
        }
    }
}

extension Person {
    /// Whether one would ask about the person: not about oneself.
    var isAsked: Bool { !chinese.hasPrefix("我") || !isPronoun }
    /// Whether the person can be thought to go to school.
    var isPupil: Bool {
        isPronoun
            || ["弟弟", "妹妹", "儿子", "女儿", "朋友", "同学"].contains { chinese.hasSuffix($0) }
            || People.names.contains { $0.chinese == chinese }
    }
    var isPronoun: Bool { chinese == chinesePronoun }
    /// Whether the Chinese pronoun is one of the plural, which English "you" does not show.
    var isGroup: Bool { chinese.hasSuffix("们") }
}
