public import SeqTensor

/// What a parameter is for, which decides how it starts.
public enum ParameterRole: Sendable {
    /// A weight from inputs to outputs.
    case weight
    /// A weight from a recurrent state to `gates` blocks of the same width.
    case recurrent(gates: Int)
    /// A table of embeddings.
    case embedding
    /// An additive vector.
    case bias
    /// A multiplicative vector, ones at first.
    case gain
}

/// How parameters start.
public struct Initialization: Codable, Sendable, Hashable {
    /// The distributions on offer.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// All weights and biases uniform in ±range (Sutskever et al. 2014 used 0.08).
        case uniform
        /// Weights uniform in ±√(6 / (inputs + outputs)) (Glorot & Bengio 2010), biases zero.
        case glorot
        /// Recurrent weights orthogonal (Saxe et al. 2014), others as `glorot`.
        case orthogonal
    }

    /// The distribution.
    public var kind: Kind
    /// The bound of `uniform`, and of embeddings in the other kinds.
    public var range: Float

    /// Chooses a distribution.
    public init(kind: Kind = .uniform, range: Float = 0.08) {
        self.kind = kind
        self.range = range
    }

    /// A fresh value of `shape` for a parameter with the given role.
    public func tensor(
        _ shape: [Int], _ role: ParameterRole, using generator: inout RandomGenerator
    ) -> Tensor {
        switch (kind, role) {
        case (_, .gain): Tensor(repeating: 1, shape: shape)
        case (.uniform, _), (_, .embedding):
            .uniform(-range..<range, shape: shape, using: &generator)
        case (_, .bias): .zeros(shape)
        case (.orthogonal, .recurrent(let gates)):
            .concatenatingColumns(
                (0..<gates).map { _ in
                    Tensor.orthogonal(shape[0], shape[1] / gates, using: &generator)
                })
        case (.glorot, .recurrent(let gates)):
            glorot(shape, outputs: shape[1] / gates, using: &generator)
        case (_, .weight): glorot(shape, outputs: shape[shape.count - 1], using: &generator)
        }
    }

    private func glorot(
        _ shape: [Int], outputs: Int, using generator: inout RandomGenerator
    ) -> Tensor {
        let bound = (6 / Float(shape[0] + outputs)).squareRoot()
        return .uniform(-bound..<bound, shape: shape, using: &generator)
    }
}

extension Tensor {
    /// A matrix with orthonormal columns (rows, if there are fewer of them), by Gram–Schmidt in double
    /// precision on uniform numbers.
    public static func orthogonal(
        _ rows: Int, _ columns: Int, using generator: inout RandomGenerator
    ) -> Tensor {
        let (count, length) = (min(rows, columns), max(rows, columns))
        let draw = Tensor.uniform(-1..<1, shape: [count, length], using: &generator).values
        var basis: [[Double]] = []
        for index in 0..<count {
            var vector = draw[(index * length)..<((index + 1) * length)].map(Double.init)
            for other in basis {
                var projection = 0.0
                for i in 0..<length { projection += vector[i] * other[i] }
                for i in 0..<length { vector[i] -= projection * other[i] }
            }
            var norm = 0.0
            for i in 0..<length { norm += vector[i] * vector[i] }
            let inverse = 1 / norm.squareRoot()
            for i in 0..<length { vector[i] *= inverse }
            basis.append(vector)
        }
        var values = [Float](repeating: 0, count: rows * columns)
        for (index, vector) in basis.enumerated() {
            for (i, value) in vector.enumerated() {
                values[columns <= rows ? i * columns + index : index * columns + i] = Float(value)
            }
        }
        return Tensor(values, shape: [rows, columns])
    }
}
