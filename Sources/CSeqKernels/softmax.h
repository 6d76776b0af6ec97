#pragma once
// The steps of a row's softmax that the losses and the operations on rows share.
#include "simd.h"
#include <cstddef>

namespace {

SEQ_SIMD float row_sum(const float *x, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    return sum;
}
SEQ_SIMD float row_max(const float *x, size_t n) {
    SEQ_REASSOCIATE
    float max = x[0];
    for (size_t i = 1; i < n; i++) max = x[i] > max ? x[i] : max;
    return max;
}

/// Σ e^(x - max).
SEQ_SIMD float sum_exp_minus(const float *x, float max, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += seq_expf(x[i] - max);
    return sum;
}

/// The largest element; *sum receives the sum of all.
SEQ_SIMD float row_max_and_sum(const float *x, size_t n, float *sum) {
    SEQ_REASSOCIATE
    float max = x[0], s = 0;
    for (size_t i = 0; i < n; i++) {
        max = x[i] > max ? x[i] : max;
        s += x[i];
    }
    *sum = s;
    return max;
}

/// x = e^(x - max); returns the sum.
SEQ_SIMD float exp_in_place(float *x, float max, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0;
    for (size_t i = 0; i < n; i++) {
        float e = seq_expf(x[i] - max);
        x[i] = e;
        sum += e;
    }
    return sum;
}

/// x = x · factor + offset.
SEQ_SIMD void affine(float *x, float factor, float offset, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] = x[i] * factor + offset;
}

/// What the loss of a row counts; without weights 1.
SEQ_INLINE float row_weight(const float *weights, size_t row) {
    return weights ? weights[row] : 1.0f;
}

}  // namespace
