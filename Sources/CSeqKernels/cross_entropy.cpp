// Softmax cross-entropy with its gradient, row by row.
#include "softmax.h"
#include "team.h"
#include <cmath>

namespace {

/// loss receives the smoothed loss and the negative log-likelihood of the row.
void row(float *logits, int32_t target, float epsilon, float scale, bool gradient, double *loss,
         size_t V) {
    float sum_logits;
    float max = row_max(logits, V, &sum_logits);
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

void seq_softmax_cross_entropy(float *logits, const int32_t *targets, const float *weights,
                               float epsilon, float scale, bool gradient, double *loss,
                               size_t rows, size_t V) {
    constexpr size_t stack = 256;
    for (size_t first = 0; first < rows; first += stack) {
        double partial[stack * 2];
        size_t n = std::min(stack, rows - first);
        seq::parallel_range(n, std::max<size_t>(1, 4096 / V), [&](size_t begin, size_t end) {
            for (size_t r = begin; r < end; r++)
                row(logits + (first + r) * V, targets[first + r], epsilon,
                    scale * row_weight(weights, first + r), gradient, partial + 2 * r, V);
        });
        for (size_t r = 0; r < n; r++) {
            loss[0] += double(row_weight(weights, first + r)) * partial[2 * r];
            loss[1] += partial[2 * r + 1];
        }
    }
}

}  // extern "C"
