import CSeqKernels

extension Tensor {
    /// The hyperbolic tangent of each element.
    public func tanh() -> Tensor { unary("tanh", SEQ_TANH) }

    /// 1 / (1 + e⁻ˣ) of each element.
    public func sigmoid() -> Tensor { unary("sigmoid", SEQ_SIGMOID) }

    /// max(x, 0) of each element.
    public func relu() -> Tensor { unary("relu", SEQ_RELU) }

    /// The Gaussian error linear unit in its tanh form (Hendrycks & Gimpel 2016).
    public func gelu() -> Tensor { unary("gelu", SEQ_GELU) }

    /// eˣ of each element; x beyond ±88 saturates.
    public func exp() -> Tensor { unary("exp", SEQ_EXP) }

    /// The natural logarithm of each element.
    public func log() -> Tensor { unary("log", SEQ_LOG) }

    /// The square root of each element.
    public func squareRoot() -> Tensor { unary("squareRoot", SEQ_SQRT) }

    /// The square of each element.
    public func squared() -> Tensor { unary("squared", SEQ_SQUARE) }

    private func unary(_ name: StaticString, _ function: seq_unary) -> Tensor {
        let result = Tensor(uninitialized: shape)
        seq_unary_forward(function, result.pointer, pointer, count)
        Tape.record(name, inputs: [self], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulate(self) { destination, beta in
                seq_unary_backward(
                    function, destination, gradient.pointer, pointer, result.pointer, beta, count)
            }
        }
        return result
    }

    /// Zeroes elements with probability `rate` and scales the others by 1 / (1 - rate) (Srivastava
    /// and others 2014).
    ///
    /// The backward pass draws the same mask again from the generator's position.
    public func dropout(_ rate: Float, using generator: inout RandomGenerator) -> Tensor {
        precondition((0..<1).contains(rate), "dropout: rate \(rate) is not in 0..<1")
        if rate == 0 { return self }
        let (key, stream) = (generator.key, generator.nextStream())
        let result = Tensor(uninitialized: shape)
        seq_dropout(result.pointer, pointer, rate, key, stream, 0, count)
        Tape.record("dropout", inputs: [self], outputs: [result]) { pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulate(self) { destination, beta in
                seq_dropout(destination, gradient.pointer, rate, key, stream, beta, count)
            }
        }
        return result
    }
}
