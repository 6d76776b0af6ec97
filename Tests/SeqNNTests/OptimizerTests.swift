import SeqFiles
import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Optimizers against PyTorch, and their saved state.
struct OptimizerTests {
    /// Ten steps whose gradients are clipped to a norm.
    private func check(
        _ name: String, _ make: (ParameterBuffer, Golden) throws -> any Optimizer
    ) throws {
        let golden = try Golden(name)
        let buffer = ParameterBuffer([Parameter("w", try golden("parameter.initial"))])
        let optimizer = try make(buffer, golden)
        let limit = Double(try golden("input.maximum_norm").item)
        let rate = try golden("input.learning_rate").item
        let gradients = try golden("input.gradients")
        for step in 0..<gradients.rows {
            setGradients(buffer, [gradients.rows(step..<step + 1).reshaped([-1])])
            let norm = buffer.gradientNorm
            let expectedNorm = Double(try golden("output.norms").values[step])
            #expect(abs(norm - expectedNorm) < 1e-6 * expectedNorm)
            let scale = Float(min(1, limit / norm))
            optimizer.update(buffer, learningRate: rate, gradientScale: scale)
            let expected = try golden("output.parameters").rows(step..<step + 1).reshaped([-1])
            #expect(distance(buffer.parameters[0].value, expected) < 1e-6, "step \(step)")
        }
        #expect(optimizer.step == gradients.rows)
    }

    @Test func adam() throws {
        try check("adam") { buffer, golden in
            var options = Adam.Options()
            options.beta1 = try golden("input.beta1").item
            options.beta2 = try golden("input.beta2").item
            options.epsilon = try golden("input.epsilon").item
            return Adam(buffer, options: options)
        }
    }

    @Test func sgd() throws { try check("sgd") { buffer, _ in SGD(buffer) } }

    @Test func sgdWithMomentum() throws {
        try check("sgd_momentum") { SGD($0, momentum: try $1("input.momentum").item) }
    }

    @Test func sgdWithWeightDecay() throws {
        try check("optimizer_sgd_decay") { buffer, golden in
            SGD(buffer, weightDecay: try golden("input.weight_decay").item)
        }
    }

    @Test func nesterov() throws {
        try check("optimizer_nesterov") { buffer, golden in
            SGD(
                buffer, momentum: 0.9, isNesterov: true,
                weightDecay: try golden("input.weight_decay").item)
        }
    }

    @Test(arguments: [false, true]) func adamWithWeightDecay(_ isDecoupled: Bool) throws {
        try check(isDecoupled ? "optimizer_adamw" : "optimizer_adam_decay") { buffer, golden in
            Adam(
                buffer, weightDecay: try golden("input.weight_decay").item, isDecoupled: isDecoupled
            )
        }
    }

    @Test func adagrad() throws {
        try check("optimizer_adagrad") { buffer, golden in
            var options = AdaGrad.Options()
            options.initialSum = 0.25
            return AdaGrad(
                buffer, options: options, weightDecay: try golden("input.weight_decay").item)
        }
    }

    @Test func adadelta() throws {
        try check("optimizer_adadelta") { buffer, golden in
            AdaDelta(buffer, weightDecay: try golden("input.weight_decay").item)
        }
    }

    @Test func rmsprop() throws {
        try check("optimizer_rmsprop") { buffer, golden in
            RMSProp(buffer, weightDecay: try golden("input.weight_decay").item)
        }
    }

    @Test func rmspropCenteredWithMomentum() throws {
        try check("optimizer_rmsprop_centered") { buffer, golden in
            var options = RMSProp.Options()
            options.isCentered = true
            return RMSProp(
                buffer, options: options, momentum: 0.9,
                weightDecay: try golden("input.weight_decay").item)
        }
    }

    @Test func lion() throws {
        try check("optimizer_lion") { buffer, golden in
            Lion(buffer, weightDecay: try golden("input.weight_decay").item)
        }
    }

    /// A vector, a matrix and a stack of matrices in one buffer.
    @Test func adafactor() throws {
        let golden = try Golden("optimizer_adafactor")
        let names = ["vector", "matrix", "stack"]
        let parameters = try names.map { Parameter($0, try golden("parameter.\($0)")) }
        let buffer = ParameterBuffer(parameters)
        let optimizer = Adafactor(
            buffer, weightDecay: try golden("input.weight_decay").item)
        let rate = try golden("input.learning_rate").item
        for step in 0..<10 {
            let gradients = try zip(names, parameters).map { name, parameter in
                try golden("input.\(name)").slice(step, shape: parameter.shape)
            }
            setGradients(buffer, gradients.map { $0 * 2 })
            optimizer.update(buffer, learningRate: rate, gradientScale: 0.5)
            for (name, parameter) in zip(names, parameters) {
                let expected = try golden("output.\(name)").slice(step, shape: parameter.shape)
                #expect(distance(parameter.value, expected) < 1e-6, "\(name), step \(step)")
            }
        }
        #expect(optimizer.step == 10)
        // 7, then 5 + 6, then 2 · (4 + 3).
        #expect(optimizer.state.map { $0.tensor.count } == [32])
    }

    /// A large matrix and a vector without a gradient after three steps of Adafactor.
    static func adafactorSteps() -> [Tensor] {
        let parameters = [
            Parameter("w", .draw([70, 33], seed: 1)), Parameter("b", .draw([33], seed: 2)),
        ]
        let buffer = ParameterBuffer(parameters)
        let optimizer = Adafactor(buffer)
        for step in 0..<3 {
            setGradients(buffer, [.draw([70, 33], seed: 5 + UInt64(step)), .zeros([33])])
            optimizer.update(buffer, learningRate: 0.1, gradientScale: 1)
        }
        return parameters.map(\.value)
    }

    /// Means over a parameter do not depend on the threads that share the work; no gradient is no step.
    @Test func adafactorWithThreads() async {
        await #expect(processExitsWith: .success) {
            ThreadTeam.count = 1
            let expected = OptimizerTests.adafactorSteps()
            #expect(identical(expected[1], .draw([33], seed: 2)))
            #expect(!identical(expected[0], .draw([70, 33], seed: 1)))
            for threads in [2, 3] {
                ThreadTeam.count = threads
                #expect(identical(OptimizerTests.adafactorSteps()[0], expected[0]))
            }
        }
    }

    private static let makers: [String: @Sendable (ParameterBuffer) -> any Optimizer] = [
        "adam": { Adam($0) },
        "adamw": { Adam($0, weightDecay: 0.1, isDecoupled: true) },
        "sgd": { SGD($0) },
        "momentum": { SGD($0, momentum: 0.9) },
        "nesterov": { SGD($0, momentum: 0.9, isNesterov: true) },
        "adagrad": { AdaGrad($0) },
        "adadelta": { AdaDelta($0) },
        "rmsprop": { RMSProp($0) },
        "rmsprop centered with momentum": {
            var options = RMSProp.Options()
            options.isCentered = true
            return RMSProp($0, options: options, momentum: 0.9)
        },
        "adafactor": { Adafactor($0) },
        "lion": { Lion($0) },
    ]

    /// Saving, loading and going on gives the same bits as going on.
    @Test(arguments: OptimizerTests.makers.keys.sorted()) func restoring(_ kind: String) throws {
        let shapes = [[40], [5, 6]]
        func make() throws -> (ParameterBuffer, any Optimizer) {
            let buffer = ParameterBuffer(
                zip(["v", "w"], shapes).map { Parameter($0, .draw($1, seed: 1)) })
            let maker = try #require(OptimizerTests.makers[kind])
            return (buffer, maker(buffer))
        }
        func run(_ buffer: ParameterBuffer, _ optimizer: any Optimizer, _ steps: Range<Int>) {
            for step in steps {
                setGradients(buffer, shapes.map { .draw($0, seed: 10 + UInt64(step)) })
                optimizer.update(buffer, learningRate: 0.1, gradientScale: 1)
            }
        }
        let (buffer, optimizer) = try make()
        run(buffer, optimizer, 0..<5)
        let values = buffer.parameters.map { (name: $0.name, tensor: $0.value) }
        let file = try checkpoint(optimizer.state + values)
        let (other, resumed) = try make()
        try other.restore(from: file)
        try resumed.restore(step: optimizer.step, from: file)
        run(buffer, optimizer, 5..<9)
        run(other, resumed, 5..<9)
        for (a, b) in zip(buffer.parameters, other.parameters) {
            #expect(identical(a.value, b.value), "\(a.name)")
        }
        #expect(resumed.step == 9)
        if kind != "sgd" {
            let nothing = try checkpoint(values)
            #expect(throws: Seq2SeqError.self) { try resumed.restore(step: 1, from: nothing) }
        }
    }
}

extension Tensor {
    /// Element `index` of the first dimension.
    func slice(_ index: Int, shape: [Int]) -> Tensor {
        let count = shape.reduce(1, *)
        return Tensor(Array(values[(index * count)..<((index + 1) * count)]), shape: shape)
    }
}

/// Makes the gradients of the buffer's parameters equal to `gradients`.
private func setGradients(_ buffer: ParameterBuffer, _ gradients: [Tensor]) {
    _ = buffer.valueAndGradient {
        zip(buffer.parameters, gradients).map { ($0.value * $1).sum() }.sum()
    }
}
