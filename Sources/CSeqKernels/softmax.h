#pragma once
// The steps of a row's softmax that the losses and the operations on rows share.
#include "lanes.h"
#include "simd.h"
#include <cstddef>

namespace {

SEQ_SIMD float row_sum(const float *x, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    return sum;
}
/// The largest element; *sum receives the sum of all unless it is null.
///
/// A maximum of floats in a loop stays scalar: the compiler has to heed NaNs and the sign of zero.
SEQ_SIMD float row_max(const float *x, size_t n, float *sum = nullptr) {
    SEQ_REASSOCIATE
    constexpr size_t kChains = 4;
    float max = x[0], s = 0;
    size_t i = 0;
    if (n >= kChains * kLanes) {
        Lanes greatest[kChains], total[kChains] = {};
        for (size_t c = 0; c < kChains; c++)
            greatest[c] = *reinterpret_cast<const LanesInMemory *>(x + c * kLanes);
        for (; i + kChains * kLanes <= n; i += kChains * kLanes) {
            for (size_t c = 0; c < kChains; c++) {
                Lanes v = *reinterpret_cast<const LanesInMemory *>(x + i + c * kLanes);
                greatest[c] = v > greatest[c] ? v : greatest[c];
                total[c] += v;
            }
        }
        for (size_t c = 1; c < kChains; c++) {
            greatest[0] = greatest[c] > greatest[0] ? greatest[c] : greatest[0];
            total[0] += total[c];
        }
        for (size_t l = 0; l < kLanes; l++) {
            max = greatest[0][l] > max ? greatest[0][l] : max;
            s += total[0][l];
        }
    }
    for (; i < n; i++) {
        max = x[i] > max ? x[i] : max;
        s += x[i];
    }
    if (sum) *sum = s;
    return max;
}

/// Σ e^(x - max).
SEQ_SIMD float sum_exp_minus(const float *x, float max, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += seq_expf(x[i] - max);
    return sum;
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
