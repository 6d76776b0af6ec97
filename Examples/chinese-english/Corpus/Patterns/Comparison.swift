extension Grammar {
    static let comparison: [Pattern] = [
        Pattern("people compared", .comparison, weight: 5) { sentences in
            let people = People.singularPronouns + People.names + People.mine.prefix(8)
            for (turn, first) in people.enumerated() {
                for second in people where !first.sharesSomebody(with: second) {
                    for adjective in Adjectives.traits {
                        let (who, be, than) = (first.english, first.be, second.objective)
                        let pair = "\(first.chinese)比\(second.chinese)\(adjective.chinese)"
                        sentences.statement(
                            pair, "\(who) \(be) \(adjective.comparative) than \(than)")
                        sentences.statement(
                            "\(pair)一点",
                            "\(who) \(be) a little \(adjective.comparative) than \(than)")
                        sentences.statement(
                            "\(pair)得多", "\(who) \(be) much \(adjective.comparative) than \(than)")
                        sentences.statement(
                            "\(first.chinese)没有\(second.chinese)\(adjective.chinese)",
                            "\(who) \(be) not as \(adjective.english) as \(than)")
                        sentences.statement(
                            "\(first.chinese)跟\(second.chinese)一样\(adjective.chinese)",
                            "\(who) \(be) as \(adjective.english) as \(than)")
                        if turn > 0 {
                            sentences.question(
                                "\(first.chinese)比\(second.chinese)\(adjective.chinese)吗",
                                "\(be) \(who) \(adjective.comparative) than \(than)")
                        }
                    }
                }
            }
        },
        Pattern("the best of all", .comparison, weight: 3) { sentences in
            let people = People.singularPronouns + People.names + People.mine.prefix(8)
            for person in people {
                for adjective in Adjectives.traits {
                    let best = "the \(adjective.superlative)"
                    let (who, be) = (person.english, person.be)
                    sentences.statement(
                        "\(person.chinese)最\(adjective.chinese)", "\(who) \(be) \(best)")
                    if person.isPupil {
                        sentences.statement(
                            "\(person.chinese)是我们班最\(adjective.chinese)的学生",
                            "\(who) \(be) \(best) student in our class")
                    }
                    if person.chinese.hasPrefix("我") {
                        sentences.statement(
                            "\(person.chinese)是我家最\(adjective.chinese)的人",
                            "\(who) \(be) \(best) person in my family")
                    }
                }
            }
            for adjective in Adjectives.traits {
                sentences.question("谁最\(adjective.chinese)", "who is the \(adjective.superlative)")
                sentences.question(
                    "谁是你们班最\(adjective.chinese)的学生",
                    "who is the \(adjective.superlative) student in your class")
            }
        },
        Pattern("this compared with that", .comparison, weight: 3) { sentences in
            for kind in Adjectives.things {
                for (turn, noun) in kind.nouns.enumerated() {
                    for adjective in kind.adjectives {
                        let owned = People.singularPronouns.map(noun.of)
                        let pairs =
                            [(noun.this, noun.that), (noun.that, noun.this)]
                            + owned.indices.map { (owned[$0], owned[($0 + 1 + turn % 3) % 4]) }
                        for (first, second) in kind.isOwned ? pairs : Array(pairs.prefix(2)) {
                            sentences.statement(
                                "\(first.chinese)比\(second.chinese)\(adjective.chinese)",
                                "\(first.english) \(first.agreement.be) \(adjective.comparative) than \(second.english)"
                            )
                            sentences.statement(
                                "\(first.chinese)没有\(second.chinese)\(adjective.chinese)",
                                "\(first.english) \(first.agreement.be) not as \(adjective.english) as \(second.english)"
                            )
                        }
                    }
                }
            }
        },
        Pattern("kinds compared", .comparison, weight: 4) { sentences in
            let groups: [([NounPhrase], [Adjective])] = [
                (
                    Food.fruits.map(\.inGeneral),
                    Adjectives.fruit.adjectives + Adjectives.food.adjectives
                ),
                (
                    (Food.dishes + Food.uncounted.prefix(3)).map(\.inGeneral),
                    Adjectives.food.adjectives
                ),
                (Adjectives.drinks.nouns.map(\.inGeneral), Adjectives.drinks.adjectives),
                (Places.towns, Adjectives.towns + Adjectives.weather.prefix(2)),
                (Things.animals.map(\.inGeneral), Array(Adjectives.animals.adjectives.prefix(3))),
                (
                    Society.languages.map { NounPhrase($0.chinese, $0.english) },
                    Adjectives.subjects
                ),
                (
                    Places.landmarks.map { NounPhrase($0.chinese, $0.definite ?? "") },
                    Adjectives.places
                ),
            ]
            for (things, adjectives) in groups {
                for first in things {
                    for second in things where second.chinese != first.chinese {
                        for adjective in adjectives {
                            sentences.statement(
                                "\(first.chinese)比\(second.chinese)\(adjective.chinese)",
                                "\(first.english) \(first.agreement.be) \(adjective.comparative) than \(second.english)"
                            )
                            sentences.statement(
                                "\(first.chinese)没有\(second.chinese)\(adjective.chinese)",
                                "\(first.english) \(first.agreement.be) not as \(adjective.english) as \(second.english)"
                            )
                        }
                    }
                }
            }
        },
        Pattern("likes one more than the other", .comparison, weight: 2) { sentences in
            for kind in [Actions.sports + Actions.quiet, Actions.eating, Actions.drinking] {
                for (turn, preferred) in kind.enumerated() {
                    for (offset, other) in kind.enumerated() where offset != turn {
                        let person = People.pronouns[(turn + offset) % People.pronouns.count]
                        let doing = preferred.general(.gerund)
                        sentences.statement(
                            "比起\(other.chinese)，\(person.chinese)更喜欢\(preferred.chinese)",
                            "\(person.english) \(person.present("like")) \(doing) more than \(other.general(.gerund))"
                        )
                        sentences.question(
                            "你更喜欢\(preferred.chinese)还是\(other.chinese)",
                            "do you like \(doing) or \(other.general(.gerund)) more")
                    }
                }
            }
        },
    ]
}
