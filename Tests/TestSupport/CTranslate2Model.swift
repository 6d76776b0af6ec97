#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
public import SeqNN
public import SeqTensor

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The variables of a CTranslate2 `model.bin` of binary version 2.
///
/// The format, little-endian: version (u32), specification (u16 length with a final zero byte, text),
/// revision (u32), number of variables (u32); of each its name (as above), rank (u8), dimensions (u32
/// each), bytes an item (u8), number of items (u32), items. Items of 4 bytes are float32; those of 2 and 1
/// are integers, the numbers multiplied by the variable NAME_scale: one number for all or one a row.
public struct CTranslate2Variables {
    /// The kind of model, for example `TransformerBase`.
    public let specification: String
    /// Names and values; quantised ones are divided by their scale, which is not among them.
    public private(set) var tensors: [String: Tensor] = [:]

    private struct Variable {
        let shape: [Int]
        let values: [Float]
        let isQuantized: Bool
    }

    /// Reads the file at `path`.
    ///
    /// - Throws: a ``FormatError`` when it is damaged or holds something else.
    public init(contentsOf path: String) throws {
        var reader = try ByteReader(contentsOf: path)
        let version = try reader.integer(UInt32.self)
        guard version == 2 else { throw reader.failure("binary version \(version) instead of 2") }
        specification = try Self.text(&reader)
        let revision = try reader.integer(UInt32.self)
        guard revision == 2 else {
            throw reader.failure("\(specification) of revision \(revision) instead of 2")
        }
        var variables: [String: Variable] = [:]
        for _ in 0..<(try reader.integer(UInt32.self)) {
            let name = try Self.text(&reader)
            variables[name] = try Self.variable(name, &reader)
        }
        guard reader.remaining == 0 else {
            throw reader.failure("\(reader.remaining) bytes follow the last variable")
        }
        for (name, variable) in variables {
            if name.hasSuffix("_scale"), variables[String(name.dropLast(6))] != nil { continue }
            var values = variable.values
            if variable.isQuantized {
                guard let scale = variables["\(name)_scale"]?.values, !scale.isEmpty,
                    scale.count == 1 || scale.count == variable.shape.first
                else { throw reader.failure("\(name) has no scale that fits it") }
                let width = values.count / scale.count
                for index in values.indices { values[index] /= scale[index / width] }
            }
            tensors[name] = Tensor(values, shape: variable.shape)
        }
    }

    private static func text(_ reader: inout ByteReader) throws -> String {
        let bytes = try reader.take(try reader.integer(UInt16.self))
        guard bytes.last == 0 else { throw reader.failure("a name does not end with a zero byte") }
        return String(decoding: bytes.dropLast(), as: UTF8.self)
    }

    private static func variable(_ name: String, _ reader: inout ByteReader) throws -> Variable {
        let rank = try reader.integer(UInt8.self)
        let shape = try (0..<rank).map { _ in try reader.integer(UInt32.self) }
        let size = try reader.integer(UInt8.self)
        let count = try reader.integer(UInt32.self)
        guard try reader.elements(shape) == count else {
            throw reader.failure("\(name) has \(count) items and shape \(shape)")
        }
        let values: [Float] =
            switch size {
            case 4: try reader.numbers(count, of: Float.self)
            case 2: try reader.numbers(count, of: Int16.self).map(Float.init)
            case 1: try reader.numbers(count, of: Int8.self).map(Float.init)
            default: throw reader.failure("\(name) has items of \(size) bytes")
            }
        return Variable(shape: shape, values: values, isQuantized: size < 4)
    }
}

/// A Transformer of CTranslate2 (specification `TransformerBase` or `TransformerBig`) as parameters of
/// ours.
///
/// Theirs has norm before each sublayer and after the last layer, ReLU, embeddings times the root of the
/// width, and weights `[output, input]`. Positions count from 1; sines fill the first half of a vector and
/// cosines the second, of wave lengths that grow geometrically from 2π to 20000π: here they become a table
/// of learned positions. Ids are <blank>, <s>, </s>, …, and the unknown token at the end, which has no
/// line in the vocabulary; ours begin with the unknown token, start and end, so <blank> and the unknown
/// token change places. Sources have neither start nor end.
public struct CTranslate2Model {
    /// Values under the names of the parameters of a translation model.
    public private(set) var parameters: [(name: String, tensor: Tensor)] = []
    /// What encoder and decoder consist of.
    public private(set) var configuration = TransformerConfiguration()
    /// The width of embeddings and layers.
    public let width: Int
    /// The numbers of layers.
    public let layers: (encoder: Int, decoder: Int)
    /// The source tokens in the order of our ids.
    public let source: [String]
    /// The target tokens in the order of our ids.
    public let target: [String]

    /// Reads the folder of a model.
    ///
    /// - Parameters:
    ///   - folder: holds `model.bin`, `source_vocabulary.txt` and `target_vocabulary.txt`.
    ///   - positions: the number of rows of the tables of positions.
    /// - Throws: a ``FormatError`` when something is damaged or not as described.
    public init(folder: String, positions: Int) throws {
        let path = "\(folder)/model.bin"
        let variables = try CTranslate2Variables(contentsOf: path)
        func failure(_ reason: String) -> FormatError { FormatError(path: path, reason: reason) }
        guard let heads = ["TransformerBase": 8, "TransformerBig": 16][variables.specification]
        else { throw failure("\(variables.specification) is not supported") }
        func shape(_ name: String, rank: Int) throws -> [Int] {
            guard let shape = variables.tensors[name]?.shape, shape.count == rank else {
                throw failure("there is no \(name) of \(rank) dimensions")
            }
            return shape
        }
        width = try shape("encoder/embeddings/weight", rank: 2)[1]
        configuration.heads = heads
        configuration.feedForward = try shape("encoder/layer_0/ffn/linear_0/bias", rank: 1)[0]
        configuration.norm = .pre
        configuration.activation = .relu
        configuration.positions = .learned
        configuration.maximumLength = positions
        func layers(_ side: String) -> Int {
            let numbers = variables.tensors.keys.compactMap { name in
                name.firstMatch(of: /^(\w+)\/layer_(\d+)\//).flatMap {
                    $0.1 == side ? Int($0.2) : nil
                }
            }
            return (numbers.max() ?? -1) + 1
        }
        self.layers = (layers("encoder"), layers("decoder"))
        source = try Self.tokens(
            "\(folder)/source_vocabulary.txt",
            count: try shape("encoder/embeddings/weight", rank: 2)[0])
        target = try Self.tokens(
            "\(folder)/target_vocabulary.txt",
            count: try shape("decoder/embeddings/weight", rank: 2)[0])
        for (name, tensor) in variables.tensors {
            guard let parameter = Self.parameter(name) else {
                throw failure("\(name) is not part of such a model")
            }
            parameters.append((parameter, Self.converted(name, tensor)))
        }
        for side in ["encoder", "decoder"] {
            let table = Self.sinusoids(positions, width: width)
            parameters.append(("\(side).positions.weight", table))
        }
    }

    /// The tensor with ids in our order and weights `[input, output]`.
    private static func converted(_ name: String, _ tensor: Tensor) -> Tensor {
        let isEmbedding = name.hasSuffix("/embeddings/weight")
        var result = tensor
        if isEmbedding || name.hasPrefix("decoder/projection/") {
            let count = Int32(tensor.rows)
            result = tensor.gatheringRows(
                (0..<count).map { $0 == 0 ? count - 1 : $0 == count - 1 ? 0 : $0 })
        }
        return tensor.shape.count == 2 && !isEmbedding ? result.transposed() : result
    }

    private static let sublayers = [
        "self_attention/linear_0": "self_attention.projection",
        "self_attention/linear_1": "self_attention.output",
        "self_attention/layer_norm": "self_attention_norm",
        "attention/linear_0": "cross_attention.query",
        "attention/linear_1": "cross_attention.memory",
        "attention/linear_2": "cross_attention.output",
        "attention/layer_norm": "cross_attention_norm",
        "ffn/linear_0": "feed_forward.first",
        "ffn/linear_1": "feed_forward.second",
        "ffn/layer_norm": "feed_forward_norm",
    ]
    private static let kinds = [
        "weight": "weight", "bias": "bias", "gamma": "gain", "beta": "bias",
    ]

    /// Our name for theirs.
    private static func parameter(_ name: String) -> String? {
        guard let match = name.firstMatch(of: /^(encoder|decoder)\/(.+)\/(\w+)$/),
            let kind = kinds[String(match.3)]
        else { return nil }
        let side = match.1
        switch match.2 {
        case "projection": return side == "decoder" ? "output.\(kind)" : nil
        case "embeddings": return "\(side).embedding.\(kind)"
        case "layer_norm": return "\(side).norm.\(kind)"
        default:
            guard let inner = match.2.firstMatch(of: /^layer_(\d+)\/(.+)$/),
                let sublayer = sublayers[String(inner.2)]
            else { return nil }
            return "\(side).layers.\(inner.1).\(sublayer).\(kind)"
        }
    }

    private static func tokens(_ path: String, count: Int) throws -> [String] {
        let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        if lines.last == "" { lines.removeLast() }
        guard lines.count >= 3, lines.count + 1 == count else {
            throw FormatError(
                path: path, reason: "\(lines.count) tokens for \(count) embeddings")
        }
        return ["<unk>"] + lines.dropFirst() + lines.prefix(1)
    }

    /// sin(p·f) in the first half of row p - 1 and cos(p·f) in the second, with f from 1 to 1/10000.
    private static func sinusoids(_ count: Int, width: Int) -> Tensor {
        let half = width / 2
        let step = log(10000) / Double(max(half - 1, 1))
        var table = [Float](repeating: 0, count: count * width)
        for row in 0..<count {
            for column in 0..<half {
                let angle = Double(row + 1) * exp(-step * Double(column))
                table[row * width + column] = Float(sin(angle))
                table[row * width + half + column] = Float(cos(angle))
            }
        }
        return Tensor(table, shape: [count, width])
    }
}
