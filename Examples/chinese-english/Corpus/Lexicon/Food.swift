enum Food {
    static let fruits: [Noun] = [
        .count("苹果", "个", "apple"), .count("香蕉", "根", "banana"),
        .count("橙子", "个", "orange"), .count("梨", "个", "pear"),
        .count("桃子", "个", "peach"), .count("芒果", "个", "mango"),
        .group("草莓", "个", "strawberry"),
    ]

    static let dishes: [Noun] = [
        .count("鸡蛋", "个", "egg"), .count("西红柿", "个", "tomato"),
        .count("土豆", "个", "potato"), .count("汉堡", "个", "hamburger", upTo: 5),
        .count("三明治", "个", "sandwich", upTo: 5), .group("饺子", "个", "dumpling"),
        .group("饼干", "块", "cookie"),
        .mass("米饭", "碗", "rice", in: "bowl"),
        .mass("面条", "碗", "noodles", in: "bowl", isPlural: true),
        .mass("面包", "片", "bread", in: "slice", upTo: 4),
        .mass("蛋糕", "块", "cake", in: "piece"),
        .mass("巧克力", "块", "chocolate", in: "piece", upTo: 5),
        .mass("比萨", "块", "pizza", in: "piece", upTo: 4),
        .mass("豆腐", "块", "tofu", in: "piece"),
    ]

    /// Eaten, but not counted in everyday speech.
    static let uncounted: [Noun] = [
        .mass("牛肉", "块", "beef", in: "piece"), .mass("鸡肉", "块", "chicken", in: "piece"),
        .mass("鱼", "条", "fish", in: "piece"), .mass("西瓜", "块", "watermelon", in: "piece"),
        .mass("冰淇淋", "个", "ice cream", in: "cup"),
        .mass("水果", "个", "fruit", in: "piece"),
        .mass("蔬菜", "种", "vegetables", in: "kind", isPlural: true),
        .mass("葡萄", "颗", "grapes", in: "bunch", isPlural: true),
        .mass("火锅", "顿", "hot pot", in: "meal"),
    ]

    static let drinks: [Noun] = [
        .mass("茶", "杯", "tea", in: "cup"), .mass("咖啡", "杯", "coffee", in: "cup"),
        .mass("水", "杯", "water", in: "glass"), .mass("牛奶", "杯", "milk", in: "glass"),
        .mass("果汁", "杯", "juice", in: "glass"), .mass("橙汁", "杯", "orange juice", in: "glass"),
        .mass("绿茶", "杯", "green tea", in: "cup"), .mass("可乐", "瓶", "cola", in: "bottle"),
        .mass("豆浆", "杯", "soy milk", in: "glass"), .mass("热水", "杯", "hot water", in: "cup"),
    ]

    static let alcohol: [Noun] = [
        .mass("啤酒", "瓶", "beer", in: "bottle"), .mass("红酒", "杯", "red wine", in: "glass"),
    ]

    static let bottled: [Noun] = [
        .mass("水", "瓶", "water", in: "bottle", upTo: 10),
        .mass("牛奶", "瓶", "milk", in: "bottle", upTo: 10),
        .mass("果汁", "瓶", "juice", in: "bottle", upTo: 10),
        .mass("可乐", "瓶", "cola", in: "bottle", upTo: 10),
        .mass("啤酒", "瓶", "beer", in: "bottle", upTo: 10),
    ]

    static let edible = fruits + dishes + uncounted
    static let countedEdible = fruits + dishes
    static let drinkable = drinks + alcohol
}
