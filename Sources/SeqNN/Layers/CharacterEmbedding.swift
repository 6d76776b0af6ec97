public import SeqTensor

/// Vectors of words from their characters (Kim and others 2016, "Character-aware neural
/// language models").
///
/// Embedded characters go through convolutions of widths 1 to `widths`, the largest value over time of
/// each filter is taken, and highway layers and a projection follow. A width w has w · `filters`
/// filters, up to 200. Windows are whole, except for words shorter than the window. The caller marks
/// begin and end of words with characters of their own where that is wanted.
///
/// Parameters: `characters.weight`, `widths.N.weight` and `.bias`, `highways.N.transform_weight`,
/// `.transform_bias`, `.gate_weight` and `.gate_bias`, `projection.weight` and `.bias`.
public struct CharacterEmbedding: Sendable {
    private struct Highway: Sendable {
        let transformWeight: Parameter
        let transformBias: Parameter
        let gateWeight: Parameter
        let gateBias: Parameter
        /// Added to the bias of gates, so that a fresh layer mostly carries its input on (Srivastava and
        /// others 2015, section 2.1).
        static let carry = Tensor([-2], shape: [1])

        /// t ⊙ relu(x·W_H + b_H) + (1 - t) ⊙ x with t = σ(x·W_T + b_T - 2) (Kim and others
        /// 2016, section 2.3).
        func callAsFunction(_ x: Tensor) -> Tensor {
            let gate = affine([(x, gateWeight.value)], bias: gateBias.value + Highway.carry)
                .sigmoid()
            let transformed = affine([(x, transformWeight.value)], bias: transformBias.value).relu()
            return x + gate * (transformed - x)
        }
    }

    private let characters: Embedding
    private let convolutions: [Convolution]
    private let highways: [Highway]
    private let projection: Linear

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - characters: the number of different characters.
    ///   - features: the width of word vectors.
    ///   - embedding: the width of character vectors.
    ///   - widths: the largest width of a convolution.
    ///   - filters: the number of filters of width 1.
    ///   - highwayLayers: the number of highway layers.
    ///   - scope: where parameters come from.
    public init(
        characters: Int, features: Int, embedding: Int = 16, widths: Int = 6, filters: Int = 25,
        highwayLayers: Int = 1, in scope: ParameterScope
    ) throws {
        self.characters = try Embedding(
            vocabulary: characters, features: embedding, in: scope.scope("characters"))
        let outputs = (1...widths).map { min(200, $0 * filters) }
        convolutions = try zip(1...widths, outputs).map { width, outputs in
            try Convolution(
                embedding, outputs, kernel: width, alignment: .valid,
                in: scope.scope("widths.\(width)"))
        }
        let total = outputs.reduce(0, +)
        highways = try (0..<highwayLayers).map { layer in
            let scope = scope.scope("highways.\(layer)")
            return Highway(
                transformWeight: try scope.parameter("transform_weight", [total, total], .weight),
                transformBias: try scope.parameter("transform_bias", [total], .bias),
                gateWeight: try scope.parameter("gate_weight", [total, total], .weight),
                gateBias: try scope.parameter("gate_bias", [total], .bias))
        }
        projection = try Linear(total, features, in: scope.scope("projection"))
    }

    /// The vectors of words, `[words, features]`, given the characters of each.
    public func callAsFunction(_ words: TokenSequences) -> Tensor {
        let embedded = Sequences(characters(words.tokens), layout: words.layout)
        // The hyperbolic tangent grows with its argument: taken after the maximum it is the same.
        let found = Tensor.concatenatingColumns(convolutions.map { $0(embedded).maxima() }).tanh()
        return projection(highways.reduce(found) { $1($0) })
    }

    /// The vectors of the words of a batch, `[words, features]`, each different word computed once.
    public func callAsFunction(_ words: DistinctWords) -> Tensor {
        callAsFunction(words.distinct).gatheringRows(words.indices)
    }
}

/// The words of a batch, each different one once, in the order of their first occurrence.
public struct DistinctWords: Sendable {
    /// The characters of the different words.
    public let distinct: TokenSequences
    /// For each word of the batch, which of the different ones it is.
    public let indices: [Int32]

    /// Collects the different words among `words`, the characters of each.
    public init(_ words: some Sequence<[Int32]>) {
        var found: [[Int32]: Int32] = [:]
        var distinct: [[Int32]] = []
        indices = words.map { word in
            if let index = found[word] { return index }
            let index = Int32(distinct.count)
            found[word] = index
            distinct.append(word)
            return index
        }
        self.distinct = TokenSequences(distinct)
    }
}
