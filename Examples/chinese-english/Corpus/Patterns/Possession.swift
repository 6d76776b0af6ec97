extension Grammar {
    static let possession: [Pattern] = [
        Pattern("has so many", .possession, weight: 5) { sentences in
            for (turn, noun) in (Things.owned + Things.pets).enumerated() {
                for number in 1...min(noun.most, 6) {
                    for person in People.subjects(turn + number, others: 5) {
                        sentences.statement(
                            "\(person.chinese)有\(noun.counted(number))",
                            "\(person.english) \(person.have) \(noun.countedEnglish(number))")
                    }
                }
                for person in People.subjects(turn, others: 5) {
                    sentences.statement(
                        "\(person.chinese)没有\(noun.chinese)",
                        "\(person.english) \(person.do) not have \(noun.single)")
                    sentences.statement(
                        "\(person.chinese)有很多\(noun.chinese)",
                        "\(person.english) \(person.have) many \(noun.units)")
                    sentences.statement(
                        "\(person.chinese)有一些\(noun.chinese)",
                        "\(person.english) \(person.have) some \(noun.units)")
                    sentences.statement(
                        "\(person.chinese)只有\(noun.counted(1))",
                        "\(person.english) only \(person.have) one \(noun.unit)")
                }
            }
        },
        Pattern("asks about having", .possession, weight: 3) { sentences in
            for (turn, noun) in (Things.owned + Things.pets + Things.stationery).enumerated() {
                for person in People.askedSubjects(turn) {
                    let ask = "\(person.do) \(person.english) have \(noun.single)"
                    sentences.question("\(person.chinese)有\(noun.chinese)吗", ask)
                    sentences.question("\(person.chinese)有没有\(noun.chinese)", ask)
                    let howMany = "how many \(noun.units) \(person.do) \(person.english) have"
                    sentences.question(
                        "\(person.chinese)有几\(noun.measure)\(noun.chinese)", howMany)
                    sentences.question(
                        "\(person.chinese)有多少\(noun.measure)\(noun.chinese)", howMany)
                }
                sentences.question("谁有\(noun.chinese)", "who has \(noun.single)")
            }
            for person in People.askedPronouns + People.names + People.yours {
                for (chinese, english) in [("有几个孩子", "children"), ("有几个朋友", "friends")] {
                    sentences.question(
                        person.chinese + chinese,
                        "how many \(english) \(person.do) \(person.english) have")
                }
                for (chinese, english) in [("时间", "time"), ("钱", "money"), ("问题", "questions")] {
                    sentences.question(
                        "\(person.chinese)有\(chinese)吗",
                        "\(person.do) \(person.english) have \(english)")
                }
            }
        },
        Pattern("has relatives", .possession, weight: 3) { sentences in
            for (turn, relation) in kin.enumerated() {
                for person in People.subjects(turn * 4, others: 12) {
                    let (who, have) = (person.english, person.have)
                    for number in 1...3 {
                        let measure = Numerals.chineseQuantity(number) + "个"
                        let english =
                            number == 1
                            ? EnglishMorphology.withArticle(relation.1)
                            : "\(Numerals.english(number)) \(EnglishMorphology.plural(relation.1))"
                        sentences.statement(
                            "\(person.chinese)有\(measure)\(relation.0)", "\(who) \(have) \(english)"
                        )
                    }
                    sentences.statement(
                        "\(person.chinese)没有\(relation.0)",
                        "\(who) \(person.do) not have \(EnglishMorphology.withArticle(relation.1))")
                }
                for person in People.askedSubjects(turn * 3) {
                    let ask =
                        "\(person.do) \(person.english) have \(EnglishMorphology.withArticle(relation.1))"
                    sentences.question("\(person.chinese)有\(relation.0)吗", ask)
                    sentences.question("\(person.chinese)有没有\(relation.0)", ask)
                }
            }
            for person in People.pronouns + People.names + People.mine {
                for (chinese, english) in [
                    ("时间", "time"), ("钱", "money"), ("课", "class"), ("工作", "a job"),
                ] {
                    sentences.statement(
                        "\(person.chinese)有\(chinese)",
                        "\(person.english) \(person.have) \(english)")
                    sentences.statement(
                        "\(person.chinese)没有\(chinese)",
                        "\(person.english) \(person.do) not have \(english)")
                    sentences.statement(
                        "\(person.chinese)今天没有\(chinese)",
                        "\(person.english) \(person.do) not have \(english) today")
                }
            }
        },
        Pattern("has a described thing", .possession, weight: 4) { sentences in
            for kind in Adjectives.things where kind.isOwned {
                for (turn, noun) in kind.nouns.enumerated() where noun.isCountable {
                    for (offset, adjective) in (kind.adjectives + attributiveColors(of: kind))
                        .enumerated()
                    {
                        for person in People.subjects(turn + offset, others: 2) {
                            let chinese =
                                "一\(noun.measure)\(adjective.attributive)\(noun.chinese)"
                            let english = EnglishMorphology.withArticle(
                                "\(adjective.english) \(noun.unit)")
                            sentences.statement(
                                "\(person.chinese)有\(chinese)",
                                "\(person.english) \(person.have) \(english)")
                            sentences.statement(
                                "\(person.chinese)想要\(chinese)",
                                "\(person.english) \(person.present("want")) \(english)")
                            sentences.statement(
                                "\(person.chinese)买了\(chinese)",
                                "\(person.english) bought \(english)")
                        }
                    }
                }
            }
        },
        Pattern("is whose", .possession, weight: 4) { sentences in
            for (turn, noun) in (Things.owned + Things.pets + Things.furniture).enumerated() {
                let isPlural = noun.definiteAgreement == .plural
                let this = isPlural ? "these" : "this"
                let that = isPlural ? "those" : "that"
                for owner in People.pronouns + People.window(turn, 5) {
                    let thing = noun.of(owner)
                    let be = thing.agreement.be
                    for (chinese, english) in [("这", this), ("那", that)] {
                        sentences.statement(
                            "\(chinese)是\(thing.chinese)", "\(english) \(be) \(thing.english)")
                        sentences.statement(
                            "\(chinese)不是\(thing.chinese)", "\(english) \(be) not \(thing.english)")
                        sentences.question(
                            "\(chinese)是\(thing.chinese)吗", "\(be) \(english) \(thing.english)")
                    }
                }
                for (chinese, english) in [("这", this), ("那", that)] {
                    sentences.question(
                        "\(chinese)是谁的\(noun.chinese)",
                        "whose \(noun.definite) \(noun.definiteAgreement.be) \(english)")
                    sentences.statement(
                        "\(chinese)是\(noun.counted(1))",
                        "\(english == this ? "this" : "that") is \(noun.countedEnglish(1))")
                    sentences.statement(
                        "\(chinese)不是\(noun.chinese)",
                        "\(english) \(noun.definiteAgreement.be) not \(noun.single)")
                }
                for demonstrative in [noun.this, noun.that] {
                    for (owner, english) in owners {
                        sentences.statement(
                            "\(demonstrative.chinese)是\(owner)的",
                            "\(demonstrative.english) is \(english)")
                        sentences.statement(
                            "\(demonstrative.chinese)不是\(owner)的",
                            "\(demonstrative.english) is not \(english)")
                    }
                    sentences.question(
                        "\(demonstrative.chinese)是谁的", "whose is \(demonstrative.english)")
                }
            }
        },
    ]

    private static let kin = [
        ("哥哥", "older brother"), ("弟弟", "younger brother"), ("姐姐", "older sister"),
        ("妹妹", "younger sister"), ("孩子", "child"), ("儿子", "son"), ("女儿", "daughter"),
        ("叔叔", "uncle"), ("好朋友", "good friend"),
    ]

    private static let owners =
        [
            ("我", "mine"), ("你", "yours"), ("他", "his"), ("她", "hers"), ("我们", "ours"),
            ("他们", "theirs"),
        ]
        + (People.names + People.mine).map { ($0.chinese, $0.possessive) }

    /// Clothes and machines come in colours.
    private static func attributiveColors(of kind: Describable) -> [Adjective] {
        let colored = ["衬衫", "电脑"]
        return kind.nouns.contains { colored.contains($0.chinese) }
            ? Adjectives.colors : []
    }
}
