public import SeqNN
public import SeqTensor

extension ParameterBuffer {
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
