#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "CSeqKernels.h"

// Convolution and pooling over ragged batches (convolution.cpp).
// Dimension words are those of CSeqKernels.h.

#ifdef __cplusplus
extern "C" {
#endif

/// Windows of steps over a ragged batch. Window w of a sequence lies over its steps
/// w·stride - left ..< w·stride - left + kernel, as far as the sequence has them: no window reaches
/// into another sequence. W is the number of windows of all sequences, N that of their steps.
typedef struct {
    int B;
    /// Steps of a window, steps of the first window before the sequence begins, steps from a window
    /// to the next.
    int kernel, left, stride;
    /// `[B+1]`: the first step of each sequence.
    const int32_t *_Nonnull start;
    /// `[B+1]`: the first window of each sequence.
    const int32_t *_Nonnull window_start;
} seq_windows;

/// y `[W, kernel·D]`: the steps of each window beside each other, zeros for those that the sequence
/// does not have.
void seq_gather_windows(const seq_windows *_Nonnull w, float *_Nonnull y, const float *_Nonnull x,
                        size_t D);
/// Its gradient: dx `[N,D]` = beta·dx + for each step the sum of its places in dy, in the order of the
/// windows.
void seq_fold_windows(const seq_windows *_Nonnull w, float *_Nonnull dx, const float *_Nonnull dy,
                      float beta, size_t D);

/// Convolution: y `[W,H]` = windows of x `[N,D]` times the packed `[kernel·D, H]` weight, plus bias
/// `[H]` or NULL. All windows together exist for blocks of rows only.
void seq_convolution_forward(const seq_windows *_Nonnull w, float *_Nonnull y,
                             const float *_Nonnull x, size_t D, const seq_packed *_Nonnull weight,
                             const float *_Nullable bias, size_t H);
/// dx `[N,D]` = beta·dx + the gradient from dy `[W,H]`; weight_transposed is the packed
/// `[H, kernel·D]` matrix.
void seq_convolution_backward_input(const seq_windows *_Nonnull w, float *_Nonnull dx, float beta,
                                    size_t D, const float *_Nonnull dy,
                                    const seq_packed *_Nonnull weight_transposed, size_t H);
/// d_weight `[kernel·D, H]` = beta·d_weight + windows of x, transposed, times dy.
void seq_convolution_backward_weight(const seq_windows *_Nonnull w, float *_Nonnull d_weight,
                                     float beta, const float *_Nonnull x, size_t D,
                                     const float *_Nonnull dy, size_t H, seq_precision precision);

/// y `[W,D]`: the largest of each feature in each window, and in row `[W,D]` the step it is from (the
/// first of equal ones); 0 and -1 for windows without steps.
void seq_max_pool(const seq_windows *_Nonnull w, float *_Nonnull y, int32_t *_Nonnull row,
                  const float *_Nonnull x, size_t D);
/// dx[row[i]] += dy[i].
void seq_max_pool_backward(const seq_windows *_Nonnull w, float *_Nonnull dx,
                           const float *_Nonnull dy, const int32_t *_Nonnull row, size_t D);
/// y `[W,D]`: the mean of the steps that each window has, added up from the first to the last; 0 for
/// windows without steps.
void seq_mean_pool(const seq_windows *_Nonnull w, float *_Nonnull y, const float *_Nonnull x,
                   size_t D);
/// dx `[N,D]` += the gradient.
void seq_mean_pool_backward(const seq_windows *_Nonnull w, float *_Nonnull dx,
                            const float *_Nonnull dy, size_t D);

/// Gated linear unit (Dauphin et al. 2017) with a residual connection: for x `[N,2H]` = (a, b),
/// y `[N,H]` = scale · (a · σ(b) + residual); residual `[N,H]` or NULL.
void seq_gated_linear_unit(float *_Nonnull y, const float *_Nonnull x,
                           const float *_Nullable residual, float scale, size_t rows, size_t H);
/// dx `[N,2H]` = the gradient from dy `[N,H]`.
void seq_gated_linear_unit_backward(float *_Nonnull dx, const float *_Nonnull dy,
                                    const float *_Nonnull x, float scale, size_t rows, size_t H);

/// y = alpha·a + beta·b.
void seq_linear_combination(float *_Nonnull y, float alpha, const float *_Nonnull a, float beta,
                            const float *_Nonnull b, size_t count);
/// y[r] = factor[r] · x[r] + beta·y[r] for rows of `width`.
void seq_scale_rows(float *_Nonnull y, const float *_Nonnull x, const float *_Nonnull factor,
                    float beta, size_t rows, size_t width);

/// Weight normalisation (Salimans & Kingma 2016, eq. 2) of the columns of v `[K,H]`:
/// w = scale · g / ‖v‖ · v. Writes 1/‖v‖ of each column to inverse_norm `[H]`.
void seq_weight_norm(float *_Nonnull w, float *_Nonnull inverse_norm, const float *_Nonnull v,
                     const float *_Nonnull g, float scale, size_t K, size_t H);
/// d_g `[H]` = beta_g·d_g + gradient and d_v `[K,H]` = beta_v·d_v + gradient from dw (eq. 3); either
/// may be NULL.
void seq_weight_norm_backward(float *_Nullable d_v, float beta_v, float *_Nullable d_g, float beta_g,
                              const float *_Nonnull dw, const float *_Nonnull v,
                              const float *_Nonnull g, const float *_Nonnull inverse_norm,
                              float scale, size_t K, size_t H);

#ifdef __cplusplus
}
#endif
