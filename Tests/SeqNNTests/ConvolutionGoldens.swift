import SeqFiles
import SeqNN
import SeqTensor
import TestSupport
import Testing

/// The convolution module against values and gradients of PyTorch.
struct ConvolutionGoldens {
    @Test(arguments: [
        "same_3_plain", "same_4_normalized", "causal_3_normalized", "valid_3_plain",
        "valid_5_normalized",
    ])
    func layer(_ name: String) throws {
        let golden = try Golden("convolution_\(name)")
        let parts = name.split(separator: "_")
        let alignment = try #require(ConvolutionAlignment(rawValue: String(parts[0])))
        let kernel = try #require(Int(parts[1]))
        let names = golden.file.names.filter { $0.hasPrefix("parameter.") }
        let scope = ParameterScope(
            checkpoint: try checkpoint(
                try names.map { (String($0.dropFirst("parameter.".count)), try golden($0)) }))
        let input = Sequences(try golden("input.x"), layout: try golden.layout("input.lengths"))
        let layer = try Convolution(
            input.features, 10, kernel: kernel, alignment: alignment,
            isNormalized: name.hasSuffix("normalized"), norm: 1.5, in: scope.scope("layer"))
        try scope.checkEverythingWasUsed()
        let variables = [("x", input.steps)] + scope.parameters.map { ($0.name, $0.value) }
        var output = input
        let (_, gradients) = try valueAndGradient(of: variables.map(\.1)) {
            output = layer(input)
            return (output.steps * (try golden.weighting("y"))).sum()
                + (output.steps.gatedLinearUnit() * (try golden.weighting("gated"))).sum()
        }
        #expect(output.layout.lengths == (try golden.integers("input.output_lengths")))
        #expect(distance(output.steps, try golden("output.y")) < 1e-6)
        #expect(distance(output.steps.gatedLinearUnit(), try golden("output.gated")) < 1e-6)
        for ((name, _), gradient) in zip(variables, gradients) {
            #expect(distance(gradient, try golden("gradient.\(name)")) < 2e-6, "\(name)")
        }
    }

    /// Windows laid out by the caller give the same bits as the convolution of the sequence.
    @Test(arguments: [false, true]) func windowsLaidOutByTheCaller(_ isNormalized: Bool) throws {
        let scope = ParameterScope(
            initialization: Initialization(), generator: RandomGenerator(seed: 1))
        let layer = try Convolution(
            4, 6, kernel: 3, alignment: .causal, isNormalized: isNormalized, in: scope)
        let steps = Tensor.draw([5, 4], seed: 2)
        let expected = layer(Sequences(steps, layout: SequenceLayout(lengths: [5]))).steps
        let padded = Tensor.concatenatingRows([.zeros([2, 4]), steps])
        for step in 0..<5 {
            let window = padded.rows(step..<step + 3).reshaped([1, 12])
            #expect(identical(layer(windows: window), expected.rows(step..<step + 1)))
        }
    }

    /// Fresh weights of a normalised layer have columns of the length asked for.
    @Test func freshNormalizedWeightsKeepTheVariance() throws {
        let scope = ParameterScope(
            initialization: Initialization(kind: .glorot), generator: RandomGenerator(seed: 1))
        let layer = try Convolution(
            64, 128, kernel: 3, isNormalized: true, norm: 2, in: scope)
        let input = Tensor.draw([400, 192], seed: 3, scale: Float(3).squareRoot())
        let gated = layer(windows: input).gatedLinearUnit()
        let variance = gated.sumOfSquares / Double(gated.count)
        #expect((0.7...1.4).contains(variance), "\(variance)")
        #expect(scope.parameters.map(\.name) == ["direction", "gain", "bias"])
    }

    @Test func configurationProblems() {
        var configuration = ConvolutionConfiguration()
        #expect(configuration.problem == nil)
        configuration.kernel = 0
        #expect(configuration.problem?.reason == "kernel is 0")
        configuration.kernel = 1
        configuration.maximumLength = -1
        #expect(configuration.problem?.reason == "maximum_length is -1")
        configuration.maximumLength = 0
        #expect(configuration.problem == nil)
    }
}
