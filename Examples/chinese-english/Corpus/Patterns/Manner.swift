extension Grammar {
    static let manner: [Pattern] = [
        Pattern("does well or fast", .manner, weight: 5) { sentences in
            for (turn, (verb, action, manners)) in performances.enumerated() {
                for (chinese, english) in manners {
                    for person in People.subjects(turn * 3, others: 12) {
                        let does = action.general(person.agreement.presentForm)
                        let repeated = action.chinese == verb ? verb : action.chinese + verb
                        let how = "\(person.chinese)\(repeated)得"
                        sentences.statement(
                            "\(how)很\(chinese)", "\(person.english) \(does) \(english)")
                        sentences.statement(
                            "\(how)非常\(chinese)", "\(person.english) \(does) very \(english)")
                        sentences.statement(
                            "\(how)不\(chinese)",
                            "\(person.english) \(person.do) not \(action.general()) \(english)")
                        if chinese != "好" {
                            sentences.statement(
                                "\(how)太\(chinese)了", "\(person.english) \(does) too \(english)")
                        }
                    }
                    for person in People.askedSubjects(turn * 3, others: 8) {
                        let repeated = action.chinese == verb ? verb : action.chinese + verb
                        sentences.question(
                            "\(person.chinese)\(repeated)得\(chinese)吗",
                            "\(person.do) \(person.english) \(action.general()) \(english)")
                    }
                }
            }
        }
    ]

    private static let well = ("好", "well")
    private static let fast = ("快", "fast")
    private static let slowly = ("慢", "slowly")

    /// The verb that takes 得, the whole action, and how it may be done.
    private static let performances: [(String, Action, [(String, String)])] =
        Actions.languages.map { ("说", $0, [well, fast]) }
        + [
            ("唱", Action("唱歌", "sing"), [well]), ("跳", Action("跳舞", "dance"), [well]),
            ("游", Action("游泳", "swim"), [well, fast, slowly]),
            ("跑", Action("跑", "run"), [fast, slowly]),
            ("走", Action("走", "walk"), [fast, slowly]), ("做", Action("做饭", "cook"), [well]),
            ("打", Action("打篮球", "play", "basketball"), [well]),
            ("踢", Action("踢足球", "play", "soccer"), [well]),
            ("打", Action("打网球", "play", "tennis"), [well]),
            ("弹", Action("弹钢琴", "play", "the piano"), [well]),
            ("弹", Action("弹吉他", "play", "the guitar"), [well]),
            ("画", Action("画画", "paint"), [well]),
            ("开", Action("开车", "drive"), [well, fast, slowly]),
            ("吃", Action("吃饭", "eat"), [fast, slowly]),
            ("说", Action("说话", "talk"), [fast, slowly]),
            ("起", Action("起", "get", "up"), [("早", "early"), ("晚", "late")]),
            ("睡", Action("睡", "go", "to bed"), [("早", "early"), ("晚", "late")]),
            ("来", Action("来", "come"), [("早", "early"), ("晚", "late")]),
        ]
}
