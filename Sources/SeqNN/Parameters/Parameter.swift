public import SeqTensor

/// A named tensor that training changes.
///
/// The name is the key in a checkpoint, for example `encoder.layers.0.forward.input_weight`. The value
/// changes only while a model is built or trained, by one owner; afterwards it is read from any thread.
public final class Parameter: @unchecked Sendable {
    /// The key in checkpoints.
    public let name: String
    /// The current value.
    public private(set) var value: Tensor
    /// Whether it is a table of which a training step uses few rows, so that a ``ParameterBuffer`` keeps
    /// and applies gradients of these rows only.
    public let isSparse: Bool

    /// Creates a parameter.
    public init(_ name: String, _ value: Tensor, isSparse: Bool = false) {
        self.name = name
        self.value = value
        self.isSparse = isSparse
    }

    /// The size of each dimension.
    public var shape: [Int] { value.shape }

    /// The number of elements.
    public var count: Int { value.count }

    /// Moves the value to a part of a flat buffer, or to another tensor of its shape.
    package func move(to part: Tensor) { value = part }
}

/// Something with parameters.
public protocol Module: Sendable {
    /// All parameters, in a fixed order; a shared one appears once.
    var parameters: [Parameter] { get }
}

extension Module {
    /// The number of elements of all parameters.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }
}
