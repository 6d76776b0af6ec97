import Testing

@testable import ChineseEnglishCorpus

@Suite struct EnglishMorphologyTests {
    @Test(arguments: [
        ("apple", "apples"), ("box", "boxes"), ("watch", "watches"), ("dictionary", "dictionaries"),
        ("key", "keys"), ("strawberry", "strawberries"), ("child", "children"), ("man", "men"),
        ("woman", "women"), ("person", "people"), ("mouse", "mice"), ("goose", "geese"),
        ("sheep", "sheep"), ("knife", "knives"), ("tomato", "tomatoes"), ("photo", "photos"),
        ("bus", "buses"), ("police officer", "police officers"),
        ("older brother", "older brothers"),
        ("wife", "wives"), ("college student", "college students"),
    ])
    func plural(singular: String, plural: String) {
        #expect(EnglishMorphology.plural(singular) == plural)
    }

    @Test(arguments: [
        ("like", "likes", "liked", "liked", "liking"), ("eat", "eats", "ate", "eaten", "eating"),
        ("go", "goes", "went", "gone", "going"), ("do", "does", "did", "done", "doing"),
        ("have", "has", "had", "had", "having"),
        ("study", "studies", "studied", "studied", "studying"),
        ("play", "plays", "played", "played", "playing"),
        ("watch", "watches", "watched", "watched", "watching"),
        ("wash", "washes", "washed", "washed", "washing"),
        ("swim", "swims", "swam", "swum", "swimming"),
        ("run", "runs", "ran", "run", "running"),
        ("shop", "shops", "shopped", "shopped", "shopping"),
        ("plan", "plans", "planned", "planned", "planning"),
        ("chat", "chats", "chatted", "chatted", "chatting"),
        ("write", "writes", "wrote", "written", "writing"),
        ("read", "reads", "read", "read", "reading"),
        ("rain", "rains", "rained", "rained", "raining"),
        ("snow", "snows", "snowed", "snowed", "snowing"),
        ("ride", "rides", "rode", "ridden", "riding"), ("fix", "fixes", "fixed", "fixed", "fixing"),
        ("buy", "buys", "bought", "bought", "buying"),
        ("teach", "teaches", "taught", "taught", "teaching"),
        ("lie", "lies", "lied", "lied", "lying"), ("see", "sees", "saw", "seen", "seeing"),
        ("open", "opens", "opened", "opened", "opening"),
        ("begin", "begins", "began", "begun", "beginning"),
        ("travel", "travels", "traveled", "traveled", "traveling"),
        ("get", "gets", "got", "gotten", "getting"),
        ("listen", "listens", "listened", "listened", "listening"),
        ("put", "puts", "put", "put", "putting"),
    ])
    func verbForms(base: String, third: String, past: String, participle: String, gerund: String) {
        #expect(EnglishMorphology.inflect(base, .base) == base)
        #expect(EnglishMorphology.inflect(base, .thirdPerson) == third)
        #expect(EnglishMorphology.inflect(base, .past) == past)
        #expect(EnglishMorphology.inflect(base, .participle) == participle)
        #expect(EnglishMorphology.inflect(base, .gerund) == gerund)
    }

    @Test(arguments: [
        ("tall", "taller", "tallest"), ("big", "bigger", "biggest"),
        ("thin", "thinner", "thinnest"),
        ("cute", "cuter", "cutest"), ("lazy", "lazier", "laziest"),
        ("friendly", "friendlier", "friendliest"),
        ("new", "newer", "newest"), ("cheap", "cheaper", "cheapest"),
        ("quiet", "quieter", "quietest"),
        ("far", "farther", "farthest"), ("good", "better", "best"),
        ("fresh", "fresher", "freshest"),
        ("expensive", "more expensive", "most expensive"), ("famous", "more famous", "most famous"),
        ("tired", "more tired", "most tired"),
        ("hardworking", "more hardworking", "most hardworking"),
    ])
    func degrees(adjective: String, comparative: String, superlative: String) {
        #expect(EnglishMorphology.comparative(adjective) == comparative)
        #expect(EnglishMorphology.superlative(adjective) == superlative)
    }

    @Test(arguments: [
        ("apple", "an apple"), ("book", "a book"), ("hour", "an hour"),
        ("university", "a university"),
        ("useful book", "a useful book"), ("old car", "an old car"), ("umbrella", "an umbrella"),
        ("egg", "an egg"), ("one", "a one"), ("cup of orange juice", "a cup of orange juice"),
    ])
    func article(noun: String, phrase: String) {
        #expect(EnglishMorphology.withArticle(noun) == phrase)
    }

    @Test func everyNounAndAdjectiveOfTheLexiconHasPlausibleForms() {
        let nouns = Food.edible + Food.drinkable + Things.goods + Things.animals + Things.persons
        for noun in nouns {
            #expect(noun.countedEnglish(1).hasPrefix("a"), "\(noun.chinese)")
            #expect(noun.countedEnglish(2).hasPrefix("two "), "\(noun.chinese)")
            #expect(noun.counted(2).hasPrefix("两" + noun.measure), "\(noun.chinese)")
        }
    }
}

@Suite struct NumeralTests {
    @Test(arguments: [
        (1, "一", "one"), (2, "二", "two"), (10, "十", "ten"), (12, "十二", "twelve"),
        (15, "十五", "fifteen"),
        (20, "二十", "twenty"), (21, "二十一", "twenty-one"), (40, "四十", "forty"),
        (99, "九十九", "ninety-nine"),
        (100, "一百", "one hundred"),
    ])
    func numerals(number: Int, chinese: String, english: String) {
        #expect(Numerals.chinese(number) == chinese)
        #expect(Numerals.english(number) == english)
    }

    @Test func twoBeforeAMeasureWordIsLiang() {
        #expect(Numerals.chineseQuantity(2) == "两")
        #expect(Numerals.chineseQuantity(12) == "十二")
        #expect(Numerals.chineseQuantity(20) == "二十")
    }

    @Test(arguments: [
        (1, "first"), (2, "second"), (3, "third"), (5, "fifth"), (8, "eighth"), (9, "ninth"),
        (11, "eleventh"),
        (12, "twelfth"), (20, "twentieth"), (21, "twenty-first"), (22, "twenty-second"),
        (30, "thirtieth"),
    ])
    func ordinals(number: Int, english: String) {
        #expect(Numerals.ordinal(number) == english)
    }

    @Test func timesOfTheClock() {
        #expect(Times.clock(2).map(\.chinese) == ["两点", "两点半", "两点一刻"])
        #expect(
            Times.clock(12).map(\.english) == [
                "twelve o'clock", "half past twelve", "a quarter past twelve",
            ])
        #expect(Times.date(month: 2, day: 2).chinese == "二月二号")
        #expect(Times.date(month: 2, day: 2).english == "February second")
    }
}
