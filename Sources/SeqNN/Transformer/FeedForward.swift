public import SeqTensor

/// A position-wise feed-forward layer (Vaswani and others 2017, section 3.3; Shazeer 2020 for SwiGLU).
///
/// Parameters: `first.weight` `[width, middle]` (SwiGLU: `[width, 2 · middle]`, gates beside values),
/// `first.bias`, `second.weight` `[middle, width]`, `second.bias`.
public struct FeedForward: Sendable {
    private let first: Linear
    private let second: Linear
    private let function: FeedForwardFunction
    private let middle: Int
    private let dropoutRate: Float

    /// Creates a layer.
    public init(
        _ width: Int, middle: Int, function: FeedForwardFunction, dropout: Float = 0,
        in scope: ParameterScope
    ) throws {
        first = try Linear(width, middle * function.inputsPerOutput, in: scope.scope("first"))
        second = try Linear(middle, width, in: scope.scope("second"))
        self.function = function
        self.middle = middle
        dropoutRate = dropout
    }

    /// The numbers between its two products for each row.
    var numbersPerRow: Int {
        // ReLU writes over its argument.
        function == .relu ? middle : middle * (function.inputsPerOutput + 1)
    }

    /// The outputs, `[rows, width]`, for inputs `[rows, width]`.
    public func callAsFunction(_ input: Tensor, dropout: inout Dropout) -> Tensor {
        feedForward(
            input, first: first.weight.value, firstBias: first.bias?.value,
            second: second.weight.value, secondBias: second.bias?.value, function: function,
            mask: dropout.drawingMask(rate: dropoutRate))
    }
}

extension Dropout {
    /// What drops out in an operation that applies dropout itself; nothing outside training.
    public mutating func drawingMask(rate: Float) -> DropoutMask {
        guard rate > 0, var generator else { return .none }
        defer { self.generator = generator }
        return DropoutMask(rate: rate, using: &generator)
    }
}
