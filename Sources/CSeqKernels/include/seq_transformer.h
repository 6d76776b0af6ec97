#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "CSeqKernels.h"

// Multi-head attention over ragged batches (multihead_attention.cpp), rotary positions, gated units
// and residual connections of Transformers (transformer.cpp). Dimension words are those of
// CSeqKernels.h.

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Dropout

/// A mask that the backward pass draws again. `rate` 0 is no dropout.
typedef struct {
    float rate;
    uint64_t key, stream;
} seq_mask;

// MARK: Multi-head attention

/// Scaled dot-product attention with several heads (Vaswani et al. 2017, section 3.2): the rows of
/// queries and of memory hold the heads beside each other, `[rows, heads · width]`, and may be columns
/// of wider matrices.
typedef struct {
    /// sequences, heads, features of one head.
    int B, heads, width;
    /// Whether a query sees the memory only up to its own place; queries and memory then have equal
    /// lengths.
    bool causal;
    float scale;
    /// `[B+1]`: the queries of each sequence are the entries start[b]..<start[b+1] of query_row, or
    /// these rows themselves if query_row is NULL.
    const int32_t *_Nonnull query_start;
    const int32_t *_Nullable query_row;
    /// `[B+1]`: the first row of each sequence in keys and values.
    const int32_t *_Nonnull memory_start;
    /// Distances between rows of queries, of keys and values, and of contexts.
    size_t query_stride, memory_stride, context_stride;
    /// Dropout of the weights.
    seq_mask mask;
} seq_heads;

/// The numbers that seq_heads_forward keeps as `weights`: for each sequence and head a matrix
/// `[queries, memory]`, its rows padded to whole vectors. Those that dropped out carry a minus sign.
size_t seq_heads_weight_count(const seq_heads *_Nonnull a);
/// context = dropout(softmax(scale · Q·Kᵀ))·V of each sequence and head; zeros where the memory has no
/// steps. weights may be NULL. A row depends on its own query and memory only.
void seq_heads_forward(const seq_heads *_Nonnull a, const float *_Nonnull queries,
                       const float *_Nonnull keys, const float *_Nonnull values,
                       float *_Nonnull context, float *_Nullable weights);
/// The weights before dropout, averaged over heads; those of query row r begin at mean[start[r]].
void seq_heads_mean_weights(const seq_heads *_Nonnull a, const float *_Nonnull weights,
                            const int32_t *_Nonnull start, float *_Nonnull mean);
/// Gradients with the strides of what they belong to; queries = beta_queries · queries + … and
/// likewise keys and values, with beta 0 or 1. d_context or d_mean (laid out as `mean`) may be NULL,
/// as may d_queries, and d_keys together with d_values.
void seq_heads_backward(const seq_heads *_Nonnull a, const float *_Nonnull queries,
                        const float *_Nonnull keys, const float *_Nonnull values,
                        const float *_Nonnull weights, const float *_Nullable d_context,
                        const float *_Nullable d_mean, const int32_t *_Nullable start,
                        float beta_queries, float *_Nullable d_queries, float beta_memory,
                        float *_Nullable d_keys, float *_Nullable d_values);

/// One step of causal attention over earlier steps that stay where they were written: row r attends to
/// rows ancestors[r · steps + t] of keys[t] and of values[t] for t < steps, which have row stride
/// memory_stride. The same bits as the causal form.
void seq_heads_step(int rows, int steps, int heads, int width, float scale,
                    const float *_Nonnull queries, size_t query_stride,
                    const float *_Nonnull const *_Nonnull keys,
                    const float *_Nonnull const *_Nonnull values, size_t memory_stride,
                    const int32_t *_Nonnull ancestors, float *_Nonnull context,
                    size_t context_stride);

// MARK: Positions and gates

/// y = x with the first `heads · width` columns turned by their row's position (Su et al. 2021): columns
/// i and i + width/2 of a head are a vector, turned by the angle whose cosine and sine stand in row
/// position[r] of cosines and sines `[positions, width/2]`; backwards if `inverse`. The other columns
/// are copied. y = beta·y + …
void seq_rotate(float *_Nonnull y, const float *_Nonnull x, const int32_t *_Nonnull position,
                const float *_Nonnull cosines, const float *_Nonnull sines, bool inverse,
                float beta, size_t rows, size_t columns, int heads, int width);

// MARK: Position-wise feed-forward layers

/// The function between the two products: SwiGLU is silu(x·W) ⊙ (x·V) (Shazeer 2020).
typedef enum { SEQ_FEED_RELU = 0, SEQ_FEED_GELU = 1, SEQ_FEED_SWIGLU = 2 } seq_feed;

/// dropout(f(x·W1 + bias1))·W2 + bias2, block of rows by block of rows, so that the wide rows in the
/// middle stay in the cache.
typedef struct {
    seq_feed function;
    /// rows, features of the outside, features in the middle (after f).
    size_t rows;
    int outside, middle;
    seq_mask mask;
} seq_feed_forward;

/// `inner` `[rows, middle]`, for SwiGLU `[rows, 2·middle]` with x·W beside x·V, receives the argument
/// of f and `active` `[rows, middle]` what W2 is multiplied by. For ReLU both may be the same memory.
void seq_feed_forward_run(const seq_feed_forward *_Nonnull a, const float *_Nonnull x,
                          const seq_packed *_Nonnull W1, const float *_Nullable bias1,
                          const seq_packed *_Nonnull W2, const float *_Nullable bias2,
                          float *_Nonnull inner, float *_Nonnull active, float *_Nonnull y);
/// d_inner (like inner) receives the gradient of the argument of f, d_x (unless NULL) beta · d_x + the
/// gradient of x.
void seq_feed_forward_backward(const seq_feed_forward *_Nonnull a, const float *_Nonnull d_y,
                               const float *_Nonnull inner, const float *_Nonnull active,
                               const seq_packed *_Nonnull W1_transposed,
                               const seq_packed *_Nonnull W2_transposed, float *_Nonnull d_inner,
                               float beta, float *_Nullable d_x);

// MARK: Residual connections

/// sum = x + dropout(update), rows of `width`.
void seq_residual(float *_Nonnull sum, const float *_Nonnull x, const float *_Nonnull update,
                  seq_mask mask, size_t rows, size_t width);
/// d_update = beta · d_update + the gradient of update from that of the sum.
void seq_residual_backward(float *_Nonnull d_update, const float *_Nonnull d_sum, seq_mask mask,
                           float beta, size_t rows, size_t width);
/// sum = x + dropout(update) and its layer normalisation (Ba et al. 2016); `statistics` `[rows,2]`
/// receives mean and inverse deviation of each row.
void seq_residual_norm(float *_Nonnull sum, float *_Nonnull normalized, float *_Nonnull statistics,
                       const float *_Nonnull x, const float *_Nonnull update,
                       const float *_Nonnull gain, const float *_Nonnull bias, float epsilon,
                       seq_mask mask, size_t rows, size_t width);
/// d_x = d_sum (if not NULL) + the gradient through the normalisation; d_update (if not NULL) likewise
/// through dropout. `partial` `[seq_residual_blocks(rows), 2·width]` receives a part a block of rows of
/// the gradients of gain and bias, to be summed.
void seq_residual_norm_backward(float *_Nonnull d_x, float *_Nullable d_update,
                                float *_Nonnull partial, const float *_Nullable d_sum,
                                const float *_Nonnull d_normalized, const float *_Nonnull sum,
                                const float *_Nonnull statistics, const float *_Nonnull gain,
                                seq_mask mask, size_t rows, size_t width);
size_t seq_residual_blocks(size_t rows);

#ifdef __cplusplus
}
#endif
