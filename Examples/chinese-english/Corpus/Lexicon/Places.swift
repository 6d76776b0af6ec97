/// A place that people go to, and what they do there.
struct Place: Sendable {
    let chinese: String
    /// The destination: "to the park", "home".
    let to: String
    /// The location: "in the park", "at home".
    let at: String
    /// The place as a subject: "the park"; nil for one's home.
    let definite: String?
    /// The place as one of several: measure word and indefinite noun; nil where it makes no sense.
    let indefinite: (measure: String, english: String)?
    let activities: [Action]

    init(
        _ chinese: String, _ english: String, _ preposition: String, measure: String? = nil,
        activities: [Action] = []
    ) {
        self.chinese = chinese
        self.to = "to the \(english)"
        self.at = "\(preposition) the \(english)"
        self.definite = "the \(english)"
        self.indefinite = measure.map { ($0, EnglishMorphology.withArticle(english)) }
        self.activities = activities
    }

    init(
        bare chinese: String, to: String, at: String, definite: String?,
        indefinite: (measure: String, english: String)? = nil, activities: [Action]
    ) {
        (self.chinese, self.to, self.at, self.definite) = (chinese, to, at, definite)
        (self.indefinite, self.activities) = (indefinite, activities)
    }
}

enum Places {
    private static func actions(_ wanted: String) -> [Action] {
        let names = wanted.split(separator: " ").map(String.init)
        let known = Actions.visible + shopping
        let found = names.compactMap { name in known.first { $0.chinese == name } }
        precondition(found.count == names.count, "an activity of \(names) is not in the lexicon")
        return found
    }

    private static let shopping: [Action] = [
        Action("买水果", "buy", "fruit"), Action("买牛奶", "buy", "milk"),
        Action("买面包", "buy", "bread"), Action("买衣服", "buy", "clothes"),
        Action("买鞋", "buy", "shoes"), Action("买书", "buy", "books", single: "a book"),
        Action("买票", "buy", "tickets", single: "a ticket"),
        Action("买电脑", "buy", "computers", single: "a computer"),
        Action("看医生", "see", "a doctor"), Action("看动物", "look", "at the animals"),
        Action("吃饭", "eat"),
    ]

    static let home = Place(
        bare: "家", to: "home", at: "at home", definite: nil,
        activities: actions(
            "看书 看电视 听音乐 做饭 睡觉 休息 打扫房间 洗衣服 吃晚饭 吃早饭 上网 玩游戏 做作业 下棋 画画 弹钢琴 弹吉他 唱歌 学中文 学英语 吃饭"
        ))
    static let school = Place(
        bare: "学校", to: "to school", at: "at school", definite: "the school",
        indefinite: ("所", "a school"),
        activities: actions("打篮球 踢足球 打网球 打乒乓球 上课 画画 唱歌 跳舞 学中文 学英语 学习 吃午饭 做作业"))

    static let visited: [Place] = [
        school,
        Place(
            "图书馆", "library", "in", measure: "个", activities: actions("看书 学习 做作业 看报纸 上网 学中文 学英语")),
        Place(
            "公园", "park", "in", measure: "个",
            activities: actions("散步 跑步 拍照 下棋 骑自行车 画画 踢足球 聊天 唱歌 跳舞 看书 休息")),
        Place(
            "饭馆", "restaurant", "in", measure: "家", activities: actions("吃午饭 吃晚饭 吃饺子 吃面条 吃火锅 吃饭")),
        Place(
            "咖啡馆", "coffee shop", "in", measure: "家", activities: actions("喝咖啡 看书 聊天 吃蛋糕 喝茶 上网 听音乐")
        ),
        Place("超市", "supermarket", "in", measure: "家", activities: actions("买菜 买水果 买牛奶 买面包 购物")),
        Place("商店", "store", "in", measure: "家", activities: actions("买衣服 买鞋 购物 买电脑")),
        Place("市场", "market", "at", measure: "个", activities: actions("买菜 买水果 买衣服 买鞋")),
        Place("书店", "bookstore", "in", measure: "家", activities: actions("买书 看书")),
        Place("电影院", "movie theater", "at", measure: "家", activities: actions("看电影")),
        Place("体育馆", "gym", "in", measure: "个", activities: actions("打篮球 打网球 打乒乓球 游泳 跑步 跳舞")),
        Place("医院", "hospital", "at", measure: "家", activities: actions("看医生")),
        Place("火车站", "train station", "at", measure: "个", activities: actions("买票")),
        Place("动物园", "zoo", "at", measure: "个", activities: actions("看动物 拍照")),
        Place("银行", "bank", "at", measure: "家"),
        Place("邮局", "post office", "at", measure: "个"),
        Place("机场", "airport", "at", measure: "个"),
        Place("博物馆", "museum", "in", measure: "个", activities: actions("拍照")),
        Place("酒店", "hotel", "at", measure: "家", activities: actions("休息 睡觉")),
        Place("办公室", "office", "in", activities: actions("工作 开会 喝咖啡 打电话 上网")),
    ]

    static let rooms: [Place] = [
        Place("教室", "classroom", "in", activities: actions("上课 学习 做作业 看书 唱歌")),
        Place("厨房", "kitchen", "in", activities: actions("做饭 洗碗 吃早饭 喝咖啡")),
        Place("房间里", "room", "in", activities: actions("看书 睡觉 做作业 听音乐 休息 打电话 玩游戏")),
    ]

    static let homeAndVisited = [home] + visited
    static let active = (homeAndVisited + rooms).filter { !$0.activities.isEmpty }
    static let workplaces = visited.filter {
        ["学校", "医院", "银行", "饭馆", "超市", "商店", "书店", "邮局", "机场", "博物馆", "酒店", "图书馆"]
            .contains($0.chinese)
    }
    static let landmarks = visited.filter { $0.chinese != "办公室" && $0.definite != nil }

    static let towns: [NounPhrase] = [
        NounPhrase("北京", "Beijing"), NounPhrase("上海", "Shanghai"), NounPhrase("广州", "Guangzhou"),
        NounPhrase("南京", "Nanjing"), NounPhrase("成都", "Chengdu"), NounPhrase("香港", "Hong Kong"),
        NounPhrase("巴黎", "Paris"), NounPhrase("伦敦", "London"), NounPhrase("东京", "Tokyo"),
        NounPhrase("纽约", "New York"), NounPhrase("罗马", "Rome"), NounPhrase("柏林", "Berlin"),
    ]
    static let lands = Society.countries.map { NounPhrase($0.chinese, $0.english) }
    static let townsAndLands = towns + lands

    /// Where things lie.
    static let surfaces: [NounPhrase] = [
        NounPhrase("桌子上", "on the table"), NounPhrase("椅子上", "on the chair"),
        NounPhrase("床上", "on the bed"), NounPhrase("地上", "on the floor"),
        NounPhrase("包里", "in the bag"), NounPhrase("盒子里", "in the box"),
        NounPhrase("桌子下面", "under the table"), NounPhrase("床下面", "under the bed"),
        NounPhrase("房间里", "in the room"), NounPhrase("门后面", "behind the door"),
    ]
    /// How one place lies to another.
    static let relations: [NounPhrase] = [
        NounPhrase("旁边", "next to"), NounPhrase("对面", "across from"),
        NounPhrase("后面", "behind"), NounPhrase("前面", "in front of"), NounPhrase("附近", "near"),
    ]
    static let transports: [NounPhrase] = [
        NounPhrase("坐公共汽车", "by bus"), NounPhrase("坐地铁", "by subway"),
        NounPhrase("坐出租车", "by taxi"), NounPhrase("骑自行车", "by bike"),
        NounPhrase("开车", "by car"), NounPhrase("走路", "on foot"),
    ]
    static let longTransports: [NounPhrase] = [
        NounPhrase("坐火车", "by train"), NounPhrase("坐飞机", "by plane"),
        NounPhrase("坐船", "by ship"),
    ]
}
