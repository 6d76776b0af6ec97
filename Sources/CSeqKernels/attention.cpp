// Attention of query rows over the ragged memory of their sequences, forward and backward. Threads
// share out the sequences, so that gradients of keys and values need no locks.
#include "attention_rows.h"
#include "scratch.h"
#include "simd.h"
#include "team.h"
#include <cmath>
#include <cstring>

namespace {

/// scores[s] = v · tanh(query + keys[s]).
SEQ_SIMD void concat_scores(float *__restrict scores, const float *__restrict query,
                            const float *__restrict keys, const float *__restrict v, size_t steps,
                            size_t H) {
    SEQ_REASSOCIATE
    for (size_t s = 0; s < steps; s++) {
        const float *key = keys + s * H;
        float sum = 0;
        for (size_t j = 0; j < H; j++) sum += v[j] * seq_tanhf(query[j] + key[j]);
        scores[s] = sum;
    }
}

/// The gradient of concat_scores for one query.
SEQ_SIMD void concat_backward(float *__restrict d_query, float *__restrict d_keys,
                              float *__restrict d_v, const float *__restrict d_scores,
                              const float *__restrict query, const float *__restrict keys,
                              const float *__restrict v, size_t steps, size_t H) {
    SEQ_CONTRACT
    for (size_t j = 0; j < H; j++) d_query[j] = 0;
    for (size_t s = 0; s < steps; s++) {
        float ds = d_scores[s];
        const float *key = keys + s * H;
        float *dk = d_keys + s * H;
        for (size_t j = 0; j < H; j++) {
            float t = seq_tanhf(query[j] + key[j]);
            float g = ds * v[j] * (1.0f - t * t);
            d_query[j] += g;
            dk[j] += g;
            d_v[j] += ds * t;
        }
    }
}

}  // namespace

extern "C" {

void seq_attention_forward(const seq_attention *a, const float *queries, const float *keys,
                           const float *values, float *context, float *weights) {
    size_t H = size_t(a->H), M = size_t(a->M);
    seq::parallel(a->B, [=](int b) {
        size_t first = size_t(a->memory_start[b]);
        size_t steps = size_t(a->memory_start[b + 1]) - first;
        for (int q = a->query_start[b]; q < a->query_start[b + 1]; q++) {
            size_t row = size_t(a->query_row[q]);
            float *w = weights + a->weight_start[row];
            if (steps == 0) {
                std::memset(context + row * M, 0, M * sizeof(float));
                continue;
            }
            if (a->score == SEQ_SCORE_DOT)
                seq::row_dots(w, queries + row * H, keys + first * H, steps, H, a->scale);
            else
                concat_scores(w, queries + row * H, keys + first * H, a->v, steps, H);
            seq::row_softmax(w, steps);
            seq::row_weighted_sum(context + row * M, w, values + first * M, steps, M);
        }
    });
}

void seq_attention_backward(const seq_attention *a, const float *queries, const float *keys,
                            const float *values, const float *weights, const float *d_context,
                            const float *d_weights, float *d_queries, float *d_keys,
                            float *d_values, float *d_v) {
    size_t H = size_t(a->H), M = size_t(a->M);
    seq::parallel(a->B, [=](int b) {
        thread_local seq::Scratch score_scratch, key_scratch;
        size_t first = size_t(a->memory_start[b]);
        size_t steps = size_t(a->memory_start[b + 1]) - first;
        float *d_scores = score_scratch.get<float>(steps);
        float *dk = d_keys ? d_keys + first * H : nullptr;
        if (!dk && a->score == SEQ_SCORE_CONCAT) dk = key_scratch.get<float>(steps * H);
        if (a->score == SEQ_SCORE_CONCAT) std::memset(d_v + size_t(b) * H, 0, H * sizeof(float));
        for (int q = a->query_start[b]; q < a->query_start[b + 1]; q++) {
            size_t row = size_t(a->query_row[q]);
            const float *w = weights + a->weight_start[row];
            if (d_context) {
                seq::row_dots(d_scores, d_context + row * M, values + first * M, steps, M, 1);
                if (d_values)
                    seq::row_outer_add(d_values + first * M, w, d_context + row * M, steps, M);
            } else {
                std::memset(d_scores, 0, steps * sizeof(float));
            }
            if (d_weights)
                for (size_t s = 0; s < steps; s++)
                    d_scores[s] += d_weights[size_t(a->weight_start[row]) + s];
            float sum = 0;
            for (size_t s = 0; s < steps; s++) sum += d_scores[s] * w[s];
            for (size_t s = 0; s < steps; s++) d_scores[s] = w[s] * (d_scores[s] - sum);
            if (a->score == SEQ_SCORE_DOT) {
                for (size_t s = 0; s < steps; s++) d_scores[s] *= a->scale;
                seq::row_weighted_sum(d_queries + row * H, d_scores, keys + first * H, steps, H);
                if (dk) seq::row_outer_add(dk, d_scores, queries + row * H, steps, H);
            } else {
                concat_backward(d_queries + row * H, dk, d_v + size_t(b) * H, d_scores,
                                queries + row * H, keys + first * H, a->v, steps, H);
            }
        }
    });
}

}  // extern "C"
