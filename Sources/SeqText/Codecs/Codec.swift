/// Turns a field of an example into ids and back; learnt from training data, and kept in the folder of a model
/// under the name of its input or output.
public protocol Codec: Sendable {
    /// The number of ids, which go from 0 to below it.
    var count: Int { get }

    /// A hash of everything that decides on ids.
    var fingerprint: String { get }

    /// Returns the ids of a field; what is not known has an id of its own, or is -1.
    ///
    /// - Throws: a ``Seq2SeqError`` when the field cannot be encoded.
    func encode(_ field: Field) throws -> [Int32]

    /// Returns the field that ids stand for.
    ///
    /// - Throws: a ``Seq2SeqError`` when the ids cannot be read.
    func field(of ids: [Int32]) throws -> Field

    /// Writes the codec to files in a folder that exists; their names start with `name`.
    ///
    /// - Throws: a ``Seq2SeqError`` naming the file.
    func save(in folder: String, name: String) throws

    /// Reads the codec that was saved under a name.
    ///
    /// - Throws: a ``Seq2SeqError`` naming the file and what is wrong.
    init(contentsOf folder: String, name: String) throws
}

extension TextCodec: Codec {
    /// Returns the ids of the tokens of a field, without start and end: text is cut, and what is cut already
    /// has one id for each token.
    ///
    /// - Throws: a ``Seq2SeqError`` when SentencePiece fails, as when memory runs out.
    public func encode(_ field: Field) throws -> [Int32] {
        switch field {
        case .text(let text): try ids(of: text)
        case .tokens(let tokens): ids(ofTokens: tokens)
        }
    }

    /// Returns the tokens of a field as they are spelt, also those without an id.
    public func tokens(_ field: Field) -> [String] {
        switch field {
        case .text(let text): tokens(text)
        case .tokens(let tokens): tokens.map(normalized)
        }
    }

    /// Returns the text of a sequence of ids.
    public func field(of ids: [Int32]) throws -> Field { .text(try text(of: ids)) }
}
