public import SeqTensor

/// All parameters of a model in one flat block of memory, and their gradients in another: an optimizer
/// step is one pass, clipping one reduction.
///
/// Sparse parameters stand behind the others and have no place in the block of gradients: of them the
/// rows that a step used are kept.
public final class ParameterBuffer {
    /// The parameters.
    public let parameters: [Parameter]
    package let values: FlatBuffer
    /// The gradients of the parameters that are not sparse, in the order of memory.
    package let gradients: FlatBuffer
    /// The sparse parameters and their gradients.
    package let tables: [(parameter: Parameter, gradient: SparseGradient)]
    private let denseParameters: [Parameter]
    private let gradientParts: [Tensor]

    /// Moves the parameters into one block.
    public init(_ parameters: [Parameter]) {
        self.parameters = parameters
        denseParameters = parameters.filter { !$0.isSparse }
        tables = parameters.filter(\.isSparse).map { ($0, SparseGradient(shape: $0.shape)) }
        let parameters = denseParameters + tables.map(\.parameter)
        // Parts start at multiples of 16 numbers, so that rows of weights are aligned.
        var offsets: [Int] = []
        var total = 0
        var denseTotal = 0
        for parameter in parameters {
            offsets.append(total)
            total += (parameter.count + 15) / 16 * 16
            if !parameter.isSparse { denseTotal = total }
        }
        values = FlatBuffer(count: total, isPersistent: true)
        gradients = FlatBuffer(count: denseTotal, isPersistent: false)
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
        gradientParts = zip(denseParameters, offsets).map {
            gradients.part(at: $1, shape: $0.shape)
        }
    }

    /// The number of elements, with the few that align parts.
    public var count: Int { values.all.count }

    /// Runs `body`, which computes a loss from the parameters, and leaves its gradient in the buffer.
    public func valueAndGradient(_ body: () throws -> Tensor) rethrows -> Tensor {
        try SeqTensor.valueAndGradient(
            of: denseParameters.map(\.value), into: gradientParts,
            tables: tables.map { ($0.parameter.value, $0.gradient) }, body)
    }

    /// The gradient of each parameter, as the last ``valueAndGradient(_:)`` left it; those of sparse
    /// parameters, which come last, are filled up with zeros.
    public var namedGradients: [(name: String, gradient: Tensor)] {
        zip(denseParameters, gradientParts).map { ($0.name, $1) }
            + tables.map { ($0.parameter.name, $0.gradient.dense) }
    }

    /// The numbers of the gradient of each parameter, as the last ``valueAndGradient(_:)`` left them; of
    /// sparse parameters only those of the rows that were used.
    package var gradientValues: [(name: String, values: Tensor)] {
        zip(denseParameters, gradientParts).map { ($0.name, $1) }
            + tables.map { ($0.parameter.name, $0.gradient.values) }
    }

    /// What a step of an optimizer goes through: the gradients in the block and the rows of each table.
    package var updates: [GradientPart] {
        [GradientPart(gradients)]
            + tables.map { GradientPart($0.gradient, of: $0.parameter.value) }
    }

    /// The Euclidean norm of all gradients together.
    public var gradientNorm: Double {
        tables.reduce(gradients.all.sumOfSquares) { $0 + $1.gradient.values.sumOfSquares }
            .squareRoot()
    }

    /// Limits every element of the gradients to ±limit.
    public func clip(limit: Float) {
        OptimizerKernels.clip(gradients, limit: limit)
        for table in tables { table.gradient.clip(limit: limit) }
    }

    /// The name of the first parameter whose value, or gradient, is not finite.
    public var firstNotFinite: String? {
        let all =
            zip(denseParameters, gradientParts).map { ($0, $1) }
            + tables.map { ($0.parameter, $0.gradient.values) }
        for (parameter, gradient) in all {
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
