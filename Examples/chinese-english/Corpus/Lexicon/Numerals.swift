/// Numbers in words, up to ninety-nine and one hundred.
enum Numerals {
    private static let chineseDigits = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"]
    private static let small = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
        "nineteen",
    ]
    private static let tens = [
        "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ]
    private static let irregularOrdinals = [
        "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
        "nine": "ninth", "twelve": "twelfth", "twenty": "twentieth", "thirty": "thirtieth",
    ]

    /// Returns the number as it is read: 二, 十二, 二十五, 一百.
    static func chinese(_ number: Int) -> String {
        precondition((1...100).contains(number), "no numeral for \(number), only for 1...100")
        if number == 100 {
            return "一百"
        }
        let (ten, unit) = (number / 10, number % 10)
        let head = ten == 0 ? "" : (ten == 1 ? "" : chineseDigits[ten]) + "十"
        return head + chineseDigits[unit]
    }

    /// Returns the number as it stands before a measure word, where two is 两 and not 二.
    static func chineseQuantity(_ number: Int) -> String {
        number == 2 ? "两" : chinese(number)
    }

    /// Returns the cardinal number: "two", "twenty-five", "one hundred".
    static func english(_ number: Int) -> String {
        precondition((1...100).contains(number), "no numeral for \(number), only for 1...100")
        if number == 100 {
            return "one hundred"
        }
        if number < small.count {
            return small[number]
        }
        let unit = number % 10
        return tens[number / 10] + (unit == 0 ? "" : "-" + small[unit])
    }

    /// Returns the ordinal number: "first", "twenty-second", "thirtieth".
    static func ordinal(_ number: Int) -> String {
        let cardinal = english(number)
        let last = cardinal.split(separator: "-").last.map(String.init) ?? cardinal
        return cardinal.dropLast(last.count) + (irregularOrdinals[last] ?? last + "th")
    }
}
