/// Words that are written with a full stop in the middle of a sentence.
///
/// A short list of the commonest, ours; single capitals and words such as "U.S." or "z.B." are
/// recognised by their form.
enum Abbreviations {
    /// Returns the abbreviations of a language, in lower case and without the full stop.
    static func of(_ language: String) -> Set<String> {
        switch language {
        case "en", "zh", "ja": english
        case "de":
            [
                "abs", "bzw", "ca", "co", "dr", "etc", "evtl", "fr", "geb", "ggf", "hr", "inkl",
                "kap", "max", "min", "mio", "mrd", "nr", "prof", "sog", "st", "str", "tel", "usw",
                "vgl", "zzgl",
            ]
        case "fr": ["av", "bd", "cf", "dr", "env", "etc", "ex", "fig", "mlle", "mme", "prof", "st"]
        case "es":
            ["av", "dr", "dra", "etc", "fig", "núm", "pág", "prof", "sr", "sra", "srta", "ud"]
        case "it": ["art", "avv", "dott", "ecc", "es", "fig", "ing", "pag", "prof", "sig", "tel"]
        case "pt": ["av", "dr", "dra", "etc", "fig", "nº", "pág", "prof", "sr", "sra"]
        case "nl": ["bijv", "blz", "dhr", "dr", "drs", "enz", "etc", "ing", "mevr", "nr", "prof"]
        default: ["dr", "etc", "prof", "st"]
        }
    }

    // "no" is left out: before a number it is an abbreviation, but far more often the last word.
    private static let english: Set<String> = [
        "adm", "apr", "assn", "aug", "ave", "blvd", "bros", "capt", "cf", "cmdr", "co", "col",
        "corp", "cpl", "dec", "dept", "dr", "est", "etc", "feb", "fig", "ft", "gen", "gov", "hon",
        "inc", "jan", "jr", "lt", "ltd", "maj", "mr", "mrs", "ms", "mt", "nov", "oct", "op",
        "pp", "prof", "rep", "rev", "sen", "sept", "sgt", "sr", "st", "vol", "vs",
    ]
}
