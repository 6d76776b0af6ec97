import CSeqKernels
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The memory of tensors: blocks go back to the pool when a tensor dies and are handed out again, so
/// that a training step after the first few asks the system for nothing.
///
/// Sizes are rounded up to eight classes an octave; a request takes the smallest free block of its
/// own class or of one up to twice as large. Where there is none the system is asked, and free blocks
/// are given back so far that all blocks together stay within one and a half of the most that was ever
/// in use: batches of many sizes do not each leave their own blocks behind, and the start of a step,
/// when little is in use, does not give away what its end needs.
public enum MemoryPool {
    /// What the pool holds, in bytes.
    public struct Statistics: Sendable {
        /// Bytes of blocks that live tensors use.
        public var used = 0
        /// Bytes of blocks that wait for the next tensor.
        public var free = 0
        /// The most bytes in use so far, or since the last trim.
        public var mostUsed = 0
        /// The largest sum of blocks in use and waiting so far.
        public var peak = 0
        /// How many blocks were asked of the system so far.
        public var systemAllocations = 0
    }

    private struct State {
        var statistics = Statistics()
        var blocks: [[UInt]] = Array(repeating: [], count: 8 * 48)
        mutating func use(_ bytes: Int) {
            statistics.used += bytes
            statistics.mostUsed = max(statistics.mostUsed, statistics.used)
        }

        /// Gives free blocks back to the system, the largest first, until they and `bytes` more stay
        /// within bounds.
        mutating func releaseBlocks(before bytes: Int) {
            let most = statistics.mostUsed
            let limit = max(64 << 20, most + most / 2 - statistics.used)
            var index = blocks.count - 1
            while statistics.free + bytes > limit, index >= 0 {
                guard let address = blocks[index].popLast() else {
                    index -= 1
                    continue
                }
                returnToSystem(address, bytes: classBytes(index))
                statistics.free -= classBytes(index)
            }
        }
    }

    private static let state = Mutex(State())
    static let packedBytes = Atomic<Int>(0)
    private static let hugePage = 2 << 20

    /// The current figures.
    public static var statistics: Statistics { state.withLock { $0.statistics } }

    /// The bytes of weights in the layout that products take, which are not the pool's.
    public static var packedWeights: Int { packedBytes.load(ordering: .relaxed) }

    /// Gives all free blocks back to the system.
    public static func trim() {
        state.withLock { state in
            for index in state.blocks.indices {
                for address in state.blocks[index] {
                    returnToSystem(address, bytes: classBytes(index))
                }
                state.blocks[index].removeAll()
            }
            state.statistics.free = 0
            state.statistics.mostUsed = state.statistics.used
        }
    }

    /// Where C++ code finds no memory, ends the process with a message and 71, as tensors do; for programs
    /// that have nothing better to do then.
    public static func endsProcessWhenExhausted() { seq_end_when_new_fails() }

    /// The class of a size and the bytes of that class: 2^k · (8…15)/8.
    private static func sizeClass(_ bytes: Int) -> (index: Int, bytes: Int) {
        let size = max(bytes, 512)
        let octave = Int.bitWidth - 1 - (size - 1).leadingZeroBitCount
        let step = 1 << (octave - 3)
        let eighths = (size + step - 1) / step
        return eighths == 16
            ? ((octave + 1) * 8, 16 * step) : (octave * 8 + eighths - 8, eighths * step)
    }

    static func allocate(_ bytes: Int) -> (UnsafeMutableRawPointer, sizeClass: Int) {
        let (index, size) = sizeClass(bytes)
        let address = state.withLock { state -> (UInt, Int)? in
            for candidate in index..<min(index + 8, state.blocks.count) {
                if let address = state.blocks[candidate].popLast() {
                    let size = classBytes(candidate)
                    state.statistics.free -= size
                    state.use(size)
                    return (address, candidate)
                }
            }
            state.releaseBlocks(before: size)
            state.use(size)
            state.statistics.systemAllocations += 1
            state.statistics.peak = max(
                state.statistics.peak, state.statistics.used + state.statistics.free)
            return nil
        }
        if let (address, index) = address,
            let pointer = UnsafeMutableRawPointer(bitPattern: address)
        {
            return (pointer, index)
        }
        guard let pointer = takeFromSystem(size) else {
            // What waits in the pool is the last reserve.
            trim()
            guard let pointer = takeFromSystem(size) else {
                seq_out_of_memory(size, "a tensor")
            }
            return (pointer, index)
        }
        return (pointer, index)
    }

    /// From this size on blocks are mapped one by one, so that the system gets them back whole.
    private static let mappedSize = 1 << 19

    private static func takeFromSystem(_ bytes: Int) -> UnsafeMutableRawPointer? {
        guard bytes >= mappedSize else {
            var pointer: UnsafeMutableRawPointer?
            return posix_memalign(&pointer, 64, bytes) == 0 ? pointer : nil
        }
        let pointer = mmap(
            nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let pointer, pointer != MAP_FAILED else { return nil }
        #if os(Linux)
        if bytes >= 2 * hugePage { madvise(pointer, bytes, Int32(MADV_HUGEPAGE)) }
        #endif
        return pointer
    }

    private static func returnToSystem(_ address: UInt, bytes: Int) {
        let pointer = UnsafeMutableRawPointer(bitPattern: address)
        if bytes >= mappedSize { munmap(pointer, bytes) } else { free(pointer) }
    }

    static func release(_ pointer: UnsafeMutableRawPointer, sizeClass index: Int) {
        let size = classBytes(index)
        state.withLock { state in
            state.blocks[index].append(UInt(bitPattern: pointer))
            state.statistics.used -= size
            state.statistics.free += size
        }
    }

    private static func classBytes(_ index: Int) -> Int {
        (1 << (index / 8)) / 8 * (8 + index % 8)
    }
}
