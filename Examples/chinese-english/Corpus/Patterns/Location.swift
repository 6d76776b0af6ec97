extension Grammar {
    static let location: [Pattern] = [
        Pattern("is at a place", .location, weight: 4) { sentences in
            for (turn, place) in (Places.homeAndVisited + Places.rooms).enumerated() {
                for person in People.subjects(turn, others: 8) {
                    let (who, be) = (person.english, person.be)
                    sentences.statement(
                        "\(person.chinese)在\(place.chinese)", "\(who) \(be) \(place.at)")
                    sentences.statement(
                        "\(person.chinese)不在\(place.chinese)", "\(who) \(be) not \(place.at)")
                    sentences.statement(
                        "\(person.chinese)现在在\(place.chinese)", "\(who) \(be) \(place.at) now")
                }
                for person in People.askedSubjects(turn) {
                    sentences.question(
                        "\(person.chinese)在\(place.chinese)吗",
                        "\(person.be) \(person.english) \(place.at)")
                }
                sentences.question("谁在\(place.chinese)", "who is \(place.at)")
            }
            for (turn, place) in Places.townsAndLands.enumerated() {
                for person in People.subjects(turn, others: 3) {
                    sentences.statement(
                        "\(person.chinese)在\(place.chinese)",
                        "\(person.english) \(person.be) in \(place.english)")
                    sentences.statement(
                        "\(person.chinese)现在在\(place.chinese)",
                        "\(person.english) \(person.be) in \(place.english) now")
                }
            }
            for person in People.askedPronouns + People.names + People.yours {
                for chinese in ["在哪里", "在哪儿"] {
                    sentences.question(
                        person.chinese + chinese, "where \(person.be) \(person.english)")
                }
                sentences.question(
                    "\(person.chinese)昨天在哪里", "where \(person.was) \(person.english) yesterday")
            }
        },
        Pattern("lies somewhere", .location, weight: 4) { sentences in
            for (turn, noun) in (Things.small + Things.wearable).enumerated()
            where noun.chinese != "纸" {
                let owners = People.pronouns + People.window(turn, 3)
                for thing in [noun.the, noun.this, noun.that] + owners.map(noun.of) {
                    for surface in Places.surfaces {
                        sentences.statement(
                            "\(thing.chinese)在\(surface.chinese)",
                            "\(thing.english) \(thing.agreement.be) \(surface.english)")
                    }
                    sentences.statement(
                        "\(thing.chinese)不在\(Places.surfaces[turn % Places.surfaces.count].chinese)",
                        "\(thing.english) \(thing.agreement.be) not \(Places.surfaces[turn % Places.surfaces.count].english)"
                    )
                }
            }
        },
        Pattern("asks where a thing is", .location, weight: 3) { sentences in
            for (turn, noun) in (Things.small + Things.wearable + Things.machines).enumerated()
            where noun.chinese != "纸" {
                for thing in (People.pronouns + People.window(turn, 4)).map(noun.of) + [noun.the] {
                    let (be, what) = (thing.agreement.be, thing.english)
                    for chinese in ["在哪里", "在哪儿"] {
                        sentences.question(thing.chinese + chinese, "where \(be) \(what)")
                    }
                    sentences.question(
                        "\(thing.chinese)在\(Places.surfaces[turn % Places.surfaces.count].chinese)吗",
                        "\(be) \(what) \(Places.surfaces[turn % Places.surfaces.count].english)")
                }
            }
        },
        Pattern("there are things", .location, weight: 5) { sentences in
            for (spots, nouns, most) in inventories {
                for spot in spots {
                    for noun in nouns {
                        for number in 1...min(noun.most, most) {
                            sentences.statement(
                                "\(spot.chinese)有\(noun.counted(number))",
                                "there \(number == 1 ? "is" : "are") \(noun.countedEnglish(number)) \(spot.english)"
                            )
                        }
                        let (be, what) = (noun.generalAgreement.be, noun.general)
                        sentences.statement(
                            "\(spot.chinese)没有\(noun.chinese)",
                            "there \(be) no \(what) \(spot.english)")
                        sentences.statement(
                            "\(spot.chinese)有很多\(noun.chinese)",
                            noun.isCountable
                                ? "there are many \(what) \(spot.english)"
                                : "there \(be) a lot of \(what) \(spot.english)")
                        for question in ["有\(noun.chinese)吗", "有没有\(noun.chinese)"] {
                            sentences.question(
                                "\(spot.chinese)\(question)",
                                "\(be) there any \(what) \(spot.english)")
                        }
                        if noun.isCountable {
                            for question in [
                                "有几\(noun.measure)\(noun.chinese)", "有多少\(noun.chinese)",
                            ] {
                                sentences.question(
                                    "\(spot.chinese)\(question)",
                                    "how many \(what) are there \(spot.english)")
                            }
                        }
                    }
                    sentences.question("\(spot.chinese)有什么", "what is \(spot.english)")
                }
            }
        },
        Pattern("places lie to each other", .location, weight: 4) { sentences in
            for place in Places.landmarks {
                for landmark in Places.landmarks where landmark.chinese != place.chinese {
                    for relation in Places.relations {
                        let position = "\(relation.english) \(landmark.definite ?? "")"
                        sentences.statement(
                            "\(place.chinese)在\(landmark.chinese)\(relation.chinese)",
                            "\(place.definite ?? "") is \(position)")
                        sentences.question(
                            "\(place.chinese)在\(landmark.chinese)\(relation.chinese)吗",
                            "is \(place.definite ?? "") \(position)")
                        if let one = place.indefinite {
                            sentences.statement(
                                "\(landmark.chinese)\(relation.chinese)有一\(one.measure)\(place.chinese)",
                                "there is \(one.english) \(position)")
                        }
                    }
                }
            }
        },
        Pattern("asks the way", .location, weight: 1) { sentences in
            for place in Places.landmarks {
                let definite = place.definite ?? ""
                for (chinese, english) in [
                    ("%在哪里", "where is %"), ("%在哪儿", "where is %"),
                    ("请问，%在哪里", "excuse me, where is %"),
                    ("请问，%在哪儿", "excuse me, where is %"), ("%远吗", "is % far"),
                    ("%近吗", "is % close"),
                    ("请问，%怎么走", "excuse me, how do I get to %"), ("%怎么走", "how do I get to %"),
                    ("%几点开门", "what time does % open"), ("%几点关门", "what time does % close"),
                    ("%今天开门吗", "is % open today"), ("%大吗", "is % big"),
                    ("你知道%在哪里吗", "do you know where % is"),
                ] {
                    sentences.question(
                        filled(chinese, with: place.chinese), filled(english, with: definite))
                }
                if let one = place.indefinite {
                    for (chinese, english) in [
                        ("附近有%吗", "is there % nearby"), ("这里有%吗", "is there % here"),
                        ("你家附近有%吗", "is there % near your home"),
                        ("学校附近有%吗", "is there % near the school"),
                    ] {
                        sentences.question(
                            filled(chinese, with: place.chinese), filled(english, with: one.english)
                        )
                    }
                    sentences.statement(
                        "附近有一\(one.measure)\(place.chinese)", "there is \(one.english) nearby")
                    sentences.statement(
                        "这里没有\(place.chinese)", "there is no \(definite.dropFirst(4)) here")
                    sentences.statement(
                        "我家附近有一\(one.measure)\(place.chinese)",
                        "there is \(one.english) near my home")
                }
                for (chinese, english) in [
                    ("%不远", "% is not far"), ("%很近", "% is close"), ("%就在前面", "% is right ahead"),
                ] {
                    sentences.statement(
                        filled(chinese, with: place.chinese), filled(english, with: definite))
                }
            }
        },
    ]

    /// What can be where, and how many of it at most.
    private static let inventories: [([NounPhrase], [Noun], Int)] = [
        (
            Array(Places.surfaces.prefix(7)),
            Things.readables.prefix(2) + Things.stationery.prefix(3)
                + Things.carried, 5
        ),
        (
            [Places.surfaces[0], NounPhrase("厨房里", "in the kitchen")],
            Things.household + Food.fruits + Food.dishes.prefix(5), 5
        ),
        (
            [NounPhrase("冰箱里", "in the refrigerator")],
            Food.fruits + Food.dishes.prefix(3) + Food.bottled
                + [Noun.mass("鸡肉", "块", "chicken", in: "piece")], 6
        ),
        (
            [NounPhrase("房间里", "in the room"), NounPhrase("教室里", "in the classroom")],
            Things.furniture.prefix(2) + Things.persons.prefix(2) + Things.persons.suffix(3)
                + Things.machines.prefix(1), 8
        ),
        (
            [NounPhrase("公园里", "in the park"), NounPhrase("学校里", "at the school")],
            Things.plants + Things.persons.prefix(2) + Things.persons.suffix(3)
                + Things.animals.prefix(3), 8
        ),
        (
            [NounPhrase("树下面", "under the tree"), NounPhrase("门前面", "in front of the door")],
            Things.pets + Things.persons.prefix(2) + Things.persons.suffix(3), 4
        ),
        (
            [NounPhrase("树上", "in the tree")],
            [.count("鸟", "只", "bird"), .count("苹果", "个", "apple")], 10
        ),
        ([NounPhrase("医院里", "in the hospital")], Array(Things.persons.suffix(4)), 8),
    ]
}
