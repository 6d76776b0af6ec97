#pragma once
// A linear-chain conditional random field over the rows of a ragged batch (crf.cpp).
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// L labels, and what their neighbourhood is worth: `transitions` [L,L], from the row's label to the
/// column's, `begin` [L] for the first label of a sequence and `end` [L] for the last.
typedef struct {
    size_t labels;
    const float *_Nonnull transitions;
    const float *_Nonnull begin;
    const float *_Nonnull end;
} seq_crf;

/// The forward and backward recursions over emissions [N,L] of B sequences, whose rows begin at `starts`
/// [B+1]. Writes the logarithm of the partition function of each sequence, 0 for one without steps, the
/// probability of each label at each step to `marginals` [N,L], and, where wanted, what the pairs of
/// neighbours are made of: the probability of labels i, j at steps t, t+1 is
/// alpha[t,i] · e^(transitions[i,j] - their largest) · beta[t+1,j].
void seq_crf_marginals(const seq_crf *_Nonnull crf, const float *_Nonnull emissions,
                       const int32_t *_Nonnull starts, size_t batch, double *_Nonnull partitions,
                       float *_Nonnull marginals, double *_Nullable alpha, double *_Nullable beta);

/// The score of the given labels [N] of each sequence: emissions, transitions, begin and end added up.
void seq_crf_scores(const seq_crf *_Nonnull crf, const float *_Nonnull emissions,
                    const int32_t *_Nonnull labels, const int32_t *_Nonnull starts, size_t batch,
                    double *_Nonnull scores);

/// The gradients of Σ over sequences of weight · (partition - score of the labels), from what
/// `seq_crf_marginals` wrote; the marginals become the gradient of the emissions. `transitions` [L,L],
/// `begin` [L] and `end` [L] are written. `weights` [B] is 1 where NULL.
void seq_crf_gradient(const seq_crf *_Nonnull crf, const int32_t *_Nonnull labels,
                      const int32_t *_Nonnull starts, const float *_Nullable weights, size_t batch,
                      float *_Nonnull marginals, const double *_Nonnull alpha,
                      const double *_Nonnull beta, float *_Nonnull transitions,
                      float *_Nonnull begin, float *_Nonnull end);

/// The labels of the best path of each sequence and its score (Viterbi). Where `allowed` is given, as
/// [L+1,L+1] bytes, row L for the begin and column L for the end, paths go through ones alone; a
/// sequence without such a path gets the best of all. Ties go to the lower label.
void seq_crf_best(const seq_crf *_Nonnull crf, const float *_Nonnull emissions,
                  const int32_t *_Nonnull starts, const uint8_t *_Nullable allowed, size_t batch,
                  int32_t *_Nonnull labels, double *_Nonnull scores);

#ifdef __cplusplus
}
#endif
