import SeqModels
import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Every encoder × attention × decoder: what a pair gets does not depend on its batch, and all of them
/// learn.
struct CombinationTests {
    private static func pairs(
        _ lengths: [Int], seed: UInt64
    ) -> [(source: ArraySlice<Int32>, target: ArraySlice<Int32>)] {
        drawTokens(lengths, below: 4, seed: seed).map { tokens in
            let words = tokens.map { $0 + 3 }
            return (words[...], words.reversed()[...])
        }
    }

    /// Each pair alone and in two batches: equal probabilities, bit for bit.
    @Test(arguments: Variant.combinations) func batchComposition(_ variant: Variant) throws {
        let model = try variant.model()
        _ = ParameterBuffer(model.parameters)
        let pairs = Self.pairs([3, 1, 5, 2, 4], seed: 3)
        let together = model.tokenLogProbabilities(model.batch(pairs))
        for (index, pair) in pairs.enumerated() {
            let alone = model.tokenLogProbabilities(model.batch([pair]))
            #expect(alone[0] == together[index], "pair \(index)")
        }
        let order = [4, 0, 2]
        let other = model.tokenLogProbabilities(model.batch(order.map { pairs[$0] }))
        for (index, found) in zip(order, other) { #expect(found == together[index]) }
    }

    /// A few steps on reversing sequences lower the loss.
    @Test(arguments: Variant.combinations) func learning(_ variant: Variant) throws {
        let model = try variant.model()
        let buffer = ParameterBuffer(model.parameters)
        let optimizer = Adam(buffer)
        func loss(_ step: Int) -> Double {
            let batch = model.batch(
                Self.pairs((0..<16).map { 1 + $0 % 4 }, seed: UInt64(10 + step)))
            var dropout = Dropout(rate: 0.05, generator: RandomGenerator(seed: UInt64(step)))
            var likelihood = 0.0
            _ = buffer.valueAndGradient {
                let loss = model.loss(
                    of: batch, scale: 1 / Float(batch.targetTokens), dropout: &dropout)
                likelihood = loss.negativeLogLikelihood / Double(loss.tokens)
                return loss.objective
            }
            return likelihood
        }
        let steps = 24
        var losses: [Double] = []
        for step in 0..<steps {
            losses.append(loss(step))
            let norm = Float(buffer.gradientNorm)
            #expect(norm.isFinite && norm > 0)
            optimizer.update(
                buffer, learningRate: 0.03, gradientScale: norm > 1 ? 1 / norm : 1)
        }
        let (early, late) = (
            losses.prefix(4).reduce(0, +) / 4, losses.suffix(4).reduce(0, +) / 4
        )
        #expect(late < early - 0.1, "from \(early) to \(late)")
    }
}
