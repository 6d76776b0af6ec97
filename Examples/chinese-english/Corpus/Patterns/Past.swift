extension Grammar {
    static let past: [Pattern] = [
        Pattern("did at a past time", .past, weight: 5) { sentences in
            for (turn, action) in Actions.deeds.enumerated() {
                for (offset, time) in Times.past.enumerated() {
                    for person in People.subjects(turn + offset, others: 4) {
                        let english =
                            "\(person.english) \(action.single(.past)) \(time.english)"
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)\(action.chinese)了", english)
                        sentences.statement(
                            "\(time.chinese)\(person.chinese)\(action.chinese)了", english)
                    }
                }
            }
        },
        Pattern("did not do", .past, weight: 4) { sentences in
            for (turn, action) in (Actions.deeds + Actions.eating + Actions.drinking).enumerated() {
                for (offset, time) in Times.past.prefix(6).enumerated() {
                    for person in People.subjects(turn + offset, others: 3) {
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)没\(action.chinese)",
                            "\(person.english) did not \(action.single()) \(time.english)")
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)没有\(action.chinese)",
                            "\(person.english) did not \(action.single()) \(time.english)")
                    }
                }
                for person in People.subjects(turn, others: 2) {
                    sentences.statement(
                        "\(person.chinese)没\(action.chinese)",
                        "\(person.english) did not \(action.single())")
                }
            }
        },
        Pattern("asks about the past", .past, weight: 4) { sentences in
            for (turn, action) in Actions.deeds.enumerated() {
                for (offset, time) in Times.past.enumerated() {
                    for person in People.askedSubjects(turn + offset, others: 3) {
                        sentences.question(
                            "\(person.chinese)\(time.chinese)\(action.chinese)了吗",
                            "did \(person.english) \(action.single()) \(time.english)")
                    }
                    sentences.question(
                        "谁\(time.chinese)\(action.chinese)了",
                        "who \(action.single(.past)) \(time.english)")
                }
            }
            for time in Times.past {
                for person in People.askedPronouns + People.names + People.yours {
                    for (chinese, english) in [
                        ("做了什么", "what did % do"), ("吃了什么", "what did % eat"),
                        ("喝了什么", "what did % drink"),
                        ("买了什么", "what did % buy"), ("去了哪里", "where did % go"),
                        ("去了哪儿", "where did % go"),
                        ("看见了谁", "who did % see"),
                    ] {
                        sentences.question(
                            "\(person.chinese)\(time.chinese)\(chinese)",
                            "\(filled(english, with: person.english)) \(time.english)")
                    }
                }
            }
        },
        Pattern("did with so many", .past, weight: 5) { sentences in
            for (verb, english, nouns, most) in transactions {
                for (turn, noun) in nouns.enumerated() {
                    for number in 1...min(noun.most, most) {
                        for person in People.subjects(turn + number, others: 2) {
                            sentences.statement(
                                "\(person.chinese)\(verb)了\(noun.counted(number))",
                                "\(person.english) \(english) \(noun.countedEnglish(number))")
                        }
                    }
                }
            }
        },
        Pattern("did with so many at a past time", .past, weight: 6) { sentences in
            for (verb, english, nouns, most) in transactions {
                for (turn, noun) in nouns.enumerated() {
                    for number in 1...min(noun.most, most) {
                        for (offset, time) in Times.past.prefix(5).enumerated() {
                            for person in People.subjects(turn + number + offset, others: 1) {
                                sentences.statement(
                                    "\(person.chinese)\(time.chinese)\(verb)了\(noun.counted(number))",
                                    "\(person.english) \(english) \(noun.countedEnglish(number)) \(time.english)"
                                )
                            }
                        }
                    }
                }
            }
        },
        Pattern("did with some", .past, weight: 2) { sentences in
            for (chinese, english, nouns) in [
                ("吃了", "ate", Food.countedEdible), ("喝了", "drank", Food.drinks),
                ("买了", "bought", bought),
            ] {
                for (turn, noun) in nouns.enumerated() {
                    for person in People.subjects(turn, others: 3) {
                        sentences.statement(
                            "\(person.chinese)\(chinese)一些\(noun.chinese)",
                            "\(person.english) \(english) some \(noun.general)")
                        sentences.statement(
                            "\(person.chinese)昨天\(chinese)一些\(noun.chinese)",
                            "\(person.english) \(english) some \(noun.general) yesterday")
                    }
                }
            }
        },
        Pattern("went somewhere", .past, weight: 4) { sentences in
            let near = Places.visited.map { ($0.chinese, $0.to) }
            let distant = Places.townsAndLands.map { ($0.chinese, "to \($0.english)") }
            for (places, times) in [(near, Times.past), (distant, Times.pastPeriods)] {
                for (turn, place) in places.enumerated() {
                    for (offset, time) in times.enumerated() {
                        for person in People.subjects(turn + offset, others: 2) {
                            let english = "\(person.english) went \(place.1) \(time.english)"
                            sentences.statement(
                                "\(person.chinese)\(time.chinese)去了\(place.0)", english)
                            sentences.statement(
                                "\(time.chinese)\(person.chinese)去了\(place.0)", english)
                            sentences.statement(
                                "\(person.chinese)\(time.chinese)没去\(place.0)",
                                "\(person.english) did not go \(place.1) \(time.english)")
                            if person.isAsked {
                                sentences.question(
                                    "\(person.chinese)\(time.chinese)去\(place.0)了吗",
                                    "did \(person.english) go \(place.1) \(time.english)")
                            }
                        }
                    }
                }
            }
        },
        Pattern("was in a state", .past, weight: 3) { sentences in
            for (turn, adjective) in Adjectives.states.enumerated() {
                for (offset, time) in Times.past.prefix(5).enumerated() {
                    for person in People.subjects(turn + offset, others: 4) {
                        let (who, was) = (person.english, person.was)
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)很\(adjective.chinese)",
                            "\(who) \(was) \(adjective.english) \(time.english)")
                        sentences.statement(
                            "\(time.chinese)\(person.chinese)很\(adjective.chinese)",
                            "\(who) \(was) \(adjective.english) \(time.english)")
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)非常\(adjective.chinese)",
                            "\(who) \(was) very \(adjective.english) \(time.english)")
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)\(adjective.negated)",
                            "\(who) \(was) not \(adjective.english) \(time.english)")
                        if person.isAsked {
                            sentences.question(
                                "\(person.chinese)\(time.chinese)\(adjective.chinese)吗",
                                "\(was) \(who) \(adjective.english) \(time.english)")
                        }
                    }
                }
            }
            for (turn, place) in Places.homeAndVisited.enumerated() {
                for (offset, time) in Times.past.prefix(5).enumerated() {
                    for person in People.subjects(turn + offset, others: 2) {
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)在\(place.chinese)",
                            "\(person.english) \(person.was) \(place.at) \(time.english)")
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)不在\(place.chinese)",
                            "\(person.english) \(person.was) not \(place.at) \(time.english)")
                    }
                }
            }
        },
    ]

    private static let bought = Food.fruits + Things.goods.filter(\.isCountable)

    /// What was done with a number of things: the verb, its past, the things, and how many at most.
    private static let transactions: [(String, String, [Noun], Int)] = [
        ("吃", "ate", Food.countedEdible, 4), ("喝", "drank", Food.drinkable, 3),
        ("买", "bought", Food.fruits + Food.bottled + Things.goods, 6),
        ("看", "read", Array(Things.readables.prefix(3)), 4),
        ("看见", "saw", Things.animals + Things.persons.prefix(2), 4),
        ("卖", "sold", Things.machines + Things.readables, 3),
        ("写", "wrote", [.count("信", "封", "letter")], 4),
        ("拍", "took", [.count("照片", "张", "photo")], 10),
        ("画", "painted", [.count("画", "张", "picture")], 4),
        ("收到", "received", Array(Things.gifts), 3),
        ("借", "borrowed", Things.readables + Things.carried.filter { $0.chinese == "雨伞" }, 3),
        ("找到", "found", Things.carried, 2),
        ("做", "made", Food.dishes.filter { $0.chinese == "三明治" }, 4),
        ("看", "watched", [.count("电影", "部", "movie", upTo: 4)], 4),
        ("唱", "sang", [.count("歌", "首", "song", upTo: 5)], 5),
    ]

    /// Returns the template with its % replaced.
    static func filled(_ template: String, with text: String) -> String {
        template.split(separator: "%", omittingEmptySubsequences: false).joined(separator: text)
    }
}
