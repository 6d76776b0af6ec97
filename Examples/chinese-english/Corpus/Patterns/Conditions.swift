extension Grammar {
    static let conditions: [Pattern] = [
        Pattern("if the weather", .conditions, weight: 5) { sentences in
            let bad = [
                ("下雨", "it rains"), ("下雪", "it snows"), ("很冷", "it is cold"), ("很热", "it is hot"),
            ]
            let fine = [
                ("天气好", "the weather is good"), ("不下雨", "it does not rain"),
                ("不冷", "it is not cold"),
            ]
            let times = [
                ("明天", "tomorrow"), ("后天", "the day after tomorrow"), ("星期六", "on Saturday"),
                ("星期天", "on Sunday"),
            ]
            let outings = Places.visited.filter { ["公园", "动物园", "市场", "图书馆"].contains($0.chinese) }
            for (turn, time) in times.enumerated() {
                for (chinese, english) in bad {
                    for (offset, action) in Places.home.activities.enumerated() {
                        for person in People.subjects(turn + offset, others: 2) {
                            sentences.statement(
                                "如果\(time.0)\(chinese)，\(person.chinese)就在家\(action.chinese)",
                                "if \(english) \(time.1), \(person.english) will \(action.single()) at home"
                            )
                        }
                    }
                    for (offset, place) in outings.enumerated() {
                        for person in People.subjects(turn + offset, others: 6) {
                            sentences.statement(
                                "如果\(time.0)\(chinese)，\(person.chinese)就不去\(place.chinese)",
                                "if \(english) \(time.1), \(person.english) will not go \(place.to)"
                            )
                        }
                    }
                }
                for (chinese, english) in fine {
                    for (offset, place) in outings.enumerated() {
                        for person in People.subjects(turn + offset, others: 6) {
                            sentences.statement(
                                "如果\(time.0)\(chinese)，\(person.chinese)就去\(place.chinese)",
                                "if \(english) \(time.1), \(person.english) will go \(place.to)")
                        }
                    }
                    for (offset, action) in (Actions.sports + Actions.journeys.prefix(1))
                        .enumerated()
                    {
                        for person in People.subjects(turn + offset, others: 2) {
                            sentences.statement(
                                "如果\(time.0)\(chinese)，\(person.chinese)就\(action.chinese)",
                                "if \(english) \(time.1), \(person.english) will \(action.single())"
                            )
                        }
                    }
                }
            }
        },
        Pattern("if one has", .conditions, weight: 5) { sentences in
            for (turn, noun) in (Things.machines + Things.wearable + Things.carried.prefix(2))
                .enumerated()
            {
                for person in People.referable(turn, others: 4) {
                    sentences.statement(
                        "如果\(person.chinese)有钱，\(person.chinesePronoun ?? "")就买\(noun.counted(1))",
                        "if \(person.english) \(person.have) money, \(person.pronoun ?? "") will buy \(noun.countedEnglish(1))"
                    )
                }
            }
            for (turn, action)
                in (Actions.sports + Actions.quiet + Actions.journeys + Actions.chores).enumerated()
            {
                for person in People.referable(turn, others: 4) {
                    for (chinese, english, will) in [
                        ("有时间", "\(person.have) time", "will"),
                        ("不忙", "\(person.be) not busy", "will"),
                        ("没有时间", "\(person.do) not have time", "will not"),
                        ("很累", "\(person.be) tired", "will not"),
                    ] {
                        let negation = will == "will" ? "" : "不"
                        sentences.statement(
                            "如果\(person.chinese)\(chinese)，\(person.chinesePronoun ?? "")就\(negation)\(action.chinese)",
                            "if \(person.english) \(english), \(person.pronoun ?? "") \(will) \(action.single())"
                        )
                    }
                }
            }
            for (turn, place)
                in (Places.visited.map { ($0.chinese, $0.to) }
                + Places.townsAndLands.map { ($0.chinese, "to \($0.english)") }).enumerated()
            {
                for person in People.referable(turn, others: 4) {
                    for (chinese, english) in [("有时间", "time"), ("有钱", "money")]
                    where english == "time"
                        || place.1.first == "t" && place.1.dropFirst(3).first?.isUppercase == true
                    {
                        sentences.statement(
                            "如果\(person.chinese)\(chinese)，\(person.chinesePronoun ?? "")就去\(place.0)",
                            "if \(person.english) \(person.have) \(english), \(person.pronoun ?? "") will go \(place.1)"
                        )
                    }
                }
            }
        },
        Pattern("if you are, do", .conditions, weight: 3) { sentences in
            let advice: [(String, String, [(String, String)])] = [
                (
                    "饿了", "hungry",
                    (Food.fruits + Food.dishes).map {
                        ("吃\($0.counted(1))", "eat \($0.countedEnglish(1))")
                    }
                ),
                (
                    "渴了", "thirsty",
                    Food.drinks.map { ("喝\($0.counted(1))", "drink \($0.countedEnglish(1))") }
                ),
                (
                    "累了", "tired",
                    [("休息吧", "take a rest"), ("回家吧", "go home"), ("睡觉吧", "go to bed")]
                ),
                (
                    "生病了", "sick",
                    [
                        ("去医院吧", "go to the hospital"), ("休息吧", "take a rest"),
                        ("看医生吧", "see a doctor"),
                    ]
                ),
                (
                    "冷", "cold",
                    Things.clothes.prefix(3).map {
                        ("穿上\($0.chinese)", "put on the \($0.definite)")
                    }
                ),
                ("困了", "sleepy", [("睡觉吧", "go to bed"), ("喝一杯咖啡", "drink a cup of coffee")]),
            ]
            for (chinese, english, recommendations) in advice {
                for (advised, englishAdvised) in recommendations {
                    for person in ["你", "你们"] {
                        sentences.statement(
                            "如果\(person)\(chinese)，就\(advised)",
                            "if you are \(english), \(englishAdvised)")
                    }
                }
            }
        },
    ]
}
