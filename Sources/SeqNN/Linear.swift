public import SeqTensor

/// A linear layer, x·W + b.
public struct Linear: Sendable {
    /// `[inputs, outputs]`.
    public let weight: Parameter
    /// `[outputs]`, unless the layer has none.
    public let bias: Parameter?

    /// Creates a layer, with a bias unless told otherwise.
    public init(_ inputs: Int, _ outputs: Int, hasBias: Bool = true, in scope: ParameterScope)
        throws
    {
        weight = try scope.parameter("weight", [inputs, outputs], .weight)
        bias = hasBias ? try scope.parameter("bias", [outputs], .bias) : nil
    }

    /// The outputs, `[rows, outputs]`, for inputs `[rows, inputs]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        affine([(input, weight.value)], bias: bias?.value)
    }
}

/// A table of vectors, one a token.
public struct Embedding: Sendable {
    /// `[vocabulary, features]`.
    public let weight: Parameter

    /// Creates a table.
    public init(vocabulary: Int, features: Int, in scope: ParameterScope) throws {
        weight = try scope.parameter("weight", [vocabulary, features], .embedding)
    }

    /// The vectors of `tokens`, `[tokens, features]`.
    public func callAsFunction(_ tokens: [Int32]) -> Tensor { weight.value.gatheringRows(tokens) }
}

/// Dropout with a rate and the generator to draw masks from; without a generator nothing drops out.
public struct Dropout {
    /// The probability with which an element drops out.
    public var rate: Float
    /// Where masks come from; nil outside training.
    public var generator: RandomGenerator?

    /// Creates dropout at `rate`.
    public init(rate: Float, generator: RandomGenerator?) {
        self.rate = rate
        self.generator = generator
    }

    /// No dropout, for everything but training.
    public static var none: Dropout { Dropout(rate: 0, generator: nil) }

    /// The input with elements dropped.
    public mutating func callAsFunction(_ input: Tensor) -> Tensor {
        guard rate > 0, var generator else { return input }
        defer { self.generator = generator }
        return input.dropout(rate, using: &generator)
    }
}
