import SeqFiles

/// What is learned from at a time: a sequence of steps for each input and each output, and for what stands
/// beside them.
///
/// The same struct comes from the reader and the codecs, is kept in the ``ExampleCache``, and is given to the
/// model in batches. What its columns mean is said once, by a list of ``ColumnDescription``: inputs come
/// first, then outputs, then columns beside them.
public struct Example: Hashable, Sendable {
    /// The inputs, the outputs, and what stands beside them.
    public var columns: [Column]
    /// What the example counts in the loss.
    public var weight: Float

    /// Creates an example.
    public init(_ columns: [Column], weight: Float = 1) {
        self.columns = columns
        self.weight = weight
    }

    /// Creates an example of one input and one output of ids.
    ///
    /// - Parameters:
    ///   - source: The ids of the input, without start and end.
    ///   - target: The ids of the output, likewise.
    ///   - copies: For each step of the source its id in the extended target vocabulary; `nil`, for models
    ///     that do not copy, leaves the column out.
    ///   - links: Known alignment: source and target position by turns; `nil` leaves the column out.
    ///   - weight: What the example counts in the loss.
    public init(
        source: ArraySlice<Int32>, target: ArraySlice<Int32>, copies: ArraySlice<Int32>? = nil,
        links: ArraySlice<Int32>? = nil, weight: Float = 1
    ) {
        let beside = [copies, links].compactMap { $0 }
        self.init(([source, target] + beside).map(Column.ids), weight: weight)
    }

    /// The ids of a column; none where there is no such column, or it has vectors.
    public func ids(_ column: Int?) -> ArraySlice<Int32> {
        guard let column, column < columns.count else { return [] }
        return columns[column].ids
    }

    /// The ids of the first column, which is the input of a model that has one.
    public var source: ArraySlice<Int32> {
        get { ids(0) }
        set { columns[0] = .ids(newValue) }
    }

    /// The ids of the second column, which is the output of a model of one input.
    public var target: ArraySlice<Int32> {
        get { ids(1) }
        set { columns[1] = .ids(newValue) }
    }
}

/// The steps of one input or output of an ``Example``.
public enum Column: Hashable, Sendable {
    /// An id for each step.
    case ids(ArraySlice<Int32>)
    /// A vector of `width` numbers for each step, one after the other.
    case vectors([Float], width: Int)

    /// The number of steps.
    public var count: Int {
        switch self {
        case .ids(let ids): ids.count
        case .vectors(let numbers, let width): numbers.count / width
        }
    }

    /// The ids; none of vectors.
    public var ids: ArraySlice<Int32> {
        switch self {
        case .ids(let ids): ids
        case .vectors: []
        }
    }
}

extension Collection<Example> {
    /// The SHA-256 of lengths and contents in little-endian order, column by column, in hexadecimal digits.
    ///
    /// It differs when the text, the tokenizer, the vocabulary or the limits differ. A column that is empty
    /// in all examples counts as none.
    public var contentHash: String {
        var hash = ContentHash()
        for column in 0..<Swift.max(2, map(\.columns.count).max() ?? 0) {
            let columns = map { $0.columns.count > column ? $0.columns[column] : .ids([]) }
            if column >= 2, columns.allSatisfy({ $0.count == 0 }) { continue }
            var offsets = [0]
            for column in columns { offsets.append(offsets[offsets.count - 1] + column.count) }
            offsets.withUnsafeBytes { hash.update($0) }
            for column in columns {
                switch column {
                case .ids(let ids): ids.withUnsafeBytes { hash.update($0) }
                case .vectors(let numbers, _): numbers.withUnsafeBytes { hash.update($0) }
                }
            }
        }
        return hash.hexadecimal
    }
}
