import SeqFiles
public import SeqData

/// The corpora of a run.
public struct DataConfiguration: Codable, Sendable, Hashable {
    /// What the model learns from.
    public var train = TrainingCorpusConfiguration()
    /// Further corpora that it learns from.
    public var corpora: [TrainingCorpusConfiguration] = []
    /// How equal the shares of small and large corpora are: that of a corpus of n pairs is proportional to
    /// weight · n^(1/temperature).
    ///
    /// Arivazhagan and others 2019, section 4.3.
    public var temperature = 1.0
    /// What the model is judged by; may be left out.
    public var validation = CorpusConfiguration()
    /// Training pairs with a side of more tokens are dropped.
    public var maximumLength = 100
    /// Which other training pairs are dropped.
    public var filters = FilterConfiguration()
    /// A file of known alignments of the training pairs of `train`, for `training.guided_alignment`.
    public var alignment = ""
    /// The folder of the training corpora as tokens, which runs may share; empty for `cache` in the run
    /// folder.
    public var cache = ""
    /// What is done about flaws that a quick check of the corpora finds before training.
    public var check = DataCheckMode.refuse

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case train, corpora, temperature, validation
        case maximumLength = "maximum_length"
        case filters, alignment, cache, check
    }

    /// All corpora that the model learns from.
    var trainingCorpora: [TrainingCorpusConfiguration] { [train] + corpora }

    /// The configuration without the places of files, which may change when a run is resumed.
    var withoutPlaces: DataConfiguration {
        var fixed = self
        let defaults = DataConfiguration()
        fixed.train = train.withoutPlaces
        fixed.corpora = corpora.map(\.withoutPlaces)
        fixed.validation = defaults.validation
        fixed.alignment = defaults.alignment
        fixed.cache = defaults.cache
        fixed.check = defaults.check
        return fixed
    }

    func validate() throws {
        func check(_ isGood: Bool, _ name: String, _ value: Any, _ remedy: String) throws {
            guard isGood else {
                throw Seq2SeqError(option: "data.\(name)", "is \(value)", remedy: remedy)
            }
        }
        try train.validate("data.train")
        if validation.isGiven { try validation.validate("data.validation") }
        guard train.isGiven else {
            throw Seq2SeqError(
                option: "data.train", "names no files",
                remedy:
                    "give data.train.source and data.train.target, or data.train.table, jsonl, conll or files"
            )
        }
        for (number, corpus) in corpora.enumerated() {
            let name = "data.corpora[\(number)]"
            guard corpus.isGiven else {
                throw Seq2SeqError(
                    option: name, "names no files",
                    remedy:
                        "give \(name).source and \(name).target, or \(name).table, jsonl, conll or files"
                )
            }
            try corpus.validate(name)
        }
        guard trainingCorpora.contains(where: { $0.lossWeight > 0 }) else {
            throw Seq2SeqError(
                .badConfiguration, option: corpora.isEmpty ? "data.train.loss_weight" : nil,
                reason:
                    "\(corpora.isEmpty ? "data.train.loss_weight" : "every loss_weight of data") is 0, so that there is nothing to learn from",
                remedy: "choose a number above 0")
        }
        try check(
            trainingCorpora.contains { $0.lossWeight > 0 }, "train.loss_weight", train.lossWeight,
            "no corpus counts, so that nothing is learned: give one of them a positive weight")
        try check(
            temperature > 0 && temperature.isFinite, "temperature", temperature,
            "choose a number above 0; 1 for shares by size")
        try check(
            maximumLength >= 1, "maximum_length", maximumLength, "choose a number of at least 1")
        try check(
            (1...maximumLength).contains(filters.minimumLength), "filters.minimum_length",
            filters.minimumLength, "choose a number from 1 to data.maximum_length")
        try check(
            filters.maximumRatio == 0 || filters.maximumRatio >= 1 && filters.maximumRatio.isFinite,
            "filters.maximum_ratio", filters.maximumRatio,
            "choose 0 for no limit, or a number of at least 1")
        _ = try filters.scripts()
    }
}

/// Where records stand: in two files line by line, in more files, in a table, or in a file of JSON lines or of
/// CoNLL.
public protocol CorpusPlace {
    /// The file of sources, plain or `.gz`.
    var source: String { get }
    /// The file of targets, plain or `.gz`.
    var target: String { get }
    /// A file of tab-separated values instead of the two.
    var table: String { get }
    /// The column of the source in the table, counted from 1.
    var sourceColumn: Int { get }
    /// The column of the target in the table, counted from 1.
    var targetColumn: Int { get }
    /// A file with a JSON object a line instead.
    var jsonl: String { get }
    /// A file with a word a line and a blank line behind each sentence instead.
    var conll: String { get }
    /// Files whose lines correspond instead, one for each input and output.
    var files: [String] { get }
    /// The fields of a table, of `jsonl` or of `conll`, those of inputs before those of outputs.
    var fields: [String] { get }
}

extension CorpusPlace {
    /// Whether any file is named.
    public var isGiven: Bool { !kinds.isEmpty }

    /// The files as a corpus.
    public var corpus: ParallelCorpus {
        if !table.isEmpty {
            return ParallelCorpus(
                .table(
                    path: table,
                    fields: fields.isEmpty ? ["\(sourceColumn)", "\(targetColumn)"] : fields))
        }
        if !jsonl.isEmpty { return ParallelCorpus(.jsonl(path: jsonl, fields: fields)) }
        if !conll.isEmpty { return ParallelCorpus(.conll(path: conll, fields: fields)) }
        return files.isEmpty
            ? ParallelCorpus(source: source, target: target) : ParallelCorpus(.files(files))
    }

    /// The ways in which files are named.
    private var kinds: [String] {
        [
            ("separate files", source + target), ("a table", table), ("jsonl", jsonl),
            ("conll", conll), ("files", files.joined()),
        ].filter { !$0.1.isEmpty }.map(\.0)
    }

    fileprivate func validatePlace(_ name: String) throws {
        guard isGiven else { return }
        if kinds == ["separate files"], source.isEmpty || target.isEmpty {
            throw Seq2SeqError(
                option: name, "names only one file",
                remedy: "give \(name).source and \(name).target, or \(name).table")
        }
        if kinds.count > 1 {
            let named = kinds.sorted { $0 == "a table" && $1 == "separate files" }
            throw Seq2SeqError(
                option: name, "names \(named.joined(separator: " and "))",
                remedy: "give one or the other")
        }
        for (side, column) in [("source", sourceColumn), ("target", targetColumn)] where column < 1
        {
            throw Seq2SeqError(
                option: "\(name).\(side)_column", "is \(column)",
                remedy: "columns are counted from 1")
        }
        try validateFields(name)
    }

    private func validateFields(_ name: String) throws {
        let needsFields = !jsonl.isEmpty || !conll.isEmpty
        if needsFields || !fields.isEmpty, fields.count < 2 || fields.contains("") {
            throw Seq2SeqError(
                option: "\(name).fields",
                "\(fields.isEmpty ? "is empty" : "are \(fields.joined(separator: ", "))")",
                remedy: "name a field for each input, then one for each output")
        }
        if !fields.isEmpty, !needsFields, table.isEmpty {
            throw Seq2SeqError(
                option: "\(name).fields", "is given for files of text",
                remedy: "leave it out, or give a table, jsonl or conll")
        }
        if !fields.isEmpty, (sourceColumn, targetColumn) != (1, 2) {
            throw Seq2SeqError(
                option: "\(name).fields", "is given beside source_column or target_column",
                remedy: "give one or the other")
        }
        if !files.isEmpty, files.count < 2 || files.contains("") {
            throw Seq2SeqError(
                option: "\(name).files", "are \(files.joined(separator: ", "))",
                remedy: "name a file for each input, then one for each output")
        }
    }
}

/// Pairs of texts that a model is judged by.
public struct CorpusConfiguration: CorpusPlace, Codable, Sendable, Hashable {
    /// The file of sources, plain or `.gz`.
    public var source = ""
    /// The file of targets, plain or `.gz`.
    public var target = ""
    /// A file of tab-separated values instead of the two.
    public var table = ""
    /// The column of the source in the table, counted from 1.
    public var sourceColumn = 1
    /// The column of the target in the table, counted from 1.
    public var targetColumn = 2
    /// A file with a JSON object a line instead.
    public var jsonl = ""
    /// A file with a word a line and a blank line behind each sentence instead.
    public var conll = ""
    /// Files whose lines correspond instead, one for each input and output.
    public var files: [String] = []
    /// The fields of a table, of `jsonl` or of `conll`, those of inputs before those of outputs.
    public var fields: [String] = []

    /// Creates a configuration without files.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case source, target, table
        case sourceColumn = "source_column"
        case targetColumn = "target_column"
        case jsonl, conll, files, fields
    }

    func validate(_ name: String) throws { try validatePlace(name) }
}

/// Pairs of texts that a model learns from.
public struct TrainingCorpusConfiguration: CorpusPlace, Codable, Sendable, Hashable {
    /// The file of sources, plain or `.gz`.
    public var source = ""
    /// The file of targets, plain or `.gz`.
    public var target = ""
    /// A file of tab-separated values instead of the two.
    public var table = ""
    /// The column of the source in the table, counted from 1.
    public var sourceColumn = 1
    /// The column of the target in the table, counted from 1.
    public var targetColumn = 2
    /// A file with a JSON object a line instead.
    public var jsonl = ""
    /// A file with a word a line and a blank line behind each sentence instead.
    public var conll = ""
    /// Files whose lines correspond instead, one for each input and output.
    public var files: [String] = []
    /// The fields of a table, of `jsonl` or of `conll`, those of inputs before those of outputs.
    public var fields: [String] = []
    /// A file with the weight of each pair in the loss, one number a line; empty for 1.
    public var weights = ""
    /// By how much the corpus is favoured when pairs are drawn.
    public var weight = 1.0
    /// The weight of its pairs in the loss.
    public var lossWeight: Float = 1

    /// Creates a configuration without files.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case source, target, table
        case sourceColumn = "source_column"
        case targetColumn = "target_column"
        case jsonl, conll, files, fields
        case weights, weight
        case lossWeight = "loss_weight"
    }

    fileprivate var withoutPlaces: TrainingCorpusConfiguration {
        var fixed = TrainingCorpusConfiguration()
        (fixed.weight, fixed.lossWeight) = (weight, lossWeight)
        return fixed
    }

    func validate(_ name: String) throws {
        try validatePlace(name)
        guard weight > 0, weight.isFinite else {
            throw Seq2SeqError(
                option: "\(name).weight", "is \(weight)", remedy: "choose a number above 0")
        }
        guard lossWeight >= 0, lossWeight.isFinite else {
            throw Seq2SeqError(
                option: "\(name).loss_weight", "is \(lossWeight)",
                remedy: "choose a number of at least 0")
        }
    }
}
