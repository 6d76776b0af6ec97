/// What somebody is by trade.
struct Profession: Sendable {
    let chinese: String
    let english: String

    init(_ chinese: String, _ english: String) {
        (self.chinese, self.english) = (chinese, english)
    }

    /// Returns "a teacher" or "teachers".
    func predicate(of person: Person) -> String {
        // 你们 is plural, 你 is singular, though both are "you".
        person.chinese.hasSuffix("们")
            ? EnglishMorphology.plural(english) : EnglishMorphology.withArticle(english)
    }
}

/// A country with its people and, where it has one of its own, its language.
struct Country: Sendable {
    let chinese: String
    let english: String
    let people: String
    let language: (chinese: String, english: String)?

    init(
        _ chinese: String, _ english: String, people: String,
        language: (chinese: String, english: String)? = nil
    ) {
        (self.chinese, self.english) = (chinese, english)
        (self.people, self.language) = (people, language)
    }
}

enum Society {
    static let professions: [Profession] = [
        Profession("老师", "teacher"), Profession("学生", "student"),
        Profession("医生", "doctor"), Profession("护士", "nurse"),
        Profession("工程师", "engineer"), Profession("司机", "driver"),
        Profession("警察", "police officer"), Profession("厨师", "cook"),
        Profession("律师", "lawyer"), Profession("记者", "reporter"),
        Profession("演员", "actor"), Profession("歌手", "singer"),
        Profession("画家", "artist"), Profession("作家", "writer"),
        Profession("科学家", "scientist"), Profession("服务员", "waiter"),
        Profession("农民", "farmer"), Profession("工人", "worker"),
        Profession("经理", "manager"), Profession("大学生", "college student"),
    ]

    static let countries: [Country] = [
        Country("中国", "China", people: "Chinese", language: ("中文", "Chinese")),
        Country("美国", "America", people: "American"),
        Country("英国", "England", people: "English", language: ("英语", "English")),
        Country("法国", "France", people: "French", language: ("法语", "French")),
        Country("德国", "Germany", people: "German", language: ("德语", "German")),
        Country("日本", "Japan", people: "Japanese", language: ("日语", "Japanese")),
        Country("韩国", "Korea", people: "Korean", language: ("韩语", "Korean")),
        Country("俄罗斯", "Russia", people: "Russian", language: ("俄语", "Russian")),
        Country("意大利", "Italy", people: "Italian", language: ("意大利语", "Italian")),
        Country("西班牙", "Spain", people: "Spanish", language: ("西班牙语", "Spanish")),
        Country("加拿大", "Canada", people: "Canadian"),
        Country("澳大利亚", "Australia", people: "Australian"),
    ]

    static let languages = countries.compactMap(\.language)
}
