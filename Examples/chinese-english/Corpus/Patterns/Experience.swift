extension Grammar {
    static let experience: [Pattern] = [
        Pattern("has been to", .experience, weight: 3) { sentences in
            let places =
                Places.visited.map { ($0.chinese, $0.to) }.dropFirst()
                + Places.townsAndLands.map { ($0.chinese, "to \($0.english)") }
            for (turn, place) in places.enumerated() {
                for person in People.subjects(turn, others: 8) {
                    let (who, have) = (person.english, person.have)
                    sentences.statement(
                        "\(person.chinese)去过\(place.0)", "\(who) \(have) been \(place.1)")
                    sentences.statement(
                        "\(person.chinese)没去过\(place.0)", "\(who) \(have) never been \(place.1)")
                    sentences.statement(
                        "\(person.chinese)去过\(place.0)两次", "\(who) \(have) been \(place.1) twice")
                }
                for person in People.askedSubjects(turn) {
                    sentences.question(
                        "\(person.chinese)去过\(place.0)吗",
                        "\(person.have) \(person.english) been \(place.1)")
                    sentences.question(
                        "\(person.chinese)去过\(place.0)没有",
                        "\(person.have) \(person.english) been \(place.1)")
                }
                sentences.question("谁去过\(place.0)", "who has been \(place.1)")
            }
        },
        Pattern("has ever done", .experience, weight: 4) { sentences in
            for (turn, (chineseVerb, verb, object)) in everDone.enumerated() {
                let done = "\(EnglishMorphology.inflect(verb, .participle)) \(object.english)"
                for person in People.subjects(turn, others: 6)
                where person.english != object.english {
                    sentences.statement(
                        "\(person.chinese)\(chineseVerb)过\(object.chinese)",
                        "\(person.english) \(person.have) \(done)")
                    sentences.statement(
                        "\(person.chinese)没\(chineseVerb)过\(object.chinese)",
                        "\(person.english) \(person.have) never \(done)")
                }
                for person in People.askedSubjects(turn) where person.english != object.english {
                    sentences.question(
                        "\(person.chinese)\(chineseVerb)过\(object.chinese)吗",
                        "\(person.have) \(person.english) ever \(done)")
                }
                sentences.question("谁\(chineseVerb)过\(object.chinese)", "who has \(done)")
            }
        },
        Pattern("has already done", .experience, weight: 4) { sentences in
            for (turn, action) in finished.enumerated() {
                let done = action.single(.participle)
                for person in People.subjects(turn + 1, others: 10) {
                    sentences.statement(
                        "\(person.chinese)已经\(action.chinese)了",
                        "\(person.english) \(person.have) already \(done)")
                    sentences.statement(
                        "\(person.chinese)还没\(action.chinese)",
                        "\(person.english) \(person.have) not \(done) yet")
                }
                for person in People.askedSubjects(turn, others: 8) {
                    sentences.question(
                        "\(person.chinese)已经\(action.chinese)了吗",
                        "\(person.have) \(person.english) already \(done)")
                    sentences.question(
                        "\(person.chinese)\(action.chinese)了没有",
                        "\(person.have) \(person.english) \(done) yet")
                }
            }
        },
        Pattern("did for a time", .experience, weight: 4) { sentences in
            let hours = Times.spans(1...8, "个小时", "hour")
            let years = Times.spans(1...10, "年", "year")
            for (turn, action) in lasting.enumerated() {
                for (offset, span) in hours.prefix(6).enumerated() {
                    for person in People.subjects(turn + offset, others: 2) {
                        let verb = action.chinese.prefix(1)
                        sentences.statement(
                            "\(person.chinese)\(verb)了\(span.chinese)\(action.chinese.dropFirst())",
                            "\(person.english) \(action.general(.past)) for \(span.english)")
                        sentences.statement(
                            "\(person.chinese)每天\(verb)\(span.chinese)\(action.chinese.dropFirst())",
                            "\(person.english) \(action.general(person.agreement.presentForm)) for \(span.english) every day"
                        )
                    }
                }
            }
            for (turn, action) in Actions.studies.enumerated() {
                for (offset, span) in (years + Times.spans(1...6, "个月", "month")).enumerated() {
                    for person in People.subjects(turn + offset, others: 2) {
                        sentences.statement(
                            "\(person.chinese)学了\(span.chinese)\(action.chinese.dropFirst())",
                            "\(person.english) \(action.general(.past)) for \(span.english)")
                    }
                }
            }
            for (turn, town) in Places.townsAndLands.enumerated() {
                for (offset, span) in years.enumerated() {
                    for person in People.subjects(turn + offset, others: 2) {
                        sentences.statement(
                            "\(person.chinese)在\(town.chinese)住了\(span.chinese)",
                            "\(person.english) lived in \(town.english) for \(span.english)")
                        sentences.statement(
                            "\(person.chinese)在\(town.chinese)工作了\(span.chinese)",
                            "\(person.english) worked in \(town.english) for \(span.english)")
                    }
                }
            }
        },
    ]

    private static let everDone: [(String, String, NounPhrase)] =
        Food.edible.filter { $0.chinese != "水果" && $0.chinese != "蔬菜" }
        .map { ("吃", "eat", $0.inGeneral) }
        + Food.drinkable.filter { $0.chinese != "水" && $0.chinese != "热水" }
        .map { ("喝", "drink", $0.inGeneral) }
        + Society.languages.map { ("学", "study", NounPhrase($0.chinese, $0.english)) }
        + (Things.readables.prefix(3)).flatMap { [("看", "read", $0.this), ("看", "read", $0.that)] }
        + [
            ("看", "see", NounPhrase("这部电影", "this movie")),
            ("看", "see", NounPhrase("那部电影", "that movie")),
        ]
        + People.names.map { ("见", "meet", NounPhrase($0.chinese, $0.english)) }
        + Things.animals.map { ("见", "see", $0.inGeneral) }
        + [
            ("骑", "ride", NounPhrase("马", "a horse")), ("打", "play", NounPhrase("网球", "tennis")),
            ("踢", "play", NounPhrase("足球", "soccer")),
            ("弹", "play", NounPhrase("吉他", "the guitar")),
        ]

    private static let finished: [Action] =
        Actions.meals + Actions.chores
        + [
            Action("起床", "get", "up"), Action("回家", "go", "home"), Action("下班", "get", "off work"),
            Action("洗澡", "take", "a shower"), Action("吃药", "take", "the medicine"),
            Action("买票", "buy", "a ticket"), Action("结婚", "get", "married"),
            Action("做饭", "cook"), Action("到家", "get", "home"), Action("毕业", "graduate"),
        ]

    /// Verbs of one character with an object that a length of time can part from them.
    private static let lasting: [Action] =
        Actions.quiet.filter {
            ["看书", "看电视", "听音乐", "唱歌", "画画", "弹钢琴", "弹吉他", "玩游戏", "下棋", "学中文", "学英语", "上网"]
                .contains($0.chinese)
        }
        + Actions.sports.filter { $0.chinese != "散步" && $0.chinese != "骑自行车" }
}
