#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "CSeqKernels.h"

// Scores and weights of attention over ragged memories, step by step (ragged.cpp).
// Dimension words are those of CSeqKernels.h; Q is the number of query rows. "Ragged" numbers lie flat:
// of each query row as many as its sequence of the memory has steps.

#ifdef __cplusplus
extern "C" {
#endif

/// Queries grouped by the sequence of the memory they attend to, each looking at a window of it.
/// Outside its window a row of ragged numbers is zero, and nothing is learned from there.
typedef struct {
    /// sequences of the memory, query rows.
    int B, Q;
    /// `[B+1]`: first row of each sequence in keys and values.
    const int32_t *_Nonnull memory_start;
    /// `[B+1]`: first entry of each sequence in query_row.
    const int32_t *_Nonnull query_start;
    /// `[Q]`: the query rows that attend to each sequence.
    const int32_t *_Nonnull query_row;
    /// `[Q+1]`: where the ragged numbers of each query row begin.
    const int32_t *_Nonnull weight_start;
    /// `[Q]`: the first position of each row's window and one past its last, counted from the start of
    /// the sequence; NULL for whole sequences.
    const int32_t *_Nullable window_first;
    const int32_t *_Nullable window_end;
} seq_ragged;

// MARK: Rows of different lengths

/// Row i of y becomes row `row[i]` of x; the start arrays tell where rows lie.
void seq_ragged_gather(float *_Nonnull y, const int32_t *_Nonnull y_start, const float *_Nonnull x,
                       const int32_t *_Nonnull x_start, const int32_t *_Nonnull row, size_t rows);
/// Row `row[i]` of x grows by row i of y, in the order of i.
void seq_ragged_scatter_add(float *_Nonnull x, const int32_t *_Nonnull x_start,
                            const float *_Nonnull y, const int32_t *_Nonnull y_start,
                            const int32_t *_Nonnull row, size_t rows);
/// y[i] = Σ_j x[i,j] · v[j] for x `[rows,width]`.
void seq_dot_rows(float *_Nonnull y, const float *_Nonnull x, const float *_Nonnull v, size_t rows,
                  size_t width);
/// y[i,j] = beta·y[i,j] + a[i] · v[j].
void seq_outer(float *_Nonnull y, const float *_Nonnull a, const float *_Nonnull v, float beta,
               size_t rows, size_t width);

// MARK: Scores

/// What a score is made of; the coverage term needs both of its parts or none.
typedef struct {
    seq_score score;
    /// features of queries and keys.
    int H;
    /// the factor of the dot score.
    float scale;
    /// `[H]`: v of the concat score; NULL for dot.
    const float *_Nullable v;
    /// What each query row has attended to so far, ragged.
    const float *_Nullable coverage;
    /// Its weight: `[H]` inside the tanh of the concat score, `[1]` beside the dot score.
    const float *_Nullable coverage_weight;
} seq_ragged_score;

/// scores = scale · query·key + w·coverage, or v·tanh(query + key + w·coverage) (See et al. 2017,
/// eq. 11).
void seq_ragged_scores(const seq_ragged *_Nonnull r, const seq_ragged_score *_Nonnull s,
                       const float *_Nonnull queries, const float *_Nonnull keys,
                       float *_Nonnull scores);
/// Its gradient. d_queries, d_coverage (ragged), d_v `[B,H]` and d_coverage_weight (`[B,H]` or
/// `[B,1]`), the last two a row a sequence to be summed, are written; d_keys is accumulated into. All
/// but d_queries may be NULL.
void seq_ragged_scores_backward(const seq_ragged *_Nonnull r, const seq_ragged_score *_Nonnull s,
                                const float *_Nonnull queries, const float *_Nonnull keys,
                                const float *_Nonnull d_scores, float *_Nonnull d_queries,
                                float *_Nullable d_keys, float *_Nullable d_v,
                                float *_Nullable d_coverage, float *_Nullable d_coverage_weight);

/// Scores that stand in the columns of a matrix `[Q,L]`: position s of a row is its column s, and zero
/// from column L on.
void seq_ragged_from_columns(const seq_ragged *_Nonnull r, const float *_Nonnull matrix, int L,
                             float *_Nonnull scores);
/// Its gradient: d_matrix `[Q,L]` is accumulated into.
void seq_ragged_from_columns_backward(const seq_ragged *_Nonnull r, const float *_Nonnull d_scores,
                                      int L, float *_Nonnull d_matrix);

// MARK: From scores to weights

/// The softmax of each row over its window.
void seq_ragged_softmax(const seq_ragged *_Nonnull r, const float *_Nonnull scores,
                        float *_Nonnull weights);
/// d_scores = beta·d_scores + the gradient, from the weights.
void seq_ragged_softmax_backward(const seq_ragged *_Nonnull r, const float *_Nonnull weights,
                                 const float *_Nonnull d_weights, float beta,
                                 float *_Nonnull d_scores);

/// The Euclidean projection of each row's window onto the simplex (Martins & Astudillo 2016,
/// algorithm 1).
void seq_ragged_sparsemax(const seq_ragged *_Nonnull r, const float *_Nonnull scores,
                          float *_Nonnull weights);
/// d_scores = beta·d_scores + the gradient, from the weights: on their support, d_weights less its
/// mean over the support (their eq. 14).
void seq_ragged_sparsemax_backward(const seq_ragged *_Nonnull r, const float *_Nonnull weights,
                                   const float *_Nonnull d_weights, float beta,
                                   float *_Nonnull d_scores);

/// result = weights · exp(-(s - center)² / (2·deviation²)) over the window (Luong et al. 2015, eq. 10);
/// centers `[Q]`.
void seq_ragged_gaussian(const seq_ragged *_Nonnull r, const float *_Nonnull weights,
                         const float *_Nonnull centers, float deviation, float *_Nonnull result);
/// Its gradient; d_weights = beta·d_weights + …, d_centers is written. Either may be NULL.
void seq_ragged_gaussian_backward(const seq_ragged *_Nonnull r, const float *_Nonnull weights,
                                  const float *_Nonnull centers, float deviation,
                                  const float *_Nonnull d_result, float beta,
                                  float *_Nullable d_weights, float *_Nullable d_centers);

/// result = gate · a + (1 - gate) · b with one gate a row, `[Q]`.
void seq_ragged_mix(const seq_ragged *_Nonnull r, const float *_Nonnull a, const float *_Nonnull b,
                    const float *_Nonnull gate, float *_Nonnull result);
/// Its gradient; all three are written.
void seq_ragged_mix_backward(const seq_ragged *_Nonnull r, const float *_Nonnull a,
                             const float *_Nonnull b, const float *_Nonnull gate,
                             const float *_Nonnull d_result, float *_Nonnull d_a,
                             float *_Nonnull d_b, float *_Nonnull d_gate);

/// result[q,s] = x[q,s] · factor[step], one factor a step of the memory, `[N]`.
void seq_ragged_scale_steps(const seq_ragged *_Nonnull r, const float *_Nonnull x,
                            const float *_Nonnull factors, float *_Nonnull result);
/// The gradient of the factors, `[N]`, accumulated into; that of x is seq_ragged_scale_steps of
/// d_result.
void seq_ragged_scale_steps_backward(const seq_ragged *_Nonnull r, const float *_Nonnull x,
                                     const float *_Nonnull d_result, float *_Nonnull d_factors);

// MARK: Contexts

/// context[q] = Σ_s weights[q,s] · values[s] over the window, `[Q,M]`.
void seq_ragged_context(const seq_ragged *_Nonnull r, const float *_Nonnull weights,
                        const float *_Nonnull values, int M, float *_Nonnull context);
/// Its gradient: d_weights is written, d_values accumulated into; either may be NULL.
void seq_ragged_context_backward(const seq_ragged *_Nonnull r, const float *_Nonnull weights,
                                 const float *_Nonnull values, int M,
                                 const float *_Nonnull d_context, float *_Nullable d_weights,
                                 float *_Nullable d_values);

// MARK: Monotonic attention

/// The expected alignment when each row scans its sequence from where the row before it stopped and
/// stops at position s with probability choice[s] (Raffel et al. 2017, eq. 8-11):
/// alignment[s] = choice[s] · arrival[s], arrival[s] = (1 - choice[s-1]) · arrival[s-1] + previous[s].
/// This form divides by nothing, so that it holds for choices of 0 and 1. Writes both.
void seq_ragged_monotonic(const seq_ragged *_Nonnull r, const float *_Nonnull choice,
                          const float *_Nonnull previous, float *_Nonnull arrival,
                          float *_Nonnull alignment);
/// Its gradient; both are written.
void seq_ragged_monotonic_backward(const seq_ragged *_Nonnull r, const float *_Nonnull choice,
                                   const float *_Nonnull arrival, const float *_Nonnull d_alignment,
                                   float *_Nonnull d_choice, float *_Nonnull d_previous);
/// One for the first position from the previous one on whose choice is at least 0.5, zero elsewhere;
/// previous has at most one nonzero number a row.
void seq_ragged_monotonic_hard(const seq_ragged *_Nonnull r, const float *_Nonnull choice,
                               const float *_Nonnull previous, float *_Nonnull alignment);

// MARK: Losses of alignments

/// sums[q] = Σ_s min(a, b) (See et al. 2017, eq. 12).
void seq_ragged_minimum(const seq_ragged *_Nonnull r, const float *_Nonnull a,
                        const float *_Nonnull b, float *_Nonnull sums);
/// The gradient of scale · Σ min(a, b): scale where a number is the smaller, half of it where both are
/// equal. d = beta·d + …; `first` tells whose gradient is wanted, that of a or of b.
void seq_minimum_backward(const float *_Nonnull a, const float *_Nonnull b, bool first, float scale,
                          float beta, float *_Nonnull d, size_t count);

#ifdef __cplusplus
}
#endif
