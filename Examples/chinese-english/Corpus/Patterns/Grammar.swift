/// All sentence patterns, one file for each group of topics.
enum Grammar {
    static let patterns: [Pattern] = [
        phrases, greetings, identity, likes, wants, habits, routines, progress, past, experience,
        future, going, possession, location, description, comparison, numbers, time, ability,
        duty, reasons, conditions, requests, disposal, giving, wearing, manner, weather,
        feelings, opinions,
    ].flatMap { $0 }
}
