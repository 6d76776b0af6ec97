import Synchronization

/// How the sequences of a ragged batch lie in one matrix of steps: one after the other, without
/// padding.
public final class SequenceLayout: Sendable {
    /// The number of steps of each sequence.
    public let lengths: [Int]
    /// The first row of each sequence, and one entry past the last.
    public let starts: [Int32]
    private let schedules = Mutex<[ScheduleKey: Schedule]>([:])

    private struct ScheduleKey: Hashable {
        var shards: Int
        var isReversed: Bool
    }

    /// Creates the layout of sequences with the given numbers of steps.
    public init(lengths: [Int]) {
        self.lengths = lengths
        var starts: [Int32] = [0]
        starts.reserveCapacity(lengths.count + 1)
        for length in lengths {
            precondition(length >= 0, "SequenceLayout: length \(length) is negative")
            starts.append(starts[starts.count - 1] + Int32(length))
        }
        self.starts = starts
    }

    /// The number of sequences.
    public var batch: Int { lengths.count }

    /// The number of steps of all sequences.
    public var steps: Int { Int(starts[starts.count - 1]) }

    /// The rows of sequence `index`.
    public func rows(of index: Int) -> Range<Int> { Int(starts[index])..<Int(starts[index + 1]) }

    /// The order in which a recurrent layer walks this batch, made once.
    public func schedule(shards: Int = 1, isReversed: Bool = false) -> Schedule {
        schedules.withLock { schedules in
            let key = ScheduleKey(shards: shards, isReversed: isReversed)
            if let found = schedules[key] { return found }
            let made = Schedule(self, shards: shards, isReversed: isReversed)
            schedules[key] = made
            return made
        }
    }

    /// The rows in which each sequence runs backwards.
    public var reversedRows: [Int32] {
        lengths.indices.flatMap { index in
            (starts[index]..<starts[index + 1]).reversed()
        }
    }

    /// The time step that each row is, counted from 0.
    public var stepOfRow: [Int32] {
        lengths.flatMap { length in (0..<Int32(length)) }
    }

    /// The sequence that each row belongs to.
    public var sequenceOfRow: [Int32] {
        lengths.indices.flatMap { index in
            repeatElement(Int32(index), count: lengths[index])
        }
    }
}

/// The order in which a recurrent layer walks a ragged batch: time step by time step, at each only
/// the sequences that still have one.
///
/// Sequences are sorted by falling length and dealt to `shards`, which are independent of each other.
/// The packed rows of time step `t` of a shard are those of its sequences that have a step `t`, so the
/// rows of step `t - 1` begin with the same sequences.
public final class Schedule: Sendable {
    /// The number of independent shards.
    public let shards: Int
    /// The first entry of each shard in ``stepStarts``, and one past the last.
    let shardFirstStep: [Int32]
    /// The packed row at which each time step of each shard starts, and one entry past its last.
    let stepStarts: [Int32]
    /// The first entry of each shard in ``sequences``, and one past the last.
    let shardFirstSequence: [Int32]
    /// The sequences of each shard, longest first.
    public let sequences: [Int32]
    /// The row of the ragged batch that each packed row stands for.
    public let rows: [Int32]

    init(_ layout: SequenceLayout, shards: Int, isReversed: Bool) {
        let order = layout.lengths.indices.sorted {
            layout.lengths[$0] != layout.lengths[$1]
                ? layout.lengths[$0] > layout.lengths[$1] : $0 < $1
        }
        let shards = max(1, min(shards, order.count))
        var shardFirstStep: [Int32] = [0]
        var stepStarts: [Int32] = []
        var shardFirstSequence: [Int32] = [0]
        var sequences: [Int32] = []
        var rows: [Int32] = []
        rows.reserveCapacity(layout.steps)
        for shard in 0..<shards {
            let members = stride(from: shard, to: order.count, by: shards).map { order[$0] }
            sequences += members.map(Int32.init)
            shardFirstSequence.append(Int32(sequences.count))
            var active = members.count
            var time = 0
            while true {
                while active > 0, layout.lengths[members[active - 1]] <= time { active -= 1 }
                stepStarts.append(Int32(rows.count))
                if active == 0 { break }
                for member in members[..<active] {
                    let step = isReversed ? layout.lengths[member] - 1 - time : time
                    rows.append(layout.starts[member] + Int32(step))
                }
                time += 1
            }
            shardFirstStep.append(Int32(stepStarts.count))
        }
        self.shards = shards
        self.shardFirstStep = shardFirstStep
        self.stepStarts = stepStarts
        self.shardFirstSequence = shardFirstSequence
        self.sequences = sequences
        self.rows = rows
    }

    /// The packed rows of each time step; for schedules of one shard.
    public var timeSteps: [Range<Int>] {
        precondition(shards == 1, "timeSteps: the schedule has \(shards) shards")
        return (0..<(stepStarts.count - 1)).map { Int(stepStarts[$0])..<Int(stepStarts[$0 + 1]) }
    }

    /// Where each row of the ragged batch stands in packed order: the inverse of ``rows``.
    public var packedRows: [Int32] {
        var inverse = [Int32](repeating: 0, count: rows.count)
        for (packed, row) in rows.enumerated() { inverse[Int(row)] = Int32(packed) }
        return inverse
    }
}

/// A ragged batch of sequences of vectors: one matrix of all steps, and where each sequence lies.
public struct Sequences: Sendable {
    /// All steps, `[steps, features]`.
    public let steps: Tensor
    /// Where each sequence lies in ``steps``.
    public let layout: SequenceLayout

    /// Creates a batch from its steps, `[steps, features]`, and their layout.
    public init(_ steps: Tensor, layout: SequenceLayout) {
        precondition(
            steps.rows == layout.steps,
            "Sequences: \(steps.shape) does not have the \(layout.steps) steps of its layout")
        self.steps = steps
        self.layout = layout
    }

    /// The number of features of a step.
    public var features: Int { steps.rowWidth }

    /// The same sequences with other features.
    public func with(_ steps: Tensor) -> Sequences { Sequences(steps, layout: layout) }
}

/// A ragged batch of token sequences.
public struct TokenSequences: Sendable {
    /// The tokens of all sequences, one sequence after the other.
    public let tokens: [Int32]
    /// Where each sequence lies in ``tokens``.
    public let layout: SequenceLayout

    /// Creates a batch from separate sequences.
    public init(_ sequences: [[Int32]]) {
        tokens = Array(sequences.joined())
        layout = SequenceLayout(lengths: sequences.map(\.count))
    }

    /// Creates a batch from joined tokens and their layout.
    public init(tokens: [Int32], layout: SequenceLayout) {
        precondition(
            tokens.count == layout.steps,
            "TokenSequences: \(tokens.count) tokens for \(layout.steps) steps")
        self.tokens = tokens
        self.layout = layout
    }
}
