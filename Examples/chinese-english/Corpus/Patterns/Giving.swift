extension Grammar {
    static let giving: [Pattern] = [
        Pattern("gave to somebody", .giving, weight: 5) { sentences in
            for (turn, noun) in Things.gifts.enumerated() {
                for receiver in People.everybody {
                    for person in People.subjects(turn + receiver.chinese.count, others: 2)
                    where !person.sharesSomebody(with: receiver) {
                        let (who, whom) = (person.english, receiver.objective)
                        let what = noun.countedEnglish(1)
                        sentences.statement(
                            "\(person.chinese)送给了\(receiver.chinese)\(noun.counted(1))",
                            "\(who) gave \(whom) \(what)")
                        sentences.statement(
                            "\(person.chinese)给\(receiver.chinese)买了\(noun.counted(1))",
                            "\(who) bought \(what) for \(whom)")
                        sentences.statement(
                            "\(person.chinese)想给\(receiver.chinese)买\(noun.counted(1))",
                            "\(who) \(person.present("want")) to buy \(what) for \(whom)")
                        sentences.statement(
                            "\(person.chinese)昨天给了\(receiver.chinese)\(noun.counted(1))",
                            "\(who) gave \(whom) \(what) yesterday")
                    }
                }
            }
        },
        Pattern("calls, writes, tells and teaches", .giving, weight: 4) { sentences in
            for (turn, receiver) in People.everybody.enumerated() {
                for person in People.subjects(turn, others: 6)
                where !person.sharesSomebody(with: receiver) {
                    let (who, whom, be) = (person.english, receiver.objective, person.be)
                    sentences.statement(
                        "\(person.chinese)在给\(receiver.chinese)打电话", "\(who) \(be) calling \(whom)")
                    sentences.statement(
                        "\(person.chinese)昨天给\(receiver.chinese)打电话了",
                        "\(who) called \(whom) yesterday")
                    sentences.statement(
                        "\(person.chinese)每天给\(receiver.chinese)打电话",
                        "\(who) \(person.present("call")) \(whom) every day")
                    sentences.statement(
                        "\(person.chinese)明天会给\(receiver.chinese)打电话",
                        "\(who) will call \(whom) tomorrow")
                    sentences.statement(
                        "\(person.chinese)想给\(receiver.chinese)写信",
                        "\(who) \(person.present("want")) to write to \(whom)")
                    sentences.statement(
                        "\(person.chinese)常常帮助\(receiver.chinese)",
                        "\(who) often \(person.present("help")) \(whom)")
                    sentences.statement(
                        "\(person.chinese)给\(receiver.chinese)做饭",
                        "\(who) \(person.present("cook")) for \(whom)")
                    sentences.statement(
                        "\(person.chinese)昨天看见了\(receiver.chinese)", "\(who) saw \(whom) yesterday")
                    sentences.statement(
                        "\(person.chinese)很想\(receiver.chinese)",
                        "\(who) really \(person.present("miss")) \(whom)")
                }
            }
            for (turn, language) in Society.languages.enumerated() {
                for pupil in People.pronouns + People.names {
                    for person in People.titled + [People.mine[17]]
                        + People.subjects(turn, others: 2)
                    where !person.sharesSomebody(with: pupil) {
                        sentences.statement(
                            "\(person.chinese)教\(pupil.chinese)\(language.chinese)",
                            "\(person.english) \(person.present("teach")) \(pupil.objective) \(language.english)"
                        )
                    }
                }
            }
        },
    ]

    static let wearing: [Pattern] = [
        Pattern("wears", .wearing, weight: 5) { sentences in
            for (turn, noun) in (Things.clothes + Things.headAndFeet.dropLast()).enumerated() {
                let verb = noun.chinese == "帽子" ? "戴" : "穿"
                for (offset, color) in Adjectives.colors.enumerated() {
                    for person in People.subjects(turn + offset, others: 5)
                    where !person.isGroup && (noun.chinese != "裙子" || person.pronoun != "he") {
                        let chinese = "一\(noun.measure)\(color.attributive)\(noun.chinese)"
                        let english =
                            noun.isCountable
                            ? EnglishMorphology.withArticle("\(color.english) \(noun.unit)")
                            : "a pair of \(color.english) \(noun.definite)"
                        sentences.statement(
                            "\(person.chinese)\(verb)着\(chinese)",
                            "\(person.english) \(person.be) wearing \(english)")
                        sentences.statement(
                            "\(person.chinese)昨天\(verb)了\(chinese)",
                            "\(person.english) wore \(english) yesterday")
                        sentences.statement(
                            "\(person.chinese)喜欢\(verb)\(color.attributive)\(noun.chinese)",
                            "\(person.english) \(person.present("like")) wearing \(color.english) \(noun.isCountable ? noun.units : noun.definite)"
                        )
                    }
                }
                for person in People.subjects(turn, others: 5)
                where !person.isGroup && (noun.chinese != "裙子" || person.pronoun != "he") {
                    sentences.statement(
                        "\(person.chinese)\(verb)着\(noun.counted(1))",
                        "\(person.english) \(person.be) wearing \(noun.countedEnglish(1))")
                }
            }
            for person in People.askedPronouns + People.names + People.yours {
                sentences.question(
                    "\(person.chinese)穿着什么", "what \(person.be) \(person.english) wearing")
                sentences.question(
                    "\(person.chinese)喜欢穿什么", "what \(person.do) \(person.english) like wearing")
            }
        }
    ]
}
