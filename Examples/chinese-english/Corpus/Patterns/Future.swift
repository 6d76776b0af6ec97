extension Grammar {
    static let future: [Pattern] = [
        Pattern("is going to do", .future, weight: 5) { sentences in
            for (turn, action) in Actions.plans.enumerated() {
                for (offset, time) in Times.future.enumerated() {
                    for person in People.subjects(turn + offset, others: 2) {
                        let english =
                            "\(person.english) \(person.be) going to \(action.single()) \(time.english)"
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)要\(action.chinese)", english)
                        sentences.statement(
                            "\(time.chinese)\(person.chinese)要\(action.chinese)", english)
                    }
                }
            }
        },
        Pattern("will do", .future, weight: 5) { sentences in
            for (turn, action) in Actions.plans.enumerated() {
                for (offset, time) in Times.future.enumerated() {
                    for person in People.subjects(turn + offset * 3, others: 2) {
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)会\(action.chinese)",
                            "\(person.english) will \(action.single()) \(time.english)")
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)不会\(action.chinese)",
                            "\(person.english) will not \(action.single()) \(time.english)")
                    }
                }
            }
        },
        Pattern("asks about the future", .future, weight: 3) { sentences in
            for (turn, action) in Actions.plans.enumerated() {
                for (offset, time) in Times.future.enumerated() {
                    for person in People.askedSubjects(turn + offset, others: 2) {
                        sentences.question(
                            "\(person.chinese)\(time.chinese)会\(action.chinese)吗",
                            "will \(person.english) \(action.single()) \(time.english)")
                        sentences.question(
                            "\(person.chinese)\(time.chinese)要\(action.chinese)吗",
                            "\(person.be) \(person.english) going to \(action.single()) \(time.english)"
                        )
                    }
                }
            }
            for time in Times.future {
                for person in People.askedPronouns + People.names + People.yours {
                    for (chinese, english) in [
                        ("要做什么", "what % going to do"), ("要去哪里", "where % going to go"),
                        ("要去哪儿", "where % going to go"), ("要买什么", "what % going to buy"),
                    ] {
                        sentences.question(
                            "\(person.chinese)\(time.chinese)\(chinese)",
                            "\(filled(english, with: "\(person.be) \(person.english)")) \(time.english)"
                        )
                    }
                }
            }
        },
        Pattern("will go somewhere", .future, weight: 4) { sentences in
            let near = Places.visited.map { ($0.chinese, $0.to) }
            let distant = Places.townsAndLands.map { ($0.chinese, "to \($0.english)") }
            for (places, times) in [(near, Times.future), (distant, Times.futurePeriods)] {
                for (turn, place) in places.enumerated() {
                    for (offset, time) in times.enumerated() {
                        for person in People.subjects(turn + offset, others: 1) {
                            let (who, be, when) = (person.english, person.be, time.english)
                            sentences.statement(
                                "\(person.chinese)\(time.chinese)去\(place.0)",
                                "\(who) \(be) going \(place.1) \(when)")
                            sentences.statement(
                                "\(person.chinese)\(time.chinese)要去\(place.0)",
                                "\(who) \(be) going to go \(place.1) \(when)")
                            sentences.statement(
                                "\(person.chinese)\(time.chinese)不去\(place.0)",
                                "\(who) \(be) not going \(place.1) \(when)")
                            if person.isAsked {
                                sentences.question(
                                    "\(person.chinese)\(time.chinese)去\(place.0)吗",
                                    "\(be) \(who) going \(place.1) \(when)")
                            }
                        }
                    }
                }
            }
        },
        Pattern("will buy so many", .future, weight: 3) { sentences in
            for (turn, noun) in (Food.fruits + Things.goods).enumerated() {
                for number in 1...min(noun.most, 4) {
                    for (offset, time) in Times.future.prefix(6).enumerated() {
                        for person in People.subjects(turn + number + offset, others: 1) {
                            sentences.statement(
                                "\(person.chinese)\(time.chinese)要买\(noun.counted(number))",
                                "\(person.english) \(person.be) going to buy \(noun.countedEnglish(number)) \(time.english)"
                            )
                        }
                    }
                }
            }
        },
    ]
}
