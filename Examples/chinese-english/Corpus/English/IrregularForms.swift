/// The exceptions to the rules of `EnglishMorphology`.
enum IrregularForms {
    static let plurals: [String: String] = [
        "child": "children", "man": "men", "woman": "women", "person": "people",
        "mouse": "mice", "goose": "geese", "sheep": "sheep", "fish": "fish",
        "knife": "knives", "wife": "wives", "tomato": "tomatoes", "potato": "potatoes",
        "mango": "mangoes", "tooth": "teeth", "foot": "feet", "leaf": "leaves",
    ]

    static let pasts: [String: (past: String, participle: String)] = [
        "be": ("was", "been"), "become": ("became", "become"), "begin": ("began", "begun"),
        "break": ("broke", "broken"), "bring": ("brought", "brought"),
        "build": ("built", "built"), "buy": ("bought", "bought"), "catch": ("caught", "caught"),
        "come": ("came", "come"), "cut": ("cut", "cut"), "do": ("did", "done"),
        "draw": ("drew", "drawn"), "drink": ("drank", "drunk"), "drive": ("drove", "driven"),
        "eat": ("ate", "eaten"), "feel": ("felt", "felt"), "find": ("found", "found"),
        "fly": ("flew", "flown"), "forget": ("forgot", "forgotten"), "get": ("got", "gotten"),
        "give": ("gave", "given"), "go": ("went", "gone"), "have": ("had", "had"),
        "hear": ("heard", "heard"), "know": ("knew", "known"), "leave": ("left", "left"),
        "lose": ("lost", "lost"), "make": ("made", "made"), "meet": ("met", "met"),
        "put": ("put", "put"), "read": ("read", "read"), "ride": ("rode", "ridden"),
        "run": ("ran", "run"), "say": ("said", "said"), "see": ("saw", "seen"),
        "sell": ("sold", "sold"), "sing": ("sang", "sung"), "sit": ("sat", "sat"),
        "sleep": ("slept", "slept"), "speak": ("spoke", "spoken"), "stand": ("stood", "stood"),
        "swim": ("swam", "swum"), "take": ("took", "taken"), "teach": ("taught", "taught"),
        "tell": ("told", "told"), "think": ("thought", "thought"), "wear": ("wore", "worn"),
        "write": ("wrote", "written"),
    ]

    static let degrees: [String: (comparative: String, superlative: String)] = [
        "good": ("better", "best"), "bad": ("worse", "worst"), "far": ("farther", "farthest"),
    ]

    /// Verbs of more than one syllable, stressed on the last.
    static let doublingVerbs: Set<String> = ["begin", "forget", "prefer"]

    static let silentInitials: Set<String> = ["hour", "honest", "honor"]

    static let consonantSoundInitials: Set<String> = [
        "university", "useful", "uniform", "european", "one", "used",
    ]
}
