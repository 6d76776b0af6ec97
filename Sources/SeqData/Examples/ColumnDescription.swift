/// What a column of examples holds.
public struct ColumnDescription: Hashable, Sendable, Codable {
    /// What each step is.
    public enum ColumnType: String, Codable, CaseIterable, Hashable, Sendable {
        /// An id.
        case ids
        /// A vector of numbers.
        case vectors
    }

    /// What a column is to the model.
    public enum Role: String, Codable, CaseIterable, Hashable, Sendable {
        /// The model is given it.
        case input
        /// The model is to say it.
        case output
        /// It stands beside inputs and outputs, such as a known alignment.
        case aside
    }

    /// The name of the input or output, or of what stands beside them.
    public var name: String
    /// What each step is.
    public var type: ColumnType
    /// What the column is to the model.
    public var role: Role
    /// The number of ids that may stand in a column of ids; 0 for vectors.
    public var vocabulary = 0
    /// The numbers of each vector; 0 for ids.
    public var width = 0
    /// Whether the ids are those of a text, so that limits and filters of length and script apply.
    public var isText = false
    /// Whether the words that the vocabulary lacks keep their spellings: they have the ids from
    /// ``vocabulary`` on.
    public var keepsSpellings = false

    private enum CodingKeys: String, CodingKey {
        case name, type, role, vocabulary, width
        case isText = "is_text"
        case keepsSpellings = "keeps_spellings"
    }

    private init(_ name: String, _ type: ColumnType, _ role: Role) {
        self.name = name
        self.type = type
        self.role = role
    }

    /// Describes a column of ids from 0 to below `vocabulary`; the id -1 stands for what is not known, such
    /// as a label that was never learnt.
    public static func ids(
        _ name: String, vocabulary: Int, role: Role, keepsSpellings: Bool = false
    ) -> ColumnDescription {
        var column = ColumnDescription(name, .ids, role)
        column.vocabulary = vocabulary
        column.keepsSpellings = keepsSpellings
        return column
    }

    /// Describes a column of the ids of a text.
    public static func text(
        _ name: String, vocabulary: Int, role: Role, keepsSpellings: Bool = false
    ) -> ColumnDescription {
        var column = ids(
            name, vocabulary: vocabulary, role: role, keepsSpellings: keepsSpellings)
        column.isText = true
        return column
    }

    /// Describes a column of vectors of `width` numbers.
    public static func vectors(_ name: String, width: Int, role: Role) -> ColumnDescription {
        precondition(width > 0, "vectors: a width of \(width)")
        var column = ColumnDescription(name, .vectors, role)
        column.width = width
        return column
    }

    /// The bytes of a step in a file: an id has 2 where the vocabulary leaves room for -1, else 4.
    var bytesPerStep: Int {
        type == .vectors ? 4 * width : !keepsSpellings && vocabulary < 1 << 16 ? 2 : 4
    }
}
