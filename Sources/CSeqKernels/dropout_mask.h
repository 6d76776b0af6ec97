#pragma once
// Masks of operations that apply dropout to their own intermediate results, block by block.
#include "CSeqKernels.h"

namespace seq {

/// A key of its own for the mask of each operation, of which every block then takes a stream.
inline uint64_t mask_key(const seq_mask &mask) {
    uint64_t z = mask.key ^ (mask.stream * 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/// What seq_dropout multiplies the elements by that stay.
inline float kept_scale(float rate) {
    uint32_t threshold = uint32_t(rate * 65536.0f + 0.5f);
    return threshold >= 65536u ? 0.0f : 65536.0f / float(65536u - threshold);
}

}  // namespace seq
