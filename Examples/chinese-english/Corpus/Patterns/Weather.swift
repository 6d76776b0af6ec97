extension Grammar {
    static let weather: [Pattern] = [
        Pattern("the weather", .weather, weight: 4) { sentences in
            let days =
                Times.days.map { ($0.day, $0.be) } + [
                    (Time("现在", "now"), "is"), (Time("昨天晚上", "last night"), "was"),
                    (Time("今天早上", "this morning"), "is"),
                ]
            for (day, be) in days {
                for adjective in Adjectives.weather {
                    let (chinese, english, when) = (
                        adjective.chinese, adjective.english, day.english
                    )
                    let will = ["明天", "后天"].contains(day.chinese)
                    let isIt = will ? "it will be" : "it \(be)"
                    for (degree, englishDegree) in [
                        ("很", ""), ("非常", "very "), ("有点", "a little "),
                    ]
                    where degree != "有点" || adjective.isDrawback {
                        sentences.statement(
                            "\(day.chinese)\(degree)\(chinese)",
                            "\(isIt) \(englishDegree)\(english) \(when)")
                    }
                    sentences.statement(
                        "\(day.chinese)\(adjective.negated)",
                        "it \(will ? "will not be" : "\(be) not") \(english) \(when)")
                    if adjective.isDrawback {
                        sentences.statement(
                            "\(day.chinese)太\(chinese)了", "\(isIt) too \(english) \(when)")
                    }
                    sentences.question(
                        "\(day.chinese)\(chinese)吗",
                        will ? "will it be \(english) \(when)" : "\(be) it \(english) \(when)")
                    sentences.question(
                        "\(day.chinese)\(chinese)不\(chinese)",
                        will ? "will it be \(english) \(when)" : "\(be) it \(english) \(when)")
                    for other in Times.days
                    where other.day.chinese != day.chinese && day.chinese.hasSuffix("天")
                        && be == "is" && !will
                    {
                        sentences.statement(
                            "\(day.chinese)比\(other.day.chinese)\(chinese)",
                            "it \(be) \(adjective.comparative) \(when) than \(other.day.english)")
                    }
                    for town in Places.townsAndLands where !will {
                        sentences.statement(
                            "\(town.chinese)\(day.chinese)很\(chinese)",
                            "\(isIt) \(english) in \(town.english) \(when)")
                        sentences.question(
                            "\(town.chinese)\(day.chinese)\(chinese)吗",
                            "\(be) it \(english) in \(town.english) \(when)")
                    }
                }
                for (chinese, english) in [
                    ("很好", "good"), ("不好", "not good"), ("非常好", "very good"),
                ] where !["明天", "后天"].contains(day.chinese) {
                    sentences.statement(
                        "\(day.chinese)天气\(chinese)", "the weather \(be) \(english) \(day.english)")
                    for town in Places.townsAndLands {
                        sentences.statement(
                            "\(town.chinese)\(day.chinese)天气\(chinese)",
                            "the weather in \(town.english) \(be) \(english) \(day.english)")
                    }
                }
                if !["明天", "后天"].contains(day.chinese) {
                    for question in ["天气怎么样", "天气好吗"] {
                        let english =
                            question == "天气怎么样"
                            ? "how \(be) the weather \(day.english)"
                            : "\(be) the weather good \(day.english)"
                        sentences.question(day.chinese + question, english)
                    }
                    for town in Places.townsAndLands {
                        sentences.question(
                            "\(town.chinese)\(day.chinese)天气怎么样",
                            "how \(be) the weather in \(town.english) \(day.english)")
                    }
                }
            }
        },
        Pattern("rain and snow", .weather, weight: 3) { sentences in
            for (chinese, verb) in [("下雨", "rain"), ("下雪", "snow")] {
                let past = EnglishMorphology.inflect(verb, .past)
                let raining = EnglishMorphology.inflect(verb, .gerund)
                for time in Times.past {
                    sentences.statement("\(time.chinese)\(chinese)了", "it \(past) \(time.english)")
                    sentences.statement(
                        "\(time.chinese)没\(chinese)", "it did not \(verb) \(time.english)")
                    sentences.question(
                        "\(time.chinese)\(chinese)了吗", "did it \(verb) \(time.english)")
                }
                for time in Times.future {
                    sentences.statement(
                        "\(time.chinese)会\(chinese)", "it will \(verb) \(time.english)")
                    sentences.statement(
                        "\(time.chinese)要\(chinese)", "it is going to \(verb) \(time.english)")
                    sentences.statement(
                        "\(time.chinese)不会\(chinese)", "it will not \(verb) \(time.english)")
                    sentences.question(
                        "\(time.chinese)会\(chinese)吗", "will it \(verb) \(time.english)")
                }
                sentences.statement("\(chinese)了", "it is \(raining)")
                sentences.statement("在\(chinese)", "it is \(raining)")
                sentences.statement("现在在\(chinese)", "it is \(raining) now")
                sentences.statement("外面在\(chinese)", "it is \(raining) outside")
                sentences.question("在\(chinese)吗", "is it \(raining)")
                sentences.question("外面在\(chinese)吗", "is it \(raining) outside")
                for town in Places.townsAndLands {
                    sentences.statement(
                        "\(town.chinese)在\(chinese)", "it is \(raining) in \(town.english)")
                    sentences.statement(
                        "\(town.chinese)昨天\(chinese)了", "it \(past) in \(town.english) yesterday")
                    sentences.statement(
                        "\(town.chinese)明天会\(chinese)",
                        "it will \(verb) in \(town.english) tomorrow")
                    sentences.question(
                        "\(town.chinese)明天会\(chinese)吗",
                        "will it \(verb) in \(town.english) tomorrow")
                    sentences.statement(
                        "\(town.chinese)常常\(chinese)",
                        "it often \(EnglishMorphology.inflect(verb, .thirdPerson)) in \(town.english)"
                    )
                }
            }
        },
        Pattern("seasons", .weather, weight: 2) { sentences in
            let climates = [("春天", ["暖和"]), ("夏天", ["热"]), ("秋天", ["凉快"]), ("冬天", ["冷"])]
            for town in Places.towns {
                for season in Times.seasons {
                    for adjective in Adjectives.weather {
                        let fits = climates.contains {
                            $0.0 == season.chinese && $0.1.contains(adjective.chinese)
                        }
                        if fits {
                            sentences.statement(
                                "\(town.chinese)\(season.chinese)很\(adjective.chinese)",
                                "it is \(adjective.english) in \(town.english) in \(season.english)"
                            )
                            sentences.statement(
                                "\(town.chinese)的\(season.chinese)很\(adjective.chinese)",
                                "\(season.english) in \(town.english) is \(adjective.english)")
                        } else {
                            sentences.statement(
                                "\(town.chinese)\(season.chinese)不\(adjective.chinese)",
                                "it is not \(adjective.english) in \(town.english) in \(season.english)"
                            )
                        }
                        sentences.question(
                            "\(town.chinese)\(season.chinese)\(adjective.chinese)吗",
                            "is it \(adjective.english) in \(town.english) in \(season.english)")
                    }
                }
            }
            for person in People.pronouns + People.names + People.mine {
                for season in Times.seasons {
                    sentences.statement(
                        "\(person.chinese)最喜欢\(season.chinese)",
                        "\(person.english) \(person.present("like")) \(season.english) the most")
                }
            }
        },
    ]
}
