extension Grammar {
    static let ability: [Pattern] = [
        Pattern("can by skill", .ability, weight: 4) { sentences in
            for (turn, skill) in skills.enumerated() {
                for person in People.subjects(turn, others: 8) {
                    let (who, does) = (person.english, skill.general())
                    sentences.statement(
                        "\(person.chinese)会\(skill.chinese)", "\(who) can \(does)")
                    sentences.statement(
                        "\(person.chinese)不会\(skill.chinese)", "\(who) cannot \(does)")
                    sentences.statement(
                        "\(person.chinese)也会\(skill.chinese)", "\(who) can also \(does)")
                    sentences.statement(
                        "\(person.chinese)会\(skill.chinese)了", "\(who) can \(does) now")
                }
                for person in People.askedSubjects(turn, others: 8) {
                    let ask = "can \(person.english) \(skill.general())"
                    sentences.question("\(person.chinese)会\(skill.chinese)吗", ask)
                    sentences.question("\(person.chinese)会不会\(skill.chinese)", ask)
                }
                for person in People.pluralPronouns {
                    sentences.statement(
                        "\(person.chinese)都会\(skill.chinese)",
                        "\(person.english) can all \(skill.general())")
                }
                sentences.question("谁会\(skill.chinese)", "who can \(skill.general())")
            }
            for person in People.askedPronouns + People.names {
                sentences.question("\(person.chinese)会做什么", "what can \(person.english) do")
            }
        },
        Pattern("can by circumstance", .ability, weight: 4) { sentences in
            for (turn, action) in Actions.plans.enumerated() {
                for person in People.subjects(turn, others: 4) {
                    sentences.statement(
                        "\(person.chinese)今天不能\(action.chinese)",
                        "\(person.english) cannot \(action.possible()) today")
                    sentences.statement(
                        "\(person.chinese)不能\(action.chinese)",
                        "\(person.english) cannot \(action.possible())")
                    sentences.statement(
                        "\(person.chinese)可以\(action.chinese)",
                        "\(person.english) can \(action.possible())")
                    sentences.statement(
                        "\(person.chinese)明天可以\(action.chinese)",
                        "\(person.english) can \(action.possible()) tomorrow")
                }
                for person in [People.me, People.we] {
                    sentences.question(
                        "\(person.chinese)可以\(action.chinese)吗",
                        "may \(person.english) \(action.possible())")
                    sentences.question(
                        "\(person.chinese)现在可以\(action.chinese)吗",
                        "may \(person.english) \(action.possible()) now")
                }
                for person in People.askedSubjects(turn, others: 2) {
                    sentences.question(
                        "\(person.chinese)能\(action.chinese)吗",
                        "can \(person.english) \(action.possible())")
                    sentences.question(
                        "\(person.chinese)明天能\(action.chinese)吗",
                        "can \(person.english) \(action.possible()) tomorrow")
                }
            }
            for (turn, place) in Places.visited.enumerated() {
                for person in People.subjects(turn, others: 2) {
                    sentences.statement(
                        "\(person.chinese)今天不能去\(place.chinese)",
                        "\(person.english) cannot go \(place.to) today")
                    sentences.statement(
                        "\(person.chinese)明天不能去\(place.chinese)",
                        "\(person.english) cannot go \(place.to) tomorrow")
                }
                for (offset, action) in place.activities.enumerated() {
                    for person in People.subjects(turn + offset, others: 1) {
                        sentences.statement(
                            "\(person.chinese)可以在\(place.chinese)\(action.chinese)",
                            "\(person.english) can \(action.single()) \(place.at)")
                    }
                }
            }
        },
        Pattern("may use or have", .ability, weight: 2) { sentences in
            let used =
                Things.carried.prefix(3) + Things.machines + Things.stationery.prefix(3)
                + Things.readables
            for noun in used {
                for owner in [People.you, People.he, People.she] + People.names {
                    for subject in [People.me, People.we] {
                        sentences.question(
                            "\(subject.chinese)可以用\(owner.chinese)的\(noun.chinese)吗",
                            "may \(subject.english) use \(owner.possessive) \(noun.definite)")
                    }
                }
                for thing in noun.demonstratives {
                    sentences.question(
                        "我可以看看\(thing.chinese)吗", "may I have a look at \(thing.english)")
                    sentences.question("我可以用\(thing.chinese)吗", "may I use \(thing.english)")
                    sentences.question("我可以买\(thing.chinese)吗", "may I buy \(thing.english)")
                }
            }
        },
    ]

    private static let skills: [Action] =
        Actions.sports.filter { !["散步", "跑步"].contains($0.chinese) }
        + Actions.quiet.filter { ["唱歌", "画画", "弹钢琴", "弹吉他", "下棋", "做饭"].contains($0.chinese) }
        + Actions.languages
        + [
            Action("开车", "drive"), Action("骑马", "ride", "a horse"),
            Action("写汉字", "write", "Chinese characters"),
            Action("包饺子", "make", "dumplings"), Action("做蛋糕", "make", "cakes"),
            Action("修自行车", "fix", "bikes"),
            Action("修电脑", "fix", "computers"), Action("用电脑", "use", "a computer"),
            Action("用筷子", "use", "chopsticks"),
        ]
}
