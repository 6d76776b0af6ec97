#pragma once
// Where the ragged numbers of a query row lie, and how the team shares out query rows or sequences.
#include "CSeqKernels.h"
#include "team.h"
#include <cstddef>
#include <cstring>

namespace seq {

/// One query row of ragged numbers and its window, begin..<end of 0..<length.
struct RaggedRow {
    size_t start, length, begin, end;

    RaggedRow(const seq_ragged *r, size_t query)
        : start(size_t(r->weight_start[query])),
          length(size_t(r->weight_start[query + 1]) - start),
          begin(r->window_first ? size_t(r->window_first[query]) : 0),
          end(r->window_end ? size_t(r->window_end[query]) : length) {}

    /// The numbers of the window.
    size_t count() const { return end - begin; }
    /// The window within flat numbers.
    float *window(float *x) const { return x + start + begin; }
    const float *window(const float *x) const { return x + start + begin; }
    /// Zeroes what lies outside the window.
    void clear_outside(float *x) const {
        std::memset(x + start, 0, begin * sizeof(float));
        std::memset(x + start + end, 0, (length - end) * sizeof(float));
    }
};

/// Calls body(query, row) for all query rows, on the team.
template <class Body>
void each_ragged_row(const seq_ragged *r, const Body &body) {
    parallel_range(size_t(r->Q), 32, [&](size_t first, size_t last) {
        for (size_t query = first; query < last; query++) body(query, RaggedRow(r, query));
    });
}

/// Calls body(sequence) for all sequences of the memory, on the team: whoever adds to the memory's
/// gradient is alone there, and adds in the order of the query rows.
template <class Body>
void each_ragged_sequence(const seq_ragged *r, const Body &body) {
    parallel(r->B, body);
}

/// Calls body(query, row) for the query rows of a sequence.
template <class Body>
void each_row_of_sequence(const seq_ragged *r, int sequence, const Body &body) {
    for (int i = r->query_start[sequence]; i < r->query_start[sequence + 1]; i++) {
        size_t query = size_t(r->query_row[i]);
        body(query, RaggedRow(r, query));
    }
}

}  // namespace seq
