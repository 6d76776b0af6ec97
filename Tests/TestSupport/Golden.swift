#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
public import SeqTensor

/// Reference values that PyTorch computed in float64, made by `scripts/goldens/layers_make.py`.
public struct Golden {
    /// The tensors under their names: `input.X`, `parameter.X`, `output.X`, `gradient.X`.
    public let file: Safetensors

    /// Opens `Tests/Goldens/NAME.safetensors`.
    public init(_ name: String, filePath: String = #filePath) throws {
        let folder = URL(filePath: filePath).deletingLastPathComponent()
            .appending(path: "../Goldens").standardized.path(percentEncoded: false)
        file = try Safetensors(contentsOf: "\(folder)/\(name).safetensors")
    }

    /// The numbers of a tensor.
    public func callAsFunction(_ name: String) throws -> Tensor { try file.tensor(name) }

    /// The integers of a tensor.
    public func integers(_ name: String) throws -> [Int] { try file.integers(name) }

    /// The layout of the sequences whose lengths stand under `name`.
    public func layout(_ name: String) throws -> SequenceLayout {
        SequenceLayout(lengths: try integers(name))
    }

    /// The weighting of an output in the scalar whose gradients are stored.
    public func weighting(_ output: String) throws -> Tensor {
        try file.tensor("input.grad_output.\(output)")
    }
}

/// A safetensors file with the given tensors, for building modules from them.
public func checkpoint(_ tensors: [(name: String, tensor: Tensor)]) throws -> Safetensors {
    let folder = try TemporaryFolder()
    let path = folder.path("checkpoint.safetensors")
    var bytes = Data()
    Safetensors.write(tensors) { bytes.append(contentsOf: $0) }
    try bytes.write(to: URL(filePath: path))
    return try Safetensors(contentsOf: path)
}
