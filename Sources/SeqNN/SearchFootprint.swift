/// How much memory a part of a model takes while outputs are searched or scored, in numbers of 4 bytes.
///
/// A part states it of itself, so that what a batch will hold is known before it is begun. Sums are of what
/// is there at once; they may be a little high, and are not low.
public struct SearchFootprint: Sendable, Hashable {
    /// For each hypothesis, however long it is: its state, and what a step works with.
    public var perRow: Double
    /// For each hypothesis and step that it has made: what is remembered of earlier steps.
    public var perStep: Double
    /// For each step of the memory of a source: what is prepared once, such as keys and values.
    public var perMemoryStep: Double
    /// For each hypothesis and step of its source's memory: weights of attention that are always computed.
    public var perRowAndMemoryStep: Double
    /// The same where weights are wanted and would not be computed otherwise.
    public var perWantedWeight: Double

    /// Collects the numbers.
    public init(
        perRow: Int = 0, perStep: Int = 0, perMemoryStep: Int = 0, perRowAndMemoryStep: Int = 0,
        perWantedWeight: Int = 0
    ) {
        self.perRow = Double(perRow)
        self.perStep = Double(perStep)
        self.perMemoryStep = Double(perMemoryStep)
        self.perRowAndMemoryStep = Double(perRowAndMemoryStep)
        self.perWantedWeight = Double(perWantedWeight)
    }

    /// Of two parts together.
    public static func + (a: SearchFootprint, b: SearchFootprint) -> SearchFootprint {
        var sum = a
        sum.perRow += b.perRow
        sum.perStep += b.perStep
        sum.perMemoryStep += b.perMemoryStep
        sum.perRowAndMemoryStep += b.perRowAndMemoryStep
        sum.perWantedWeight += b.perWantedWeight
        return sum
    }
}
