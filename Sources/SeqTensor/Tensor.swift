import CSeqKernels
import Synchronization

/// An array of 32-bit floating point numbers with a shape, row-major.
///
/// A tensor is a value: its contents never change. Operations make new tensors and, while a ``Tape``
/// is active, note on it how to compute gradients.
public struct Tensor: Sendable {
    /// The size of each dimension.
    public let shape: [Int]
    let storage: Storage
    let offset: Int
    /// Which value this is, for the tape; reshaping keeps it.
    let id: UInt64

    private static let nextID = Atomic<UInt64>(1)

    init(storage: Storage, offset: Int = 0, shape: [Int], id: UInt64? = nil) {
        self.storage = storage
        self.offset = offset
        self.shape = shape
        self.id = id ?? Tensor.nextID.add(1, ordering: .relaxed).newValue
    }

    /// A tensor whose contents the caller is about to write.
    init(uninitialized shape: [Int]) {
        self.init(storage: Storage(count: shape.reduce(1, *)), shape: shape)
    }

    /// Creates a tensor from numbers in row-major order.
    public init(_ values: [Float], shape: [Int]) {
        precondition(
            shape.reduce(1, *) == values.count,
            "Tensor: \(values.count) values do not fill shape \(shape)")
        self.init(uninitialized: shape)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress {
                pointer.update(from: base, count: source.count)
            }
        }
    }

    /// Creates a vector.
    public init(_ values: [Float]) { self.init(values, shape: [values.count]) }

    /// Creates a tensor without dimensions.
    public init(_ value: Float) { self.init([value], shape: []) }

    /// Creates a tensor of equal numbers.
    public init(repeating value: Float, shape: [Int]) {
        self.init(uninitialized: shape)
        seq_fill(pointer, value, count)
    }

    /// Creates a tensor of zeros.
    public static func zeros(_ shape: [Int]) -> Tensor { Tensor(repeating: 0, shape: shape) }

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }

    /// The size of the first dimension; 1 for a scalar.
    public var rows: Int { shape.first ?? 1 }

    /// The elements in one row: the product of all dimensions but the first.
    public var rowWidth: Int { shape.dropFirst().reduce(1, *) }

    /// The size of the last dimension; 1 for a scalar.
    public var features: Int { shape.last ?? 1 }

    /// The elements in row-major order.
    public var values: [Float] {
        Array(UnsafeBufferPointer(start: pointer, count: count))
    }

    /// The only element of a tensor of one.
    public var item: Float {
        precondition(count == 1, "item: shape \(shape) has \(count) elements, not one")
        return pointer[0]
    }

    /// Calls `body` with the elements in row-major order.
    public func withUnsafeValues<Result>(
        _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        try body(UnsafeBufferPointer(start: pointer, count: count))
    }

    /// Where the elements start.
    ///
    /// Only the operation that has just made the tensor writes here.
    var pointer: UnsafeMutablePointer<Float> { storage.pointer + offset }

    /// The same elements under another shape; one dimension may be -1 and is inferred.
    public func reshaped(_ newShape: [Int]) -> Tensor {
        var newShape = newShape
        if let unknown = newShape.firstIndex(of: -1) {
            newShape[unknown] = 1
            let known = newShape.reduce(1, *)
            newShape[unknown] = known == 0 ? 0 : count / known
        }
        precondition(
            newShape.reduce(1, *) == count,
            "reshaped: \(shape) does not have the elements of \(newShape)")
        return Tensor(storage: storage, offset: offset, shape: newShape, id: id)
    }

    /// The same elements as a new value without gradient.
    public func detached() -> Tensor { Tensor(storage: storage, offset: offset, shape: shape) }
}

extension Tensor: CustomStringConvertible {
    /// The shape and the first few elements.
    public var description: String {
        let shown = values.prefix(8).map { "\($0)" }.joined(separator: ", ")
        return "Tensor\(shape)[\(shown)\(count > 8 ? ", …" : "")]"
    }
}
