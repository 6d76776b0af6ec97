import SeqTensor
import TestSupport
import Testing

/// Convolution, gated linear unit and weight normalisation against differences, against their
/// compositions, and in other batches.
struct ConvolutionOperationTests {
    static let lengths = [3, 0, 1, 5, 2, 0]

    /// Input, weight and bias.
    static func variables(
        _ lengths: [Int], features: Int, outputs: Int, kernel: Int, seed: UInt64 = 1
    ) -> [Tensor] {
        [
            .draw([lengths.reduce(0, +), features], seed: 10 * seed),
            .draw([kernel * features, outputs], seed: 10 * seed + 1),
            .draw([outputs], seed: 10 * seed + 2),
        ]
    }

    /// The same out of rows of an input with a row of zeros below.
    static func composed(
        _ v: [Tensor], _ layout: SequenceLayout, kernel: Int, alignment: ConvolutionAlignment
    ) -> Tensor {
        let features = v[0].rowWidth
        let padded = Tensor.concatenatingRows([v[0], .zeros([1, features])])
        let nothing = Int32(v[0].rows)
        var parts: [Tensor] = []
        for offset in 0..<kernel {
            var rows: [Int32] = []
            for (sequence, length) in layout.lengths.enumerated() {
                let (left, count) =
                    switch alignment {
                    case .same: ((kernel - 1) / 2, length)
                    case .causal: (kernel - 1, length)
                    case .valid: (0, length == 0 ? 0 : max(1, length - kernel + 1))
                    }
                for window in 0..<count {
                    let step = window - left + offset
                    rows.append(
                        (0..<length).contains(step)
                            ? layout.starts[sequence] + Int32(step) : nothing)
                }
            }
            parts.append(padded.gatheringRows(rows))
        }
        return affine([(Tensor.concatenatingColumns(parts), v[1])], bias: v[2])
    }

    @Test(arguments: ConvolutionAlignment.allCases, [1, 2, 3, 5, 9])
    func gradient(_ alignment: ConvolutionAlignment, _ kernel: Int) {
        let layout = SequenceLayout(lengths: Self.lengths)
        let variables = Self.variables(Self.lengths, features: 3, outputs: 4, kernel: kernel)
        for storing in [[], [1]] as [Set<Int>] {
            let report = checkGradient(of: variables, storing: storing) { v in
                [
                    convolution(
                        Sequences(v[0], layout: layout), weight: v[1], bias: v[2], kernel: kernel,
                        alignment: alignment
                    ).steps
                ]
            }
            #expect(report.error < 1e-3, "\(report)")
        }
    }

    /// Batches of more windows than the kernels take at a time.
    @Test(arguments: ConvolutionAlignment.allCases, [1, 2, 4, 7])
    func fusedAgainstComposition(_ alignment: ConvolutionAlignment, _ kernel: Int) {
        for lengths in [Self.lengths, [700, 0, 1, 900, 3, 40], [2000], [1, 1, 1], [63, 2]] {
            let layout = SequenceLayout(lengths: lengths)
            var variables = Self.variables(lengths, features: 3, outputs: 5, kernel: kernel)
            variables[1] = variables[1].stored
            func run(_ function: () -> Tensor) -> [Tensor] {
                var output = Tensor(0)
                let (_, gradients) = valueAndGradient(of: variables) {
                    output = function()
                    return (output * .draw(output.shape, seed: 7)).sum()
                }
                return [output] + gradients
            }
            let fused = run {
                convolution(
                    Sequences(variables[0], layout: layout), weight: variables[1],
                    bias: variables[2], kernel: kernel, alignment: alignment
                ).steps
            }
            let composed = run {
                Self.composed(variables, layout, kernel: kernel, alignment: alignment)
            }
            for (a, b) in zip(fused, composed) { #expect(distance(a, b) < 5e-6, "\(lengths)") }
        }
    }

    @Test func emptyBatch() {
        for lengths in [[], [0], [0, 0]] {
            let layout = SequenceLayout(lengths: lengths)
            let variables = Self.variables(lengths, features: 3, outputs: 4, kernel: 3)
            let (value, gradients) = valueAndGradient(of: variables) {
                let output = convolution(
                    Sequences(variables[0], layout: layout), weight: variables[1],
                    bias: variables[2], kernel: 3)
                #expect(output.steps.shape == [0, 4])
                return output.steps.gatedLinearUnit().sum()
            }
            #expect(value.item == 0 && gradients.allSatisfy { $0.sumOfSquares == 0 })
        }
    }

    /// What a sequence gets does not depend on the others, to the bit: neither its outputs nor the
    /// gradient of its inputs.
    @Test(arguments: Precision.allCases, ConvolutionAlignment.allCases)
    func batchComposition(_ precision: Precision, _ alignment: ConvolutionAlignment) {
        let lengths = (0..<70).map { ($0 * 7) % 23 } + [600]
        let layout = SequenceLayout(lengths: lengths)
        var variables = Self.variables(lengths, features: 24, outputs: 40, kernel: 4)
        variables[1] = variables[1].stored
        let weighting = Tensor.draw([layout.steps, 40], seed: 9)
        func run(_ chosen: [Int]) -> [(Tensor, Tensor)] {
            let rows = chosen.flatMap { layout.rows(of: $0).map(Int32.init) }
            let input = variables[0].gatheringRows(rows)
            let part = SequenceLayout(lengths: chosen.map { lengths[$0] })
            var output = Sequences(input, layout: part)
            let (_, gradients) = valueAndGradient(of: [input]) {
                output = convolution(
                    Sequences(input, layout: part), weight: variables[1], bias: variables[2],
                    kernel: 4, alignment: alignment)
                let count = chosen.indices.flatMap { index in
                    let start = layout.starts[chosen[index]]
                    return (0..<Int32(output.layout.lengths[index])).map { start + $0 }
                }
                return (output.steps * weighting.gatheringRows(count)).sum()
            }
            return chosen.indices.map {
                (
                    output.steps.rows(output.layout.rows(of: $0)),
                    gradients[0].rows(part.rows(of: $0))
                )
            }
        }
        Precision.$current.withValue(precision) {
            let all = run(Array(lengths.indices))
            for chosen in [[3], [70], [5, 3], [70, 40, 2, 69, 11, 12, 13], Array(20..<60)] {
                for (index, found) in zip(chosen, run(chosen)) {
                    #expect(identical(found.0, all[index].0), "\(index) of \(chosen)")
                    #expect(identical(found.1, all[index].1), "\(index) of \(chosen)")
                }
            }
        }
    }

    /// Results do not depend on the number of threads, a setting of the whole process.
    @Test func oneThreadAndSeveralAgree() async {
        await #expect(processExitsWith: .success) {
            let layout = SequenceLayout(lengths: [600, 0, 1, 20, 7, 333])
            let variables = ConvolutionOperationTests.variables(
                layout.lengths, features: 20, outputs: 70, kernel: 3)
            let gain = Tensor.draw([70], seed: 5)
            func run() -> (exact: [Tensor], close: Tensor) {
                var outputs: [Tensor] = []
                let weight = NormalizedWeight()
                let (_, gradients) = valueAndGradient(of: variables) {
                    let output = convolution(
                        Sequences(variables[0], layout: layout),
                        weight: weight(direction: variables[1], gain: gain), bias: variables[2],
                        kernel: 3)
                    let gated = output.with(output.steps.gatedLinearUnit())
                    outputs = [
                        output.steps, gated.steps, gated.means(), gated.maxima(),
                        gated.pairsJoined().steps,
                    ]
                    return outputs.map { $0.squared().sum() }.sum()
                }
                return (outputs + [gradients[0], gradients[2]], gradients[1])
            }
            ThreadTeam.count = 1
            let expected = run()
            for threads in [2, 3] {
                ThreadTeam.count = threads
                let found = run()
                for (a, b) in zip(found.exact, expected.exact) { #expect(identical(a, b)) }
                #expect(distance(found.close, expected.close) < 2e-5)
            }
        }
    }

    @Test func gatedLinearUnit() {
        let variables: [Tensor] = [.draw([5, 14], seed: 1, scale: 3), .draw([5, 7], seed: 2)]
        let report = checkGradient(of: variables) { v in
            [v[0].gatedLinearUnit(), v[0].gatedLinearUnit(residual: v[1], scale: 0.7)]
        }
        #expect(report.error < 1e-3, "\(report)")
        let (a, b) = (variables[0].columns(0..<7), variables[0].columns(7..<14))
        let plain = a * b.sigmoid()
        #expect(distance(variables[0].gatedLinearUnit(), plain) < 1e-6)
        let full = (plain + variables[1]) * 0.7
        #expect(
            distance(variables[0].gatedLinearUnit(residual: variables[1], scale: 0.7), full) < 1e-6)
        #expect(distance(variables[0].gatedLinearUnit(scale: 0.7), plain * 0.7) < 1e-6)
    }

    @Test func sumsAndFactors() {
        let variables: [Tensor] = [.draw([4, 9], seed: 1), .draw([4, 9], seed: 2)]
        let factors: [Float] = [0, -1, 2.5, 3]
        func values(_ v: [Tensor]) -> [Tensor] {
            [v[0].scaled(0.3, adding: v[1], scaled: -2), v[0].scalingRows(by: factors)]
        }
        let report = checkGradient(of: variables) { values($0) }
        #expect(report.error < 1e-3, "\(report)")
        let found = values(variables)
        #expect(distance(found[0], variables[0] * 0.3 - variables[1] * 2) < 1e-6)
        #expect(distance(found[1], variables[0] * Tensor(factors, shape: [4, 1])) < 1e-6)
        // A tensor combined with itself has both shares of the gradient.
        let twice = checkGradient(of: [variables[0]]) {
            [$0[0].scaled(0.3, adding: $0[0], scaled: -2)]
        }
        #expect(twice.error < 1e-3, "\(twice)")
    }

    // MARK: Weight normalisation

    @Test func normalizedWeight() {
        let variables: [Tensor] = [.draw([12, 70], seed: 1), .draw([70], seed: 2, scale: 2)]
        let report = checkGradient(of: variables) { v in
            [NormalizedWeight()(direction: v[0], gain: v[1], scale: 1.3)]
        }
        #expect(report.error < 1e-3, "\(report)")
        let norms = variables[0].squared().sumOfRows().squareRoot()
        let expected = variables[0] * (variables[1] * 1.3 / norms)
        let found = NormalizedWeight()(direction: variables[0], gain: variables[1], scale: 1.3)
        #expect(distance(found, expected) < 1e-6)
    }

    /// A frozen part gets no gradient, the other one the same as ever.
    @Test func gradientOfOnePartAlone() {
        let variables: [Tensor] = [.draw([4, 6], seed: 1), .draw([6], seed: 2)]
        func gradients(_ chosen: [Int]) -> [Tensor] {
            valueAndGradient(of: chosen.map { variables[$0] }) {
                NormalizedWeight()(direction: variables[0], gain: variables[1]).tanh().sum()
            }.gradients
        }
        let both = gradients([0, 1])
        #expect(identical(gradients([0])[0], both[0]) && identical(gradients([1])[0], both[1]))
    }

    /// It follows its parameters, keeps what a tape still needs, and a column of zeros stays one.
    @Test func normalizedWeightFollowsItsParameters() {
        let buffer = FlatBuffer(count: 8, isPersistent: true)
        let (direction, gain) = (buffer.part(at: 0, shape: [3, 2]), buffer.part(at: 6, shape: [2]))
        buffer.update { values in
            for (index, value) in [3, 0, 4, 0, 0, 0, 2, 5].enumerated() {
                values[index] = Float(value)
            }
        }
        let weight = NormalizedWeight()
        func current() -> Tensor { weight(direction: direction, gain: gain) }
        func isClose(_ tensor: Tensor, _ expected: [Double]) -> Bool {
            distance(tensor.values, expected) < 1e-6
        }
        let first = current()
        #expect(isClose(first, [1.2, 0, 1.6, 0, 0, 0]))
        buffer.update { $0[6] = 4 }
        let second = current()
        #expect(isClose(first, [1.2, 0, 1.6, 0, 0, 0]))
        #expect(isClose(second, [2.4, 0, 3.2, 0, 0, 0]))
        let halved = weight(direction: direction, gain: gain, scale: 0.5)
        #expect(isClose(halved, [1.2, 0, 1.6, 0, 0, 0]))
        let input = Tensor([1, 1, 1], shape: [1, 3])
        #expect(isClose(input.matmul(current()), [5.6, 0]))
        buffer.update { $0[6] = 1 }
        let (_, gradients) = valueAndGradient(of: [direction, gain]) {
            input.matmul(current()).sum()
        }
        #expect(isClose(input.matmul(current()), [1.4, 0]))
        #expect(gradients[0].isFinite && isClose(gradients[1], [1.4, 0]))
    }
}
