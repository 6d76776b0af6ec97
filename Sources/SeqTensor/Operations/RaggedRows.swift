import CSeqKernels

/// A matrix whose rows have different lengths, such as one alignment over its source a query.
public struct RaggedRows: Sendable {
    /// The numbers of all rows, one row after the other, `[total]`.
    public let values: Tensor
    /// Where each row begins in ``values``, and one entry past the last.
    public let starts: [Int32]

    /// Creates rows from flat numbers and the places where they begin.
    public init(_ values: Tensor, starts: [Int32]) {
        precondition(
            starts.first == 0 && starts.last.map { Int($0) == values.count } == true,
            "RaggedRows: \(values.shape) does not fill rows that start at \(starts)")
        self.values = values
        self.starts = starts
    }

    /// The weights, or other numbers, of the queries of an attention.
    public init(_ values: Tensor, layout: AttentionLayout) {
        self.init(values, starts: layout.weightStarts)
    }

    /// The number of rows.
    public var rows: Int { starts.count - 1 }

    /// The length of each row.
    public var lengths: [Int] { zip(starts, starts.dropFirst()).map { Int($1 - $0) } }

    /// The numbers of row `index`, within ``values``.
    public func range(of index: Int) -> Range<Int> { Int(starts[index])..<Int(starts[index + 1]) }

    /// Rows `indices` in that order; indices may repeat.
    public func gatheringRows(_ indices: [Int32]) -> RaggedRows {
        precondition(
            indices.allSatisfy { $0 >= 0 && Int($0) < rows },
            "gatheringRows: an index is outside the \(rows) ragged rows")
        var newStarts: [Int32] = [0]
        newStarts.reserveCapacity(indices.count + 1)
        for index in indices {
            newStarts.append(
                newStarts[newStarts.count - 1] + starts[Int(index) + 1] - starts[Int(index)])
        }
        let result = Tensor(uninitialized: [Int(newStarts[indices.count])])
        seq_ragged_gather(
            result.pointer, newStarts, values.pointer, starts, indices, indices.count)
        Tape.record("gatheringRaggedRows", inputs: [values], outputs: [result]) {
            [values, starts] pass in
            guard let gradient = pass.gradient(result) else { return }
            pass.accumulatePart(values) { destination in
                seq_ragged_scatter_add(
                    destination, starts, gradient.pointer, newStarts, indices, indices.count)
            }
        }
        return RaggedRows(result, starts: newStarts)
    }

    /// The first `count` rows.
    public func prefix(_ count: Int) -> RaggedRows {
        precondition((0...rows).contains(count), "prefix: \(count) of \(rows) ragged rows")
        return RaggedRows(
            values.rows(0..<Int(starts[count])), starts: Array(starts.prefix(count + 1)))
    }
}

/// The part of its source that each query row looks at.
public struct AttentionWindow: Sendable {
    /// The first position of each row's window, counted from the start of its source.
    public let first: [Int32]
    /// One past its last.
    public let end: [Int32]

    /// The positions whose distance from `center` is at most `reach`, for each query row.
    ///
    /// - Parameters:
    ///   - centers: a place in its source for each query row, whole or between two positions; places
    ///     beyond an end count as that end.
    ///   - reach: at least 1, so that no window over a source is empty.
    ///   - layout: the sources.
    public init(around centers: [Float], reach: Int, layout: AttentionLayout) {
        precondition(
            centers.count == layout.queryCount && reach >= 1,
            "AttentionWindow: \(centers.count) centers for \(layout.queryCount) queries, reach \(reach)"
        )
        var (first, end): ([Int32], [Int32]) = ([], [])
        first.reserveCapacity(centers.count)
        end.reserveCapacity(centers.count)
        for (query, center) in centers.enumerated() {
            let length = layout.weightStarts[query + 1] - layout.weightStarts[query]
            // A center that is not a number belongs to a model that has diverged; it must not trap.
            let place = center.isFinite ? min(max(center, 0), Float(length)) : 0
            first.append(Int32((max(place - Float(reach), 0)).rounded(.up)))
            end.append(min(length, Int32((place + Float(reach)).rounded(.down)) + 1))
        }
        self.first = first
        self.end = end
    }
}
