/// A verb phrase, with the English object for a general statement and for one event.
///
/// Chinese 看书 is "read books" as a habit and "read a book" at a given moment.
struct Action: Sendable {
    let chinese: String
    let verb: String
    let generalObject: String
    let singleObject: String

    init(_ chinese: String, _ verb: String, _ general: String = "", single: String? = nil) {
        self.chinese = chinese
        self.verb = verb
        self.generalObject = general
        self.singleObject = single ?? general
    }

    /// Creates an action upon a bare noun: 吃苹果, "eat apples", "eat an apple".
    init(_ chineseVerb: String, _ verb: String, _ object: Noun) {
        self.init(
            chineseVerb + object.chinese, verb, object.general, single: object.single)
    }

    /// Returns the phrase of a general statement: "read books", "reads books", "reading books".
    func general(_ form: VerbForm = .base) -> String { phrase(form, generalObject) }

    /// Returns the phrase of one event: "read a book", "reading a book".
    func single(_ form: VerbForm = .base) -> String { phrase(form, singleObject) }

    /// Returns the phrase of what may, should or could be done: food in general, else one event.
    func possible() -> String { verb == "eat" ? general() : single() }

    private func phrase(_ form: VerbForm, _ object: String) -> String {
        let inflected = EnglishMorphology.inflect(verb, form)
        return object.isEmpty ? inflected : "\(inflected) \(object)"
    }
}

enum Actions {
    static let sports: [Action] = [
        Action("打篮球", "play", "basketball"), Action("踢足球", "play", "soccer"),
        Action("打网球", "play", "tennis"), Action("打乒乓球", "play", "table tennis"),
        Action("游泳", "swim"), Action("跑步", "run"), Action("散步", "take", "walks", single: "a walk"),
        Action("骑自行车", "ride", "a bike"), Action("跳舞", "dance"),
    ]

    static let quiet: [Action] = [
        Action("看书", "read", "books", single: "a book"), Action("看电视", "watch", "TV"),
        Action("看电影", "watch", "movies", single: "a movie"),
        Action("看报纸", "read", "the newspaper"), Action("听音乐", "listen", "to music"),
        Action("唱歌", "sing"), Action("画画", "paint"), Action("弹钢琴", "play", "the piano"),
        Action("弹吉他", "play", "the guitar"), Action("玩游戏", "play", "games"),
        Action("下棋", "play", "chess"), Action("拍照", "take", "photos"),
        Action("做饭", "cook"), Action("学中文", "study", "Chinese"),
        Action("学英语", "study", "English"), Action("上网", "surf", "the Internet"),
        Action("聊天", "chat"),
        Action("写信", "write", "letters", single: "a letter"),
    ]

    static let journeys: [Action] = [
        Action("爬山", "climb", "mountains", single: "a mountain"), Action("旅行", "travel"),
        Action("购物", "shop"),
    ]

    static let chores: [Action] = [
        Action("做作业", "do", "homework"), Action("打扫房间", "clean", "the room"),
        Action("洗衣服", "wash", "clothes"), Action("洗碗", "wash", "the dishes"),
        Action("洗车", "wash", "the car"), Action("买菜", "buy", "groceries"),
    ]

    static let rests: [Action] = [
        Action("睡觉", "sleep"), Action("休息", "rest"), Action("洗澡", "take", "a shower"),
    ]

    static let work: [Action] = [
        Action("工作", "work"), Action("上课", "have", "class"),
        Action("开会", "have", "meetings", single: "a meeting"), Action("学习", "study"),
        Action("打电话", "talk", "on the phone"),
    ]

    static let meals: [Action] = [
        Action("吃早饭", "eat", "breakfast"), Action("吃午饭", "eat", "lunch"),
        Action("吃晚饭", "eat", "dinner"),
    ]

    static let languages = Society.languages.map {
        Action("说" + $0.chinese, "speak", $0.english)
    }
    static let studies = Society.languages.map { Action("学" + $0.chinese, "study", $0.english) }

    static let eating = Food.edible.map { Action("吃", "eat", $0) }
    static let drinking = Food.drinks.map { Action("喝", "drink", $0) }
    static let toasting = Food.alcohol.map { Action("喝", "drink", $0) }

    /// What people like to do.
    static let pastimes = sports + quiet + journeys
    static let pleasures = pastimes + eating + drinking + toasting
    /// What people do on an ordinary day.
    static let everyday =
        sports + quiet + chores + eating.filter { $0.chinese != "吃火锅" } + drinking
    /// What one can be seen doing.
    static let visible =
        sports + quiet + journeys + chores + rests + work + meals + eating + drinking
    /// What one may want to do now or plan to do.
    static let plans = sports + quiet + journeys + chores + rests + eating + drinking
    /// What one did on a past day: separable verbs, so that 了 can stand at the end.
    static let deeds = sports + quiet + journeys.prefix(1) + journeys.suffix(1) + chores
}

/// What takes place at certain hours of the day.
struct Routine: Sendable {
    let action: Action
    let morning: [Int]
    let evening: [Int]

    init(
        _ chinese: String, _ verb: String, _ object: String, morning: [Int] = [],
        evening: [Int] = []
    ) {
        self.action = Action(chinese, verb, object)
        (self.morning, self.evening) = (morning, evening)
    }

    static let all: [Self] = [
        Self("起床", "get", "up", morning: [5, 6, 7, 8, 9, 10]),
        Self("吃早饭", "eat", "breakfast", morning: [6, 7, 8, 9]),
        Self("上班", "go", "to work", morning: [7, 8, 9, 10]),
        Self("上学", "go", "to school", morning: [7, 8, 9]),
        Self("吃午饭", "eat", "lunch", morning: [11, 12]),
        Self("下班", "get", "off work", evening: [4, 5, 6, 7]),
        Self("回家", "go", "home", evening: [4, 5, 6, 7, 8, 9]),
        Self("吃晚饭", "eat", "dinner", evening: [5, 6, 7, 8]),
        Self("洗澡", "take", "a shower", morning: [6, 7], evening: [8, 9, 10]),
        Self("看新闻", "watch", "the news", morning: [6, 7, 8], evening: [6, 7, 10]),
        Self("睡觉", "go", "to bed", evening: [8, 9, 10, 11]),
    ]
}
