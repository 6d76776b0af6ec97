extension Grammar {
    static let requests: [Pattern] = [
        Pattern("please give", .requests, weight: 5) { sentences in
            for noun in Food.countedEdible + Food.drinkable + Food.bottled + Things.goods {
                for receiver in receivers {
                    for number in 1...min(noun.most, 5) {
                        sentences.statement(
                            "请给\(receiver.chinese)\(noun.counted(number))",
                            "please give \(receiver.objective) \(noun.countedEnglish(number))")
                    }
                    for thing in noun.demonstratives {
                        sentences.statement(
                            "请把\(thing.chinese)给\(receiver.chinese)",
                            "please give \(receiver.objective) \(thing.english)")
                    }
                }
                for number in 1...min(noun.most, 3) {
                    sentences.question(
                        "你能给我\(noun.counted(number))吗",
                        "can you give me \(noun.countedEnglish(number))")
                    sentences.statement(
                        "请帮我买\(noun.counted(number))",
                        "please help me buy \(noun.countedEnglish(number))")
                    sentences.question(
                        "你能帮我买\(noun.counted(number))吗",
                        "can you help me buy \(noun.countedEnglish(number))")
                }
            }
        },
        Pattern("please do", .requests, weight: 4) { sentences in
            for (chinese, english) in favors {
                sentences.statement("请\(chinese)", "please \(english)")
                sentences.statement("请你\(chinese)", "please \(english)")
                sentences.statement("请现在\(chinese)", "please \(english) now")
                sentences.question("你能\(chinese)吗", "can you \(english)")
                sentences.question("你可以\(chinese)吗", "can you \(english)")
                sentences.question("你们能\(chinese)吗", "can you \(english)")
            }
            for (chinese, english) in bothersome + favors.prefix(6) {
                sentences.statement("请不要\(chinese)", "please do not \(english)")
                sentences.statement("不要\(chinese)", "do not \(english)")
                sentences.statement("别\(chinese)", "do not \(english)")
                sentences.statement("请别\(chinese)", "please do not \(english)")
                for (chinesePlace, englishPlace) in [
                    ("这里", "here"), ("教室里", "in the classroom"), ("图书馆里", "in the library"),
                    ("这儿", "here"), ("医院里", "in the hospital"),
                ]
                where bothersome.prefix(12).contains(where: { $0.0 == chinese }) {
                    sentences.statement(
                        "不要在\(chinesePlace)\(chinese)", "do not \(english) \(englishPlace)")
                    sentences.statement(
                        "请不要在\(chinesePlace)\(chinese)", "please do not \(english) \(englishPlace)")
                }
            }
            for action in Actions.chores
                + Actions.quiet.filter({ ["做饭", "写信", "拍照"].contains($0.chinese) })
                + Actions.studies
            {
                for (helped, english) in [
                    ("我", "me"), ("他", "him"), ("她", "her"), ("我们", "us"), ("他们", "them"),
                    ("妈妈", "mom"), ("爸爸", "dad"),
                ] {
                    sentences.statement(
                        "请帮\(helped)\(action.chinese)", "please help \(english) \(action.single())")
                    sentences.question(
                        "你能帮\(helped)\(action.chinese)吗",
                        "can you help \(english) \(action.single())")
                    sentences.question(
                        "你可以帮\(helped)\(action.chinese)吗",
                        "can you help \(english) \(action.single())")
                }
            }
        },
        Pattern("let us", .requests, weight: 4) { sentences in
            for action in Actions.plans + Actions.toasting + Actions.meals {
                for chinese in ["我们%吧", "让我们%吧"] {
                    sentences.statement(
                        filled(chinese, with: action.chinese), "let's \(action.possible())")
                }
                for chinese in ["我们一起%吧", "让我们一起%吧", "一起%吧"] {
                    sentences.statement(
                        filled(chinese, with: action.chinese), "let's \(action.possible()) together"
                    )
                }
                for time in Times.future where !action.chinese.hasSuffix("饭") {
                    sentences.statement(
                        "我们\(time.chinese)\(action.chinese)吧",
                        "let's \(action.possible()) \(time.english)")
                    sentences.statement(
                        "\(time.chinese)我们一起\(action.chinese)吧",
                        "let's \(action.possible()) together \(time.english)")
                }
                sentences.statement("我们别\(action.chinese)了", "let's not \(action.possible())")
            }
            for place in Places.visited {
                sentences.statement("我们去\(place.chinese)吧", "let's go \(place.to)")
                sentences.statement("让我们去\(place.chinese)吧", "let's go \(place.to)")
                sentences.statement("我们一起去\(place.chinese)吧", "let's go \(place.to) together")
                for time in Times.future {
                    sentences.statement(
                        "我们\(time.chinese)去\(place.chinese)吧",
                        "let's go \(place.to) \(time.english)")
                }
                for action in place.activities {
                    sentences.statement(
                        "我们去\(place.chinese)\(action.chinese)吧",
                        "let's go \(place.to) to \(action.single())")
                }
            }
        },
    ]

    static let disposal: [Pattern] = [
        Pattern("puts somewhere", .requests, weight: 4) { sentences in
            for (turn, noun) in (Things.small + Things.wearable).enumerated()
            where noun.chinese != "纸" {
                for surface in Places.surfaces.prefix(8) {
                    for thing in [noun.the, noun.this, noun.that] {
                        sentences.statement(
                            "请把\(thing.chinese)放在\(surface.chinese)",
                            "please put \(thing.english) \(surface.english)")
                    }
                    sentences.statement(
                        "不要把\(noun.chinese)放在\(surface.chinese)",
                        "do not put the \(noun.definite) \(surface.english)")
                    for person in People.subjects(turn, others: 3) {
                        sentences.statement(
                            "\(person.chinese)把\(noun.chinese)放在了\(surface.chinese)",
                            "\(person.english) put the \(noun.definite) \(surface.english)")
                    }
                }
            }
        },
        Pattern("disposes of", .requests, weight: 3) { sentences in
            for (chineseVerb, english, nouns) in disposals {
                for (turn, noun) in nouns.enumerated() {
                    for person in People.subjects(turn, others: 3) {
                        sentences.statement(
                            "\(person.chinese)把\(noun.chinese)\(chineseVerb)了",
                            "\(person.english) \(EnglishMorphology.inflect(english, .past)) \(noun.english)"
                        )
                        // Only a verb with its result can be negated: 没把门关上, not 没把茶喝.
                        if chineseVerb.count == 2 {
                            sentences.statement(
                                "\(person.chinese)没把\(noun.chinese)\(chineseVerb)",
                                "\(person.english) did not \(english) \(noun.english)")
                        }
                    }
                    for person in People.askedPronouns {
                        sentences.question(
                            "\(person.chinese)把\(noun.chinese)\(chineseVerb)了吗",
                            "did \(person.english) \(english) \(noun.english)")
                    }
                    sentences.question(
                        "谁把\(noun.chinese)\(chineseVerb)了",
                        "who \(EnglishMorphology.inflect(english, .past)) \(noun.english)")
                }
            }
        },
    ]

    private static let receivers = [
        People.me, People.he, People.she, People.we, People.they, People.mine[1], People.mine[3],
    ]

    /// What one asks somebody to do.
    private static let favors: [(String, String)] = [
        ("关门", "close the door"), ("开门", "open the door"), ("关窗户", "close the window"),
        ("打开窗户", "open the window"), ("开灯", "turn on the light"), ("关灯", "turn off the light"),
        ("说中文", "speak Chinese"), ("说英语", "speak English"), ("等我", "wait for me"),
        ("帮我", "help me"),
        ("告诉他", "tell him"), ("告诉她", "tell her"), ("告诉我", "tell me"), ("问他", "ask him"),
        ("问她", "ask her"),
        ("看我", "look at me"), ("听我说", "listen to me"), ("站起来", "stand up"), ("坐下", "sit down"),
        ("回答这个问题", "answer this question"), ("出去", "go out"), ("回家", "go home"), ("起床", "get up"),
        ("写你的名字", "write your name"), ("看这张照片", "look at this photo"), ("相信我", "believe me"),
        ("给我打电话", "call me"), ("给他打电话", "call him"), ("给她打电话", "call her"),
    ]

    /// What one asks somebody not to do.
    private static let bothersome: [(String, String)] = [
        ("说话", "talk"), ("抽烟", "smoke"), ("跑", "run"), ("拍照", "take photos"),
        ("打电话", "talk on the phone"),
        ("吃饭", "eat"), ("喝酒", "drink alcohol"), ("睡觉", "sleep"), ("笑", "laugh"), ("哭", "cry"),
        ("唱歌", "sing"),
        ("聊天", "chat"), ("忘记我", "forget me"), ("等我", "wait for me"), ("告诉他", "tell him"),
        ("告诉她", "tell her"),
        ("开车", "drive"), ("出去", "go out"), ("生气", "be angry"), ("难过", "be sad"),
        ("紧张", "be nervous"), ("害怕", "be afraid"),
    ]

    private static let disposals: [(String, String, [NounPhrase])] = [
        ("吃", "eat", (Food.fruits + Food.dishes).map(\.the)),
        ("喝", "drink", Food.drinkable.map(\.the)),
        ("卖", "sell", (Things.machines + Things.readables.prefix(2) + Things.furniture).map(\.the)),
        ("丢", "lose", Things.carried.map(\.the)),
        ("关上", "close", [NounPhrase("门", "the door"), NounPhrase("窗户", "the window")]),
        (
            "打开", "open",
            [
                NounPhrase("门", "the door"), NounPhrase("窗户", "the window"),
                NounPhrase("盒子", "the box"),
            ]
        ),
        ("洗", "wash", (Things.clothes + Things.household.prefix(3)).map(\.the)),
        ("修好", "fix", Things.machines.map(\.the)),
    ]
}
