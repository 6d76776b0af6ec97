#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The compute kernels of swift-seq2seq, float32 unless said otherwise, row-major, without ownership:
// the caller provides every buffer except what `seq_packed` holds.
//
// Letters used below: B sequences of a batch, N steps (rows) of a ragged batch, T time steps of one
// sequence, D input features, H hidden features, V vocabulary; M, N, K are the sizes of a matrix
// product `[M,K]·[K,N]`.

#ifdef __cplusplus
extern "C" {
#endif

// MARK: The end of memory (out_of_memory.cpp)

/// Says on standard error that memory has run out, with the bytes that were asked for and what for, and
/// ends the process with 71, EX_OSERR of sysexits.h. `bytes` of 0 are not known.
#ifdef __cplusplus
[[noreturn]]
#else
_Noreturn
#endif
void seq_out_of_memory(size_t bytes, const char *_Nonnull purpose);
/// From now on the process ends so too where C++ code finds no memory, ours and that of other libraries,
/// which would else abort or take it for a failure of another kind.
void seq_end_when_new_fails(void);

// MARK: Threads (threads.cpp)

/// Sets the number of threads of the team; values below 1 mean one thread a core.
void seq_threads_set(int count);
/// The number of threads that `seq_parallel_for` uses when it is called from outside the team.
int seq_threads(void);
/// Whether the caller is a task of the team, so that nothing further runs in parallel.
bool seq_inside_team(void);
/// Calls `body(context, task)` for each task of 0..<tasks on the thread team, in no order. Called from
/// inside the team, or while another thread uses it, it runs all tasks on the calling thread.
void seq_parallel_for(int tasks, void (*_Nonnull body)(void *_Nullable context, int task),
                      void *_Nullable context);
/// Blocks for good, in the calling thread and so in all threads that it makes from now on, the signals
/// that come from outside. Kernels need not block them then, which they do by themselves otherwise.
void seq_block_signals(void);

// MARK: Matrix products (matmul_onednn.cpp or matmul_cblas.cpp)

/// The number type of the inputs of a product; results and sums are always float32.
typedef enum { SEQ_FLOAT32 = 0, SEQ_BFLOAT16 = 1 } seq_precision;

/// The name and version of the matrix library.
const char *_Nonnull seq_matmul_library(void);

/// A weight matrix `[K,N]` in the layout the matrix library likes best.
typedef struct seq_packed seq_packed;

/// Makes room for a packed `[K,N]` matrix; NULL when out of memory.
seq_packed *_Nullable seq_packed_create(int K, int N, seq_precision precision);
/// Packs `weight`: `[K,N]`, or `[N,K]` when `transposed` (the packed matrix is then its transpose).
void seq_packed_update(seq_packed *_Nonnull packed, const float *_Nonnull weight, bool transposed);
void seq_packed_free(seq_packed *_Nullable packed);

/// C = A·W + beta·C (+ bias on every row), with beta 0 or 1.
/// A is `[M,K]`, C `[M,N]`, bias `[N]` or NULL. Runs on the team unless called from inside it.
/// A row of C depends on the same row of A and on W only, never on M.
void seq_matmul_packed(const float *_Nonnull A, int M, const seq_packed *_Nonnull W, float beta,
                       const float *_Nullable bias, float *_Nonnull C);

/// C = op(A)·op(B) + beta·C on plain matrices; op(A) is `[M,K]`, op(B) `[K,N]`, C `[M,N]`.
/// The leading dimensions are those of the matrices as stored.
void seq_matmul(bool transposeA, bool transposeB, int M, int N, int K, const float *_Nonnull A,
                int lda, const float *_Nonnull B, int ldb, float beta, float *_Nonnull C, int ldc,
                seq_precision precision);

/// The multiply-adds of all matrix products since the process began (multiply_adds.cpp).
uint64_t seq_multiply_adds(void);

// MARK: Elementwise (elementwise.cpp)

void seq_fill(float *_Nonnull x, float value, size_t count);
/// y = a + b.
void seq_add(float *_Nonnull y, const float *_Nonnull a, const float *_Nonnull b, size_t count);
/// y = a - b.
void seq_subtract(float *_Nonnull y, const float *_Nonnull a, const float *_Nonnull b, size_t count);
/// y = a * b.
void seq_multiply(float *_Nonnull y, const float *_Nonnull a, const float *_Nonnull b, size_t count);
/// y = a / b.
void seq_divide(float *_Nonnull y, const float *_Nonnull a, const float *_Nonnull b, size_t count);
/// y = alpha * x + beta * y, with beta 0 not reading y.
void seq_axpby(float *_Nonnull y, float alpha, const float *_Nonnull x, float beta, size_t count);

typedef enum {
    SEQ_TANH = 0, SEQ_SIGMOID, SEQ_RELU, SEQ_GELU, SEQ_EXP, SEQ_LOG, SEQ_SQRT, SEQ_SQUARE
} seq_unary;
/// y = f(x).
void seq_unary_forward(seq_unary f, float *_Nonnull y, const float *_Nonnull x, size_t count);
/// dx = beta·dx + dy·f'(x), from x and y = f(x); beta 0 does not read dx.
void seq_unary_backward(seq_unary f, float *_Nonnull dx, const float *_Nonnull dy,
                        const float *_Nonnull x, const float *_Nonnull y, float beta, size_t count);

/// y = x * mask / (1 - rate): elements drop out with probability `rate` (to 1/65536), by the
/// counter-based generator Philox 4x32-7 (Salmon et al. 2011) with `key`, the stream `stream` and the
/// element's index as counter. The same call on dy gives dx. y = beta·y + … with beta 0 or 1.
void seq_dropout(float *_Nonnull y, const float *_Nonnull x, float rate, uint64_t key,
                 uint64_t stream, float beta, size_t count);
/// Fills x with uniform numbers of [low, high) from the same generator.
void seq_random_uniform(float *_Nonnull x, float low, float high, uint64_t key, uint64_t stream,
                        size_t count);

/// x = scale · x + deviation · n with n from the standard normal distribution, from the same generator,
/// whose counters start at `first` and go on by one for each four elements.
void seq_add_noise(float *_Nonnull x, float scale, float deviation, uint64_t key, uint64_t stream,
                   uint64_t first, size_t count);

/// The sum of x, and of its squares, in double precision, in an order that depends on count only.
double seq_sum(const float *_Nonnull x, size_t count);
double seq_sum_squares(const float *_Nonnull x, size_t count);
/// The index of the first element that is not finite, or -1.
int64_t seq_first_not_finite(const float *_Nonnull x, size_t count);
/// x *= factor.
void seq_scale(float *_Nonnull x, float factor, size_t count);
/// x = min(max(x, -limit), limit).
void seq_clip(float *_Nonnull x, float limit, size_t count);

// MARK: Rows (rows.cpp)

/// y[i] = x[index[i]] for rows of `width`.
void seq_gather_rows(float *_Nonnull y, const float *_Nonnull x, const int32_t *_Nonnull index,
                     size_t rows, size_t width);
/// y[index[i]] += x[i]; indices may repeat; rows are added in the order of i.
void seq_scatter_add_rows(float *_Nonnull y, const float *_Nonnull x,
                          const int32_t *_Nonnull index, size_t rows, size_t width);
/// y[index[i]] = x[i] + beta·y[index[i]] for indices that do not repeat.
void seq_scatter_rows(float *_Nonnull y, const float *_Nonnull x, const int32_t *_Nonnull index,
                      float beta, size_t rows, size_t width);
/// Copies rows of `width` between matrices of row strides y_stride and x_stride; y = x + beta·y.
void seq_copy_columns(float *_Nonnull y, size_t y_stride, const float *_Nonnull x, size_t x_stride,
                      float beta, size_t rows, size_t width);
/// y = x + row on every row.
void seq_add_row(float *_Nonnull y, const float *_Nonnull x, const float *_Nonnull row, size_t rows,
                 size_t width);
/// sum = beta·sum + the sum over rows of x; the order of additions depends on rows only.
void seq_sum_rows(float *_Nonnull sum, const float *_Nonnull x, float beta, size_t rows,
                  size_t width);
/// sum[i] = the sum of row i.
void seq_sum_columns(float *_Nonnull sum, const float *_Nonnull x, size_t rows, size_t width);

/// Row softmax, or its logarithm.
void seq_softmax(float *_Nonnull y, const float *_Nonnull x, bool logarithm, size_t rows,
                 size_t width);
/// dx = beta·dx + the gradient of seq_softmax from its output y.
void seq_softmax_backward(float *_Nonnull dx, const float *_Nonnull dy, const float *_Nonnull y,
                          bool logarithm, float beta, size_t rows, size_t width);

/// Layer normalisation (Ba et al. 2016): y = (x - mean) / sqrt(variance + epsilon) * gain + bias.
/// Writes the mean and the inverse deviation of each row to `statistics` `[rows,2]`.
void seq_layer_norm(float *_Nonnull y, float *_Nonnull statistics, const float *_Nonnull x,
                    const float *_Nonnull gain, const float *_Nonnull bias, float epsilon,
                    size_t rows, size_t width);
/// dx = beta·dx + gradient; normalized receives dy * (x - mean) / deviation, whose sum over rows is
/// the gradient of gain.
void seq_layer_norm_backward(float *_Nonnull dx, float *_Nonnull normalized,
                             const float *_Nonnull dy, const float *_Nonnull x,
                             const float *_Nonnull statistics, const float *_Nonnull gain,
                             float beta, size_t rows, size_t width);

/// The k largest of each row, largest first, equal ones by lower index. k ≤ width.
void seq_top_k(int32_t *_Nonnull indices, float *_Nonnull values, const float *_Nonnull x,
               size_t rows, size_t width, size_t k);
/// max + log(sum(exp(x - max))) of each row.
void seq_log_sum_exp(float *_Nonnull result, const float *_Nonnull x, size_t rows, size_t width);

// MARK: The LSTM cell (lstm.cpp), and the order of recurrent layers; see seq_recurrent.h

/// The LSTM cell (Hochreiter & Schmidhuber 1997; forget gate of Gers et al. 2000) for rows of one
/// time step. gates `[rows,4H]` holds the pre-activations i,f,g,o and receives their activations;
/// cell_previous may be NULL for zeros.
void seq_lstm_cell(float *_Nonnull hidden, float *_Nonnull cell, float *_Nonnull gates,
                   const float *_Nullable cell_previous, size_t rows, size_t H);
/// Its gradient: gates holds the activations and receives the gradient of the pre-activations.
/// d_hidden and d_cell (NULL for zero) come from above; d_cell_previous may be NULL.
void seq_lstm_cell_backward(float *_Nonnull gates, float *_Nullable d_cell_previous,
                            const float *_Nullable d_hidden, const float *_Nullable d_cell,
                            const float *_Nonnull cell, const float *_Nullable cell_previous,
                            size_t rows, size_t H);

/// The order in which a recurrent layer walks a ragged batch. Sequences are sorted by falling length
/// and dealt to `shards`, which are independent and run on different threads. Within a shard the
/// packed rows of time step t are those of the sequences that still have a step t, so the rows of
/// step t-1 begin with the same sequences.
typedef struct {
    int shards;
    /// `[shards+1]`: the first entry of each shard in step_start (each shard has T+1 entries).
    const int32_t *_Nonnull shard_first_step;
    /// The packed row at which each time step starts, and one entry past the last.
    const int32_t *_Nonnull step_start;
    /// `[shards+1]`: the first entry of each shard in sequence.
    const int32_t *_Nonnull shard_first_sequence;
    /// `[B]`: the sequences of each shard, longest first.
    const int32_t *_Nonnull sequence;
    /// `[N]`: the row of the ragged batch that each packed row stands for.
    const int32_t *_Nonnull row;
} seq_schedule;

// MARK: Attention over ragged memory (attention.cpp)

/// How a query is compared with a key (Luong et al. 2015, section 3.1; Bahdanau et al. 2015, A.1.2).
typedef enum { SEQ_SCORE_DOT = 0, SEQ_SCORE_CONCAT = 1 } seq_score;

/// Queries grouped by the sequence of the memory they attend to.
typedef struct {
    seq_score score;
    /// sequences of the memory, features of queries and keys, features of values.
    int B, H, M;
    float scale;
    /// `[B+1]`: first row of each sequence in keys and values.
    const int32_t *_Nonnull memory_start;
    /// `[B+1]`: first entry of each sequence in query_row.
    const int32_t *_Nonnull query_start;
    /// The rows of queries (and contexts) that attend to each sequence.
    const int32_t *_Nonnull query_row;
    /// Where the weights of each query row begin, by query row.
    const int32_t *_Nonnull weight_start;
    /// `[H]`: v of the concat score; NULL for dot.
    const float *_Nullable v;
} seq_attention;

/// context[r] = Σ_s softmax_s(score(query[r], key[s])) value[s]; writes the weights.
void seq_attention_forward(const seq_attention *_Nonnull a, const float *_Nonnull queries,
                           const float *_Nonnull keys, const float *_Nonnull values,
                           float *_Nonnull context, float *_Nonnull weights);
/// Gradients. d_queries is written; d_keys and d_values are accumulated into; d_v `[B,H]` (a row a
/// sequence, to be summed) is written for the concat score. Any of d_keys, d_values may be NULL.
/// d_weights (layout of weights) may be NULL.
void seq_attention_backward(const seq_attention *_Nonnull a, const float *_Nonnull queries,
                            const float *_Nonnull keys, const float *_Nonnull values,
                            const float *_Nonnull weights, const float *_Nullable d_context,
                            const float *_Nullable d_weights, float *_Nonnull d_queries,
                            float *_Nullable d_keys, float *_Nullable d_values,
                            float *_Nullable d_v);

// MARK: Loss (cross_entropy.cpp; further ones in seq_output.h)

/// For each row: loss[0] += its weight times the cross-entropy with label smoothing (Szegedy et al. 2016:
/// the target distribution is (1-ε) one-hot + ε/V), loss[1] += the negative log-likelihood. weights
/// `[rows]` may be negative; NULL for 1. If gradient, logits become scale · d loss[0] / d logits;
/// otherwise they are destroyed.
void seq_softmax_cross_entropy(float *_Nonnull logits, const int32_t *_Nonnull targets,
                               const float *_Nullable weights, float epsilon, float scale,
                               bool gradient, double *_Nonnull loss, size_t rows, size_t V);

// MARK: Optimizers (optimizers.cpp, adafactor.cpp)

/// The parameters that a step changes: rows index[i] of `width` numbers, with row i of the gradient, where
/// indices must not repeat; without index the first rows · width numbers.
typedef struct {
    const int32_t *_Nullable index;
    size_t rows, width;
} seq_updated_rows;

// Each is one pass over parameters w, gradients g and what the optimizer remembers, at the places of w. g
// is multiplied by gradient_scale first (clipping by norm), then g += decay · w. Decoupled weight decay
// takes shrink · w away.

/// Adam (Kingma & Ba 2015) with moments m, v; correction1 = 1 - beta1^t, correction2 = 1 - beta2^t.
void seq_adam(seq_updated_rows rows, float *_Nonnull w, const float *_Nonnull g, float *_Nonnull m,
              float *_Nonnull v, float gradient_scale, float decay, float shrink, float learning_rate,
              float beta1, float beta2, float epsilon, float correction1, float correction2);
/// Stochastic gradient descent with momentum (without velocity if NULL):
/// velocity = momentum · velocity + g; w -= learning_rate · velocity, where Nesterov's form has
/// g + momentum · velocity in its place.
void seq_sgd(seq_updated_rows rows, float *_Nonnull w, const float *_Nonnull g,
             float *_Nullable velocity, float gradient_scale, float decay, float learning_rate,
             float momentum, bool nesterov);
/// AdaGrad (Duchi and others 2011): sum += g²; w -= learning_rate · g / (√sum + epsilon).
void seq_adagrad(seq_updated_rows rows, float *_Nonnull w, const float *_Nonnull g,
                 float *_Nonnull sum, float gradient_scale, float decay, float learning_rate,
                 float epsilon);
/// AdaDelta (Zeiler 2012) with the means of squared gradients and of squared updates.
void seq_adadelta(seq_updated_rows rows, float *_Nonnull w, const float *_Nonnull g,
                  float *_Nonnull squares, float *_Nonnull updates, float gradient_scale,
                  float decay, float learning_rate, float rho, float epsilon);
/// RMSProp (Hinton 2012); with mean, that of gradients, centered (Graves 2013); with velocity, momentum.
void seq_rmsprop(seq_updated_rows rows, float *_Nonnull w, const float *_Nonnull g,
                 float *_Nonnull squares, float *_Nullable mean, float *_Nullable velocity,
                 float gradient_scale, float decay, float learning_rate, float alpha,
                 float momentum, float epsilon);
/// Lion (Chen and others 2023): w -= learning_rate · sign(beta1 · m + (1 - beta1) · g), then
/// m = beta2 · m + (1 - beta2) · g.
void seq_lion(seq_updated_rows rows, float *_Nonnull w, const float *_Nonnull g, float *_Nonnull m,
              float gradient_scale, float shrink, float learning_rate, float beta1, float beta2);
/// Adafactor (Shazeer & Stern 2018, as in PyTorch) of one parameter, [matrices, rows, columns], at its
/// update number `time`, from 1. row_moments is [matrices, rows] and column_moments [matrices, columns];
/// of a vector, one row, row_moments is NULL. learning_rate · decay · w is taken away first.
void seq_adafactor(float *_Nonnull w, const float *_Nonnull g, float *_Nullable row_moments,
                   float *_Nonnull column_moments, float gradient_scale, float learning_rate,
                   float decay, float beta2_decay, float epsilon1, float epsilon2, float threshold,
                   int64_t time, size_t matrices, size_t rows, size_t columns);
/// An exponential moving average of parameters w: average += rate · (w - average).
void seq_average(float *_Nonnull average, const float *_Nonnull w, float rate, size_t count);
/// Exchanges the numbers of two vectors.
void seq_exchange(float *_Nonnull a, float *_Nonnull b, size_t count);

#ifdef __cplusplus
}
#endif

#include "seq_convolution.h"
#include "seq_crf.h"
#include "seq_output.h"
#include "seq_ragged.h"
#include "seq_recurrent.h"
#include "seq_transformer.h"
