import SeqModels
import SeqNN
import SeqTensor

/// The state of an optimizer as a safetensors file.
enum OptimizerFile {
    /// The metadata that says after which update it was saved.
    static let step = "step"

    static func write(_ optimizer: any Optimizer, to path: String) throws {
        try TensorFile.write(optimizer.state, metadata: [step: "\(optimizer.step)"], to: path)
    }
}
