extension Grammar {
    static let routines: [Pattern] = [
        Pattern("does at an hour", .habits, weight: 5) { sentences in
            for (turn, routine) in Routine.all.enumerated() {
                let parts = [
                    (routine.morning, "早上", "in the morning"),
                    (routine.evening, "晚上", "in the evening"),
                ]
                for (hours, chinesePart, englishPart) in parts {
                    for hour in hours {
                        for clock in Times.clock(hour) {
                            for person in People.subjects(turn + hour, others: 4)
                            where person.isPupil || routine.action.chinese != "上学" {
                                let does = routine.action.general(person.agreement.presentForm)
                                let english = "\(person.english) \(does) at \(clock.english)"
                                sentences.statement(
                                    "\(person.chinese)\(clock.chinese)\(routine.action.chinese)",
                                    english
                                )
                                sentences.statement(
                                    "\(person.chinese)每天\(clock.chinese)\(routine.action.chinese)",
                                    "\(english) every day")
                                if (6...10).contains(hour) {
                                    sentences.statement(
                                        "\(person.chinese)\(chinesePart)\(clock.chinese)\(routine.action.chinese)",
                                        "\(english) \(englishPart)")
                                }
                            }
                        }
                    }
                }
            }
        },
        Pattern("asks at what hour", .habits, weight: 2) { sentences in
            for routine in Routine.all {
                for person in People.askedPronouns + People.names + People.yours
                where person.isPupil || routine.action.chinese != "上学" {
                    let ask = "\(person.do) \(person.english) \(routine.action.general())"
                    sentences.question(
                        "\(person.chinese)几点\(routine.action.chinese)", "what time \(ask)")
                    sentences.question(
                        "\(person.chinese)每天几点\(routine.action.chinese)",
                        "what time \(ask) every day")
                    sentences.question(
                        "\(person.chinese)什么时候\(routine.action.chinese)", "when \(ask)")
                }
            }
        },
        Pattern("asks why or how often", .habits, weight: 2) { sentences in
            for (turn, action) in (Actions.everyday + Actions.studies).enumerated() {
                for person in People.askedSubjects(turn + 1) {
                    sentences.question(
                        "\(person.chinese)为什么\(action.chinese)",
                        "why \(person.do) \(person.english) \(action.general())")
                    sentences.question(
                        "\(person.chinese)为什么不\(action.chinese)",
                        "why \(person.do) \(person.english) not \(action.general())")
                    sentences.question(
                        "\(person.chinese)为什么喜欢\(action.chinese)",
                        "why \(person.do) \(person.english) like \(action.general(.gerund))")
                }
            }
        },
    ]
}
