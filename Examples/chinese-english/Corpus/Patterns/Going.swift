extension Grammar {
    static let going: [Pattern] = [
        Pattern("is going somewhere", .going, weight: 3) { sentences in
            let places =
                Places.visited.map { ($0.chinese, $0.to) }
                + Places.townsAndLands.map { ($0.chinese, "to \($0.english)") }
            for (turn, place) in places.enumerated() {
                for person in People.subjects(turn, others: 6) {
                    sentences.statement(
                        "\(person.chinese)去\(place.0)",
                        "\(person.english) \(person.be) going \(place.1)")
                    sentences.statement(
                        "\(person.chinese)不去\(place.0)",
                        "\(person.english) \(person.be) not going \(place.1)")
                    sentences.statement(
                        "\(person.chinese)也去\(place.0)",
                        "\(person.english) \(person.be) also going \(place.1)")
                }
                for person in People.askedSubjects(turn) {
                    sentences.question(
                        "\(person.chinese)去\(place.0)吗",
                        "\(person.be) \(person.english) going \(place.1)")
                    sentences.question(
                        "\(person.chinese)去不去\(place.0)",
                        "\(person.be) \(person.english) going \(place.1)")
                    sentences.question(
                        "\(person.chinese)什么时候去\(place.0)",
                        "when \(person.be) \(person.english) going \(place.1)")
                    sentences.question(
                        "\(person.chinese)为什么去\(place.0)",
                        "why \(person.be) \(person.english) going \(place.1)")
                    sentences.question(
                        "\(person.chinese)怎么去\(place.0)",
                        "how \(person.do) \(person.english) go \(place.1)")
                }
                sentences.question("谁去\(place.0)", "who is going \(place.1)")
            }
        },
        Pattern("goes regularly", .going, weight: 3) { sentences in
            for (turn, place) in Places.visited.enumerated() {
                for person in People.subjects(turn, others: 4) {
                    let go = person.present("go")
                    for time in Times.frequencies {
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)去\(place.chinese)",
                            "\(person.english) \(time.english) \(go) \(place.to)")
                    }
                    for time in Times.habitual {
                        sentences.statement(
                            "\(person.chinese)\(time.chinese)去\(place.chinese)",
                            "\(person.english) \(go) \(place.to) \(time.english)")
                    }
                }
            }
        },
        Pattern("goes to do something", .going, weight: 4) { sentences in
            for (turn, place) in Places.visited.enumerated() {
                for (offset, action) in place.activities.enumerated() {
                    for person in People.subjects(turn + offset, others: 4) {
                        let purpose = "\(place.to) to \(action.single())"
                        sentences.statement(
                            "\(person.chinese)去\(place.chinese)\(action.chinese)",
                            "\(person.english) \(person.be) going \(purpose)")
                        sentences.statement(
                            "\(person.chinese)想去\(place.chinese)\(action.chinese)",
                            "\(person.english) \(person.present("want")) to go \(purpose)")
                        sentences.statement(
                            "\(person.chinese)明天去\(place.chinese)\(action.chinese)",
                            "\(person.english) \(person.be) going \(purpose) tomorrow")
                        sentences.statement(
                            "\(person.chinese)昨天去\(place.chinese)\(action.chinese)了",
                            "\(person.english) went \(purpose) yesterday")
                    }
                }
            }
        },
        Pattern("goes by a means of transport", .going, weight: 4) { sentences in
            for (turn, place) in Places.visited.enumerated() {
                for (offset, transport) in Places.transports.enumerated() {
                    for person in People.subjects(turn + offset, others: 4) {
                        let go = person.present("go")
                        sentences.statement(
                            "\(person.chinese)\(transport.chinese)去\(place.chinese)",
                            "\(person.english) \(go) \(place.to) \(transport.english)")
                        sentences.statement(
                            "\(person.chinese)每天\(transport.chinese)去\(place.chinese)",
                            "\(person.english) \(go) \(place.to) \(transport.english) every day")
                        sentences.statement(
                            "\(person.chinese)常常\(transport.chinese)去\(place.chinese)",
                            "\(person.english) often \(go) \(place.to) \(transport.english)")
                        sentences.statement(
                            "\(person.chinese)昨天\(transport.chinese)去了\(place.chinese)",
                            "\(person.english) went \(place.to) \(transport.english) yesterday")
                    }
                }
            }
            for (turn, place) in Places.townsAndLands.enumerated() {
                for (offset, transport) in Places.longTransports.prefix(2).enumerated() {
                    for person in People.subjects(turn + offset, others: 4) {
                        sentences.statement(
                            "\(person.chinese)\(transport.chinese)去\(place.chinese)",
                            "\(person.english) \(person.present("go")) to \(place.english) \(transport.english)"
                        )
                        sentences.statement(
                            "\(person.chinese)上个月\(transport.chinese)去了\(place.chinese)",
                            "\(person.english) went to \(place.english) \(transport.english) last month"
                        )
                        sentences.statement(
                            "\(person.chinese)想\(transport.chinese)去\(place.chinese)",
                            "\(person.english) \(person.present("want")) to go to \(place.english) \(transport.english)"
                        )
                    }
                }
            }
        },
        Pattern("goes with somebody", .going, weight: 3) { sentences in
            for (turn, companion) in People.everybody.enumerated() {
                for (offset, place) in Places.visited.enumerated() {
                    for person in People.subjects(turn + offset, others: 1)
                    where !person.sharesSomebody(with: companion) {
                        for link in ["跟", "和"] {
                            sentences.statement(
                                "\(person.chinese)\(link)\(companion.chinese)一起去\(place.chinese)",
                                "\(person.english) \(person.be) going \(place.to) with \(companion.objective)"
                            )
                            sentences.statement(
                                "\(person.chinese)想\(link)\(companion.chinese)一起去\(place.chinese)",
                                "\(person.english) \(person.present("want")) to go \(place.to) with \(companion.objective)"
                            )
                        }
                    }
                }
            }
            for (turn, companion) in People.everybody.enumerated() {
                for (offset, action) in (Actions.sports + Actions.quiet + Actions.meals)
                    .enumerated()
                {
                    for person in People.subjects(turn + offset, others: 1)
                    where !person.sharesSomebody(with: companion) {
                        sentences.statement(
                            "\(person.chinese)常常跟\(companion.chinese)一起\(action.chinese)",
                            "\(person.english) often \(action.general(person.agreement.presentForm)) with \(companion.objective)"
                        )
                        sentences.statement(
                            "\(person.chinese)想跟\(companion.chinese)一起\(action.chinese)",
                            "\(person.english) \(person.present("want")) to \(action.single()) with \(companion.objective)"
                        )
                    }
                }
            }
        },
    ]
}
