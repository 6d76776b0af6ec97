import CSeqKernels
import Synchronization

/// The memory behind tensors: from the pool, or borrowed from an owner such as the bytes of a file.
///
/// Contents do not change once an operation has filled them. The exception is the storage of
/// parameters, which an optimizer updates between steps; it then counts up `version`, so that packed
/// copies of weights are made anew.
final class Storage: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Float>
    let count: Int
    /// Whether the contents are weights that are worth packing for products.
    let isPersistent: Bool
    private let sizeClass: Int?
    private let owner: AnyObject?
    private let packed = Mutex<[PackedWeight.Key: PackedWeight]>([:])
    private let versionCounter = Atomic<Int>(0)

    init(count: Int, isPersistent: Bool = false) {
        let (memory, sizeClass) = MemoryPool.allocate(max(count, 1) * MemoryLayout<Float>.stride)
        pointer = memory.bindMemory(to: Float.self, capacity: max(count, 1))
        self.count = count
        self.isPersistent = isPersistent
        self.sizeClass = sizeClass
        owner = nil
    }

    /// Borrows `count` numbers at `pointer`, which `owner` keeps alive and nobody writes to.
    init(borrowing pointer: UnsafePointer<Float>, count: Int, owner: AnyObject) {
        self.pointer = UnsafeMutablePointer(mutating: pointer)
        self.count = count
        isPersistent = true
        sizeClass = nil
        self.owner = owner
    }

    deinit {
        if let sizeClass {
            MemoryPool.release(UnsafeMutableRawPointer(pointer), sizeClass: sizeClass)
        }
    }

    var version: Int { versionCounter.load(ordering: .acquiring) }

    /// Tells that the contents have changed.
    func didChange() { versionCounter.add(1, ordering: .releasing) }

    /// The `[rows, columns]` matrix at `offset`, or its transpose, packed for products; made once for
    /// each version of the contents.
    func packedWeight(_ key: PackedWeight.Key) -> PackedWeight {
        let current = version
        return packed.withLock { packed in
            if let found = packed[key] {
                if found.version != current {
                    found.update(from: pointer + key.offset, version: current)
                }
                return found
            }
            let made = PackedWeight(key)
            made.update(from: pointer + key.offset, version: current)
            packed[key] = made
            return made
        }
    }
}

/// A weight matrix in the layout that the matrix library multiplies fastest.
final class PackedWeight: @unchecked Sendable {
    struct Key: Hashable {
        var offset: Int
        /// Rows and columns of the packed matrix.
        var rows: Int
        var columns: Int
        /// Whether memory holds the transpose of the packed matrix.
        var isTransposed: Bool
        var precision: Precision
    }

    let key: Key
    let handle: OpaquePointer
    private(set) var version = -1

    init(_ key: Key) {
        self.key = key
        guard
            let handle = seq_packed_create(
                Int32(key.rows), Int32(key.columns), key.precision.kernelValue)
        else { seq_out_of_memory(key.rows * key.columns * key.precision.bytes, "a packed weight") }
        self.handle = handle
        MemoryPool.packedBytes.add(bytes, ordering: .relaxed)
    }

    deinit {
        seq_packed_free(handle)
        MemoryPool.packedBytes.subtract(bytes, ordering: .relaxed)
    }

    /// Without what pads blocks.
    private var bytes: Int { key.rows * key.columns * key.precision.bytes }

    func update(from weight: UnsafePointer<Float>, version: Int) {
        seq_packed_update(handle, weight, key.isTransposed)
        self.version = version
    }
}
