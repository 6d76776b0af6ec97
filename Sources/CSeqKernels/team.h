#pragma once
// Splits work over the thread team: `seq_parallel_for` for C++ callables and for ranges.
#include "CSeqKernels.h"
#include <algorithm>
#include <cstddef>

namespace seq {

template <class Body>
void parallel(int tasks, const Body &body) {
    seq_parallel_for(
        tasks, [](void *context, int task) { (*static_cast<const Body *>(context))(task); },
        const_cast<Body *>(&body));
}

/// Calls body(begin, end) on near-equal parts of 0..<count, each a multiple of `grain` but the last,
/// and none smaller than `grain` if it can be helped.
template <class Body>
void parallel_range(size_t count, size_t grain, const Body &body) {
    size_t blocks = (count + grain - 1) / grain;
    size_t parts = std::min<size_t>(size_t(seq_threads()), blocks);
    if (parts <= 1) {
        if (count > 0) body(size_t(0), count);
        return;
    }
    parallel(int(parts), [&](int part) {
        size_t begin = blocks * size_t(part) / parts * grain;
        size_t end = std::min(count, blocks * size_t(part + 1) / parts * grain);
        if (begin < end) body(begin, end);
    });
}

}  // namespace seq
