import SeqNN
import SeqTensor
import TestSupport
import Testing

/// Optimizers against PyTorch, and their saved state.
struct OptimizerTests {
    /// Makes the gradient of the buffer's parameters equal to `gradient`.
    private func setGradient(_ buffer: ParameterBuffer, _ gradient: Tensor) {
        _ = buffer.valueAndGradient { (buffer.parameters[0].value * gradient).sum() }
    }

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
            setGradient(buffer, gradients.rows(step..<step + 1).reshaped([-1]))
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

    /// Saving, loading and going on gives the same bits as going on.
    @Test(arguments: ["adam", "sgd", "momentum"]) func restoring(_ kind: String) throws {
        func make() -> (ParameterBuffer, any Optimizer) {
            let buffer = ParameterBuffer([Parameter("w", .draw([40], seed: 1))])
            switch kind {
            case "adam": return (buffer, Adam(buffer))
            default: return (buffer, SGD(buffer, momentum: kind == "sgd" ? 0 : 0.9))
            }
        }
        func run(_ buffer: ParameterBuffer, _ optimizer: any Optimizer, _ steps: Range<Int>) {
            for step in steps {
                setGradient(buffer, .draw([40], seed: 10 + UInt64(step)))
                optimizer.update(buffer, learningRate: 0.1, gradientScale: 1)
            }
        }
        let (buffer, optimizer) = make()
        run(buffer, optimizer, 0..<5)
        let file = try checkpoint(optimizer.state + [("w", buffer.parameters[0].value)])
        let (other, resumed) = make()
        try other.restore(from: file)
        try resumed.restore(step: optimizer.step, from: file)
        run(buffer, optimizer, 5..<9)
        run(other, resumed, 5..<9)
        #expect(identical(buffer.parameters[0].value, other.parameters[0].value))
        #expect(resumed.step == 9)
        if kind != "sgd" {
            let nothing = try checkpoint([("w", buffer.parameters[0].value)])
            #expect(throws: TensorError.self) { try resumed.restore(step: 1, from: nothing) }
        }
    }
}
