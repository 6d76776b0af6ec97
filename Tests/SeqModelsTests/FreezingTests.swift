import SeqModels
import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Parameters that are frozen have no gradient and leave those of others as they are.
@Suite struct FreezingTests {
    private func gradients(
        _ variant: Variant, frozen: @escaping (String) -> Bool
    ) throws -> [String: Tensor] {
        let model = try variant.model()
        let buffer = ParameterBuffer(model.parameters) {
            var rule = ParameterRule()
            rule.isFrozen = frozen($0.name)
            return rule
        }
        let batch = drawBatch(model)
        var dropout = Dropout(rate: 0.1, generator: RandomGenerator(seed: 2))
        _ = buffer.valueAndGradient {
            model.loss(of: batch, labelSmoothing: 0.1, scale: 0.1, dropout: &dropout).objective
        }
        return Dictionary(
            uniqueKeysWithValues: buffer.namedGradients.map { ($0.name, $0.gradient) })
    }

    @Test(arguments: Variant.all) func `others keep their gradients`(_ variant: Variant) throws {
        let names = try variant.model().parameters.map(\.name)
        let whole = try gradients(variant) { _ in false }
        let even = Set(names.enumerated().filter { $0.offset % 2 == 0 }.map(\.element))
        for frozen in [even, Set(names.filter { $0.hasPrefix("encoder.") })] {
            let found = try gradients(variant) { frozen.contains($0) }
            #expect(Set(found.keys) == Set(names).subtracting(frozen))
            for (name, gradient) in found {
                #expect(whole[name].map { distance(gradient, $0) < 1e-5 } == true, "\(name)")
            }
        }
    }
}
