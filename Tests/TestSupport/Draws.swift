public import SeqTensor

extension Tensor {
    /// Numbers between -scale and scale that depend on the seed only.
    public static func draw(_ shape: [Int], seed: UInt64, scale: Float = 1) -> Tensor {
        var generator = RandomGenerator(seed: seed)
        return .uniform(-scale..<scale, shape: shape, using: &generator)
    }
}

/// Token sequences that depend on the seed only, of the given lengths.
public func drawTokens(_ lengths: [Int], below vocabulary: Int, seed: UInt64) -> [[Int32]] {
    var generator = RandomGenerator(seed: seed)
    return lengths.map { length in
        (0..<length).map { _ in Int32.random(in: 3..<Int32(vocabulary), using: &generator) }
    }
}
