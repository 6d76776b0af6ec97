/// The person and number with which an English verb agrees.
enum Agreement: Sendable {
    case firstSingular
    case thirdSingular
    case plural

    var be: String {
        switch self {
        case .firstSingular: "am"
        case .thirdSingular: "is"
        case .plural: "are"
        }
    }

    var was: String { self == .plural ? "were" : "was" }
    var have: String { self == .thirdSingular ? "has" : "have" }
    var `do`: String { self == .thirdSingular ? "does" : "do" }
    var presentForm: VerbForm { self == .thirdSingular ? .thirdPerson : .base }
}
