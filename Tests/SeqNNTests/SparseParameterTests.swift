import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Tables whose gradients are kept and applied by rows.
struct SparseParameterTests {
    /// A table, used in two gathers, beside a dense weight.
    private struct Model {
        let table: Parameter
        let bias: Parameter
        let dense: Parameter

        init(isSparse: Bool) {
            table = Parameter("table", .draw([20, 6], seed: 1), isSparse: isSparse)
            bias = Parameter("bias", .draw([20], seed: 2), isSparse: isSparse)
            dense = Parameter("dense", .draw([6, 3], seed: 3))
        }

        /// The sparse ones first, so that their places in memory are not those of the list.
        var parameters: [Parameter] { [table, bias, dense] }

        func loss(_ rows: [Int32], usesAll: Bool = false) -> Tensor {
            let first = table.value.gatheringRows(rows).matmul(dense.value).tanh().sum()
            let second = (table.value.gatheringRows(rows.reversed()).squared()).sum()
            let third = (bias.value.gatheringRows(rows).squared()).sum()
            let whole = usesAll ? table.value.tanh().sum() : Tensor(0)
            return [first, second, third, whole].sum()
        }
    }

    private func optimizer(_ kind: String, _ buffer: ParameterBuffer) -> any Optimizer {
        switch kind {
        case "adam": Adam(buffer)
        case "momentum": SGD(buffer, momentum: 0.9)
        case "nesterov": SGD(buffer, momentum: 0.9, isNesterov: true)
        case "adagrad": AdaGrad(buffer)
        case "adadelta": AdaDelta(buffer)
        case "rmsprop": RMSProp(buffer)
        case "lion": Lion(buffer)
        default: SGD(buffer)
        }
    }

    @Test(arguments: [false, true]) func gradientsEqualDenseOnes(_ usesAll: Bool) {
        let (sparse, dense) = (Model(isSparse: true), Model(isSparse: false))
        let buffer = ParameterBuffer(sparse.parameters)
        let other = ParameterBuffer(dense.parameters)
        // Twice: the second time must not add to the first.
        for rows: [Int32] in [[3, 3, 7, 0], [5, 19, 5]] {
            let value = buffer.valueAndGradient { sparse.loss(rows, usesAll: usesAll) }
            let expected = other.valueAndGradient { dense.loss(rows, usesAll: usesAll) }
            #expect(value.item == expected.item)
            let gradients = Dictionary(
                uniqueKeysWithValues: other.namedGradients.map { ($0.name, $0.gradient) })
            #expect(buffer.namedGradients.count == 3)
            for (name, gradient) in buffer.namedGradients {
                #expect(gradients[name].map { distance(gradient, $0) < 1e-6 } == true, "\(name)")
            }
            #expect(abs(buffer.gradientNorm - other.gradientNorm) < 1e-6)
        }
        for buffer in [buffer, other] { buffer.clip(limit: 0.5) }
        #expect(abs(buffer.gradientNorm - other.gradientNorm) < 1e-6)
        let (_, free) = valueAndGradient(of: sparse.parameters) { sparse.loss([3, 1]) }
        let (_, expected) = valueAndGradient(of: dense.parameters) { dense.loss([3, 1]) }
        for (a, b) in zip(free, expected) { #expect(identical(a, b)) }
    }

    /// Where every step uses the same rows, these end as with a dense gradient; no other row changes.
    @Test(arguments: [
        "adam", "sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "lion",
    ])
    func updatesOfRows(_ kind: String) {
        let (sparse, dense) = (Model(isSparse: true), Model(isSparse: false))
        let buffer = ParameterBuffer(sparse.parameters)
        let other = ParameterBuffer(dense.parameters)
        let (lazy, eager) = (optimizer(kind, buffer), optimizer(kind, other))
        let start = sparse.table.value.copy
        let rows: [Int32] = [4, 11, 19]
        for _ in 0..<6 {
            _ = buffer.valueAndGradient { sparse.loss(rows) }
            _ = other.valueAndGradient { dense.loss(rows) }
            lazy.update(buffer, learningRate: 0.05, gradientScale: 0.5)
            eager.update(other, learningRate: 0.05, gradientScale: 0.5)
        }
        for (a, b) in zip(sparse.parameters, dense.parameters) {
            #expect(identical(a.value, b.value), "\(a.name)")
        }
        #expect(identical(sparse.dense.value, dense.dense.value))
        for row in 0..<20 {
            let isUsed = rows.contains(Int32(row))
            let (now, before) = (sparse.table.value.rows(row..<row + 1), start.rows(row..<row + 1))
            #expect(identical(now, before) != isUsed, "row \(row)")
        }
    }

    /// Weight decay, too, is of rows with a gradient only, where it is decoupled and where it is not.
    @Test(arguments: [false, true]) func decayOfRows(_ isDecoupled: Bool) {
        let model = Model(isSparse: true)
        let buffer = ParameterBuffer(model.parameters)
        let adam = Adam(buffer, weightDecay: 0.5, isDecoupled: isDecoupled)
        let (table, dense) = (model.table.value.copy, model.dense.value.copy)
        _ = buffer.valueAndGradient { model.loss([4]) }
        adam.update(buffer, learningRate: 0.1, gradientScale: 0)
        for row in 0..<20 {
            let now = model.table.value.rows(row..<row + 1)
            #expect(identical(now, table.rows(row..<row + 1)) == (row != 4), "row \(row)")
        }
        if isDecoupled {
            #expect(distance(model.dense.value, dense * 0.95) < 1e-6)
        } else {
            #expect(!identical(model.dense.value, dense))
        }
    }

    /// A row that rests keeps its moments, where dense Adam would go on moving it.
    @Test func restingRowsStay() {
        let model = Model(isSparse: true)
        let buffer = ParameterBuffer(model.parameters)
        let adam = Adam(buffer)
        func step(_ rows: [Int32]) {
            _ = buffer.valueAndGradient { model.loss(rows) }
            adam.update(buffer, learningRate: 0.1, gradientScale: 1)
        }
        step([2])
        let before = model.table.value.rows(2..<3).copy
        for _ in 0..<3 { step([5]) }
        #expect(identical(model.table.value.rows(2..<3), before))
        step([2])
        #expect(!identical(model.table.value.rows(2..<3), before))
    }

    /// Saving, loading and going on gives the same bits as going on.
    @Test(arguments: ["adam", "momentum", "adagrad", "adadelta", "rmsprop", "lion"])
    func restoring(_ kind: String) throws {
        func run(_ model: Model, _ buffer: ParameterBuffer, _ optimizer: any Optimizer, _ from: Int)
        {
            for step in from..<(from + 4) {
                _ = buffer.valueAndGradient { model.loss([Int32(step), 9, Int32(19 - step)]) }
                optimizer.update(buffer, learningRate: 0.1, gradientScale: 1)
            }
        }
        let model = Model(isSparse: true)
        let buffer = ParameterBuffer(model.parameters)
        let first = optimizer(kind, buffer)
        run(model, buffer, first, 0)
        let file = try checkpoint(first.state + model.parameters.map { ($0.name, $0.value) })
        let other = Model(isSparse: true)
        let otherBuffer = ParameterBuffer(other.parameters)
        let resumed = optimizer(kind, otherBuffer)
        try otherBuffer.restore(from: file)
        try resumed.restore(step: first.step, from: file)
        run(model, buffer, first, 4)
        run(other, otherBuffer, resumed, 4)
        for (a, b) in zip(model.parameters, other.parameters) {
            #expect(identical(a.value, b.value), "\(a.name)")
        }
    }

    @Test func whatIsNotFiniteIsNamed() {
        let table = Parameter("table", Tensor([0, 1, 2], shape: [3, 1]), isSparse: true)
        let buffer = ParameterBuffer([table])
        _ = buffer.valueAndGradient { table.value.gatheringRows([1]).squareRoot().sum() }
        #expect(buffer.firstNotFinite == nil)
        _ = buffer.valueAndGradient { table.value.gatheringRows([0]).squareRoot().sum() }
        #expect(buffer.firstNotFinite == "gradient of table")
        SGD(buffer).update(buffer, learningRate: 1, gradientScale: 1)
        #expect(buffer.firstNotFinite == "value of table")
    }

    /// A layer that trains on samples changes only the rows of targets and samples.
    @Test(arguments: [false, true]) func sampledSoftmaxTouchesFewRows(_ isTied: Bool) throws {
        let scope = ParameterScope(
            initialization: Initialization(), generator: RandomGenerator(seed: 1))
        let embedding = try Embedding(
            vocabulary: 500, features: 8, isSparse: true, in: scope.scope("embedding"))
        let layer = try SampledSoftmax(
            hidden: 8, vocabulary: 500, samples: 20, tiedTo: isTied ? embedding.weight : nil,
            in: scope.scope("output"))
        let buffer = ParameterBuffer(scope.parameters)
        let before = scope.parameters.map(\.value.copy)
        var generator: RandomGenerator? = RandomGenerator(seed: 7)
        let targets: [Int32] = [499, 250, 250]
        let value = buffer.valueAndGradient {
            layer.loss(
                embedding([400, 401, 402]), targets: targets, context: nil, labelSmoothing: 0.1,
                scale: 1, generator: &generator
            ).objective
        }
        #expect(value.item.isFinite && generator != RandomGenerator(seed: 7))
        Adam(buffer).update(buffer, learningRate: 0.1, gradientScale: 1)
        var repeated = RandomGenerator(seed: 7)
        let sample = Set(TokenSample(count: 20, vocabulary: 500, using: &repeated).tokens)
        for (parameter, old) in zip(scope.parameters, before) {
            let width = parameter.value.rowWidth
            let changed = Set(
                (0..<500).filter { row in
                    let range = row * width..<(row + 1) * width
                    return Array(parameter.value.values[range]) != Array(old.values[range])
                }.map(Int32.init))
            let inputs: Set<Int32> = [400, 401, 402]
            switch (parameter.name, isTied) {
            case ("embedding.weight", false): #expect(changed == inputs)
            case ("embedding.weight", true): #expect(changed == sample.union(targets).union(inputs))
            default: #expect(changed == sample.union(targets))
            }
        }
        #expect(scope.parameters.map(\.name).contains("output.weight") != isTied)
    }
}

extension Tensor {
    /// The same numbers, not those that an optimizer changes.
    var copy: Tensor { Tensor(values, shape: shape) }
}
