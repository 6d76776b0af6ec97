#pragma once
// Rounding float32 to bfloat16 (nearest, ties to even), as numbers of 16 bits or kept in float32.
#include "simd.h"
#include <cstddef>

namespace seq {

SEQ_INLINE uint16_t bfloat16_bits(float x) {
    uint32_t bits;
    __builtin_memcpy(&bits, &x, 4);
    uint32_t rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
    // Rounding must not turn a NaN with a small payload into infinity.
    bool nan = (bits & 0x7FFFFFFFu) > 0x7F800000u;
    return uint16_t(nan ? (bits >> 16) | 0x40u : rounded);
}

SEQ_SIMD static inline void to_bfloat16(uint16_t *__restrict y, const float *__restrict x,
                                        size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = bfloat16_bits(x[i]);
}

SEQ_SIMD static inline void round_to_bfloat16(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = uint32_t(bfloat16_bits(x[i])) << 16;
        __builtin_memcpy(&y[i], &bits, 4);
    }
}

}  // namespace seq
