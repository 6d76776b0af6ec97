#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "CSeqKernels.h"

// Output layers for large vocabularies and mixtures (output.cpp) and for copying (copying.cpp), and
// optimizer steps on single rows.
// Dimension words are those of CSeqKernels.h; K components of a mixture, S sampled tokens.
//
// As in `seq_softmax_cross_entropy`, a loss adds to loss[0] the cross-entropy with label smoothing ε,
// weighted row by row, and to loss[1] the negative log-likelihood without weights, and with `gradient` the logits become scale times the
// gradient of loss[0]; otherwise they are destroyed.

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Adaptive softmax

/// y = x + shift[row] on every row; rows are y_stride and x_stride apart.
void seq_shift_rows(float *_Nonnull y, size_t y_stride, const float *_Nonnull x, size_t x_stride,
                    const float *_Nonnull shift, size_t rows, size_t width);

// MARK: Mixture of softmaxes (Yang et al. 2018, eq. 3)

/// The most components of a mixture.
enum { SEQ_MAXIMUM_MIXTURES = 64 };
/// The loss on p(v) = Σ_k prior[k] · softmax(logits[k])[v]. logits `[rows·K, V]`, the components of a
/// row below each other; log_prior and d_log_prior `[rows, K]`.
void seq_mixture_cross_entropy(float *_Nonnull logits, const float *_Nonnull log_prior,
                               const int32_t *_Nonnull targets, const float *_Nullable weights,
                               float epsilon, float scale, bool gradient, double *_Nonnull loss,
                               float *_Nullable d_log_prior, size_t rows, size_t K, size_t V);
/// y `[rows, V]` = log p.
void seq_mixture_log_probabilities(float *_Nonnull y, const float *_Nonnull logits,
                                   const float *_Nonnull log_prior, size_t rows, size_t K,
                                   size_t V);

// MARK: Sampled softmax (Jean et al. 2014)

/// The loss of choosing the target among itself and S sampled tokens. logits `[rows, S]`; chosen
/// `[rows]` holds the logits of the targets and receives their gradient; hit[row] is the sample that is
/// the target, which does not count, or -1. Smoothing spreads over the tokens that count.
void seq_sampled_cross_entropy(float *_Nonnull logits, float *_Nonnull chosen,
                               const int32_t *_Nonnull hit, const float *_Nullable weights,
                               float epsilon, float scale, bool gradient, double *_Nonnull loss,
                               size_t rows, size_t S);
/// y[r] = x[r] · table[index[r]] + bias[index[r]] - correction[r] for rows of `width`; bias may be
/// NULL.
void seq_gathered_dot(float *_Nonnull y, const float *_Nonnull x, const float *_Nonnull table,
                      const float *_Nullable bias, const float *_Nonnull correction,
                      const int32_t *_Nonnull index, size_t rows, size_t width);
/// y[r] += factor[r] · table[index[r]].
void seq_gathered_axpy(float *_Nonnull y, const float *_Nonnull factor,
                       const float *_Nonnull table, const int32_t *_Nonnull index, size_t rows,
                       size_t width);

// MARK: Two distributions of the same token (Wu et al. 2021, "R-Drop") (consistency.cpp)

/// logits `[rows·2, V]`, the two of a row below each other. Adds to loss half of the losses of both, to
/// divergence KL(p₁, p₂) + KL(p₂, p₁), weighted row by row. With `gradient` the logits become scale times the
/// gradient of loss[0] + alpha/4 · divergence.
void seq_consistent_cross_entropy(float *_Nonnull logits, const int32_t *_Nonnull targets,
                                  const float *_Nullable weights, float alpha, float epsilon,
                                  float scale, bool gradient, double *_Nonnull loss,
                                  double *_Nonnull divergence, size_t rows, size_t V);

// MARK: Copying from the source

typedef enum {
    /// p(v) = g · softmax(logits)[v] + (1 - g) · Σ weights of steps of v (See et al. 2017, eq. 9).
    SEQ_COPY_POINTER = 0,
    /// p(v) = (e^logits[v] + Σ e^score of steps of v) / Z (Gu et al. 2016, eq. 4 to 6).
    SEQ_COPY_JOINT = 1
} seq_copy_kind;

/// What the output rows may copy. Ids from V on are words that only the source has.
typedef struct {
    seq_copy_kind kind;
    /// `[rows + 1]`: where the weights (pointer) or scores (joint) of each row begin.
    const int32_t *_Nonnull weight_start;
    /// `[rows]`: the first memory step of the sequence that the row looks at.
    const int32_t *_Nonnull source_start;
    /// The id of each memory step in the extended vocabulary.
    const int32_t *_Nonnull token;
    /// For each memory step, the first step of its sequence with the same id, counted from the
    /// sequence's first.
    const int32_t *_Nonnull first;
} seq_copy_source;

/// The loss of rows first..<first + rows. logits `[rows, V]` of these rows; gate `[all rows]` is the
/// pre-activation of g = σ(gate), NULL for the joint kind; weights, d_weights and row_weights are those of
/// all rows.
/// d_gate and d_weights are written for these rows.
void seq_copy_cross_entropy(const seq_copy_source *_Nonnull source, float *_Nonnull logits,
                            const float *_Nullable gate, const float *_Nonnull weights,
                            const int32_t *_Nonnull targets, const float *_Nullable row_weights,
                            float epsilon, float scale, bool gradient, double *_Nonnull loss,
                            float *_Nullable d_gate, float *_Nullable d_weights, size_t first,
                            size_t rows, size_t V);
/// y `[rows, W]` = log p over the extended vocabulary W ≥ V; log 1e-30 where p is less and v ≥ V.
void seq_copy_log_probabilities(const seq_copy_source *_Nonnull source, float *_Nonnull y,
                                const float *_Nonnull logits, const float *_Nullable gate,
                                const float *_Nonnull weights, size_t first, size_t rows, size_t V,
                                size_t W);
/// y[r] = log p(targets[r]), the same number as above.
void seq_copy_target_log_probabilities(const seq_copy_source *_Nonnull source, float *_Nonnull y,
                                       const float *_Nonnull logits, const float *_Nullable gate,
                                       const float *_Nonnull weights,
                                       const int32_t *_Nonnull targets, size_t first, size_t rows,
                                       size_t V);

#ifdef __cplusplus
}
#endif
