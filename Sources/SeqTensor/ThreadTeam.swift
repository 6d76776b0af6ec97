import CSeqKernels

/// The one team of threads that all kernels run on.
public enum ThreadTeam {
    /// The number of threads; setting 0 means one a core.
    ///
    /// Set it before the first computation.
    public static var count: Int {
        get { Int(seq_threads()) }
        set { seq_threads_set(Int32(clamping: newValue)) }
    }

    /// Blocks, in the calling thread and in all threads that it makes from now on, the signals that come
    /// from outside.
    ///
    /// No handler of a signal may run on the stack of a thread inside a matrix product, whose stack pointer
    /// may point into the heap. Every product holds signals back by itself; that takes half a microsecond,
    /// up to 2 % of the time of small models on one thread. A program that has one thread to wait for
    /// signals, made after this call, saves it: that thread unblocks what it wants to take.
    public static func blockSignals() { seq_block_signals() }

    /// The name and version of the matrix library in use.
    public static var matrixLibrary: String { String(cString: seq_matmul_library()) }

    /// The multiply-adds of all matrix products since the process began, those of attention's own loops
    /// not counted.
    public static var multiplyAdds: UInt64 { seq_multiply_adds() }

    /// Runs `body` for 0..<`count` on the team, one index a thread at a time; kernels called inside
    /// run on the calling thread.
    ///
    /// The order of indices is not defined.
    public static func forEach(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let box = Box(body)
        withExtendedLifetime(box) {
            seq_parallel_for(
                Int32(count),
                { context, index in
                    guard let context else { return }
                    Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().body(Int(index))
                },
                Unmanaged.passUnretained(box).toOpaque())
        }
    }

    private final class Box: Sendable {
        let body: @Sendable (Int) -> Void
        init(_ body: @escaping @Sendable (Int) -> Void) { self.body = body }
    }
}
