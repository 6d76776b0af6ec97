import CZlibShim

/// Memory that has been freed and that the allocator keeps for later.
public enum FreedMemory {
    /// Gives it back to the system, where the allocator can be told to.
    ///
    /// For after work that needed much memory once: the millions of strings of a sample otherwise leave
    /// hundreds of megabytes of holes.
    public static func giveBack() { seq_give_back_freed_memory() }
}
