import CSeqKernels

/// One flat block of memory that holds many parameters, or their gradients, one after the other.
package final class FlatBuffer: @unchecked Sendable {
    private let storage: Storage

    /// - Parameter isPersistent: whether the parts are weights that products should pack.
    package init(count: Int, isPersistent: Bool) {
        storage = Storage(count: count, isPersistent: isPersistent)
        seq_fill(storage.pointer, 0, count)
    }

    /// All numbers as one vector.
    package var all: Tensor { Tensor(storage: storage, shape: [storage.count]) }

    /// The part that starts at `offset`.
    package func part(at offset: Int, shape: [Int]) -> Tensor {
        precondition(
            offset + shape.reduce(1, *) <= storage.count,
            "FlatBuffer: \(shape) at \(offset) of \(storage.count)")
        return Tensor(storage: storage, offset: offset, shape: shape)
    }

    /// Calls `body` with the numbers to change, and has packed copies of weights made anew afterwards.
    package func update<Result>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        defer { storage.didChange() }
        return try body(UnsafeMutableBufferPointer(start: storage.pointer, count: storage.count))
    }
}

extension Tensor {
    /// The same numbers as a stored weight, which products pack once.
    package var stored: Tensor {
        let buffer = FlatBuffer(count: count, isPersistent: true)
        buffer.update { destination in
            withUnsafeValues { _ = destination.update(from: $0) }
        }
        return buffer.part(at: 0, shape: shape)
    }
}
