extension Grammar {
    static let duty: [Pattern] = [
        Pattern("should", .duty, weight: 4) { sentences in
            for (turn, action) in duties.enumerated() {
                for person in People.subjects(turn, others: 6) {
                    let (who, does) = (person.english, action.single())
                    for (chinese, english) in [
                        ("应该", "should"), ("必须", "must"), ("不用", "\(person.do) not have to"),
                        ("需要", person.present("need") + " to"),
                    ] {
                        sentences.statement(
                            "\(person.chinese)\(chinese)\(action.chinese)",
                            "\(who) \(english) \(does)")
                        sentences.statement(
                            "\(person.chinese)今天\(chinese)\(action.chinese)",
                            "\(who) \(english) \(does) today")
                    }
                }
                for person in [People.me] + People.askedSubjects(turn) {
                    sentences.question(
                        "\(person.chinese)应该\(action.chinese)吗",
                        "should \(person.english) \(action.single())")
                    sentences.question(
                        "\(person.chinese)需要\(action.chinese)吗",
                        "\(person.do) \(person.english) need to \(action.single())")
                }
            }
        },
        Pattern("should do more or less", .duty, weight: 3) { sentences in
            for (turn, (chineseVerb, verb, object)) in moreOrLess.enumerated() {
                for person in People.subjects(turn, others: 6) {
                    let less = object.agreement == .plural ? "fewer" : "less"
                    sentences.statement(
                        "\(person.chinese)应该多\(chineseVerb)\(object.chinese)",
                        "\(person.english) should \(verb) more \(object.english)")
                    sentences.statement(
                        "\(person.chinese)应该少\(chineseVerb)\(object.chinese)",
                        "\(person.english) should \(verb) \(less) \(object.english)")
                }
            }
            let distractions = Actions.quiet.filter {
                ["看电视", "看电影", "玩游戏", "上网", "聊天"].contains($0.chinese)
            }
            for (turn, action) in (distractions + Actions.toasting + Actions.eating).enumerated() {
                for person in People.subjects(turn + 2, others: 6) {
                    sentences.statement(
                        "\(person.chinese)不应该\(action.chinese)",
                        "\(person.english) should not \(action.possible())")
                }
            }
            for (turn, action) in (Actions.sports.prefix(6) + Actions.quiet + Actions.toasting)
                .enumerated()
            {
                for person in People.subjects(turn, others: 4) {
                    sentences.statement(
                        "\(person.chinese)不应该在这里\(action.chinese)",
                        "\(person.english) should not \(action.possible()) here")
                }
            }
        },
    ]

    private static let duties: [Action] =
        Actions.chores + Actions.rests + Actions.work + Actions.meals + Actions.studies
        + [
            Action("起床", "get", "up"), Action("回家", "go", "home"), Action("上班", "go", "to work"),
            Action("去学校", "go", "to school"), Action("去医院", "go", "to the hospital"),
            Action("看医生", "see", "a doctor"),
            Action("吃药", "take", "the medicine"), Action("买票", "buy", "a ticket"),
        ]

    private static let moreOrLess: [(String, String, NounPhrase)] =
        (Food.fruits + Food.uncounted.filter { ["鱼", "蔬菜", "水果", "牛肉"].contains($0.chinese) }
        + Food.dishes).map { ("吃", "eat", $0.inGeneral) }
        + Food.drinkable.map { ("喝", "drink", $0.inGeneral) }
        + [
            ("看", "read", NounPhrase("书", "books", .plural)),
            ("看", "watch", NounPhrase("电视", "TV")),
            ("买", "buy", NounPhrase("衣服", "clothes", .plural)),
            ("玩", "play", NounPhrase("游戏", "games", .plural)),
        ]
}
