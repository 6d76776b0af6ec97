public import SeqTensor

/// All parameters of a model in one flat block of memory, and their gradients in another: an optimizer
/// step is one pass, clipping one reduction.
public final class ParameterBuffer {
    /// The parameters, in the order of memory.
    public let parameters: [Parameter]
    package let values: FlatBuffer
    package let gradients: FlatBuffer
    private let gradientParts: [Tensor]

    /// Moves the parameters into one block.
    public init(_ parameters: [Parameter]) {
        self.parameters = parameters
        // Parts start at multiples of 16 numbers, so that rows of weights are aligned.
        var offsets: [Int] = []
        var total = 0
        for parameter in parameters {
            offsets.append(total)
            total += (parameter.count + 15) / 16 * 16
        }
        values = FlatBuffer(count: total, isPersistent: true)
        gradients = FlatBuffer(count: total, isPersistent: false)
        values.update { destination in
            for (parameter, offset) in zip(parameters, offsets) {
                parameter.value.withUnsafeValues { source in
                    _ = UnsafeMutableBufferPointer(rebasing: destination[offset...])
                        .update(from: source)
                }
            }
        }
        for (parameter, offset) in zip(parameters, offsets) {
            parameter.move(to: values.part(at: offset, shape: parameter.shape))
        }
        let gradients = gradients
        gradientParts = zip(parameters, offsets).map {
            gradients.part(at: $1, shape: $0.shape)
        }
    }

    /// The number of elements, with the few that align parts.
    public var count: Int { values.all.count }

    /// Runs `body`, which computes a loss from the parameters, and leaves its gradient in the buffer.
    public func valueAndGradient(_ body: () throws -> Tensor) rethrows -> Tensor {
        try SeqTensor.valueAndGradient(
            of: parameters.map(\.value), into: gradientParts, body)
    }

    /// The gradient of each parameter, as the last ``valueAndGradient(_:)`` left it.
    public var namedGradients: [(name: String, gradient: Tensor)] {
        zip(parameters, gradientParts).map { ($0.name, $1) }
    }

    /// The Euclidean norm of all gradients together.
    public var gradientNorm: Double { gradients.all.sumOfSquares.squareRoot() }

    /// Limits every element of the gradients to ±limit.
    public func clip(limit: Float) { OptimizerKernels.clip(gradients, limit: limit) }

    /// The name of the first parameter whose value, or gradient, is not finite.
    public var firstNotFinite: String? {
        for (parameter, gradient) in zip(parameters, gradientParts) {
            if !parameter.value.isFinite { return "value of \(parameter.name)" }
            if !gradient.isFinite { return "gradient of \(parameter.name)" }
        }
        return nil
    }

    /// Replaces the value of every parameter by the tensor of its name.
    public func restore(from checkpoint: Safetensors) throws {
        let tensors = try parameters.map { try checkpoint.tensor($0.name, shape: $0.shape) }
        values.update { destination in
            guard let base = destination.baseAddress else { return }
            for (parameter, tensor) in zip(parameters, tensors) {
                parameter.value.withUnsafeValues { part in
                    guard let start = part.baseAddress else { return }
                    let offset = start - UnsafePointer(base)
                    tensor.withUnsafeValues { source in
                        _ = UnsafeMutableBufferPointer(rebasing: destination[offset...])
                            .update(from: source)
                    }
                }
            }
        }
    }
}

/// Runs `body`, which computes a loss from `parameters`, and returns it with the gradient of each.
public func valueAndGradient(
    of parameters: [Parameter], _ body: () throws -> Tensor
) rethrows -> (value: Tensor, gradients: [Tensor]) {
    try SeqTensor.valueAndGradient(of: parameters.map(\.value), body)
}
