extension Grammar {
    static let likes: [Pattern] = [
        Pattern("likes doing", .likes, weight: 12) { sentences in
            for (turn, action) in Actions.pleasures.enumerated() {
                for person in People.subjects(turn) {
                    for (chinese, english) in [("喜欢", "like"), ("爱", "love")] {
                        sentences.statement(
                            "\(person.chinese)\(chinese)\(action.chinese)",
                            "\(person.english) \(person.present(english)) \(action.general(.gerund))"
                        )
                    }
                }
            }
        },
        Pattern("does not like doing", .likes, weight: 3) { sentences in
            for (turn, action) in Actions.pleasures.enumerated() {
                for person in People.subjects(turn + 3) {
                    for chinese in ["不喜欢", "不爱"] {
                        sentences.statement(
                            "\(person.chinese)\(chinese)\(action.chinese)",
                            "\(person.english) \(person.do) not like \(action.general(.gerund))")
                    }
                }
            }
        },
        Pattern("likes doing, to a degree", .likes, weight: 3) { sentences in
            for (turn, action) in Actions.pleasures.enumerated() {
                for person in People.subjects(turn + 5, others: 3) {
                    let (who, likes) = (person.english, person.present("like"))
                    let doing = action.general(.gerund)
                    sentences.statement(
                        "\(person.chinese)很喜欢\(action.chinese)", "\(who) really \(likes) \(doing)")
                    sentences.statement(
                        "\(person.chinese)非常喜欢\(action.chinese)",
                        "\(who) \(likes) \(doing) very much")
                    sentences.statement(
                        "\(person.chinese)最喜欢\(action.chinese)", "\(who) \(likes) \(doing) the most"
                    )
                    sentences.statement(
                        "\(person.chinese)也喜欢\(action.chinese)", "\(who) also \(likes) \(doing)")
                    sentences.statement(
                        "\(person.chinese)也爱\(action.chinese)",
                        "\(who) also \(person.present("love")) \(doing)")
                }
                for person in People.pluralPronouns {
                    sentences.statement(
                        "\(person.chinese)都喜欢\(action.chinese)",
                        "\(person.english) all like \(action.general(.gerund))")
                    sentences.statement(
                        "\(person.chinese)都爱\(action.chinese)",
                        "\(person.english) all love \(action.general(.gerund))")
                }
            }
        },
        Pattern("asks about liking", .likes, weight: 4) { sentences in
            for (turn, action) in Actions.pleasures.enumerated() {
                for person in People.askedSubjects(turn) {
                    let ask = "\(person.do) \(person.english) like \(action.general(.gerund))"
                    sentences.question("\(person.chinese)喜欢\(action.chinese)吗", ask)
                    sentences.question("\(person.chinese)喜不喜欢\(action.chinese)", ask)
                    sentences.question("\(person.chinese)爱\(action.chinese)吗", ask)
                }
                sentences.question(
                    "谁喜欢\(action.chinese)", "who likes \(action.general(.gerund))")
                sentences.question("谁爱\(action.chinese)", "who loves \(action.general(.gerund))")
                sentences.question(
                    "谁不喜欢\(action.chinese)", "who does not like \(action.general(.gerund))")
            }
        },
        Pattern("likes a thing", .likes, weight: 3) { sentences in
            for (turn, thing) in likedThings.enumerated() {
                for person in People.subjects(turn + 2) {
                    sentences.statement(
                        "\(person.chinese)喜欢\(thing.chinese)",
                        "\(person.english) \(person.present("like")) \(thing.english)")
                    sentences.statement(
                        "\(person.chinese)不喜欢\(thing.chinese)",
                        "\(person.english) \(person.do) not like \(thing.english)")
                }
                for person in People.askedSubjects(turn, others: 2) {
                    sentences.question(
                        "\(person.chinese)喜欢\(thing.chinese)吗",
                        "\(person.do) \(person.english) like \(thing.english)")
                }
            }
        },
        Pattern("likes two things", .likes, weight: 3) { sentences in
            for kind in likedKinds {
                for (turn, first) in kind.enumerated() {
                    for second in kind where second.chinese != first.chinese {
                        for person in People.subjects(turn, others: 2) {
                            sentences.statement(
                                "\(person.chinese)喜欢\(first.chinese)和\(second.chinese)",
                                "\(person.english) \(person.present("like")) \(first.english) and \(second.english)"
                            )
                        }
                        for person in People.askedPronouns {
                            sentences.question(
                                "\(person.chinese)喜欢\(first.chinese)还是\(second.chinese)",
                                "\(person.do) \(person.english) like \(first.english) or \(second.english)"
                            )
                        }
                    }
                }
            }
        },
        Pattern("likes one, but not the other", .likes, weight: 3) { sentences in
            for kind in [Actions.sports + Actions.quiet, Actions.eating, Actions.drinking] {
                for (turn, liked) in kind.enumerated() {
                    for (offset, disliked) in kind.enumerated()
                    where disliked.chinese != liked.chinese {
                        for person in People.referable(turn + offset, others: 1) {
                            sentences.statement(
                                "\(person.chinese)喜欢\(liked.chinese)，但是不喜欢\(disliked.chinese)",
                                "\(person.english) \(person.present("like")) \(liked.general(.gerund)), but \(person.pronoun ?? "") \(person.do) not like \(disliked.general(.gerund))"
                            )
                        }
                    }
                }
            }
        },
        Pattern("asks what is liked", .likes, weight: 1) { sentences in
            for person in People.askedPronouns + People.names + People.yours {
                for (kind, english) in likedKindNames {
                    sentences.question(
                        "\(person.chinese)喜欢什么\(kind)",
                        "what \(english) \(person.do) \(person.english) like")
                }
                for (verb, english) in [("做", "doing"), ("吃", "eating"), ("喝", "drinking")] {
                    sentences.question(
                        "\(person.chinese)喜欢\(verb)什么",
                        "what \(person.do) \(person.english) like \(english)")
                }
                sentences.question(
                    "\(person.chinese)喜欢什么", "what \(person.do) \(person.english) like")
                sentences.question(
                    "\(person.chinese)喜欢谁", "who \(person.do) \(person.english) like")
            }
        },
        Pattern("loves and knows people", .likes, weight: 2) { sentences in
            for (turn, object) in People.everybody.enumerated() {
                for person in People.subjects(turn, others: 2)
                where !person.sharesSomebody(with: object) {
                    for (chinese, english) in affections {
                        sentences.statement(
                            "\(person.chinese)\(chinese)\(object.chinese)",
                            "\(person.english) \(person.present(english)) \(object.objective)")
                        sentences.statement(
                            "\(person.chinese)不\(chinese)\(object.chinese)",
                            "\(person.english) \(person.do) not \(english) \(object.objective)")
                    }
                }
                for person in People.askedPronouns where !person.sharesSomebody(with: object) {
                    sentences.question(
                        "\(person.chinese)认识\(object.chinese)吗",
                        "\(person.do) \(person.english) know \(object.objective)")
                }
            }
        },
    ]

    private static let affections = [
        ("爱", "love"), ("喜欢", "like"), ("认识", "know"), ("相信", "believe"), ("了解", "understand"),
    ]

    private static let likedKinds: [[NounPhrase]] = [
        (Food.fruits + Food.dishes.prefix(6)).map(\.inGeneral), Food.drinks.map(\.inGeneral),
        Things.pets.map(\.inGeneral), Adjectives.colors.map { NounPhrase($0.chinese, $0.english) },
        Places.towns, sportsByName,
    ]

    private static let sportsByName = [
        NounPhrase("篮球", "basketball"), NounPhrase("足球", "soccer"), NounPhrase("网球", "tennis"),
        NounPhrase("音乐", "music"), NounPhrase("电影", "movies"),
    ]

    private static let likedThings: [NounPhrase] =
        Food.edible.map(\.inGeneral) + Food.drinkable.map(\.inGeneral)
        + Things.animals.map(\.inGeneral) + Things.plants.map(\.inGeneral)
        + Adjectives.colors.map { NounPhrase($0.chinese, $0.english) } + Places.townsAndLands
        + Times.seasons.map { NounPhrase($0.chinese, $0.english) } + sportsByName
        + Things.goods.filter(\.isCountable).flatMap { [$0.this, $0.that] }

    private static let likedKindNames = [
        ("水果", "fruit"), ("颜色", "color"), ("动物", "animal"), ("运动", "sport"), ("季节", "season"),
        ("音乐", "music"), ("电影", "movie"),
    ]
}
