#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "CSeqKernels.h"

// Recurrent layers (lstm.cpp, gru.cpp, rnn.cpp, sru.cpp), and the cells of one time step that have a
// kernel of their own.
// Dimension words are those of CSeqKernels.h.

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Layers

/// One direction of one recurrent layer over a ragged batch. Buffers `[N,·]` are in the schedule's
/// packed order; what a cell has no use for is NULL:
///
///     cell          gates (G)             recurrent (R)   state          vector
///     RNN           1                     0               hidden
///     LSTM          i, f, g, o (4)        0               hidden, cell
///     GRU           r, z, n (3)           r, z, n (3)     hidden         c_n `[H]`
///     original GRU  r, z, n (3)           r, z (2)        hidden
///     SRU           x̃, f, r, w (4)        0               hidden, cell   v_f, v_r `[2H]`
typedef struct {
    seq_schedule schedule;
    int H;
    /// `[N,G·H]`: the inputs' share of the pre-activations on entry, what the gradient needs after the
    /// forward pass, the gradient of the inputs' share after the backward pass.
    float *_Nonnull gates;
    /// `[N,R·H]`: where h·U is not simply added to the gates; its gradient after the backward pass.
    float *_Nullable recurrent;
    /// `[N,H]`, original GRU: r ⊙ h; its product with the candidate's weight, then the gradient of that.
    float *_Nullable reset;
    float *_Nullable candidate;
    /// `[N,H]`: the state before each step.
    float *_Nonnull hidden_previous;
    float *_Nullable cell_previous;
    /// `[B,H]`: initial states or NULL for zeros, and final states. Sequences without steps are left
    /// alone.
    const float *_Nullable initial_hidden;
    const float *_Nullable initial_cell;
    float *_Nonnull final_hidden;
    float *_Nullable final_cell;
    /// U `[H,R·H]`, or `[H,G·H]` where R is 0, and the candidate's weight `[H,H]` of the original GRU;
    /// the backward pass takes their transposes.
    const seq_packed *_Nullable recurrent_weight;
    const seq_packed *_Nullable candidate_weight;
    const float *_Nullable vector;
    /// `[N, output_stride]` in ragged order; the backward pass does not look at it.
    float *_Nullable output;
    size_t output_stride;
} seq_recurrent;

/// The gradients of one direction that are not in the buffers of its layer.
typedef struct {
    /// `[N, output_stride]` in ragged order and `[B,H]`; NULL for zeros.
    const float *_Nullable d_output;
    const float *_Nullable d_final_hidden;
    const float *_Nullable d_final_cell;
    /// `[B,H]` or NULL; written, but for sequences without steps.
    float *_Nullable d_initial_hidden;
    float *_Nullable d_initial_cell;
    /// `[B,·]`: the gradient of the vector, a row a sequence; added to.
    float *_Nullable d_vector;
} seq_recurrent_gradient;

// Each runs `count` independent directions (1 or 2), whose schedules have equally many shards, on the
// team.

/// h' = tanh(x·W + b + h·U) (Elman 1990).
void seq_tanh_rnn_forward(const seq_recurrent *_Nonnull layers, int count);
void seq_tanh_rnn_backward(const seq_recurrent *_Nonnull layers,
                           const seq_recurrent_gradient *_Nonnull gradients, int count);
/// h' = max(0, x·W + b + h·U) (Le et al. 2015).
void seq_relu_rnn_forward(const seq_recurrent *_Nonnull layers, int count);
void seq_relu_rnn_backward(const seq_recurrent *_Nonnull layers,
                           const seq_recurrent_gradient *_Nonnull gradients, int count);
/// See seq_lstm_cell.
void seq_lstm_forward(const seq_recurrent *_Nonnull layers, int count);
void seq_lstm_backward(const seq_recurrent *_Nonnull layers,
                       const seq_recurrent_gradient *_Nonnull gradients, int count);
/// See seq_gru_cell.
void seq_gru_forward(const seq_recurrent *_Nonnull layers, int count);
void seq_gru_backward(const seq_recurrent *_Nonnull layers,
                      const seq_recurrent_gradient *_Nonnull gradients, int count);
/// See seq_original_gru_reset and seq_original_gru_update.
void seq_original_gru_forward(const seq_recurrent *_Nonnull layers, int count);
void seq_original_gru_backward(const seq_recurrent *_Nonnull layers,
                               const seq_recurrent_gradient *_Nonnull gradients, int count);
/// See seq_sru_cell.
void seq_sru_forward(const seq_recurrent *_Nonnull layers, int count);
void seq_sru_backward(const seq_recurrent *_Nonnull layers,
                      const seq_recurrent_gradient *_Nonnull gradients, int count);

// MARK: Cells for rows of one time step

/// The GRU with the reset gate after the product (as in cuDNN and PyTorch), for share = x·W + b and
/// recurrent = h·U, both `[rows,3H]`:
///
///     r = σ(share_r + recurrent_r)              z = σ(share_z + recurrent_z)
///     n = tanh(share_n + r ⊙ (recurrent_n + c_n))
///     h' = (1 - z) ⊙ n + z ⊙ h
///
/// gates receives r, z, n. The last H columns of kept `[rows,3H]` receive recurrent_n + c_n.
void seq_gru_cell(float *_Nonnull hidden, float *_Nonnull gates, float *_Nonnull kept,
                  const float *_Nonnull share, const float *_Nonnull recurrent,
                  const float *_Nonnull hidden_previous, const float *_Nonnull candidate_bias,
                  size_t rows, size_t H);
/// Its gradient: gates and kept receive those of share and recurrent; d_hidden holds that of h' and
/// receives the part of that of h which does not come through recurrent; d_candidate_bias `[rows,H]`
/// is added to.
void seq_gru_cell_backward(float *_Nonnull gates, float *_Nonnull kept, float *_Nonnull d_hidden,
                           float *_Nonnull d_candidate_bias, const float *_Nonnull hidden_previous,
                           size_t rows, size_t H);

/// The original GRU (Cho et al. 2014), first half: r = σ(share_r + recurrent_r), z likewise, for share
/// `[rows,3H]` and recurrent = h·U `[rows,2H]`; reset = r ⊙ h. gates `[rows,3H]` receives r, z.
void seq_original_gru_reset(float *_Nonnull reset, float *_Nonnull gates,
                            const float *_Nonnull share, const float *_Nonnull recurrent,
                            const float *_Nonnull hidden_previous, size_t rows, size_t H);
/// Second half: n = tanh(share_n + candidate), where candidate is the product of reset with its weight;
/// h' = (1 - z) ⊙ n + z ⊙ h. gates receives n.
void seq_original_gru_update(float *_Nonnull hidden, float *_Nonnull gates,
                             const float *_Nonnull share, const float *_Nonnull candidate,
                             const float *_Nonnull hidden_previous, size_t rows, size_t H);
/// The gradient of the second half: the columns z, n of gates receive that of their pre-activations,
/// those of z of recurrent `[rows,2H]` and candidate the same; d_hidden as in seq_gru_cell_backward.
void seq_original_gru_update_backward(float *_Nonnull gates, float *_Nonnull recurrent,
                                      float *_Nonnull candidate, float *_Nonnull d_hidden,
                                      const float *_Nonnull hidden_previous, size_t rows, size_t H);
/// That of the first half, from the gradient of reset: the columns r of gates and recurrent are
/// written, d_hidden is added to.
void seq_original_gru_reset_backward(float *_Nonnull gates, float *_Nonnull recurrent,
                                     float *_Nonnull d_hidden, const float *_Nonnull d_reset,
                                     const float *_Nonnull hidden_previous, size_t rows, size_t H);

/// The simple recurrent unit (Lei et al. 2018, eq. 1 to 4) for share = x̃, f, r, w `[rows,4H]`, all but
/// x̃ and w with their biases, and vector = v_f, v_r:
///
///     f = σ(share_f + v_f ⊙ c)         r = σ(share_r + v_r ⊙ c)
///     c' = f ⊙ c + (1 - f) ⊙ x̃         h' = r ⊙ c' + (1 - r) ⊙ w
///
/// gates `[rows,4H]` receives x̃, f, r, w.
void seq_sru_cell(float *_Nonnull hidden, float *_Nonnull cell, float *_Nonnull gates,
                  const float *_Nonnull share, const float *_Nonnull cell_previous,
                  const float *_Nonnull vector, size_t rows, size_t H);
/// Its gradient: gates receives that of share; d_cell holds that of c' and receives that of c;
/// d_hidden is that of h'; d_vector `[rows,2H]` is added to.
void seq_sru_cell_backward(float *_Nonnull gates, float *_Nonnull d_cell,
                           float *_Nonnull d_vector, const float *_Nonnull d_hidden,
                           const float *_Nonnull cell, const float *_Nonnull cell_previous,
                           const float *_Nonnull vector, size_t rows, size_t H);

#ifdef __cplusplus
}
#endif
