public import SeqTensor

/// All parameters of a model in one flat block of memory, and their gradients in another: an optimizer
/// step is one pass, clipping one reduction.
///
/// Sparse parameters stand behind the others and have no place in the block of gradients: of them the
/// rows that a step used are kept. Frozen parameters stand behind these and have no gradient.
public final class ParameterBuffer {
    /// The parameters.
    public let parameters: [Parameter]
    package let values: FlatBuffer
    /// The gradients of the parameters that are neither sparse nor frozen, in the order of memory.
    package let gradients: FlatBuffer
    /// The sparse parameters and their gradients.
    package let tables: [(parameter: Parameter, gradient: SparseGradient)]
    /// The parameters whose gradients are in the block, in its order.
    package let denseParameters: [Parameter]
    /// The number of elements that an optimizer changes, which come first.
    package let trainedCount: Int
    private let gradientParts: [Tensor]
    private let rules: [ObjectIdentifier: ParameterRule]
    /// Neighbours in the block of gradients that have the same rule.
    private let runs: [(range: Range<Int>, rule: ParameterRule)]

    /// Moves the parameters into one block.
    ///
    /// - Parameters:
    ///   - parameters: all of a model.
    ///   - rule: how each is trained.
    public init(
        _ parameters: [Parameter], rule: (Parameter) -> ParameterRule = { _ in ParameterRule() }
    ) {
        self.parameters = parameters
        let rules = Dictionary(
            uniqueKeysWithValues: parameters.map { (ObjectIdentifier($0), rule($0)) })
        func isFrozen(_ parameter: Parameter) -> Bool {
            rules[ObjectIdentifier(parameter)]?.isFrozen ?? false
        }
        func isSparse(_ parameter: Parameter) -> Bool {
            parameter.isSparse || rules[ObjectIdentifier(parameter)]?.isSparse ?? false
        }
        let trained = parameters.filter { !isFrozen($0) }
        denseParameters = trained.filter { !isSparse($0) }
        tables = trained.filter(isSparse).map { ($0, SparseGradient(shape: $0.shape)) }
        let ordered =
            denseParameters + tables.map(\.parameter) + parameters.filter(isFrozen)
        // Parts start at multiples of 16 numbers, so that rows of weights are aligned.
        var offsets: [Int] = []
        var total = 0
        for parameter in ordered {
            offsets.append(total)
            total += (parameter.count + 15) / 16 * 16
        }
        offsets.append(total)
        let denseTotal = offsets[denseParameters.count]
        trainedCount = offsets[trained.count]
        var runs: [(range: Range<Int>, rule: ParameterRule)] = []
        for (index, parameter) in denseParameters.enumerated() {
            let rule = rules[ObjectIdentifier(parameter)] ?? ParameterRule()
            if let last = runs.last, last.rule == rule {
                runs[runs.count - 1].range = last.range.lowerBound..<offsets[index + 1]
            } else {
                runs.append((offsets[index]..<offsets[index + 1], rule))
            }
        }
        self.runs = runs
        self.rules = rules
        values = FlatBuffer(count: total, isPersistent: true)
        gradients = FlatBuffer(count: denseTotal, isPersistent: false)
        values.update { destination in
            for (parameter, offset) in zip(ordered, offsets) {
                parameter.value.withUnsafeValues { source in
                    _ = UnsafeMutableBufferPointer(rebasing: destination[offset...])
                        .update(from: source)
                }
            }
        }
        for (parameter, offset) in zip(ordered, offsets) {
            parameter.move(to: values.part(at: offset, shape: parameter.shape))
        }
        let gradients = gradients
        gradientParts = zip(denseParameters, offsets).map {
            gradients.part(at: $1, shape: $0.shape)
        }
    }

    /// The number of elements, with the few that align parts.
    public var count: Int { values.all.count }

    /// The number of elements of gradients, without those of sparse parameters.
    public var gradientCount: Int { gradients.all.count }

    /// Runs `body`, which computes a loss from the parameters, and leaves its gradient in the buffer, or
    /// adds it to the gradient that is there.
    public func valueAndGradient(
        accumulates: Bool = false, _ body: () throws -> Tensor
    ) rethrows -> Tensor {
        try SeqTensor.valueAndGradient(
            of: denseParameters.map(\.value), into: gradientParts,
            tables: tables.map { ($0.parameter.value, $0.gradient) }, accumulates: accumulates, body
        )
    }

    /// The gradient of each parameter that is not frozen, as the last ``valueAndGradient(_:)`` left it;
    /// those of sparse parameters, which come last, are filled up with zeros.
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

    /// What a step of an optimizer goes through: the gradients in the block and the rows of each table,
    /// each with what its rates are multiplied by.
    package var updates: [(part: GradientPart, rule: ParameterRule)] {
        runs.map { (GradientPart(gradients, $0.range), $0.rule) }
            + tables.map {
                (GradientPart($0.gradient, of: $0.parameter.value), rule(of: $0.parameter))
            }
    }

    /// How a parameter is trained.
    package func rule(of parameter: Parameter) -> ParameterRule {
        rules[ObjectIdentifier(parameter)] ?? ParameterRule()
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

    /// Replaces every gradient g by scale · g + n, with n from N(0, deviation²).
    ///
    /// What a gradient gets is a function of the generator, of `step`, of the parameter's name and of the
    /// place within it. Rows of sparse parameters without a gradient get none.
    public func addNoise(
        deviation: Float, scale: Float, generator: RandomGenerator, step: Int
    ) {
        let stream = UInt64(step)
        for (parameter, gradient) in zip(denseParameters, gradientParts) {
            OptimizerKernels.addNoise(
                gradient, scale: scale, deviation: deviation,
                key: generator.split(parameter.name).key, stream: stream)
        }
        for (parameter, gradient) in tables {
            gradient.addNoise(
                scale: scale, deviation: deviation, key: generator.split(parameter.name).key,
                stream: stream)
        }
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
}

/// Runs `body`, which computes a loss from `parameters`, and returns it with the gradient of each.
public func valueAndGradient(
    of parameters: [Parameter], _ body: () throws -> Tensor
) rethrows -> (value: Tensor, gradients: [Tensor]) {
    try SeqTensor.valueAndGradient(of: parameters.map(\.value), body)
}
