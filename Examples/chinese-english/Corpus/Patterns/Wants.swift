extension Grammar {
    static let wants: [Pattern] = [
        Pattern("wants to do", .wants, weight: 5) { sentences in
            for (turn, action) in (Actions.plans + Actions.toasting).enumerated() {
                for person in People.subjects(turn + 1) {
                    let (who, want) = (person.english, person.present("want"))
                    for chinese in ["想", "也想", "要"] {
                        let also = chinese == "也想" ? "also " : ""
                        sentences.statement(
                            "\(person.chinese)\(chinese)\(action.chinese)",
                            "\(who) \(also)\(want) to \(action.single())")
                    }
                    sentences.statement(
                        "\(person.chinese)不想\(action.chinese)",
                        "\(who) \(person.do) not want to \(action.single())")
                }
            }
        },
        Pattern("asks about wanting to do", .wants, weight: 4) { sentences in
            for (turn, action) in (Actions.plans + Actions.toasting).enumerated() {
                for person in People.askedSubjects(turn + 2) {
                    let ask = "\(person.do) \(person.english) want to \(action.single())"
                    sentences.question("\(person.chinese)想\(action.chinese)吗", ask)
                    sentences.question("\(person.chinese)想不想\(action.chinese)", ask)
                }
                sentences.question("谁想\(action.chinese)", "who wants to \(action.single())")
            }
        },
        Pattern("wants to go or to be", .wants) { sentences in
            let destinations =
                Places.homeAndVisited.map { NounPhrase("去" + $0.chinese, "go " + $0.to) }
                .dropFirst()
                + Places.townsAndLands.map { NounPhrase("去" + $0.chinese, "go to " + $0.english) }
                + [NounPhrase("回家", "go home")]
            for (turn, destination) in destinations.enumerated() {
                for person in People.subjects(turn + 4) {
                    sentences.statement(
                        "\(person.chinese)想\(destination.chinese)",
                        "\(person.english) \(person.present("want")) to \(destination.english)")
                    sentences.statement(
                        "\(person.chinese)不想\(destination.chinese)",
                        "\(person.english) \(person.do) not want to \(destination.english)")
                }
                for person in People.askedSubjects(turn, others: 2) {
                    sentences.question(
                        "\(person.chinese)想\(destination.chinese)吗",
                        "\(person.do) \(person.english) want to \(destination.english)")
                }
            }
            for (turn, profession) in Society.professions.enumerated() {
                for person in People.subjects(turn) where !person.isPlural || person.chinese == "你"
                {
                    sentences.statement(
                        "\(person.chinese)想当\(profession.chinese)",
                        "\(person.english) \(person.present("want")) to be \(profession.predicate(of: person))"
                    )
                }
            }
        },
        Pattern("asks what is wanted", .wants, weight: 1) { sentences in
            let questions: [(chinese: String, wh: String, verb: String)] = [
                ("想吃什么", "what", "eat"), ("想喝什么", "what", "drink"), ("想做什么", "what", "do"),
                ("想买什么", "what", "buy"), ("想看什么", "what", "watch"), ("想去哪里", "where", "go"),
                ("想去哪儿", "where", "go"), ("想学什么", "what", "study"), ("想帮助谁", "who", "help"),
            ]
            for person in People.askedPronouns + People.names + People.yours {
                for (chinese, wh, verb) in questions {
                    sentences.question(
                        person.chinese + chinese,
                        "\(wh) \(person.do) \(person.english) want to \(verb)")
                }
            }
        },
        Pattern("chooses between two", .wants) { sentences in
            for (verb, english, nouns) in [
                ("吃", "eat", Food.fruits + Food.dishes), ("喝", "drink", Food.drinkable),
            ] {
                for first in nouns {
                    for second in nouns where second.chinese != first.chinese {
                        for person in People.askedPronouns.prefix(4) {
                            sentences.question(
                                "\(person.chinese)想\(verb)\(first.chinese)还是\(second.chinese)",
                                "\(person.do) \(person.english) want to \(english) \(first.single) or \(second.single)"
                            )
                        }
                    }
                }
            }
        },
        Pattern("wants so many", .wants, weight: 4) { sentences in
            for (turn, noun) in wanted.enumerated() {
                for number in 1...min(noun.most, 6) {
                    for person in People.subjects(turn + number, others: 2) {
                        for (chinese, english) in [
                            ("要", "want"), ("想要", "want"), ("需要", "need"), ("想买", "want to buy"),
                            ("要买", "want to buy"),
                        ] {
                            sentences.statement(
                                "\(person.chinese)\(chinese)\(noun.counted(number))",
                                "\(person.english) \(person.conjugated(english)) \(noun.countedEnglish(number))"
                            )
                        }
                    }
                }
                for person in People.askedPronouns {
                    sentences.question(
                        "\(person.chinese)要\(noun.counted(1))吗",
                        "\(person.do) \(person.english) want \(noun.countedEnglish(1))")
                    sentences.question(
                        "\(person.chinese)需要\(noun.counted(1))吗",
                        "\(person.do) \(person.english) need \(noun.countedEnglish(1))")
                }
            }
        },
        Pattern("wants to consume so many", .wants, weight: 3) { sentences in
            for (verb, english, nouns) in [
                ("吃", "eat", Food.countedEdible), ("喝", "drink", Food.drinkable),
                ("看", "read", Array(Things.readables.prefix(3))),
            ] {
                for (turn, noun) in nouns.enumerated() {
                    for number in 1...min(noun.most, 3) {
                        for person in People.subjects(turn + number, others: 3) {
                            sentences.statement(
                                "\(person.chinese)想\(verb)\(noun.counted(number))",
                                "\(person.english) \(person.present("want")) to \(english) \(noun.countedEnglish(number))"
                            )
                        }
                    }
                }
            }
        },
        Pattern("plans to do", .wants, weight: 3) { sentences in
            for (turn, action) in (Actions.sports + Actions.quiet + Actions.journeys).enumerated() {
                for (offset, time) in Times.future.enumerated() {
                    for person in People.subjects(turn + offset, others: 2) {
                        sentences.statement(
                            "\(person.chinese)打算\(time.chinese)\(action.chinese)",
                            "\(person.english) \(person.present("plan")) to \(action.single()) \(time.english)"
                        )
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)想\(action.chinese)",
                            "\(person.english) \(person.present("want")) to \(action.single()) \(time.english)"
                        )
                    }
                }
            }
        },
    ]

    private static let wanted =
        Food.fruits + Food.dishes + Food.drinkable + Things.goods
}
