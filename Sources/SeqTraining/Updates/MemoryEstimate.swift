/// What a run is estimated to need in memory at most, in bytes.
public struct MemoryEstimate: Sendable, Hashable {
    /// The parameters.
    public var parameters = 0
    /// Their gradients, without those of sparse tables.
    public var gradients = 0
    /// What the optimizer remembers.
    public var optimizer = 0
    /// Moving averages of the parameters.
    public var averages = 0
    /// Weights in the layout that products take.
    public var packedWeights = 0
    /// What the forward and backward pass of the largest batch keeps.
    public var activations = 0
    /// Blocks of memory that wait for the next tensor of their size.
    public var spare = 0
    /// The program, the data and the tokenizers.
    public var others = 0
    /// The limit: that of `training.memory`, or what the machine has free.
    public var limit = 0

    /// All of it.
    public var total: Int {
        parameters + gradients + optimizer + averages + packedWeights + activations + spare + others
    }
}
