import CSeqKernels

extension AttentionLayout {
    /// The number of weights of all queries.
    public var weightCount: Int { Int(weightStarts[queryCount]) }

    /// The length of the source of each query row.
    public var sourceLengths: [Int32] {
        zip(weightStarts, weightStarts.dropFirst()).map { $1 - $0 }
    }

    /// Calls `body` with the kernels' view of the layout.
    func withRagged(_ window: AttentionWindow? = nil, _ body: (UnsafePointer<seq_ragged>) -> Void) {
        precondition(
            window.map { $0.first.count == queryCount && $0.end.count == queryCount } ?? true,
            "attention: a window of \(window?.first.count ?? 0) rows for \(queryCount) queries")
        memory.starts.withUnsafePointer { memoryStarts in
            queryStarts.withUnsafePointer { queryStarts in
                queryRows.withUnsafePointer { queryRows in
                    weightStarts.withUnsafePointer { weightStarts in
                        var ragged = seq_ragged(
                            B: Int32(memory.batch), Q: Int32(queryCount),
                            memory_start: memoryStarts, query_start: queryStarts,
                            query_row: queryRows, weight_start: weightStarts, window_first: nil,
                            window_end: nil)
                        guard let window else { return body(&ragged) }
                        window.first.withUnsafePointer { first in
                            window.end.withUnsafePointer { end in
                                ragged.window_first = first
                                ragged.window_end = end
                                body(&ragged)
                            }
                        }
                    }
                }
            }
        }
    }

    /// Checks that `ragged` holds a number for each position of each query row.
    func check(_ ragged: Tensor, _ operation: StaticString) {
        precondition(
            ragged.count == weightCount,
            "\(operation): \(ragged.shape) is not the \(weightCount) weights of the layout")
    }
}
