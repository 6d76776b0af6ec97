public import SeqTensor

/// The exponential moving average of all parameters of a buffer (after Polyak & Juditsky 1992).
///
/// After update t it is average ← d·average + (1 - d)·parameters with d = min(decay, (1 + t)/(10 + t)), so
/// that the first parameters, which know nothing, are soon forgotten.
public final class ExponentialAverage {
    /// The share of the average that an update leaves, once there were enough updates.
    public let decay: Float
    private let average: FlatBuffer

    private static let key = "ema.parameters"

    /// Starts with the parameters of `buffer`.
    public init(_ buffer: ParameterBuffer, decay: Float) {
        self.decay = decay
        average = FlatBuffer(count: buffer.count, isPersistent: false)
        average.update { destination in
            buffer.values.all.withUnsafeValues { _ = destination.update(from: $0) }
        }
    }

    /// Takes the parameters after the update number `step`, counted from 1.
    public func update(_ buffer: ParameterBuffer, step: Int) {
        let warm = (1 + Float(step)) / (10 + Float(step))
        OptimizerKernels.average(average, of: buffer.values, rate: 1 - min(decay, warm))
    }

    /// Runs `body` while the parameters of the buffer are the averages.
    public func withAverage<Result>(
        in buffer: ParameterBuffer, _ body: () throws -> Result
    ) rethrows -> Result {
        exchange(with: buffer)
        defer { exchange(with: buffer) }
        return try body()
    }

    private func exchange(with buffer: ParameterBuffer) {
        OptimizerKernels.exchange(average, buffer.values)
    }

    /// What must be saved to continue later: a vector as long as the buffer.
    public var state: [(name: String, tensor: Tensor)] { [(ExponentialAverage.key, average.all)] }

    /// Takes up a saved state.
    public func restore(from file: Safetensors) throws {
        try average.fill(from: file, ExponentialAverage.key)
    }
}
