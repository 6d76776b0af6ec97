extension Grammar {
    static let reasons: [Pattern] = [
        Pattern("because of a state", .reasons, weight: 5) { sentences in
            for (turn, cause) in causes.enumerated() {
                for (offset, consequence) in cause.consequences.enumerated() {
                    for person in People.referable(turn + offset, others: 6) {
                        let pronoun = person.pronoun ?? ""
                        let chinesePronoun = person.chinesePronoun ?? ""
                        let state = filled(cause.english, with: person.english, verb: person)
                        let result = filled(consequence.english, with: pronoun, verb: person)
                        sentences.statement(
                            "因为\(person.chinese)\(cause.chinese)，所以\(chinesePronoun)\(consequence.chinese)",
                            "because \(state), \(result)")
                        sentences.statement(
                            "\(person.chinese)\(consequence.chinese)，因为\(chinesePronoun)\(cause.chinese)",
                            "\(filled(consequence.english, with: person.english, verb: person)) because \(filled(cause.english, with: pronoun, verb: person))"
                        )
                    }
                }
            }
        },
        Pattern("because of the weather", .reasons, weight: 3) { sentences in
            let bad = [
                ("今天下雨", "it is raining today"), ("今天下雪", "it is snowing today"),
                ("今天很冷", "it is cold today"), ("天气不好", "the weather is not good"),
            ]
            let fine = [
                ("今天天气很好", "the weather is good today"), ("今天很暖和", "it is warm today"),
                ("今天不冷", "it is not cold today"),
            ]
            let outings = Places.visited.filter { ["公园", "动物园", "市场", "博物馆"].contains($0.chinese) }
            for (turn, person) in (People.pronouns + People.names + People.mine).enumerated() {
                for (chinese, english) in bad {
                    for place in outings {
                        sentences.statement(
                            "因为\(chinese)，所以\(person.chinese)不去\(place.chinese)",
                            "because \(english), \(person.english) \(person.be) not going \(place.to)"
                        )
                        sentences.statement(
                            "因为\(chinese)，所以\(person.chinese)不想去\(place.chinese)",
                            "because \(english), \(person.english) \(person.do) not want to go \(place.to)"
                        )
                    }
                    for action in Actions.sports.prefix(2) + Actions.sports[5...7] {
                        sentences.statement(
                            "因为\(chinese)，所以\(person.chinese)不能\(action.chinese)",
                            "because \(english), \(person.english) cannot \(action.single())")
                    }
                }
                for (chinese, english) in fine {
                    for place in outings {
                        sentences.statement(
                            "因为\(chinese)，所以\(person.chinese)去\(place.chinese)",
                            "because \(english), \(person.english) \(person.be) going \(place.to)")
                    }
                    let action = Actions.sports[turn % Actions.sports.count]
                    sentences.statement(
                        "因为\(chinese)，所以\(person.chinese)想\(action.chinese)",
                        "because \(english), \(person.english) \(person.present("want")) to \(action.single())"
                    )
                }
            }
        },
        Pattern("likes because", .reasons, weight: 3) { sentences in
            for kind in [Adjectives.food, Adjectives.fruit] {
                for (turn, noun) in kind.nouns.enumerated() {
                    for adjective in kind.adjectives where !["贵", "便宜"].contains(adjective.chinese)
                    {
                        for person in People.subjects(turn, others: 4) {
                            let it = noun.generalAgreement == .plural ? "they are" : "it is"
                            sentences.statement(
                                "\(person.chinese)喜欢吃\(noun.chinese)，因为\(noun.chinese)很\(adjective.chinese)",
                                "\(person.english) \(person.present("like")) eating \(noun.general) because \(it) \(adjective.english)"
                            )
                            sentences.statement(
                                "\(person.chinese)不喜欢吃\(noun.chinese)，因为\(noun.chinese)\(adjective.negated)",
                                "\(person.english) \(person.do) not like eating \(noun.general) because \(it) not \(adjective.english)"
                            )
                        }
                    }
                }
            }
            for (turn, country) in Society.countries.enumerated() {
                guard let language = country.language else { continue }
                for person in People.referable(turn, others: 8) {
                    for (feeling, english) in [
                        ("喜欢", "like"), ("想去", "want to go to"), ("要去", "want to go to"),
                    ] {
                        let pronoun = person.chinesePronoun ?? ""
                        sentences.statement(
                            "\(person.chinese)学\(language.chinese)，因为\(pronoun)\(feeling)\(country.chinese)",
                            "\(person.english) \(person.present("study")) \(language.english) because \(person.pronoun ?? "") \(person.conjugated(english)) \(country.english)"
                        )
                    }
                }
            }
        },
    ]

    /// A state, and what may come of it; % stands for the subject, the verb after it agrees.
    private struct Cause: Sendable {
        let chinese: String
        let english: String
        let consequences: [(chinese: String, english: String)]
    }

    private static let causes: [Cause] = [
        Cause(
            chinese: "很累", english: "% be tired",
            consequences: [
                ("想睡觉", "% want to sleep"), ("想休息", "% want to rest"), ("想回家", "% want to go home"),
                ("不想做饭", "% do not want to cook"), ("不想跑步", "% do not want to run"),
                ("不想打篮球", "% do not want to play basketball"), ("不想出去", "% do not want to go out"),
            ]),
        Cause(
            chinese: "很忙", english: "% be busy",
            consequences: [
                ("没有时间", "% do not have time"), ("不能去公园", "% cannot go to the park"),
                ("不能看电影", "% cannot watch a movie"),
                ("不能做饭", "% cannot cook"), ("不能休息", "% cannot rest"),
                ("不能看电视", "% cannot watch TV"),
                ("不能去超市", "% cannot go to the supermarket"),
            ]),
        Cause(
            chinese: "很饿", english: "% be hungry",
            consequences: (Food.fruits.prefix(4) + Food.dishes).map {
                ("想吃\($0.chinese)", "% want to eat \($0.single)")
            }),
        Cause(
            chinese: "很渴", english: "% be thirsty",
            consequences: Food.drinks.map { ("想喝\($0.chinese)", "% want to drink \($0.single)") }),
        Cause(
            chinese: "生病了", english: "% be sick",
            consequences: [
                ("不能去学校", "% cannot go to school"), ("不能去办公室", "% cannot go to the office"),
                ("要去医院", "% want to go to the hospital"),
                ("不能工作", "% cannot work"), ("不能游泳", "% cannot swim"),
                ("不想吃饭", "% do not want to eat"),
                ("应该休息", "% should rest"), ("应该看医生", "% should see a doctor"),
                ("在家休息", "% be resting at home"),
                ("在医院", "% be at the hospital"),
            ]),
        Cause(
            chinese: "没有钱", english: "% do not have money",
            consequences: (Things.machines + Things.wearable).map {
                ("不能买\($0.chinese)", "% cannot buy \($0.single)")
            }),
        Cause(
            chinese: "没有时间", english: "% do not have time",
            consequences: (Actions.quiet.prefix(4) + Actions.sports.prefix(5) + Actions.chores).map
            {
                ("不能\($0.chinese)", "% cannot \($0.single())")
            }),
        Cause(
            chinese: "很高兴", english: "% be happy",
            consequences: [
                ("想唱歌", "% want to sing"), ("想跳舞", "% want to dance"), ("在唱歌", "% be singing"),
                ("在跳舞", "% be dancing"),
            ]),
        Cause(
            chinese: "很困", english: "% be sleepy",
            consequences: [
                ("想睡觉", "% want to sleep"), ("想喝咖啡", "% want to drink coffee"),
                ("不能开车", "% cannot drive"),
                ("不想看书", "% do not want to read a book"),
            ]),
        Cause(
            chinese: "没有车", english: "% do not have a car",
            consequences: [
                ("坐地铁去学校", "% go to school by subway"),
                ("走路去超市", "% go to the supermarket on foot"),
                ("骑自行车去图书馆", "% go to the library by bike"),
                ("坐公共汽车去公园", "% go to the park by bus"),
            ]),
    ]

    /// Returns the clause with its subject put in and its first verb in agreement with the person.
    static func filled(_ clause: String, with subject: String, verb person: Person) -> String {
        let words = clause.split(separator: " ").map(String.init)
        let verb =
            switch words[1] {
            case "be": person.be
            case "cannot", "should": words[1]
            default: person.present(words[1])
            }
        return ([subject, verb] + words.dropFirst(2)).joined(separator: " ")
    }
}
