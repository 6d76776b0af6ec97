extension Grammar {
    static let feelings: [Pattern] = [
        Pattern("has become", .feelings, weight: 3) { sentences in
            for person in People.pronouns + People.names + People.mine + People.titled {
                for (chinese, english) in changes {
                    sentences.statement(
                        "\(person.chinese)\(chinese)了", "\(person.english) \(person.be) \(english)")
                    sentences.statement(
                        "\(person.chinese)今天\(chinese)了",
                        "\(person.english) \(person.be) \(english) today")
                }
                for (chinese, english) in aches {
                    sentences.statement(
                        "\(person.chinese)\(chinese)", "\(person.english) \(person.have) \(english)"
                    )
                    sentences.statement(
                        "\(person.chinese)今天\(chinese)",
                        "\(person.english) \(person.have) \(english) today")
                }
            }
            for person in People.askedPronouns + People.names + People.yours {
                for (chinese, english) in changes {
                    sentences.question(
                        "\(person.chinese)\(chinese)了吗", "\(person.be) \(person.english) \(english)"
                    )
                }
                for (chinese, english) in aches.filter({ !$0.0.hasSuffix("了") }) {
                    sentences.question(
                        "\(person.chinese)\(chinese)吗",
                        "\(person.do) \(person.english) have \(english)")
                }
            }
        }
    ]

    static let opinions: [Pattern] = [
        Pattern("thinks that", .opinions, weight: 4) { sentences in
            for (turn, (thing, adjective)) in judgements.enumerated() {
                let that = "\(thing.english) \(thing.agreement.be)"
                for person in People.subjects(turn, others: 2) {
                    let thinks = "\(person.english) \(person.present("think"))"
                    sentences.statement(
                        "\(person.chinese)觉得\(thing.chinese)很\(adjective.chinese)",
                        "\(thinks) \(that) \(adjective.english)")
                    sentences.statement(
                        "\(person.chinese)觉得\(thing.chinese)\(adjective.negated)",
                        "\(thinks) \(that) not \(adjective.english)")
                }
                for person in People.askedPronouns {
                    sentences.question(
                        "\(person.chinese)觉得\(thing.chinese)\(adjective.chinese)吗",
                        "\(person.do) \(person.english) think \(that) \(adjective.english)")
                }
            }
        },
        Pattern("says and knows that", .opinions, weight: 4) { sentences in
            for person in People.singularPronouns.dropFirst(2) + People.names
                + People.mine.filter({ $0.pronoun != nil })
            {
                guard let pronoun = person.pronoun, let chinesePronoun = person.chinesePronoun
                else { continue }
                for adjective in Adjectives.states {
                    sentences.statement(
                        "\(person.chinese)说\(chinesePronoun)很\(adjective.chinese)",
                        "\(person.english) says \(pronoun) is \(adjective.english)")
                }
                for action in Actions.sports + Actions.quiet {
                    sentences.statement(
                        "\(person.chinese)说\(chinesePronoun)喜欢\(action.chinese)",
                        "\(person.english) says \(pronoun) likes \(action.general(.gerund))")
                    sentences.statement(
                        "\(person.chinese)说\(chinesePronoun)想\(action.chinese)",
                        "\(person.english) says \(pronoun) wants to \(action.single())")
                }
                for profession in Society.professions {
                    let what = EnglishMorphology.withArticle(profession.english)
                    sentences.statement(
                        "我知道\(person.chinese)是\(profession.chinese)",
                        "I know \(person.english) is \(what)")
                    sentences.statement(
                        "我觉得\(person.chinese)是\(profession.chinese)",
                        "I think \(person.english) is \(what)")
                    sentences.question(
                        "你知道\(person.chinese)是\(profession.chinese)吗",
                        "do you know \(person.english) is \(what)")
                }
                for place in Places.homeAndVisited {
                    sentences.statement(
                        "我知道\(person.chinese)在\(place.chinese)",
                        "I know \(person.english) is \(place.at)")
                    sentences.statement(
                        "我觉得\(person.chinese)在\(place.chinese)",
                        "I think \(person.english) is \(place.at)")
                }
            }
            for knower in People.pronouns + People.names {
                for person in People.pronouns.dropFirst() + People.names + People.mine.prefix(6)
                where !person.sharesSomebody(with: knower) {
                    let (who, know) = (knower.english, "\(knower.do) not know")
                    sentences.statement(
                        "\(knower.chinese)不知道\(person.chinese)在哪里",
                        "\(who) \(know) where \(person.english) \(person.be)")
                    sentences.statement(
                        "\(knower.chinese)不知道\(person.chinese)是谁",
                        "\(who) \(know) who \(person.english) \(person.be)")
                    sentences.statement(
                        "\(knower.chinese)知道\(person.chinese)在哪里",
                        "\(who) \(knower.present("know")) where \(person.english) \(person.be)")
                    sentences.statement(
                        "\(knower.chinese)知道\(person.chinese)住在哪里",
                        "\(who) \(knower.present("know")) where \(person.english) \(person.present("live"))"
                    )
                }
            }
            for person in People.askedPronouns.dropFirst() + People.names {
                for (chinese, english) in [("在哪里", "where"), ("是谁", "who")] {
                    sentences.question(
                        "你知道\(person.chinese)\(chinese)吗",
                        "do you know \(english) \(person.english) \(person.be)")
                }
            }
        },
        Pattern("a favorite", .opinions, weight: 2) { sentences in
            for noun in Things.readables.prefix(3) + Things.wearable + Things.machines.suffix(2) {
                for owner in People.pronouns + People.names {
                    for (this, that) in [("这", "this"), ("那", "that")] {
                        let english = noun.isCountable ? noun.unit : noun.definite
                        let demonstrative =
                            noun.isCountable
                            ? "\(that) is" : that == "this" ? "these are" : "those are"
                        sentences.statement(
                            "\(this)是\(owner.chinese)最喜欢的\(noun.chinese)",
                            "\(demonstrative) \(owner.possessive) favorite \(english)")
                    }
                }
            }
            for (kind, english, things) in favorites {
                for owner in People.pronouns + People.names + People.mine.prefix(6) {
                    for thing in things {
                        sentences.statement(
                            "\(owner.chinese)最喜欢的\(kind)是\(thing.chinese)",
                            "\(owner.possessive) favorite \(english) is \(thing.english)")
                    }
                    sentences.question(
                        "\(owner.chinese)最喜欢的\(kind)是什么",
                        "what is \(owner.possessive) favorite \(english)")
                }
            }
        },
    ]

    private static let changes = [
        ("饿", "hungry"), ("渴", "thirsty"), ("累", "tired"), ("困", "sleepy"), ("生病", "sick"),
        ("迟到", "late"), ("生气", "angry"),
    ]
    private static let aches = [
        ("头疼", "a headache"), ("肚子疼", "a stomachache"), ("牙疼", "a toothache"), ("发烧", "a fever"),
        ("感冒了", "a cold"),
    ]

    /// What one has an opinion of.
    private static let judgements: [(NounPhrase, Adjective)] =
        Society.languages.flatMap { language in
            Adjectives.subjects.map { (NounPhrase(language.chinese, language.english), $0) }
        }
        + [Adjectives.readables, Adjectives.clothes, Adjectives.machines].flatMap { kind in
            kind.nouns.flatMap { noun in
                kind.adjectives.flatMap { adjective in
                    [noun.this, noun.that].map { ($0, adjective) }
                }
            }
        }
        + [Adjectives.food, Adjectives.wholesome, Adjectives.drinks].flatMap { kind in
            kind.nouns.flatMap { noun in kind.adjectives.map { (noun.inGeneral, $0) } }
        }
        + Places.towns.flatMap { town in Adjectives.towns.map { (town, $0) } }

    private static let favorites: [(String, String, [NounPhrase])] = [
        ("颜色", "color", Adjectives.colors.map { NounPhrase($0.chinese, $0.english) }),
        ("城市", "city", Places.towns), ("国家", "country", Places.lands),
        ("季节", "season", Times.seasons.map { NounPhrase($0.chinese, $0.english) }),
        (
            "运动", "sport",
            [
                NounPhrase("篮球", "basketball"), NounPhrase("足球", "soccer"),
                NounPhrase("网球", "tennis"), NounPhrase("游泳", "swimming"),
                NounPhrase("跑步", "running"),
            ]
        ),
    ]
}
