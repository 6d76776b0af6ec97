/// An adjective in both languages.
struct Adjective: Sendable {
    let chinese: String
    let english: String

    init(_ chinese: String, _ english: String) {
        (self.chinese, self.english) = (chinese, english)
    }

    /// The Chinese adjective before a noun: 新书, 漂亮的毛衣.
    var attributive: String { chinese.count == 1 ? chinese : chinese + "的" }
    /// Whether one can have too much of it: only then do 有点 and 太…了 mean "a little" and "too".
    var isDrawback: Bool { Self.drawbacks.contains(chinese) }

    private static let drawbacks: Set<String> = [
        "忙", "累", "难过", "紧张", "生气", "饿", "渴", "困", "无聊", "矮", "瘦", "懒", "安静", "高", "旧", "贵",
        "大", "小", "脏", "重", "难", "厚", "甜", "胖", "远", "冷", "热",
    ]

    /// The negated adjective: 不贵, but 没意思.
    var negated: String {
        chinese.hasPrefix("有") ? "没" + chinese.dropFirst() : "不" + chinese
    }

    var comparative: String { EnglishMorphology.comparative(english) }
    var superlative: String { EnglishMorphology.superlative(english) }
}

/// Things of one kind with the adjectives that fit them.
struct Describable: Sendable {
    let nouns: [Noun]
    let adjectives: [Adjective]
    /// Whether people have such things, or they only come upon them.
    let isOwned: Bool

    init(nouns: [Noun], adjectives: [Adjective], isOwned: Bool = true) {
        (self.nouns, self.adjectives, self.isOwned) = (nouns, adjectives, isOwned)
    }
}

enum Adjectives {
    /// What people are for a while.
    static let states: [Adjective] = [
        Adjective("忙", "busy"), Adjective("累", "tired"), Adjective("高兴", "happy"),
        Adjective("难过", "sad"), Adjective("紧张", "nervous"), Adjective("生气", "angry"),
        Adjective("饿", "hungry"), Adjective("渴", "thirsty"), Adjective("困", "sleepy"),
        Adjective("无聊", "bored"),
    ]
    /// What people are by nature.
    static let traits: [Adjective] = [
        Adjective("高", "tall"), Adjective("矮", "short"), Adjective("年轻", "young"),
        Adjective("聪明", "smart"), Adjective("友好", "friendly"), Adjective("瘦", "thin"),
        Adjective("强壮", "strong"), Adjective("出名", "famous"), Adjective("健康", "healthy"),
        Adjective("努力", "hardworking"), Adjective("懒", "lazy"), Adjective("安静", "quiet"),
    ]
    static let people = states + traits

    private static let new = Adjective("新", "new")
    private static let old = Adjective("旧", "old")
    private static let expensive = Adjective("贵", "expensive")
    private static let cheap = Adjective("便宜", "cheap")
    private static let big = Adjective("大", "big")
    private static let small = Adjective("小", "small")
    private static let good = Adjective("好", "good")
    private static let beautiful = Adjective("漂亮", "beautiful")
    private static let heavy = Adjective("重", "heavy")
    private static let light = Adjective("轻", "light")
    private static let clean = Adjective("干净", "clean")
    private static let dirty = Adjective("脏", "dirty")
    private static let comfortable = Adjective("舒服", "comfortable")
    private static let useful = Adjective("有用", "useful")
    private static let cute = Adjective("可爱", "cute")
    static let delicious = Adjective("好吃", "delicious")
    static let tasty = Adjective("好喝", "tasty")
    static let sweet = Adjective("甜", "sweet")
    static let fresh = Adjective("新鲜", "fresh")
    static let healthy = Adjective("健康", "healthy")
    static let hot = Adjective("热", "hot")

    static let readables = Describable(
        nouns: Things.readables,
        adjectives: [
            new, old, expensive, cheap, good, useful, Adjective("有意思", "interesting"),
            Adjective("难", "difficult"), Adjective("厚", "thick"),
        ])
    static let clothes = Describable(
        nouns: Things.wearable,
        adjectives: [new, old, expensive, cheap, beautiful, clean, dirty, big, small, comfortable])
    static let machines = Describable(
        nouns: Things.machines + Things.carried.prefix(1),
        adjectives: [new, old, expensive, cheap, good, big, small, useful])
    static let household = Describable(
        nouns: Things.household + Things.furniture,
        adjectives: [new, old, big, small, clean, dirty, beautiful, expensive, cheap, heavy])
    static let pets = Describable(
        nouns: Things.pets, adjectives: [big, small, cute, beautiful, Adjective("胖", "fat")])
    static let animals = Describable(
        nouns: Array(Things.animals.dropFirst(Things.pets.count)),
        adjectives: [big, small, cute, beautiful], isOwned: false)
    static let pieces = Describable(
        nouns: Food.fruits + Food.dishes.prefix(3),
        adjectives: [big, small, fresh, expensive, cheap, delicious])
    static let plants = Describable(
        nouns: Things.plants, adjectives: [big, small, beautiful], isOwned: false)
    static let carriedThings = Describable(
        nouns: Array(Things.carried[2...4]), adjectives: [new, old, expensive, beautiful, light])

    static let things = [
        readables, clothes, machines, household, pets, animals, pieces, plants, carriedThings,
    ]

    static let food = Describable(
        nouns: Food.edible, adjectives: [delicious, expensive, cheap])
    static let wholesome = Describable(
        nouns: Food.fruits + Food.dishes.prefix(3) + Food.uncounted.prefix(3)
            + Food.uncounted.filter { ["水果", "蔬菜"].contains($0.chinese) },
        adjectives: [healthy])
    static let fruit = Describable(nouns: Food.fruits, adjectives: [sweet, fresh])
    static let drinks = Describable(
        nouns: Food.drinks.filter { $0.chinese != "热水" },
        adjectives: [tasty, expensive, cheap])

    static let places: [Adjective] = [
        big, small, clean, beautiful, Adjective("安静", "quiet"), Adjective("远", "far"),
        Adjective("近", "close"), Adjective("热闹", "lively"), Adjective("出名", "famous"),
    ]
    static let towns: [Adjective] = [
        big, beautiful, clean, Adjective("热闹", "lively"), Adjective("出名", "famous"),
        Adjective("远", "far"),
    ]
    static let weather: [Adjective] = [
        Adjective("冷", "cold"), hot, Adjective("暖和", "warm"), Adjective("凉快", "cool"),
    ]
    static let subjects: [Adjective] = [
        Adjective("难", "difficult"), Adjective("容易", "easy"), Adjective("有意思", "interesting"),
        useful,
    ]

    static let colors: [Adjective] = [
        Adjective("红色", "red"), Adjective("蓝色", "blue"), Adjective("绿色", "green"),
        Adjective("黄色", "yellow"), Adjective("黑色", "black"), Adjective("白色", "white"),
        Adjective("灰色", "gray"), Adjective("紫色", "purple"),
    ]
}
