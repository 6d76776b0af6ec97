// Softmax cross-entropy, and the output layer fused with it in blocks of rows.
#include "simd.h"
#include "team.h"
#include <cmath>

namespace {

/// Rows of one block: large enough for the products, small enough that its logits stay in the cache.
constexpr int kBlock = 256;

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

SEQ_SIMD void affine(float *x, float factor, float offset, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] = x[i] * factor + offset;
}

/// loss receives the smoothed loss and the negative log-likelihood of the row.
void row(float *logits, int32_t target, float epsilon, float scale, bool gradient, double *loss,
         size_t V) {
    float sum_logits;
    float max = row_max_and_sum(logits, V, &sum_logits);
    float chosen = logits[target];
    float sum = exp_in_place(logits, max, V);
    double normalizer = double(max) + std::log(double(sum));
    double likelihood = normalizer - double(chosen);
    loss[0] = (1.0 - double(epsilon)) * likelihood +
              double(epsilon) * (normalizer - double(sum_logits) / double(V));
    loss[1] = likelihood;
    if (!gradient) return;
    affine(logits, scale / sum, -scale * epsilon / float(V), V);
    logits[target] -= scale * (1.0f - epsilon);
}

}  // namespace

extern "C" {

void seq_softmax_cross_entropy(float *logits, const int32_t *targets, float epsilon, float scale,
                               bool gradient, double *loss, size_t rows, size_t V) {
    constexpr size_t stack = 256;
    for (size_t first = 0; first < rows; first += stack) {
        double partial[stack * 2];
        size_t n = std::min(stack, rows - first);
        seq::parallel_range(n, std::max<size_t>(1, 4096 / V), [&](size_t begin, size_t end) {
            for (size_t r = begin; r < end; r++)
                row(logits + (first + r) * V, targets[first + r], epsilon, scale, gradient,
                    partial + 2 * r, V);
        });
        for (size_t r = 0; r < n; r++) {
            loss[0] += partial[2 * r];
            loss[1] += partial[2 * r + 1];
        }
    }
}

int seq_linear_cross_entropy_block(void) { return kBlock; }

void seq_linear_cross_entropy(const float *hidden, size_t N, size_t H, size_t V,
                              const seq_packed *weight, const seq_packed *weight_transposed,
                              const float *bias, const int32_t *targets, float epsilon, float scale,
                              seq_precision precision, double *loss, float *d_hidden,
                              float *d_weight, float *d_bias, float beta_weight,
                              float *workspace) {
    bool gradient = d_hidden != nullptr;
    for (size_t first = 0; first < N; first += size_t(kBlock)) {
        size_t rows = std::min(size_t(kBlock), N - first);
        seq_matmul_packed(hidden + first * H, int(rows), weight, 0, bias, workspace);
        seq_softmax_cross_entropy(workspace, targets + first, epsilon, scale, gradient, loss, rows,
                                  V);
        if (!gradient) continue;
        seq_matmul_packed(workspace, int(rows), weight_transposed, 0, nullptr,
                          d_hidden + first * H);
        if (d_weight)
            seq_matmul(true, false, int(H), int(V), int(rows), hidden + first * H, int(H),
                       workspace, int(V), first == 0 ? beta_weight : 1, d_weight, int(V),
                       precision);
        if (d_bias) seq_sum_rows(d_bias, workspace, 1, rows, V);
    }
}

}  // extern "C"
