extension Grammar {
    static let time: [Pattern] = [
        Pattern("what time it is", .time, weight: 3) { sentences in
            for hour in 1...12 {
                for clock in Times.clock(hour) {
                    sentences.statement("现在\(clock.chinese)", "it is \(clock.english) now")
                    sentences.statement("现在是\(clock.chinese)", "it is \(clock.english) now")
                    sentences.statement("\(clock.chinese)了", "it is \(clock.english)")
                    sentences.question("现在是\(clock.chinese)吗", "is it \(clock.english) now")
                    for event in events {
                        sentences.statement(
                            "\(event.0)\(clock.chinese)\(event.1)",
                            "the \(event.2) \(EnglishMorphology.inflect(event.3, .thirdPerson)) at \(clock.english)"
                        )
                    }
                }
            }
            for event in events {
                sentences.question(
                    "\(event.0)几点\(event.1)", "what time does the \(event.2) \(event.3)")
                sentences.question(
                    "\(event.0)什么时候\(event.1)", "when does the \(event.2) \(event.3)")
                sentences.question(
                    "请问，\(event.0)几点\(event.1)",
                    "excuse me, what time does the \(event.2) \(event.3)")
            }
        },
        Pattern("what day it is", .time, weight: 4) { sentences in
            for (day, be) in Times.days {
                for weekday in Times.weekdays {
                    sentences.statement(
                        "\(day.chinese)是\(weekday.chinese)",
                        "\(day.english) \(be) \(weekday.english)")
                    sentences.statement(
                        "\(day.chinese)不是\(weekday.chinese)",
                        "\(day.english) \(be) not \(weekday.english)")
                    sentences.question(
                        "\(day.chinese)是\(weekday.chinese)吗",
                        "\(be) \(day.english) \(weekday.english)")
                }
                for month in 1...12 {
                    for date in 1...30 where month != 2 || date < 29 {
                        let date = Times.date(month: month, day: date)
                        sentences.statement(
                            "\(day.chinese)是\(date.chinese)", "\(day.english) \(be) \(date.english)"
                        )
                    }
                }
                for question in ["星期几", "是星期几"] {
                    sentences.question(day.chinese + question, "what day \(be) \(day.english)")
                }
                sentences.question("\(day.chinese)几月几号", "what date \(be) \(day.english)")
            }
        },
        Pattern("birthdays", .time, weight: 3) { sentences in
            for month in 1...12 {
                for day in 1...30 where month != 2 || day < 29 {
                    let date = Times.date(month: month, day: day)
                    for person in People.singularPronouns + People.window(month * 30 + day, 2) {
                        sentences.statement(
                            "\(person.chinese)的生日是\(date.chinese)",
                            "\(person.possessive) birthday is \(date.english)")
                    }
                }
                for person in People.singularPronouns + People.window(month, 3) {
                    sentences.statement(
                        "\(person.chinese)的生日在\(Numerals.chinese(month))月",
                        "\(person.possessive) birthday is in \(Times.months[month - 1])")
                }
            }
            for person in People.askedPronouns + People.names + People.yours {
                sentences.question(
                    "\(person.chinese)的生日是什么时候", "when is \(person.possessive) birthday")
                sentences.question(
                    "\(person.chinese)的生日是几月几号", "what date is \(person.possessive) birthday")
            }
        },
        Pattern("on a weekday", .time, weight: 5) { sentences in
            for (turn, action) in (Actions.sports + Actions.quiet + Actions.chores).enumerated() {
                for (offset, weekday) in Times.weekdays.enumerated() {
                    for person in People.subjects(turn + offset, others: 2) {
                        let when = weekday.english
                        sentences.statement(
                            "\(person.chinese)\(weekday.chinese)要\(action.chinese)",
                            "\(person.english) \(person.be) going to \(action.single()) on \(when)")
                        sentences.statement(
                            "\(person.chinese)每个\(weekday.chinese)都\(action.chinese)",
                            "\(person.english) \(action.general(person.agreement.presentForm)) every \(when)"
                        )
                        sentences.statement(
                            "\(person.chinese)上个\(weekday.chinese)\(action.chinese)了",
                            "\(person.english) \(action.single(.past)) last \(when)")
                        sentences.statement(
                            "\(person.chinese)下个\(weekday.chinese)要\(action.chinese)",
                            "\(person.english) \(person.be) going to \(action.single()) next \(when)"
                        )
                    }
                }
            }
        },
        Pattern("at an hour tomorrow", .time, weight: 3) { sentences in
            for (turn, action) in (Actions.sports + Actions.quiet).enumerated() {
                for hour in 1...10 {
                    for (offset, clock) in Times.clock(hour).prefix(2).enumerated() {
                        for person in People.subjects(turn + hour + offset, others: 1) {
                            sentences.statement(
                                "\(person.chinese)明天\(clock.chinese)要\(action.chinese)",
                                "\(person.english) \(person.be) going to \(action.single()) at \(clock.english) tomorrow"
                            )
                        }
                    }
                }
            }
        },
    ]

    /// What happens by the clock: subject and verb in Chinese, then in English.
    private static let events = [
        ("电影", "开始", "movie", "start"), ("课", "开始", "class", "start"),
        ("会议", "开始", "meeting", "start"),
        ("比赛", "开始", "game", "start"), ("火车", "到", "train", "arrive"),
        ("飞机", "到", "plane", "arrive"),
        ("火车", "开", "train", "leave"), ("商店", "开门", "store", "open"), ("银行", "开门", "bank", "open"),
        ("图书馆", "开门", "library", "open"), ("商店", "关门", "store", "close"),
        ("超市", "关门", "supermarket", "close"), ("博物馆", "关门", "museum", "close"),
    ]
}
