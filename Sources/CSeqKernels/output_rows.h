#pragma once
// What the losses of output.cpp and copying.cpp share.
#include "softmax.h"
#include "team.h"
#include <cmath>

namespace {

/// The rows whose losses are kept apart until they are added in order.
constexpr size_t kStack = 256;

SEQ_SIMD void shifted(float *y, const float *x, float shift, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = x[i] + shift;
}
/// x = factor · e^(x + shift).
SEQ_SIMD void softmax_scaled(float *x, float shift, float factor, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] = seq_expf(x[i] + shift) * factor;
}

/// log Σ e^x of a row.
double log_sum_exp(const float *x, size_t n) {
    float max = row_max(x, n);
    return double(max) + std::log(double(sum_exp_minus(x, max, n)));
}

/// Calls body(row, loss of the row) on rows in parallel and adds the losses in order, the first of each
/// times the weight of the row.
template <class Body>
void add_losses(size_t rows, size_t grain, const float *weights, double *loss, const Body &body) {
    for (size_t start = 0; start < rows; start += kStack) {
        double partial[kStack * 2];
        size_t n = std::min(kStack, rows - start);
        seq::parallel_range(n, grain, [&](size_t begin, size_t end) {
            for (size_t r = begin; r < end; r++) body(start + r, partial + 2 * r);
        });
        for (size_t r = 0; r < n; r++) {
            loss[0] += double(row_weight(weights, start + r)) * partial[2 * r];
            loss[1] += partial[2 * r + 1];
        }
    }
}

size_t row_grain(size_t width) { return std::max<size_t>(1, 4096 / std::max<size_t>(1, width)); }

}  // namespace
