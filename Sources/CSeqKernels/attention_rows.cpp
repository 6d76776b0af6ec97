// The loops over the positions of one query row.
#include "attention_rows.h"
#include "simd.h"

namespace {

SEQ_SIMD void dots(float *__restrict scores, const float *__restrict query,
                   const float *__restrict keys, size_t steps, size_t H, float scale) {
    SEQ_REASSOCIATE
    for (size_t s = 0; s < steps; s++) {
        const float *key = keys + s * H;
        float sum = 0;
        for (size_t j = 0; j < H; j++) sum += query[j] * key[j];
        scores[s] = sum * scale;
    }
}

SEQ_SIMD void weighted_sum(float *__restrict y, const float *__restrict weights,
                           const float *__restrict rows, size_t steps, size_t width) {
    SEQ_CONTRACT
    for (size_t j = 0; j < width; j++) y[j] = 0;
    for (size_t s = 0; s < steps; s++) {
        float w = weights[s];
        const float *row = rows + s * width;
        for (size_t j = 0; j < width; j++) y[j] += w * row[j];
    }
}

SEQ_SIMD void outer_add(float *__restrict rows, const float *__restrict weights,
                        const float *__restrict x, size_t steps, size_t width) {
    SEQ_CONTRACT
    for (size_t s = 0; s < steps; s++) {
        float w = weights[s];
        float *row = rows + s * width;
        for (size_t j = 0; j < width; j++) row[j] += w * x[j];
    }
}

SEQ_SIMD void softmax(float *x, size_t n) {
    SEQ_REASSOCIATE
    float max = x[0];
    for (size_t i = 1; i < n; i++) max = x[i] > max ? x[i] : max;
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i] = seq_expf(x[i] - max);
    for (size_t i = 0; i < n; i++) x[i] /= sum;
}

}  // namespace

namespace seq {

void row_dots(float *scores, const float *query, const float *keys, size_t steps, size_t H,
              float scale) {
    dots(scores, query, keys, steps, H, scale);
}

void row_weighted_sum(float *y, const float *weights, const float *rows, size_t steps,
                      size_t width) {
    weighted_sum(y, weights, rows, steps, width);
}

void row_outer_add(float *rows, const float *weights, const float *x, size_t steps, size_t width) {
    outer_add(rows, weights, x, steps, width);
}

void row_softmax(float *x, size_t n) { softmax(x, n); }

}  // namespace seq
