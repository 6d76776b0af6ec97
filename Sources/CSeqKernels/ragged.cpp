// Scores and contexts of attention over ragged memories, and rows of different lengths.
#include "attention_rows.h"
#include "ragged_rows.h"
#include "scratch.h"
#include "simd.h"
#include <algorithm>

using seq::RaggedRow;

namespace {

SEQ_SIMD void dot_rows(float *__restrict y, const float *__restrict x, const float *__restrict v,
                       size_t rows, size_t width) {
    SEQ_REASSOCIATE
    for (size_t r = 0; r < rows; r++) {
        float sum = 0;
        for (size_t j = 0; j < width; j++) sum += x[r * width + j] * v[j];
        y[r] = sum;
    }
}

SEQ_SIMD void outer(float *__restrict y, const float *__restrict a, const float *__restrict v,
                    float beta, size_t rows, size_t width) {
    for (size_t r = 0; r < rows; r++) {
        float *row = y + r * width;
        if (beta == 0) {
            for (size_t j = 0; j < width; j++) row[j] = a[r] * v[j];
        } else {
            for (size_t j = 0; j < width; j++) row[j] += a[r] * v[j];
        }
    }
}

/// scores[s] = v · tanh(query + keys[s] + coverage[s] · w).
SEQ_SIMD void covered_scores(float *__restrict scores, const float *__restrict query,
                             const float *__restrict keys, const float *__restrict v,
                             const float *__restrict coverage, const float *__restrict w,
                             size_t steps, size_t H) {
    SEQ_REASSOCIATE
    for (size_t s = 0; s < steps; s++) {
        const float *key = keys + s * H;
        float c = coverage[s], sum = 0;
        for (size_t j = 0; j < H; j++) sum += v[j] * seq_tanhf(query[j] + key[j] + c * w[j]);
        scores[s] = sum;
    }
}

/// The gradient of covered_scores for one query; d_query is written, the others are accumulated into.
SEQ_SIMD void covered_backward(float *__restrict d_query, float *__restrict d_keys,
                               float *__restrict d_v, float *__restrict d_coverage,
                               float *__restrict d_w, const float *__restrict d_scores,
                               const float *__restrict query, const float *__restrict keys,
                               const float *__restrict v, const float *__restrict coverage,
                               const float *__restrict w, size_t steps, size_t H) {
    SEQ_REASSOCIATE
    for (size_t j = 0; j < H; j++) d_query[j] = 0;
    for (size_t s = 0; s < steps; s++) {
        float ds = d_scores[s], c = coverage[s], dc = 0;
        const float *key = keys + s * H;
        float *dk = d_keys + s * H;
        for (size_t j = 0; j < H; j++) {
            float t = seq_tanhf(query[j] + key[j] + c * w[j]);
            float g = ds * v[j] * (1.0f - t * t);
            d_query[j] += g;
            dk[j] += g;
            d_v[j] += ds * t;
            d_w[j] += c * g;
            dc += w[j] * g;
        }
        d_coverage[s] = dc;
    }
}

/// `count` zeros that belong to the thread.
float *zeros(seq::Scratch &scratch, size_t count) {
    float *memory = scratch.get<float>(count);
    std::memset(memory, 0, count * sizeof(float));
    return memory;
}

}  // namespace

extern "C" {

void seq_ragged_gather(float *y, const int32_t *y_start, const float *x, const int32_t *x_start,
                       const int32_t *row, size_t rows) {
    for (size_t i = 0; i < rows; i++) {
        const float *source = x + x_start[row[i]];
        std::copy(source, source + (y_start[i + 1] - y_start[i]), y + y_start[i]);
    }
}

void seq_ragged_scatter_add(float *x, const int32_t *x_start, const float *y,
                            const int32_t *y_start, const int32_t *row, size_t rows) {
    for (size_t i = 0; i < rows; i++) {
        float *destination = x + x_start[row[i]];
        const float *source = y + y_start[i];
        for (int32_t s = 0; s < y_start[i + 1] - y_start[i]; s++) destination[s] += source[s];
    }
}

void seq_dot_rows(float *y, const float *x, const float *v, size_t rows, size_t width) {
    seq::parallel_range(rows, 32, [=](size_t b, size_t e) {
        dot_rows(y + b, x + b * width, v, e - b, width);
    });
}

void seq_outer(float *y, const float *a, const float *v, float beta, size_t rows, size_t width) {
    seq::parallel_range(rows, 32, [=](size_t b, size_t e) {
        outer(y + b * width, a + b, v, beta, e - b, width);
    });
}

void seq_ragged_scores(const seq_ragged *r, const seq_ragged_score *score, const float *queries,
                       const float *keys, float *scores) {
    size_t H = size_t(score->H);
    seq::each_ragged_sequence(r, [=](int b) {
        thread_local seq::Scratch zero_scratch, weight_scratch;
        const float *memory = keys + size_t(r->memory_start[b]) * H;
        seq::each_row_of_sequence(r, b, [&](size_t query, const RaggedRow &row) {
            float *result = row.window(scores);
            const float *q = queries + query * H, *k = memory + row.begin * H;
            row.clear_outside(scores);
            if (score->score == SEQ_SCORE_DOT) {
                seq::row_dots(result, q, k, row.count(), H, score->scale);
                if (!score->coverage) return;
                const float *c = row.window(score->coverage);
                float w = score->coverage_weight[0];
                for (size_t s = 0; s < row.count(); s++) result[s] += w * c[s];
                return;
            }
            const float *c = score->coverage ? row.window(score->coverage)
                                             : zeros(zero_scratch, row.count());
            const float *w = score->coverage ? score->coverage_weight : zeros(weight_scratch, H);
            covered_scores(result, q, k, score->v, c, w, row.count(), H);
        });
    });
}

void seq_ragged_scores_backward(const seq_ragged *r, const seq_ragged_score *score,
                                const float *queries, const float *keys, const float *d_scores,
                                float *d_queries, float *d_keys, float *d_v, float *d_coverage,
                                float *d_coverage_weight) {
    size_t H = size_t(score->H);
    seq::each_ragged_sequence(r, [=](int b) {
        thread_local seq::Scratch scratch, key_scratch, weight_scratch, unused_scratch;
        size_t first = size_t(r->memory_start[b]);
        size_t steps = size_t(r->memory_start[b + 1]) - first;
        const float *memory = keys + first * H;
        bool is_dot = score->score == SEQ_SCORE_DOT;
        float *dk = d_keys ? d_keys + first * H : nullptr;
        if (!dk && !is_dot) dk = key_scratch.get<float>(steps * H);
        // Where the gradients of v and of the coverage's weight go when nobody wants them.
        float *unused = unused_scratch.get<float>(2 * H + 1);
        float *dv = d_v ? d_v + size_t(b) * H : unused;
        float *dw = d_coverage_weight ? d_coverage_weight + size_t(b) * (is_dot ? 1 : H)
                                      : unused + H;
        if (!is_dot) std::memset(dv, 0, H * sizeof(float));
        std::memset(dw, 0, (is_dot ? 1 : H) * sizeof(float));
        seq::each_row_of_sequence(r, b, [&](size_t query, const RaggedRow &row) {
            const float *ds = row.window(d_scores);
            const float *q = queries + query * H, *k = memory + row.begin * H;
            float *dq = d_queries + query * H;
            size_t n = row.count();
            float *buffer = scratch.get<float>(2 * n);
            float *dc = d_coverage ? row.window(d_coverage) : buffer;
            if (d_coverage) row.clear_outside(d_coverage);
            if (is_dot) {
                float *scaled = buffer + n;
                for (size_t s = 0; s < n; s++) scaled[s] = ds[s] * score->scale;
                seq::row_weighted_sum(dq, scaled, k, n, H);
                if (dk) seq::row_outer_add(dk + row.begin * H, scaled, q, n, H);
                if (!score->coverage) return;
                const float *c = row.window(score->coverage);
                for (size_t s = 0; s < n; s++) {
                    dc[s] = ds[s] * score->coverage_weight[0];
                    dw[0] += ds[s] * c[s];
                }
                return;
            }
            const float *c = score->coverage ? row.window(score->coverage)
                                             : (std::memset(buffer + n, 0, n * sizeof(float)),
                                                buffer + n);
            const float *w = score->coverage ? score->coverage_weight : zeros(weight_scratch, H);
            covered_backward(dq, dk + row.begin * H, dv, dc, dw, ds, q, k, score->v, c, w, n, H);
        });
    });
}

void seq_ragged_context(const seq_ragged *r, const float *weights, const float *values, int M,
                        float *context) {
    size_t width = size_t(M);
    seq::each_ragged_sequence(r, [=](int b) {
        const float *memory = values + size_t(r->memory_start[b]) * width;
        seq::each_row_of_sequence(r, b, [&](size_t query, const RaggedRow &row) {
            seq::row_weighted_sum(context + query * width, row.window(weights),
                                  memory + row.begin * width, row.count(), width);
        });
    });
}

void seq_ragged_context_backward(const seq_ragged *r, const float *weights, const float *values,
                                 int M, const float *d_context, float *d_weights,
                                 float *d_values) {
    size_t width = size_t(M);
    seq::each_ragged_sequence(r, [=](int b) {
        size_t first = size_t(r->memory_start[b]);
        seq::each_row_of_sequence(r, b, [&](size_t query, const RaggedRow &row) {
            const float *dc = d_context + query * width;
            size_t offset = (first + row.begin) * width;
            if (d_weights) {
                row.clear_outside(d_weights);
                seq::row_dots(row.window(d_weights), dc, values + offset, row.count(), width, 1);
            }
            if (d_values)
                seq::row_outer_add(d_values + offset, row.window(weights), dc, row.count(), width);
        });
    });
}

}  // extern "C"
