import SeqFiles

/// A tokenizer whose tokens are pieces of words, learnt from text by SentencePiece (Kudo and
/// Richardson 2018).
///
/// The ids and pieces are those of the SentencePiece programs and their Python package, and the
/// bytes are a model file that those read.
public struct SentencePieceTokenizer: Tokenizer {
    /// The model as SentencePiece stores it.
    public let modelBytes: [UInt8]

    private let model: SentencePieceModel

    /// Creates a tokenizer from the bytes of a model file.
    public init(modelBytes: [UInt8]) throws {
        self.modelBytes = modelBytes
        model = try SentencePieceModel(modelBytes)
    }

    /// Creates a tokenizer from a model file.
    public init(contentsOf path: String) throws {
        let bytes = try SmallFile.read(path, limit: 1 << 28)
        do {
            try self.init(modelBytes: bytes)
        } catch var error as Seq2SeqError {
            error.path = path
            error.remedy = error.remedy ?? "give a file that a SentencePiece training has written"
            throw error
        }
    }

    /// The number of pieces.
    public var count: Int { model.count }
    /// The id of the piece for what is unknown.
    public var unknownID: Int32 { model.unknownID }
    /// The id of the start of a sequence, -1 if the model has none.
    public var startID: Int32 { model.startID }
    /// The id of the end of a sequence, -1 if the model has none.
    public var endID: Int32 { model.endID }

    /// Returns the pieces of a text.
    public func tokenize(_ text: String) -> [String] {
        Self.value(of: { try model.pieces(of: text) }, else: [])
    }

    /// Returns the text of a sequence of pieces.
    public func detokenize(_ tokens: [String]) -> String {
        Self.value(of: { try model.text(of: tokens) }, else: "")
    }

    /// Returns the ids of the pieces of a text.
    public func encode(_ text: String) -> [Int32] {
        Self.value(of: { try model.ids(of: text) }, else: [])
    }

    /// Returns the text of a sequence of ids; an id outside the vocabulary counts as unknown.
    public func decode(_ ids: [Int32]) -> String {
        let size = Int32(count)
        let known = ids.map { $0 >= 0 && $0 < size ? $0 : unknownID }
        return Self.value(of: { try model.text(of: known) }, else: "")
    }

    /// Returns the piece with an id, or nil outside the vocabulary.
    public func piece(_ id: Int32) -> String? { model.piece(id) }

    /// Returns the id of a piece; that of the unknown piece if the model has no such piece.
    public func id(of piece: String) -> Int32 { model.id(of: piece) }

    /// Returns the ids of the pieces of a text.
    ///
    /// - Throws: a ``Seq2SeqError`` when SentencePiece cannot encode it, as when memory runs out.
    func ids(of text: String) throws -> [Int32] { try model.ids(of: text) }

    /// Returns the text of ids of the vocabulary.
    ///
    /// - Throws: a ``Seq2SeqError`` when SentencePiece cannot decode them.
    func text(of ids: [Int32]) throws -> String { try model.text(of: ids) }

    /// The value of what fails only when memory runs out.
    ///
    /// `Tokenizer` has no room for an error. What has to tell the failure from an empty text calls `ids(of:)` and
    /// `text(of:)`.
    private static func value<Value>(of body: () throws -> Value, else fallback: Value) -> Value {
        (try? body()) ?? fallback
    }
}
