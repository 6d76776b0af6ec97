extension Grammar {
    static let habits: [Pattern] = [
        Pattern("does", .habits, weight: 3) { sentences in
            for (turn, action) in (Actions.everyday + Actions.studies + Actions.toasting)
                .enumerated()
            {
                for person in People.subjects(turn + 2) {
                    sentences.statement(
                        "\(person.chinese)\(action.chinese)",
                        "\(person.english) \(action.general(person.agreement.presentForm))")
                    sentences.statement(
                        "\(person.chinese)不\(action.chinese)",
                        "\(person.english) \(person.do) not \(action.general())")
                }
                for person in People.askedSubjects(turn) {
                    sentences.question(
                        "\(person.chinese)\(action.chinese)吗",
                        "\(person.do) \(person.english) \(action.general())")
                }
            }
        },
        Pattern("does regularly", .habits, weight: 6) { sentences in
            for (turn, action) in Actions.everyday.enumerated() {
                for (offset, time) in Times.habitual.enumerated() {
                    for person in People.subjects(turn + offset * 5, others: 3) {
                        let english =
                            "\(person.english) \(action.general(person.agreement.presentForm)) \(time.english)"
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)\(action.chinese)", english)
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)都\(action.chinese)", english)
                    }
                }
            }
        },
        Pattern("does at a frequency", .habits, weight: 5) { sentences in
            for (turn, action) in (Actions.everyday + Actions.journeys).enumerated() {
                for (offset, time) in Times.frequencies.enumerated() {
                    for person in People.subjects(turn + offset * 3, others: 4) {
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)\(action.chinese)",
                            "\(person.english) \(time.english) \(action.general(person.agreement.presentForm))"
                        )
                    }
                }
            }
        },
        Pattern("asks about a habit", .habits, weight: 3) { sentences in
            for (turn, action) in Actions.everyday.enumerated() {
                for (offset, time) in Times.habitual.enumerated() {
                    for person in People.askedSubjects(turn + offset, others: 2) {
                        sentences.question(
                            "\(person.chinese)\(time.chinese)\(action.chinese)吗",
                            "\(person.do) \(person.english) \(action.general()) \(time.english)")
                    }
                }
                for person in People.askedSubjects(turn, others: 3) {
                    sentences.question(
                        "\(person.chinese)常常\(action.chinese)吗",
                        "\(person.do) \(person.english) often \(action.general())")
                }
            }
        },
        Pattern("consumes so many regularly", .habits, weight: 3) { sentences in
            for (verb, english, nouns) in [
                ("吃", "eat", Food.countedEdible), ("喝", "drink", Food.drinks),
            ] {
                for (turn, noun) in nouns.enumerated() {
                    for number in 1...min(noun.most, 3) {
                        for time in Times.habitual.prefix(4) {
                            for person in People.subjects(turn + number, others: 2) {
                                sentences.statement(
                                    "\(person.chinese)\(time.chinese)\(verb)\(noun.counted(number))",
                                    "\(person.english) \(person.present(english)) \(noun.countedEnglish(number)) \(time.english)"
                                )
                            }
                        }
                    }
                }
            }
        },
        Pattern("does so often a week", .habits) { sentences in
            for (turn, action) in (Actions.sports + Actions.quiet + Actions.chores).enumerated()
            where action.chinese != "打扫房间" {
                for (period, english) in [("一个星期", "a week"), ("一个月", "a month")] {
                    for (times, often) in [("一次", "once"), ("两次", "twice"), ("三次", "three times")] {
                        for person in People.subjects(turn, others: 2) {
                            sentences.statement(
                                "\(person.chinese)\(period)\(action.chinese.prefix(1))\(times)\(action.chinese.dropFirst())",
                                "\(person.english) \(action.general(person.agreement.presentForm)) \(often) \(english)"
                            )
                        }
                    }
                }
            }
        },
        Pattern("does at a place regularly", .habits, weight: 3) { sentences in
            for (turn, place) in Places.active.enumerated() {
                for (offset, action) in place.activities.enumerated() {
                    for person in People.subjects(turn + offset, others: 3) {
                        let does = action.general(person.agreement.presentForm)
                        for time in [Times.frequencies[0], Times.frequencies[3]] {
                            sentences.statement(
                                "\(person.chinese)\(time.chinese)在\(place.chinese)\(action.chinese)",
                                "\(person.english) \(time.english) \(does) \(place.at)")
                        }
                        for time in [Times.habitual[0], Times.habitual[4]] {
                            sentences.statement(
                                "\(person.chinese)\(time.chinese)在\(place.chinese)\(action.chinese)",
                                "\(person.english) \(does) \(place.at) \(time.english)")
                        }
                    }
                }
            }
        },
        Pattern("does two things", .habits) { sentences in
            for (turn, pair) in successive.enumerated() {
                for person in People.subjects(turn, others: 8) {
                    let form = person.agreement.presentForm
                    sentences.statement(
                        "\(person.chinese)先\(pair.0.chinese)，然后\(pair.1.chinese)",
                        "\(person.english) first \(pair.0.general(form)), and then \(pair.1.general(form))"
                    )
                }
            }
            for (turn, pair) in simultaneous.enumerated() {
                for person in People.subjects(turn, others: 8) {
                    sentences.statement(
                        "\(person.chinese)一边\(pair.0.chinese)一边\(pair.1.chinese)",
                        "\(person.english) \(pair.1.general(person.agreement.presentForm)) while \(pair.0.general(.gerund))"
                    )
                }
            }
        },
    ]

    private static let successive: [(Action, Action)] = {
        let known = Routine.all.map(\.action) + Actions.everyday
        let orders = [
            "起床 吃早饭", "起床 跑步", "起床 洗澡", "吃早饭 上班", "吃早饭 上学", "跑步 吃早饭", "做作业 看电视",
            "做作业 睡觉", "做作业 玩游戏", "洗澡 睡觉", "洗澡 看电视", "洗澡 看书", "吃晚饭 洗碗", "吃晚饭 看电视",
            "吃晚饭 散步", "吃午饭 喝咖啡", "打扫房间 洗衣服", "打扫房间 做饭", "买菜 做饭", "买菜 回家", "洗衣服 看书",
            "喝茶 看报纸", "听音乐 睡觉",
        ]
        return orders.compactMap { order in
            let found = order.split(separator: " ").compactMap { name in
                known.first { $0.chinese == name }
            }
            return found.count == 2 ? (found[0], found[1]) : nil
        }
    }()

    private static let simultaneous: [(Action, Action)] = {
        let music = Action("听音乐", "listen", "to music")
        let television = Action("看电视", "watch", "TV")
        let hands =
            Actions.chores + Actions.rests.suffix(1) + [Action("做饭", "cook"), Action("跑步", "run")]
        let meals = [Action("吃饭", "eat")] + Actions.drinking.prefix(3)
        return hands.map { ($0, music) } + meals.map { ($0, television) }
            + meals.map { ($0, music) }
            + meals.dropFirst().map { ($0, Action("聊天", "chat")) }
    }()
}
