/// A word or phrase of time in both languages.
struct Time: Sendable {
    let chinese: String
    let english: String

    init(_ chinese: String, _ english: String) {
        (self.chinese, self.english) = (chinese, english)
    }
}

enum Times {
    static let past: [Time] = [
        Time("昨天", "yesterday"), Time("前天", "the day before yesterday"),
        Time("昨天早上", "yesterday morning"), Time("昨天下午", "yesterday afternoon"),
        Time("昨天晚上", "last night"), Time("上周末", "last weekend"),
        Time("上个星期天", "last Sunday"), Time("两天前", "two days ago"),
    ]
    /// Long enough for a journey.
    static let pastPeriods: [Time] = [
        Time("上个星期", "last week"), Time("上个月", "last month"), Time("去年", "last year"),
        Time("三天前", "three days ago"), Time("两年前", "two years ago"),
        Time("去年夏天", "last summer"),
    ]
    static let future: [Time] = [
        Time("明天", "tomorrow"), Time("后天", "the day after tomorrow"),
        Time("明天早上", "tomorrow morning"), Time("明天下午", "tomorrow afternoon"),
        Time("明天晚上", "tomorrow night"), Time("今天下午", "this afternoon"),
        Time("今天晚上", "tonight"), Time("这个周末", "this weekend"),
        Time("星期天", "on Sunday"), Time("星期六", "on Saturday"),
    ]
    static let futurePeriods: [Time] = [
        Time("下个星期", "next week"), Time("下个月", "next month"), Time("明年", "next year"),
        Time("明年夏天", "next summer"), Time("下个星期一", "next Monday"),
    ]
    static let habitual: [Time] = [
        Time("每天", "every day"), Time("每天早上", "every morning"),
        Time("每天下午", "every afternoon"), Time("每天晚上", "every evening"),
        Time("周末", "on weekends"), Time("每个星期六", "every Saturday"),
        Time("每个星期天", "every Sunday"), Time("每个周末", "every weekend"),
    ]
    static let frequencies: [Time] = [
        Time("常常", "often"), Time("经常", "often"), Time("总是", "always"),
        Time("有时候", "sometimes"), Time("很少", "rarely"), Time("从不", "never"),
    ]
    /// A day as the subject of 是 and the English verb with it.
    static let days: [(day: Time, be: String)] = [
        (Time("今天", "today"), "is"), (Time("明天", "tomorrow"), "is"),
        (Time("昨天", "yesterday"), "was"), (Time("后天", "the day after tomorrow"), "is"),
        (Time("前天", "the day before yesterday"), "was"),
    ]
    static let weekdays: [Time] = [
        Time("星期一", "Monday"), Time("星期二", "Tuesday"), Time("星期三", "Wednesday"),
        Time("星期四", "Thursday"), Time("星期五", "Friday"), Time("星期六", "Saturday"),
        Time("星期天", "Sunday"),
    ]
    static let months: [String] = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    static let seasons: [Time] = [
        Time("春天", "spring"), Time("夏天", "summer"), Time("秋天", "autumn"),
        Time("冬天", "winter"),
    ]

    /// Returns the date: 五月三号, "May third".
    static func date(month: Int, day: Int) -> Time {
        Time(
            "\(Numerals.chinese(month))月\(Numerals.chinese(day))号",
            "\(months[month - 1]) \(Numerals.ordinal(day))")
    }

    /// Returns the times of the clock at an hour: the full, the half and the quarter.
    static func clock(_ hour: Int) -> [Time] {
        let (chinese, english) = (Numerals.chineseQuantity(hour), Numerals.english(hour))
        return [
            Time("\(chinese)点", "\(english) o'clock"), Time("\(chinese)点半", "half past \(english)"),
            Time("\(chinese)点一刻", "a quarter past \(english)"),
        ]
    }

    /// The lengths of time in hours, days, months and years.
    static func spans(_ numbers: ClosedRange<Int>, _ chinese: String, _ english: String) -> [Time] {
        numbers.map {
            Time(
                Numerals.chineseQuantity($0) + chinese,
                "\(Numerals.english($0)) \($0 == 1 ? english : EnglishMorphology.plural(english))")
        }
    }
}
