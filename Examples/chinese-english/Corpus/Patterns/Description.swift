extension Grammar {
    static let description: [Pattern] = [
        Pattern("people are", .description, weight: 5) { sentences in
            for (turn, adjective) in Adjectives.people.enumerated() {
                let graded = graded(adjective)
                for person in People.subjects(turn * 5, others: 16) {
                    let (who, be) = (person.english, person.be)
                    for how in graded {
                        sentences.statement(
                            "\(person.chinese)\(how.chinese)", "\(who) \(be) \(how.english)")
                    }
                }
                for person in People.askedSubjects(turn * 3, others: 10) {
                    let ask = "\(person.be) \(person.english) \(adjective.english)"
                    sentences.question("\(person.chinese)\(adjective.chinese)吗", ask)
                    if adjective.chinese.count == 1 {
                        sentences.question(
                            "\(person.chinese)\(adjective.chinese)不\(adjective.chinese)", ask)
                    }
                }
            }
        },
        Pattern("people are today", .description, weight: 2) { sentences in
            for (turn, adjective) in Adjectives.states.enumerated() {
                for person in People.subjects(turn * 3, others: 8) {
                    for (time, when) in [("今天", "today"), ("现在", "now")] {
                        let (who, be, what) = (person.english, person.be, adjective.english)
                        sentences.statement(
                            "\(person.chinese)\(time)很\(adjective.chinese)",
                            "\(who) \(be) \(what) \(when)")
                        sentences.statement(
                            "\(time)\(person.chinese)很\(adjective.chinese)",
                            "\(who) \(be) \(what) \(when)")
                        sentences.statement(
                            "\(person.chinese)\(time)\(adjective.negated)",
                            "\(who) \(be) not \(what) \(when)")
                        sentences.statement(
                            "\(person.chinese)\(time)非常\(adjective.chinese)",
                            "\(who) \(be) very \(what) \(when)")
                    }
                }
                for person in People.askedSubjects(turn) {
                    sentences.question(
                        "\(person.chinese)今天\(adjective.chinese)吗",
                        "\(person.be) \(person.english) \(adjective.english) today")
                }
            }
        },
        Pattern("things are", .description, weight: 6) { sentences in
            for kind in Adjectives.things {
                for (turn, noun) in kind.nouns.enumerated() {
                    let owners = kind.isOwned ? People.pronouns[..<5] + People.window(turn, 3) : []
                    for adjective in kind.adjectives {
                        let graded = graded(adjective)
                        for thing in noun.demonstratives + owners.map(noun.of) {
                            let (be, what) = (thing.agreement.be, adjective.english)
                            for how in graded {
                                sentences.statement(
                                    "\(thing.chinese)\(how.chinese)",
                                    "\(thing.english) \(be) \(how.english)")
                            }
                            sentences.question(
                                "\(thing.chinese)\(adjective.chinese)吗",
                                "\(be) \(thing.english) \(what)")
                        }
                    }
                }
            }
        },
        Pattern("persons are", .description, weight: 3) { sentences in
            for noun in Things.persons {
                for person in [noun.this, noun.that, noun.these, noun.those]
                where noun.measure != "位" || person.agreement != .plural {
                    let be = person.agreement.be
                    for adjective in Adjectives.people {
                        for how in graded(adjective) {
                            sentences.statement(
                                "\(person.chinese)\(how.chinese)",
                                "\(person.english) \(be) \(how.english)")
                        }
                        sentences.question(
                            "\(person.chinese)\(adjective.chinese)吗",
                            "\(be) \(person.english) \(adjective.english)")
                    }
                    for country in Society.countries {
                        sentences.statement(
                            "\(person.chinese)是\(country.chinese)人",
                            "\(person.english) \(be) \(country.people)")
                        sentences.question(
                            "\(person.chinese)是\(country.chinese)人吗",
                            "\(be) \(person.english) \(country.people)")
                    }
                    sentences.question("\(person.chinese)是谁", "who \(be) \(person.english)")
                    sentences.statement(
                        "我认识\(person.chinese)", "I know \(person.english)")
                    sentences.statement(
                        "我不认识\(person.chinese)", "I do not know \(person.english)")
                    sentences.question(
                        "你认识\(person.chinese)吗", "do you know \(person.english)")
                }
            }
        },
        Pattern("kinds of food are", .description, weight: 3) { sentences in
            let kinds = [
                Adjectives.food, Adjectives.wholesome, Adjectives.fruit, Adjectives.drinks,
            ]
            for kind in kinds {
                for noun in kind.nouns {
                    for adjective in kind.adjectives {
                        let (what, be) = (noun.general, noun.generalAgreement.be)
                        for how in graded(adjective).prefix(4) {
                            sentences.statement(
                                "\(noun.chinese)\(how.chinese)", "\(what) \(be) \(how.english)")
                        }
                        sentences.question(
                            "\(noun.chinese)\(adjective.chinese)吗",
                            "\(be) \(what) \(adjective.english)")
                        sentences.question(
                            "\(noun.chinese)\(adjective.attributive.prefix(1))不\(adjective.chinese)",
                            "\(be) \(what) \(adjective.english)")
                    }
                }
            }
        },
        Pattern("places are", .description, weight: 3) { sentences in
            for place in Places.landmarks {
                for adjective in Adjectives.places {
                    let definite = place.definite ?? ""
                    let those: [(String, String)] =
                        [(place.chinese, definite)]
                        + (place.indefinite.map { one in
                            [
                                (
                                    "这\(one.measure)\(place.chinese)",
                                    "this " + definite.dropFirst(4)
                                ),
                                (
                                    "那\(one.measure)\(place.chinese)",
                                    "that " + definite.dropFirst(4)
                                ),
                            ]
                        } ?? [])
                    for (chinese, english) in those {
                        for how in graded(adjective) {
                            sentences.statement(
                                "\(chinese)\(how.chinese)", "\(english) is \(how.english)")
                        }
                        sentences.question(
                            "\(chinese)\(adjective.chinese)吗", "is \(english) \(adjective.english)")
                    }
                }
            }
            for town in Places.towns {
                for adjective in Adjectives.towns {
                    for how in graded(adjective).prefix(4) {
                        sentences.statement(
                            "\(town.chinese)\(how.chinese)", "\(town.english) is \(how.english)")
                    }
                    sentences.question(
                        "\(town.chinese)\(adjective.chinese)吗",
                        "is \(town.english) \(adjective.english)")
                }
            }
        },
        Pattern("things have a color", .description, weight: 3) { sentences in
            let colored = Things.wearable + Things.machines + Things.carried.prefix(4) + Things.pets
            for (turn, noun) in colored.enumerated() {
                let owners = People.pronouns + People.window(turn, 4)
                for thing in noun.demonstratives + owners.map(noun.of) {
                    for color in Adjectives.colors
                    where !Things.pets.contains(where: { $0.chinese == noun.chinese })
                        || ["黑色", "白色", "灰色"].contains(color.chinese)
                    {
                        sentences.statement(
                            "\(thing.chinese)是\(color.chinese)的",
                            "\(thing.english) \(thing.agreement.be) \(color.english)")
                        sentences.statement(
                            "\(thing.chinese)不是\(color.chinese)的",
                            "\(thing.english) \(thing.agreement.be) not \(color.english)")
                        sentences.question(
                            "\(thing.chinese)是\(color.chinese)的吗",
                            "\(thing.agreement.be) \(thing.english) \(color.english)")
                    }
                    sentences.question(
                        "\(thing.chinese)是什么颜色的",
                        "what color \(thing.agreement.be) \(thing.english)")
                }
            }
        },
    ]

    /// How strongly an adjective holds; a bare 很 only joins it to the subject.
    private static let degrees = [("很", ""), ("非常", "very "), ("真", "really ")]

    /// Returns the adjective in all degrees that fit it, negation among them.
    private static func graded(_ adjective: Adjective) -> [(chinese: String, english: String)] {
        let graded =
            degrees.map { ($0.0 + adjective.chinese, $0.1 + adjective.english) }
            + [(adjective.negated, "not " + adjective.english)]
        return adjective.isDrawback
            ? graded + [
                ("有点" + adjective.chinese, "a little " + adjective.english),
                ("太" + adjective.chinese + "了", "too " + adjective.english),
            ] : graded
    }
}
