/// What the earlier steps of a decoder left behind for search, such as keys and values of
/// self-attention.
///
/// The tensors of a step stay where they were written; a hypothesis only knows which row of each of
/// them is its own. Reordering hypotheses therefore copies one index a step and hypothesis, and no
/// keys, but that now and then the rows nobody descends from are left out. A decoder has as many slots as it has things to remember (one a layer). Nothing here is
/// recorded for gradients: training runs over whole sequences.
public struct StepCache: Sendable {
    /// The tensors of each slot, step by step, `[rows at that step, width]`.
    private(set) var slots: [[Tensor]] = []
    /// For each row of now, the row of each step's tensors that it descends from: `[rows, steps]`.
    private(set) var ancestors: [Int32] = []
    /// The number of hypotheses, once there is a step.
    public private(set) var rows = 0
    /// The number of steps so far, with the one that is being appended.
    public private(set) var steps = 0

    /// How often rows were gathered since the tensors were last rid of rows that nobody descends from.
    private var gathers = 0

    /// How often rows are gathered until that is done again: looking for them takes a pass over all ancestors.
    private static let compactionInterval = 8

    /// The bytes of the tensors, those of rows that nobody descends from included.
    public var bytes: Int {
        slots.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } } * MemoryLayout<Float>.stride
    }

    /// Creates a cache without steps.
    public init() {}

    /// Appends what the current step leaves in a slot.
    ///
    /// The first slot that is appended to begins the step; every slot must be appended to once a step.
    ///
    /// - Parameters:
    ///   - tensor: `[rows, width]`, a row a hypothesis.
    ///   - slot: which thing to remember, counted from 0.
    public mutating func append(_ tensor: Tensor, to slot: Int) {
        while slots.count <= slot { slots.append([]) }
        if slots[slot].count == steps { beginStep(tensor.rows) }
        precondition(
            tensor.rows == rows && slots[slot].count == steps - 1,
            "StepCache.append: \(tensor.shape) to slot \(slot) with \(slots[slot].count) steps; the cache has \(rows) rows and \(steps) steps"
        )
        slots[slot].append(tensor.detached())
    }

    private mutating func beginStep(_ count: Int) {
        precondition(
            steps == 0 || count == rows,
            "StepCache.append: a step of \(count) rows after one of \(rows)")
        var extended: [Int32] = []
        extended.reserveCapacity(count * (steps + 1))
        for row in 0..<count {
            extended += ancestors[(row * steps)..<((row + 1) * steps)]
            extended.append(Int32(row))
        }
        ancestors = extended
        rows = count
        steps += 1
    }

    /// The cache of other rows; rows may repeat.
    public func gatheringRows(_ indices: [Int32]) -> StepCache {
        guard steps > 0 else { return self }
        precondition(
            indices.allSatisfy { $0 >= 0 && Int($0) < rows },
            "StepCache.gatheringRows: an index is outside the \(rows) rows")
        var result = self
        result.rows = indices.count
        result.ancestors = []
        result.ancestors.reserveCapacity(indices.count * steps)
        for index in indices {
            let start = Int(index) * steps
            result.ancestors += ancestors[start..<(start + steps)]
        }
        result.gathers += 1
        if result.gathers >= StepCache.compactionInterval { result.compact() }
        return result
    }

    /// Leaves out the rows of earlier steps that no row of now descends from, where they are a quarter of the
    /// rows or more: hypotheses that go on share most of their past, and finished sources have no future.
    private mutating func compact() {
        gathers = 0
        guard slots.allSatisfy({ $0.count == steps }) else { return }
        for step in 0..<steps {
            let stored = slots[0][step].rows
            var places = [Int32](repeating: -1, count: stored)
            var kept: [Int32] = []
            for row in 0..<rows {
                let ancestor = ancestors[row * steps + step]
                if places[Int(ancestor)] < 0 {
                    places[Int(ancestor)] = Int32(kept.count)
                    kept.append(ancestor)
                }
            }
            guard kept.count * 4 <= stored * 3 else { continue }
            for row in 0..<rows {
                let at = row * steps + step
                ancestors[at] = places[Int(ancestors[at])]
            }
            for slot in slots.indices {
                slots[slot][step] = slots[slot][step].gatheringRows(kept)
            }
        }
    }

    /// The cache of the first `count` rows.
    public func prefix(_ count: Int) -> StepCache {
        guard steps > 0 else { return self }
        precondition(count <= rows, "StepCache.prefix: \(count) of \(rows) rows")
        var result = self
        result.rows = count
        result.ancestors = Array(ancestors.prefix(count * steps))
        return result
    }

    /// What a slot holds of step `step`, `[rows, width]`, in the order of the rows of now.
    public func tensor(_ slot: Int, step: Int) -> Tensor {
        precondition(
            slot < slots.count && step < slots[slot].count,
            "StepCache: no step \(step) in slot \(slot)")
        let indices = (0..<rows).map { ancestors[$0 * steps + step] }
        return slots[slot][step].gatheringRows(indices)
    }
}
