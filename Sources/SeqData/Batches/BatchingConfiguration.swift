import SeqFiles

/// How pairs are put together into batches.
public struct BatchingConfiguration: Codable, Hashable, Sendable {
    /// What the size of a batch counts.
    public enum Unit: String, CaseIterable, Codable, Hashable, Sendable {
        /// Pairs.
        case sentences
        /// Tokens of the targets of a batch taken together, end symbols included.
        case tokens
    }

    /// Which pairs come into one batch.
    public enum Mode: String, CaseIterable, Codable, Hashable, Sendable {
        /// Those of like length within a pool of some batches: nearly as fast as `sorted`, and batches
        /// differ from epoch to epoch.
        case pooled
        /// Those of like length in the whole corpus: the fastest, and the only mode that takes memory for
        /// each pair, about 24 bytes.
        case sorted
        /// Those that follow each other, whatever their lengths.
        case unsorted
    }

    /// What `size` counts; by default sentences.
    public var unit = Unit.sentences

    /// The most of `unit` in a batch; a pair that is larger alone is a batch of its own; by default 64.
    public var size = 64

    /// Which pairs come into one batch; by default pooled.
    public var mode = Mode.pooled

    /// The number of batches in a pool of the mode `pooled`; by default 100.
    public var bucket = 100

    /// Whether the pairs and the batches of a pool are shuffled anew each epoch; by default true.
    ///
    /// Otherwise batches come in the order of the corpus, or of their lengths when sorted.
    public var shuffle = true

    /// Creates the default configuration.
    public init() {}

    /// Checks the numbers.
    ///
    /// - Throws: ``Seq2SeqError`` of kind `badConfiguration` that names the setting.
    public func validate() throws {
        for (name, value) in [("size", size), ("bucket", bucket)] where value < 1 {
            throw Seq2SeqError(
                .badConfiguration, reason: "batching \(name) is \(value)",
                remedy: "give a number of at least 1")
        }
    }
}
