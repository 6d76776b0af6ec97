import SeqTensor
import TestSupport
import Testing

/// Multi-head attention over ragged batches against its composition, differences and itself in other
/// batches.
struct MultiHeadAttentionOperationTests {
    static let lengths = [3, 0, 1, 19, 7]
    static let layout = SequenceLayout(lengths: lengths)

    /// softmax(Q·Kᵀ / √width)·V of one head of one sequence out of small operations; with `isCausal`
    /// query by query.
    static func composed(_ q: Tensor, _ k: Tensor, _ v: Tensor, isCausal: Bool) -> (Tensor, Tensor)
    {
        let scaled = q * (1 / Float(q.rowWidth).squareRoot())
        if !isCausal {
            let weights = scaled.matmul(k.transposed()).softmax()
            return (weights.matmul(v), weights)
        }
        let rows = (0..<q.rows).map { row in
            let seen = 0..<(row + 1)
            return scaled.rows(row..<row + 1).matmul(k.rows(seen).transposed()).softmax()
                .matmul(v.rows(seen))
        }
        return (.concatenatingRows(rows), .zeros([0]))
    }

    static func composedSelf(_ projected: Tensor, heads: Int, isCausal: Bool) -> Tensor {
        let width = projected.rowWidth / 3 / heads
        let sequences = lengths.indices.filter { lengths[$0] > 0 }.map { index in
            let rows = projected.rows(layout.rows(of: index))
            return Tensor.concatenatingColumns(
                (0..<heads).map { head in
                    func part(_ which: Int) -> Tensor {
                        let start = (which * heads + head) * width
                        return rows.columns(start..<start + width)
                    }
                    return composed(part(0), part(1), part(2), isCausal: isCausal).0
                })
        }
        return .concatenatingRows(sequences)
    }

    @Test(arguments: [(2, 5), (1, 16), (3, 4), (2, 33)], [false, true])
    func selfAttentionEqualsComposition(_ size: (heads: Int, width: Int), _ isCausal: Bool) {
        let projected = Tensor.draw(
            [Self.layout.steps, 3 * size.heads * size.width], seed: 1, scale: 2)
        let weighting = Tensor.draw([Self.layout.steps, size.heads * size.width], seed: 2)
        var outputs: [Tensor] = []
        func gradient(_ function: @escaping (Tensor) -> Tensor) -> Tensor {
            valueAndGradient(of: [projected]) {
                outputs.append(function(projected))
                return (outputs[outputs.count - 1] * weighting).sum()
            }.gradients[0]
        }
        let fused = gradient {
            selfAttention($0, layout: Self.layout, heads: size.heads, isCausal: isCausal)
        }
        let small = gradient { Self.composedSelf($0, heads: size.heads, isCausal: isCausal) }
        #expect(distance(outputs[0], outputs[1]) < 1e-6)
        #expect(distance(fused, small) < 2e-6)
    }

    @Test(arguments: [false, true]) func selfAttentionGradient(_ isCausal: Bool) {
        let report = checkGradient(of: [.draw([Self.layout.steps, 18], seed: 3)], elements: 60) {
            [selfAttention($0[0], layout: Self.layout, heads: 2, isCausal: isCausal)]
        }
        #expect(report.error < 1e-3, "\(report)")
    }

    static let memory = SequenceLayout(lengths: [4, 17, 0, 2])
    /// Query rows in no order, of a sequence without steps too, none of the last.
    static let cross = AttentionLayout(
        memory: memory, sequenceOfQuery: [1, 0, 1, 2, 1, 0, 1, 1, 1, 1, 1])

    @Test func crossAttentionEqualsComposition() {
        let (heads, width) = (3, 5)
        let variables = [
            Tensor.draw([11, heads * width], seed: 1, scale: 2),
            Tensor.draw([Self.memory.steps, 2 * heads * width], seed: 2),
        ]
        let weighting = Tensor.draw([11, heads * width], seed: 3)
        let count = Int(Self.cross.weightStarts[11])
        let weightWeighting = Tensor.draw([count], seed: 4)
        var contexts: [Tensor] = []
        var weights: [Tensor] = []
        func gradients(_ function: () -> (Tensor, Tensor)) -> [Tensor] {
            valueAndGradient(of: variables) {
                let (context, weight) = function()
                contexts.append(context)
                weights.append(weight)
                return (context * weighting).sum() + (weight * weightWeighting).sum()
            }.gradients
        }
        let fused = gradients {
            let (context, weights) = crossAttention(
                variables[0], memory: variables[1], layout: Self.cross, heads: heads,
                keepsWeights: true)
            return (context, weights ?? .zeros([0]))
        }
        let small = gradients {
            var context: [Tensor] = []
            var weight: [Tensor] = []
            for (row, sequence) in [1, 0, 1, 2, 1, 0, 1, 1, 1, 1, 1].enumerated() {
                let rows = Self.memory.rows(of: sequence)
                if rows.isEmpty {
                    context.append(.zeros([1, heads * width]))
                    continue
                }
                let memory = variables[1].rows(rows)
                let parts = (0..<heads).map { head in
                    let (a, b) = (head * width, (heads + head) * width)
                    return Self.composed(
                        variables[0].rows(row..<row + 1).columns(a..<a + width),
                        memory.columns(a..<a + width), memory.columns(b..<b + width),
                        isCausal: false)
                }
                context.append(.concatenatingColumns(parts.map(\.0)))
                weight.append(
                    parts.dropFirst().reduce(parts[0].1) { $0 + $1.1 }.reshaped([-1])
                        * (1 / Float(heads)))
            }
            return (.concatenatingRows(context), .concatenatingRows(weight))
        }
        #expect(distance(contexts[0], contexts[1]) < 1e-6)
        #expect(distance(weights[0], weights[1]) < 1e-6)
        #expect(distance(fused[0], small[0]) < 2e-6)
        #expect(distance(fused[1], small[1]) < 2e-6)
    }

    @Test func crossAttentionGradientOfEachInputAlone() {
        let queries = Tensor.draw([11, 6], seed: 1)
        let memory = Tensor.draw([Self.memory.steps, 12], seed: 2)
        func context(_ queries: Tensor, _ memory: Tensor) -> [Tensor] {
            [crossAttention(queries, memory: memory, layout: Self.cross, heads: 2).context]
        }
        let ofQueries = checkGradient(of: [queries]) { context($0[0], memory) }
        #expect(ofQueries.error < 1e-3, "\(ofQueries)")
        let ofMemory = checkGradient(of: [memory]) { context(queries, $0[0]) }
        #expect(ofMemory.error < 1e-3, "\(ofMemory)")
        let ofWeights = checkGradient(of: [queries, memory]) {
            let found = crossAttention(
                $0[0], memory: $0[1], layout: Self.cross, heads: 2, keepsWeights: true)
            return [found.weights ?? .zeros([0])]
        }
        #expect(ofWeights.error < 1e-3, "\(ofWeights)")
    }

    /// The same mask forwards and backwards, the right share of weights, and their scale.
    @Test func dropout() {
        func mask() -> DropoutMask {
            var generator = RandomGenerator(seed: 5)
            return DropoutMask(rate: 0.4, using: &generator)
        }
        let own = checkGradient(of: [.draw([Self.layout.steps, 18], seed: 3)], elements: 60) {
            [
                selfAttention(
                    $0[0], layout: Self.layout, heads: 2, isCausal: true, mask: mask())
            ]
        }
        #expect(own.error < 1e-3, "\(own)")
        let cross = checkGradient(
            of: [.draw([11, 6], seed: 1), .draw([Self.memory.steps, 12], seed: 2)]
        ) {
            let found = crossAttention(
                $0[0], memory: $0[1], layout: Self.cross, heads: 2, mask: mask(),
                keepsWeights: true)
            return [found.context, found.weights ?? .zeros([0])]
        }
        #expect(cross.error < 1e-3, "\(cross)")

        // Values of one make each context the sum of its weights, whose mean stays 1.
        let layout = SequenceLayout(lengths: [200, 200])
        let ones = Tensor.concatenatingColumns([
            .draw([400, 16], seed: 1), Tensor(repeating: 1, shape: [400, 8]),
        ])
        let context = selfAttention(ones, layout: layout, heads: 4, isCausal: false, mask: mask())
        let mean = context.values.reduce(0, +) / Float(context.count)
        #expect(abs(mean - 1) < 0.02)
        let spread = context.values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
        // rate / (1 - rate) · Σ w² of 200 weights near 1/200.
        #expect(abs(spread / Float(context.count) - 0.4 / 0.6 / 200) < 0.002)
    }

    @Test(arguments: [false, true]) func batchCompositionChangesNoBit(_ isCausal: Bool) {
        let projected = Tensor.draw([Self.layout.steps, 3 * 22], seed: 6)
        let together = selfAttention(projected, layout: Self.layout, heads: 2, isCausal: isCausal)
        for index in Self.lengths.indices {
            let rows = Self.layout.rows(of: index)
            let alone = selfAttention(
                projected.rows(rows), layout: SequenceLayout(lengths: [rows.count]), heads: 2,
                isCausal: isCausal)
            #expect(identical(alone, together.rows(rows)), "sequence \(index)")
        }
    }

    @Test func queriesDoNotDisturbEachOther() {
        let queries = Tensor.draw([11, 22], seed: 7)
        let memory = Tensor.draw([Self.memory.steps, 44], seed: 8)
        let together = crossAttention(
            queries, memory: memory, layout: Self.cross, heads: 2, keepsWeights: true)
        for (row, sequence) in [1, 0, 1, 2, 1, 0, 1, 1, 1, 1, 1].enumerated() {
            let rows = Self.memory.rows(of: sequence)
            let alone = crossAttention(
                queries.rows(row..<row + 1), memory: memory.rows(rows),
                layout: AttentionLayout(
                    memory: SequenceLayout(lengths: [rows.count]), sequenceOfQuery: [0]),
                heads: 2, keepsWeights: true)
            #expect(identical(alone.context, together.context.rows(row..<row + 1)))
            let start = Int(Self.cross.weightStarts[row])
            let part = together.weights?.rows(start..<start + rows.count)
            #expect(identical(alone.weights ?? Tensor(0), part ?? Tensor(1)))
        }
    }

    /// The memory's part beyond a query's own place must not be seen.
    @Test func causalAttentionDoesNotSeeTheFuture() {
        let layout = SequenceLayout(lengths: [20])
        let projected = Tensor.draw([20, 3 * 8], seed: 9)
        let other = Tensor.concatenatingRows([
            projected.rows(0..<13), .draw([7, 3 * 8], seed: 10, scale: 5),
        ])
        let (a, b) = (projected, other)
        let seen = [a, b].map {
            selfAttention($0, layout: layout, heads: 2, isCausal: true).rows(0..<13)
        }
        #expect(identical(seen[0], seen[1]))
    }
}
