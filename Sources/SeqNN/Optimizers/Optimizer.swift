public import SeqTensor

/// How parameters follow their gradients.
///
/// Of sparse parameters only the rows with a gradient change, and what is remembered of them.
public protocol Optimizer: AnyObject {
    /// Updates the parameters by the gradients in the buffer.
    ///
    /// - Parameters:
    ///   - learningRate: the step size.
    ///   - gradientScale: multiplies the gradients first, for clipping by norm.
    func update(_ buffer: ParameterBuffer, learningRate: Float, gradientScale: Float)

    /// What must be saved to continue later: named vectors.
    var state: [(name: String, tensor: Tensor)] { get }

    /// The number of updates so far.
    var step: Int { get }

    /// Takes up a saved state.
    func restore(step: Int, from file: Safetensors) throws
}

extension FlatBuffer {
    /// Takes up the saved vector `name`.
    func fill(from file: Safetensors, _ name: String) throws {
        let tensor = try file.tensor(name, shape: all.shape)
        update { destination in
            tensor.withUnsafeValues { _ = destination.update(from: $0) }
        }
    }
}
