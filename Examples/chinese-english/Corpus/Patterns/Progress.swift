extension Grammar {
    static let progress: [Pattern] = [
        Pattern("is doing", .progress, weight: 5) { sentences in
            for (turn, action) in Actions.visible.enumerated() {
                for person in People.subjects(turn + 3) {
                    let english = "\(person.english) \(person.be) \(action.single(.gerund))"
                    sentences.statement("\(person.chinese)在\(action.chinese)", english)
                    sentences.statement("\(person.chinese)正在\(action.chinese)", english)
                    sentences.statement("\(person.chinese)在\(action.chinese)呢", english)
                    sentences.statement(
                        "\(person.chinese)现在在\(action.chinese)", "\(english) now")
                    sentences.statement(
                        "\(person.chinese)没在\(action.chinese)",
                        "\(person.english) \(person.be) not \(action.single(.gerund))")
                }
            }
        },
        Pattern("asks what is being done", .progress, weight: 3) { sentences in
            for (turn, action) in Actions.visible.enumerated() {
                for person in People.askedSubjects(turn + 3) {
                    sentences.question(
                        "\(person.chinese)在\(action.chinese)吗",
                        "\(person.be) \(person.english) \(action.single(.gerund))")
                }
                sentences.question("谁在\(action.chinese)", "who is \(action.single(.gerund))")
            }
            for person in People.askedPronouns + People.names + People.yours {
                for (chinese, english) in [
                    ("做什么", "doing"), ("吃什么", "eating"), ("喝什么", "drinking"), ("看什么", "looking at"),
                    ("听什么", "listening to"), ("说什么", "saying"), ("找什么", "looking for"),
                ] {
                    sentences.question(
                        "\(person.chinese)在\(chinese)",
                        "what \(person.be) \(person.english) \(english)")
                }
                sentences.question(
                    "\(person.chinese)在等谁", "who \(person.be) \(person.english) waiting for")
            }
        },
        Pattern("is doing at a place", .progress, weight: 4) { sentences in
            for (turn, place) in Places.active.enumerated() {
                for (offset, action) in place.activities.enumerated() where action.chinese != "工作" {
                    for person in People.subjects(turn * 2 + offset, others: 4) {
                        let english =
                            "\(person.english) \(person.be) \(action.single(.gerund)) \(place.at)"
                        sentences.statement(
                            "\(person.chinese)在\(place.chinese)\(action.chinese)", english)
                        sentences.statement(
                            "\(person.chinese)正在\(place.chinese)\(action.chinese)", english)
                    }
                }
            }
        },
        Pattern("is waiting or looking for", .progress) { sentences in
            for (turn, object) in People.everybody.enumerated() {
                for person in People.subjects(turn, others: 4)
                where !person.sharesSomebody(with: object) {
                    for (chinese, english) in [
                        ("等", "waiting for"), ("找", "looking for"), ("帮", "helping"),
                    ] {
                        sentences.statement(
                            "\(person.chinese)在\(chinese)\(object.chinese)",
                            "\(person.english) \(person.be) \(english) \(object.objective)")
                    }
                }
            }
            for (turn, noun) in Things.carried.enumerated() {
                for person in People.subjects(turn, others: 4) where person.chinesePronoun != nil {
                    sentences.statement(
                        "\(person.chinese)在找\(person.chinesePronoun ?? "")的\(noun.chinese)",
                        "\(person.english) \(person.be) looking for \(person.ownPossessive) \(noun.definite)"
                    )
                }
            }
        },
    ]
}
