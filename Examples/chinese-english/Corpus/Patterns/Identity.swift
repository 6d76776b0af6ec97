extension Grammar {
    static let greetings: [Pattern] = [
        Pattern("names", .identity, weight: 2) { sentences in
            for person in People.names {
                for (chinese, english) in [
                    ("我叫%", "my name is %"), ("我是%", "I am %"), ("我的名字是%", "my name is %"),
                    ("他叫%", "his name is %"), ("她叫%", "her name is %"), ("我不是%", "I am not %"),
                    ("这是%", "this is %"), ("他是%", "he is %"), ("她是%", "she is %"),
                    ("那是%", "that is %"),
                    ("我的狗叫%", "my dog's name is %"), ("我的猫叫%", "my cat's name is %"),
                    ("%，你好", "hello, %"), ("你好，%", "hello, %"), ("你好，我叫%", "hello, my name is %"),
                    ("你好，我是%", "hello, I am %"), ("大家好，我叫%", "hello, everyone, my name is %"),
                    ("谢谢你，%", "thank you, %"), ("再见，%", "goodbye, %"), ("早上好，%", "good morning, %"),
                ] {
                    // A name of the other gender would contradict the pronoun.
                    if chinese.first == "他" && person.pronoun == "she"
                        || chinese.first == "她" && person.pronoun == "he"
                    {
                        continue
                    }
                    sentences.statement(
                        filled(chinese, with: person.chinese), filled(english, with: person.english)
                    )
                }
                for relation in People.mine + People.relatives(of: People.he) {
                    guard relation.pronoun == nil || relation.pronoun == person.pronoun else {
                        continue
                    }
                    sentences.statement(
                        "\(relation.chinese)叫\(person.chinese)",
                        "\(relation.possessive) name is \(person.english)")
                }
                sentences.question("你是\(person.chinese)吗", "are you \(person.english)")
                sentences.question("你叫\(person.chinese)吗", "is your name \(person.english)")
                sentences.question("你认识\(person.chinese)吗", "do you know \(person.english)")
                sentences.question("谁是\(person.chinese)", "who is \(person.english)")
                sentences.question("\(person.chinese)是谁", "who is \(person.english)")
                sentences.question("\(person.chinese)好吗", "how is \(person.english)")
                sentences.question("你好吗，\(person.chinese)", "how are you, \(person.english)")
            }
            for name in People.surnames {
                for (owner, possessive) in [("我", "my"), ("他", "his"), ("她", "her")] {
                    sentences.statement(
                        "\(owner)姓\(name.chinese)", "\(possessive) last name is \(name.english)")
                }
                sentences.question("你姓\(name.chinese)吗", "is your last name \(name.english)")
            }
        },
        Pattern("asks for a name", .identity, weight: 1) { sentences in
            for person in People.askedPronouns.filter({
                $0.agreement != .plural || $0.chinese == "你"
            })
                + People.yours + People.mine
                + People.relatives(of: People.he) + People.relatives(of: People.she)
            {
                sentences.question(
                    "\(person.chinese)叫什么名字", "what is \(person.possessive) name")
                sentences.question(
                    "请问，\(person.chinese)叫什么名字",
                    "excuse me, what is \(person.possessive) name")
                if person.chinese != "你" {
                    sentences.question("\(person.chinese)是谁", "who \(person.be) \(person.english)")
                    sentences.question(
                        "\(person.chinese)好吗", "how \(person.be) \(person.english)")
                }
                sentences.question(
                    "\(person.chinese)多大", "how old \(person.be) \(person.english)")
                sentences.question(
                    "\(person.chinese)怎么了", "what is wrong with \(person.objective)")
            }
            for person in People.askedPronouns {
                sentences.question("\(person.chinese)是谁", "who \(person.be) \(person.english)")
            }
        },
    ]

    static let identity: [Pattern] = [
        Pattern("is by profession", .identity, weight: 4) { sentences in
            for (turn, profession) in Society.professions.enumerated() {
                for person in People.subjects(turn, others: 12) {
                    let (who, be) = (person.english, person.be)
                    let what = profession.predicate(of: person)
                    sentences.statement(
                        "\(person.chinese)是\(profession.chinese)", "\(who) \(be) \(what)")
                    sentences.statement(
                        "\(person.chinese)不是\(profession.chinese)", "\(who) \(be) not \(what)")
                    sentences.statement(
                        "\(person.chinese)也是\(profession.chinese)", "\(who) \(be) also \(what)")
                    if !person.chinese.hasSuffix("们") {
                        sentences.statement(
                            "\(person.chinese)是一个好\(profession.chinese)",
                            "\(who) \(be) a good \(profession.english)")
                    }
                }
                for person in People.askedSubjects(turn, others: 8) {
                    let ask = "\(person.be) \(person.english) \(profession.predicate(of: person))"
                    sentences.question("\(person.chinese)是\(profession.chinese)吗", ask)
                    sentences.question("\(person.chinese)是不是\(profession.chinese)", ask)
                }
                for person in People.pluralPronouns {
                    sentences.statement(
                        "\(person.chinese)都是\(profession.chinese)",
                        "\(person.english) \(person.be) all \(profession.predicate(of: person))")
                }
                sentences.question(
                    "谁是\(profession.chinese)",
                    "who is \(EnglishMorphology.withArticle(profession.english))")
            }
        },
        Pattern("is from", .identity, weight: 4) { sentences in
            for (turn, country) in Society.countries.enumerated() {
                for person in People.subjects(turn, others: 8) {
                    let (who, be) = (person.english, person.be)
                    sentences.statement(
                        "\(person.chinese)是\(country.chinese)人", "\(who) \(be) \(country.people)")
                    sentences.statement(
                        "\(person.chinese)不是\(country.chinese)人",
                        "\(who) \(be) not \(country.people)")
                    sentences.statement(
                        "\(person.chinese)也是\(country.chinese)人",
                        "\(who) \(be) also \(country.people)")
                }
                for person in People.askedSubjects(turn, others: 8) {
                    let ask = "\(person.be) \(person.english) \(country.people)"
                    sentences.question("\(person.chinese)是\(country.chinese)人吗", ask)
                    sentences.question("\(person.chinese)是不是\(country.chinese)人", ask)
                }
                for person in People.pluralPronouns {
                    sentences.statement(
                        "\(person.chinese)都是\(country.chinese)人",
                        "\(person.english) \(person.be) all \(country.people)")
                }
            }
            for (turn, place) in Places.townsAndLands.enumerated() {
                for person in People.subjects(turn, others: 6) {
                    sentences.statement(
                        "\(person.chinese)来自\(place.chinese)",
                        "\(person.english) \(person.be) from \(place.english)")
                    sentences.statement(
                        "\(person.chinese)从\(place.chinese)来",
                        "\(person.english) \(person.present("come")) from \(place.english)")
                }
            }
            for person in People.askedPronouns + People.names + People.yours {
                for question in ["是哪里人", "是哪国人", "来自哪里", "从哪里来"] {
                    sentences.question(
                        person.chinese + question, "where \(person.be) \(person.english) from")
                }
            }
        },
        Pattern("lives or works in", .identity, weight: 4) { sentences in
            for (turn, place) in Places.townsAndLands.enumerated() {
                for person in People.subjects(turn + 3, others: 8) {
                    for (chinese, english) in [("住", "live"), ("工作", "work")] {
                        let (before, after) = chinese == "住" ? ("住", "") : ("", "工作")
                        sentences.statement(
                            "\(person.chinese)\(before)在\(place.chinese)\(after)",
                            "\(person.english) \(person.present(english)) in \(place.english)")
                        sentences.statement(
                            "\(person.chinese)不\(before)在\(place.chinese)\(after)",
                            "\(person.english) \(person.do) not \(english) in \(place.english)")
                        sentences.statement(
                            "\(person.chinese)想\(before)在\(place.chinese)\(after)",
                            "\(person.english) \(person.present("want")) to \(english) in \(place.english)"
                        )
                    }
                }
                for person in People.askedSubjects(turn) {
                    sentences.question(
                        "\(person.chinese)住在\(place.chinese)吗",
                        "\(person.do) \(person.english) live in \(place.english)")
                    sentences.question(
                        "\(person.chinese)在\(place.chinese)工作吗",
                        "\(person.do) \(person.english) work in \(place.english)")
                }
            }
            for (turn, place) in Places.workplaces.enumerated() {
                for person in People.subjects(turn, others: 8) {
                    sentences.statement(
                        "\(person.chinese)在\(place.chinese)工作",
                        "\(person.english) \(person.present("work")) \(place.at)")
                    sentences.statement(
                        "\(person.chinese)不在\(place.chinese)工作",
                        "\(person.english) \(person.do) not work \(place.at)")
                }
                for person in People.askedSubjects(turn) {
                    sentences.question(
                        "\(person.chinese)在\(place.chinese)工作吗",
                        "\(person.do) \(person.english) work \(place.at)")
                }
            }
        },
        Pattern("asks where somebody lives or works", .identity, weight: 1) { sentences in
            for person in People.askedPronouns + People.names + People.yours {
                for (chinese, english) in [
                    ("住在哪里", "live"), ("住在哪儿", "live"), ("在哪里工作", "work"), ("在哪儿工作", "work"),
                    ("在哪里学中文", "study Chinese"), ("在哪里吃午饭", "eat lunch"),
                    ("在哪里买菜", "buy groceries"),
                ] {
                    sentences.question(
                        person.chinese + chinese, "where \(person.do) \(person.english) \(english)")
                }
                sentences.question(
                    "\(person.chinese)做什么工作", "what is \(person.possessive) job")
            }
        },
        Pattern("is whose friend", .identity, weight: 3) { sentences in
            for relation in People.relatives + People.acquaintances {
                for (turn, owner) in (People.pronouns + People.names).enumerated()
                where relation.fits(owner) && !(relation.isSpouse && owner.isGroup) {
                    let link =
                        relation.gender == nil || !owner.isPronoun || owner.isGroup ? "的" : ""
                    let chinese = "\(owner.chinese)\(link)\(relation.chinese)"
                    let english = "\(owner.possessive) \(relation.english)"
                    for (this, englishThis) in [("这", "this"), ("那", "that")] {
                        sentences.statement("\(this)是\(chinese)", "\(englishThis) is \(english)")
                        sentences.statement(
                            "\(this)不是\(chinese)", "\(englishThis) is not \(english)")
                        sentences.question("\(this)是\(chinese)吗", "is \(englishThis) \(english)")
                    }
                    for subject in [People.he, People.she, People.names[turn % People.names.count]]
                    where !subject.sharesSomebody(with: owner)
                        && (relation.gender == nil || relation.gender?.english == subject.pronoun)
                    {
                        sentences.statement(
                            "\(subject.chinese)是\(chinese)", "\(subject.english) is \(english)")
                        sentences.statement(
                            "\(subject.chinese)不是\(chinese)", "\(subject.english) is not \(english)"
                        )
                        sentences.question(
                            "\(subject.chinese)是\(chinese)吗", "is \(subject.english) \(english)")
                    }
                    sentences.question("谁是\(chinese)", "who is \(english)")
                }
            }
            for (this, english) in [("这", "this"), ("那", "that"), ("他", "he"), ("她", "she")] {
                sentences.question("\(this)是谁", "who is \(english)")
            }
        },
        Pattern("two people are", .identity) { sentences in
            for (turn, first) in People.names.enumerated() {
                for (offset, second) in People.names.enumerated() where offset != turn {
                    let people = "\(first.chinese)和\(second.chinese)"
                    let english = "\(first.english) and \(second.english)"
                    let profession = Society.professions[
                        (turn + offset) % Society.professions.count]
                    let action = Actions.pastimes[(turn * 3 + offset) % Actions.pastimes.count]
                    sentences.statement("\(people)是朋友", "\(english) are friends")
                    sentences.statement("\(people)是同学", "\(english) are classmates")
                    sentences.statement(
                        "\(people)都是\(profession.chinese)",
                        "\(english) are both \(EnglishMorphology.plural(profession.english))")
                    sentences.statement(
                        "\(people)都喜欢\(action.chinese)",
                        "\(english) both like \(action.general(.gerund))")
                    sentences.statement(
                        "\(people)在\(action.chinese)", "\(english) are \(action.single(.gerund))")
                }
            }
        },
    ]
}
