enum Things {
    static let readables: [Noun] = [
        .count("书", "本", "book"), .count("杂志", "本", "magazine"),
        .count("小说", "本", "novel"), .count("词典", "本", "dictionary", upTo: 4),
    ]

    static let stationery: [Noun] = [
        .count("笔", "支", "pen"), .count("铅笔", "支", "pencil"),
        .count("本子", "个", "notebook"), .mass("纸", "张", "paper", in: "piece", upTo: 10),
    ]

    static let carried: [Noun] = [
        .count("手机", "部", "phone", upTo: 3), .count("钥匙", "把", "key", upTo: 5),
        .count("雨伞", "把", "umbrella", upTo: 4), .count("钱包", "个", "wallet", upTo: 2),
        .count("手表", "块", "watch", upTo: 3), .count("票", "张", "ticket"),
        .count("照片", "张", "photo"), .count("地图", "张", "map", upTo: 3),
    ]

    static let household: [Noun] = [
        .count("杯子", "个", "cup"), .count("盘子", "个", "plate"), .count("碗", "个", "bowl"),
        .count("盒子", "个", "box"), .count("刀", "把", "knife", upTo: 4),
    ]

    static let machines: [Noun] = [
        .count("电脑", "台", "computer", upTo: 4), .count("相机", "台", "camera", upTo: 3),
        .count("自行车", "辆", "bike", upTo: 4), .count("汽车", "辆", "car", upTo: 3),
    ]

    static let clothes: [Noun] = [
        .count("衬衫", "件", "shirt", upTo: 5), .count("毛衣", "件", "sweater", upTo: 5),
        .count("外套", "件", "coat", upTo: 4), .count("裙子", "条", "skirt", upTo: 5),
        .mass("裤子", "条", "pants", in: "pair", upTo: 4, isPlural: true),
    ]
    static let headAndFeet: [Noun] = [
        .count("帽子", "顶", "hat", upTo: 4),
        .mass("鞋", "双", "shoes", in: "pair", upTo: 4, isPlural: true),
        .mass("袜子", "双", "socks", in: "pair", upTo: 8, isPlural: true),
    ]

    static let furniture: [Noun] = [
        .count("桌子", "张", "table", upTo: 6), .count("椅子", "把", "chair"),
        .count("床", "张", "bed", upTo: 3),
    ]

    static let pets: [Noun] = [
        .count("猫", "只", "cat", upTo: 6), .count("狗", "只", "dog", upTo: 6),
    ]
    static let animals: [Noun] =
        pets + [
            .count("鸟", "只", "bird"), .count("老鼠", "只", "mouse", upTo: 5),
            .count("羊", "只", "sheep"), .count("马", "匹", "horse", upTo: 6),
            .count("牛", "头", "cow"), .count("鹅", "只", "goose", upTo: 8),
        ]

    static let plants: [Noun] = [
        .count("花", "朵", "flower"), .count("树", "棵", "tree"),
    ]

    static let gifts: [Noun] =
        Array(readables[..<3]) + [headAndFeet[0]] + [
            .count("礼物", "个", "gift", upTo: 4), .count("蛋糕", "个", "cake", upTo: 2),
            .count("手表", "块", "watch", upTo: 2), .count("毛衣", "件", "sweater", upTo: 2),
            .count("花", "朵", "flower"),
        ]

    static let small = readables + stationery + carried + household
    static let wearable = clothes + headAndFeet
    static let goods =
        readables + stationery + carried.dropLast(2) + machines + wearable + household
    static let owned = readables + carried + machines + wearable

    static let persons: [Noun] = [
        .count("孩子", "个", "child"), .count("学生", "个", "student"),
        .count("老师", "位", "teacher", upTo: 5), .count("医生", "位", "doctor", upTo: 5),
        .count("男人", "个", "man"), .count("女人", "个", "woman"), .count("人", "个", "person"),
    ]
}
