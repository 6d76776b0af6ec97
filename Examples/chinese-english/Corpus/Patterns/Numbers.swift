extension Grammar {
    static let numbers: [Pattern] = [
        Pattern("is so old", .numbers, weight: 3) { sentences in
            for age in 1...99 {
                for person in People.singularPronouns + People.window(age, 6) {
                    let years = age == 1 ? "one year old" : "\(Numerals.english(age)) years old"
                    if age > 4 || person.agreement == .thirdSingular {
                        sentences.statement(
                            "\(person.chinese)\(Numerals.chinese(age).asAge)岁",
                            "\(person.english) \(person.be) \(years)")
                        sentences.statement(
                            "\(person.chinese)今年\(Numerals.chinese(age).asAge)岁",
                            "\(person.english) \(person.be) \(years) this year")
                    }
                }
            }
            for person in People.askedPronouns[..<3] + People.names + People.yours + People.mine {
                for question in ["多大", "多大了", "几岁", "几岁了"] {
                    sentences.question(
                        person.chinese + question, "how old \(person.be) \(person.english)")
                }
                sentences.question(
                    "\(person.chinese)今年多大", "how old \(person.be) \(person.english) this year")
                sentences.question(
                    "\(person.chinese)多高", "how tall \(person.be) \(person.english)")
            }
        },
        Pattern("costs", .numbers, weight: 4) { sentences in
            for noun in priced {
                for price in prices(of: noun) {
                    for thing in [noun.this, noun.that] {
                        let (chinese, english) = (thing.chinese, thing.english)
                        sentences.statement(
                            "\(chinese)\(Numerals.chineseQuantity(price))块钱",
                            "\(english) is \(Numerals.english(price)) yuan")
                        sentences.statement(
                            "\(chinese)要\(Numerals.chineseQuantity(price))块钱",
                            "\(english) costs \(Numerals.english(price)) yuan")
                    }
                }
                for thing in noun.demonstratives {
                    sentences.question(
                        "\(thing.chinese)多少钱", "how much \(thing.agreement.be) \(thing.english)")
                    sentences.question(
                        "请问，\(thing.chinese)多少钱",
                        "excuse me, how much \(thing.agreement.be) \(thing.english)")
                }
                sentences.question(
                    "\(noun.counted(1))多少钱", "how much is \(noun.countedEnglish(1))")
            }
        },
        Pattern("so many people", .numbers, weight: 2) { sentences in
            for number in 2...60 {
                for (owner, english) in [
                    ("我们班", "our class"), ("他们班", "their class"), ("你们班", "your class"),
                    ("她们班", "their class"),
                ] where number > 9 {
                    for (noun, plural) in [("学生", "students"), ("人", "people")] {
                        sentences.statement(
                            "\(owner)有\(Numerals.chineseQuantity(number))个\(noun)",
                            "there are \(Numerals.english(number)) \(plural) in \(english)")
                    }
                }
                for person in People.pronouns + People.names where number < 10 {
                    sentences.statement(
                        "\(person.chinese)家有\(Numerals.chineseQuantity(number))口人",
                        "there are \(Numerals.english(number)) people in \(person.possessive) family"
                    )
                }
            }
            for person in People.askedPronouns + People.names {
                sentences.question(
                    "\(person.chinese)家有几口人",
                    "how many people are there in \(person.possessive) family")
                sentences.question(
                    "\(person.chinese)家有几个孩子",
                    "how many children are there in \(person.possessive) family")
            }
            for (owner, english) in [
                ("你们班", "your class"), ("他们班", "their class"), ("我们班", "our class"),
            ] {
                sentences.question(
                    "\(owner)有多少个学生", "how many students are there in \(english)")
                sentences.question("\(owner)有多少人", "how many people are there in \(english)")
            }
        },
    ]

    private static let priced =
        Food.countedEdible + Things.goods.filter { $0.chinese != "纸" }
        + Food.drinkable.filter { $0.chinese != "热水" }

    /// Small prices for food and pens, larger ones for things.
    private static func prices(of noun: Noun) -> [Int] {
        let cheap = Food.countedEdible + Food.drinkable + Things.stationery
        let isCheap = cheap.contains { $0.chinese == noun.chinese }
        let isMachine = Things.machines.contains { $0.chinese == noun.chinese }
        return isMachine ? [] : Array(isCheap ? 1...30 : 10...100)
    }
}

extension String {
    /// Ages say 两岁 for two.
    fileprivate var asAge: String { self == "二" ? "两" : self }
}
