import SeqFiles
public import SeqTensor

/// Where a layer that is being built gets its parameters from: drawn anew, or read from a
/// checkpoint.
///
/// Building and loading a model are the same code.
public struct ParameterScope {
    private final class Registry {
        var parameters: [Parameter] = []
        var names: Set<String> = []
        var generator: RandomGenerator
        let initialization: Initialization
        let checkpoint: Safetensors?
        /// The bytes that further parameters may take.
        var free: Int

        init(
            generator: RandomGenerator, initialization: Initialization, checkpoint: Safetensors?,
            free: Int = .max
        ) {
            self.generator = generator
            self.initialization = initialization
            self.checkpoint = checkpoint
            self.free = free
        }

        /// Takes the memory of a parameter from what is free.
        func take(_ name: String, _ shape: [Int]) throws {
            let bytes = shape.reduce(MemoryLayout<Float>.stride) { product, size in
                let (next, isTooLarge) = product.multipliedReportingOverflow(by: size)
                return isTooLarge ? .max : next
            }
            guard bytes <= free else {
                throw Seq2SeqError(
                    .outOfMemory, reason: "there is no memory for the parameter \(name) of \(shape)"
                )
            }
            free -= bytes
        }
    }

    private let registry: Registry
    private let path: String

    private init(registry: Registry, path: String) {
        self.registry = registry
        self.path = path
    }

    /// A scope whose parameters are drawn from a generator, and take no more than `memory` bytes.
    public init(
        initialization: Initialization, generator: RandomGenerator, memory: Int = .max
    ) {
        registry = Registry(
            generator: generator, initialization: initialization, checkpoint: nil, free: memory)
        path = ""
    }

    /// A scope whose parameters are read from a file.
    public init(checkpoint: Safetensors) {
        registry = Registry(
            generator: RandomGenerator(seed: 0), initialization: .init(), checkpoint: checkpoint)
        path = ""
    }

    /// The scope of a part, whose names start with `name`.
    public func scope(_ name: String) -> ParameterScope {
        ParameterScope(registry: registry, path: path.isEmpty ? name : "\(path).\(name)")
    }

    /// Makes or reads a parameter.
    ///
    /// - Parameters:
    ///   - name: its name within this scope.
    ///   - shape: its shape.
    ///   - role: what it is for, which decides how it starts.
    ///   - isSparse: whether it is a table of which a training step uses few rows.
    /// - Throws: a ``Seq2SeqError`` when the checkpoint lacks it, or has it in another shape or with a number
    ///   that is not finite; one of kind `outOfMemory` when there is no memory for it.
    public func parameter(
        _ name: String, _ shape: [Int], _ role: ParameterRole, isSparse: Bool = false
    ) throws -> Parameter {
        let full = path.isEmpty ? name : "\(path).\(name)"
        precondition(registry.names.insert(full).inserted, "ParameterScope: \(full) is made twice")
        let value: Tensor
        if let checkpoint = registry.checkpoint {
            value = try checkpoint.tensor(full, shape: shape)
            guard value.isFinite else {
                throw Seq2SeqError(
                    .badData, path: checkpoint.path,
                    reason: "tensor \(full) holds a NaN or an infinity",
                    remedy: "the model is damaged, or its training diverged; take an earlier one")
            }
        } else {
            try registry.take(full, shape)
            var generator = registry.generator.split(full)
            value = registry.initialization.tensor(shape, role, using: &generator).stored
        }
        let parameter = Parameter(full, value, isSparse: isSparse)
        registry.parameters.append(parameter)
        return parameter
    }

    /// All parameters made so far in this scope and its parts, in order.
    public var parameters: [Parameter] { registry.parameters }

    /// Throws when the checkpoint holds tensors that nobody asked for.
    public func checkEverythingWasUsed() throws {
        guard let checkpoint = registry.checkpoint else { return }
        let unused = checkpoint.names.filter { !registry.names.contains($0) }
        guard let first = unused.first else { return }
        throw Seq2SeqError(
            .badData, path: checkpoint.path,
            reason: "\(unused.count) tensors are not part of this model, the first is \(first)",
            remedy: "the file belongs to a model of another configuration")
    }
}
