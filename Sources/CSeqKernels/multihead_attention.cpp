// Multi-head attention over a ragged batch, forward and backward. A task is one head of one sequence:
// it copies its few kilobytes of queries, keys and values into rows padded to whole vectors, and all
// products are sums in the order of their index, whatever else is in the batch and however many
// queries a task has. That is what makes one step of decoding equal to the same row of the whole.
#include "dropout_mask.h"
#include "scratch.h"
#include "simd.h"
#include "small_products.h"
#include "team.h"
#include <cmath>
#include <cstring>
#include <vector>

namespace {

/// The sum of the lanes in a fixed order.
SEQ_INLINE float sum_of(const float *lanes) {
    float part[kLanes];
    for (size_t l = 0; l < kLanes; l++) part[l] = lanes[l];
    for (size_t half = kLanes / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++) part[l] += part[l + half];
    return part[0];
}

/// The softmax of the first `limit` of `n` numbers of each row, zeros behind them; with `causal` row i
/// has a limit of first + i + 1.
SEQ_SIMD void softmax_rows(float *x, size_t rows, size_t n, size_t limit, bool causal,
                           size_t first) {
    SEQ_CONTRACT
    for (size_t i = 0; i < rows; i++, x += n) {
        int32_t end = int32_t(causal ? first + i + 1 : limit);
        size_t blocks = size_t(end) / kLanes * kLanes;
        float greatest[kLanes];
        for (size_t l = 0; l < kLanes; l++) greatest[l] = -INFINITY;
        for (size_t t = 0; t < blocks; t += kLanes)
            for (size_t l = 0; l < kLanes; l++)
                greatest[l] = x[t + l] > greatest[l] ? x[t + l] : greatest[l];
        if (blocks < size_t(end)) {
            for (size_t l = 0; l < kLanes; l++) {
                float value = int32_t(blocks + l) < end ? x[blocks + l] : -INFINITY;
                greatest[l] = value > greatest[l] ? value : greatest[l];
            }
        }
        float max = greatest[0];
        for (size_t l = 1; l < kLanes; l++) max = greatest[l] > max ? greatest[l] : max;
        float sums[kLanes] = {};
        for (size_t t = 0; t < size_t(end); t += kLanes) {
            for (size_t l = 0; l < kLanes; l++) {
                float e = seq_expf(x[t + l] - max);
                e = int32_t(t + l) < end ? e : 0.0f;
                x[t + l] = e;
                sums[l] += e;
            }
        }
        float inverse = 1.0f / sum_of(sums);
        size_t written = (size_t(end) + kLanes - 1) / kLanes * kLanes;
        for (size_t t = 0; t < written; t++) x[t] *= inverse;
        for (size_t t = written; t < n; t++) x[t] = 0;
    }
}

/// Gives a minus sign to the numbers that are zero in `dropped`.
SEQ_SIMD void mark_dropped(float *__restrict x, const float *__restrict dropped, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = dropped[i] == 0.0f ? -x[i] : x[i];
}

/// From marked weights: those that the forward pass multiplied values by.
SEQ_SIMD void keep_undropped(float *__restrict y, const float *__restrict x, float keep,
                             size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = x[i] > 0.0f ? x[i] * keep : 0.0f;
}

/// The gradient of the scores: ds = |w| · (dw - Σ |w| · dw), where dw = keep · ds, or 0 for a weight
/// that dropped out, + share · d_mean of the first `limit` numbers.
SEQ_SIMD void softmax_gradient(float *__restrict ds, const float *__restrict w, float keep,
                               const float *__restrict d_mean, float share, size_t limit,
                               size_t n) {
    SEQ_CONTRACT
    float sums[kLanes] = {};
    if (d_mean) {
        for (size_t t = 0; t < n; t++) ds[t] = w[t] > 0.0f ? ds[t] * keep : 0.0f;
        for (size_t t = 0; t < limit; t++) ds[t] += share * d_mean[t];
        for (size_t t = 0; t < n; t += kLanes)
            for (size_t l = 0; l < kLanes; l++) sums[l] += fabsf(w[t + l]) * ds[t + l];
    } else {
        for (size_t t = 0; t < n; t += kLanes) {
            for (size_t l = 0; l < kLanes; l++) {
                float g = w[t + l] > 0.0f ? ds[t + l] * keep : 0.0f;
                ds[t + l] = g;
                sums[l] += fabsf(w[t + l]) * g;
            }
        }
    }
    float sum = sum_of(sums);
    for (size_t t = 0; t < n; t++) ds[t] = fabsf(w[t]) * (ds[t] - sum);
}

/// y = scale · x; padding columns of y up to `to` are zeroed.
SEQ_SIMD void copy_row(float *__restrict y, const float *__restrict x, float scale, size_t count,
                       size_t to) {
    for (size_t j = 0; j < count; j++) y[j] = x[j] * scale;
    for (size_t j = count; j < to; j++) y[j] = 0;
}

SEQ_SIMD void store_row(float *__restrict y, const float *__restrict x, float scale, float beta,
                        size_t count) {
    if (beta == 0)
        for (size_t j = 0; j < count; j++) y[j] = x[j] * scale;
    else
        for (size_t j = 0; j < count; j++) y[j] += x[j] * scale;
}

SEQ_SIMD void add_magnitudes(float *__restrict y, const float *__restrict x, float scale,
                             size_t count) {
    for (size_t j = 0; j < count; j++) y[j] += fabsf(x[j]) * scale;
}

/// One sequence and head, its matrices copied to padded rows.
struct Unit {
    size_t queries, memory, width;
    /// Lengths of padded rows: of features and of weights.
    size_t features, n;
    bool causal;

    /// The memory that the queries before `end` see.
    size_t seen(size_t end) const { return causal ? std::min(end, memory) : memory; }

    /// weights = softmax(Q·Kᵀ) for scaled queries.
    void attend(float *weights, const float *q, const float *keys_transposed) const {
        for (size_t i = 0; i < queries; i += kBlock) {
            size_t rows = std::min(kBlock, queries - i);
            product_rows(weights + i * n, n, q + i * features, features, 1, keys_transposed, n,
                         rows, padded(seen(i + rows)), width);
        }
        softmax_rows(weights, queries, n, memory, causal, 0);
    }

    /// y `[queries, features]` = weights·rows.
    void weighted(float *y, const float *weights, const float *rows) const {
        for (size_t i = 0; i < queries; i += kBlock) {
            size_t count = std::min(kBlock, queries - i);
            product_rows(y + i * features, features, weights + i * n, n, 1, rows, features, count,
                         features, seen(i + count));
        }
    }

    /// y `[memory, features]` = weightsᵀ·rows.
    void gathered(float *y, const float *weights, const float *rows) const {
        for (size_t t = 0; t < memory; t += kBlock) {
            size_t count = std::min(kBlock, memory - t), first = causal ? t : 0;
            product_rows(y + t * features, features, weights + first * n + t, 1, n,
                         rows + first * features, features, count, features, queries - first);
        }
    }
};

/// Parts of one thread's buffer, each beginning at a cache line.
class Parts {
  public:
    explicit Parts(float *memory) : next(memory) {}
    float *take(size_t count) {
        float *part = next;
        next += padded(count);
        return part;
    }

  private:
    float *next;
};

size_t row_of(const seq_heads *a, int entry) {
    return a->query_row ? size_t(a->query_row[entry]) : size_t(entry);
}

Unit unit_of(const seq_heads *a, int b) {
    Unit u;
    u.queries = size_t(a->query_start[b + 1] - a->query_start[b]);
    u.memory = size_t(a->memory_start[b + 1] - a->memory_start[b]);
    u.width = size_t(a->width);
    u.features = padded(u.width);
    u.n = padded(u.memory);
    u.causal = a->causal;
    return u;
}

/// Where the weights of each sequence begin.
std::vector<size_t> weight_starts(const seq_heads *a) {
    std::vector<size_t> starts(size_t(a->B) + 1);
    for (int b = 0; b < a->B; b++) {
        Unit u = unit_of(a, b);
        starts[size_t(b) + 1] = starts[size_t(b)] + size_t(a->heads) * u.queries * u.n;
    }
    return starts;
}

/// Copies rows of a head to padded rows, and zeros behind them up to `to` rows.
void load(float *y, const float *x, size_t stride, size_t rows, size_t to, const Unit &u) {
    for (size_t r = 0; r < rows; r++)
        copy_row(y + r * u.features, x + r * stride, 1, u.width, u.features);
    std::memset(y + rows * u.features, 0, (to - rows) * u.features * sizeof(float));
}

void load_queries(float *y, const seq_heads *a, const float *x, size_t stride, float scale, int b,
                  const Unit &u) {
    for (size_t i = 0; i < u.queries; i++)
        copy_row(y + i * u.features, x + row_of(a, a->query_start[b] + int(i)) * stride, scale,
                 u.width, u.features);
}

}  // namespace

extern "C" {

size_t seq_heads_weight_count(const seq_heads *a) { return weight_starts(a).back(); }

void seq_heads_forward(const seq_heads *a, const float *queries, const float *keys,
                       const float *values, float *context, float *weights) {
    std::vector<size_t> starts = weights ? weight_starts(a) : std::vector<size_t>();
    uint64_t key = seq::mask_key(a->mask);
    seq::parallel(a->B * a->heads, [&](int task) {
        thread_local seq::Scratch scratch;
        int b = task / a->heads, head = task % a->heads;
        Unit u = unit_of(a, b);
        size_t column = size_t(head) * u.width, memory_row = size_t(a->memory_start[b]);
        if (u.queries == 0) return;
        size_t matrix = u.queries * u.n;
        Parts parts(scratch.get<float>(2 * u.queries * u.features + 2 * u.n * u.features +
                                       2 * matrix + 8 * kLanes));
        float *result = parts.take(u.queries * u.features);
        if (u.memory == 0) {
            std::memset(result, 0, u.queries * u.features * sizeof(float));
        } else {
            float *q = parts.take(u.queries * u.features);
            float *rows = parts.take(u.n * u.features);
            float *transposed = parts.take(u.n * u.features);
            float *dropped = parts.take(matrix);
            float *w = weights ? weights + starts[size_t(b)] + size_t(head) * matrix
                               : parts.take(matrix);
            load_queries(q, a, queries + column, a->query_stride, a->scale, b, u);
            load(rows, keys + memory_row * a->memory_stride + column, a->memory_stride, u.memory,
                 u.n, u);
            transpose(transposed, rows, u.n, u.features);
            u.attend(w, q, transposed);
            load(rows, values + memory_row * a->memory_stride + column, a->memory_stride, u.memory,
                 u.n, u);
            if (a->mask.rate > 0) {
                seq_dropout(dropped, w, a->mask.rate, key, uint64_t(task), 0, matrix);
                if (weights) mark_dropped(w, dropped, matrix);
                u.weighted(result, dropped, rows);
            } else {
                u.weighted(result, w, rows);
            }
        }
        for (size_t i = 0; i < u.queries; i++)
            store_row(context + row_of(a, a->query_start[b] + int(i)) * a->context_stride + column,
                      result + i * u.features, 1, 0, u.width);
    });
}

void seq_heads_mean_weights(const seq_heads *a, const float *weights, const int32_t *start,
                            float *mean) {
    std::vector<size_t> starts = weight_starts(a);
    float share = 1.0f / float(a->heads);
    seq::parallel(a->B, [&](int b) {
        Unit u = unit_of(a, b);
        for (size_t i = 0; i < u.queries; i++) {
            float *y = mean + start[row_of(a, a->query_start[b] + int(i))];
            std::memset(y, 0, u.memory * sizeof(float));
            for (size_t head = 0; head < size_t(a->heads); head++)
                add_magnitudes(y, weights + starts[size_t(b)] + (head * u.queries + i) * u.n, share,
                               u.memory);
        }
    });
}

void seq_heads_backward(const seq_heads *a, const float *queries, const float *keys,
                        const float *values, const float *weights, const float *d_context,
                        const float *d_mean, const int32_t *start, float beta_queries,
                        float *d_queries, float beta_memory, float *d_keys, float *d_values) {
    std::vector<size_t> starts = weight_starts(a);
    float keep = a->mask.rate > 0 ? seq::kept_scale(a->mask.rate) : 1.0f;
    float share = 1.0f / float(a->heads);
    seq::parallel(a->B * a->heads, [&](int task) {
        thread_local seq::Scratch scratch;
        int b = task / a->heads, head = task % a->heads;
        Unit u = unit_of(a, b);
        size_t column = size_t(head) * u.width, stride = a->memory_stride;
        size_t memory_row = size_t(a->memory_start[b]);
        size_t matrix = u.queries * u.n;
        Parts parts(scratch.get<float>(2 * u.queries * u.features + 3 * u.n * u.features +
                                       2 * matrix + 8 * kLanes));
        float *q = parts.take(u.queries * u.features);
        float *dc = parts.take(u.queries * u.features);
        float *rows = parts.take(u.n * u.features);
        float *transposed = parts.take(u.n * u.features);
        float *result = parts.take(u.n * u.features);
        float *ds = parts.take(matrix);
        float *kept = parts.take(matrix);
        const float *w = weights + starts[size_t(b)] + size_t(head) * matrix;
        const float *k = keys + memory_row * stride + column;
        const float *v = values + memory_row * stride + column;
        auto store = [&](float *to, const float *from) {
            for (size_t t = 0; t < u.memory; t++)
                store_row(to + (memory_row + t) * stride + column, from + t * u.features, 1,
                          beta_memory, u.width);
        };

        std::memset(ds, 0, matrix * sizeof(float));
        if (d_context) {
            load_queries(dc, a, d_context + column, a->context_stride, 1, b, u);
            load(rows, v, stride, u.memory, u.n, u);
            transpose(transposed, rows, u.n, u.features);
            for (size_t i = 0; i < u.queries; i += kBlock) {
                size_t count = std::min(kBlock, u.queries - i);
                product_rows(ds + i * u.n, u.n, dc + i * u.features, u.features, 1, transposed,
                             u.n, count, padded(u.seen(i + count)), u.width);
            }
        }
        if (d_values) {
            if (d_context) {
                const float *used = w;
                if (a->mask.rate > 0) {
                    keep_undropped(kept, w, keep, matrix);
                    used = kept;
                }
                u.gathered(result, used, dc);
            } else {
                std::memset(result, 0, u.n * u.features * sizeof(float));
            }
            store(d_values, result);
        }
        for (size_t i = 0; i < u.queries; i++) {
            const float *dm =
                d_mean ? d_mean + start[row_of(a, a->query_start[b] + int(i))] : nullptr;
            softmax_gradient(ds + i * u.n, w + i * u.n, keep, dm, share, u.memory, u.n);
        }
        if (d_queries) {
            load(rows, k, stride, u.memory, u.n, u);
            u.weighted(dc, ds, rows);
            for (size_t i = 0; i < u.queries; i++)
                store_row(d_queries + row_of(a, a->query_start[b] + int(i)) * a->query_stride +
                              column,
                          dc + i * u.features, a->scale, beta_queries, u.width);
        }
        if (d_keys) {
            load_queries(q, a, queries + column, a->query_stride, a->scale, b, u);
            u.gathered(result, ds, q);
            store(d_keys, result);
        }
    });
}

void seq_heads_step(int rows, int steps, int heads, int width, float scale, const float *queries,
                    size_t query_stride, const float *const *keys, const float *const *values,
                    size_t memory_stride, const int32_t *ancestors, float *context,
                    size_t context_stride) {
    seq::parallel(rows, [=](int row) {
        thread_local seq::Scratch scratch;
        Unit u;
        u.queries = 1;
        u.memory = size_t(steps);
        u.width = size_t(width);
        u.features = padded(u.width);
        u.n = padded(u.memory);
        u.causal = false;
        Parts parts(scratch.get<float>(2 * u.n * u.features + 2 * u.features + u.n + 8 * kLanes));
        float *copied = parts.take(u.n * u.features);
        float *transposed = parts.take(u.n * u.features);
        float *q = parts.take(u.features), *result = parts.take(u.features);
        float *w = parts.take(u.n);
        const int32_t *ancestor = ancestors + size_t(row) * size_t(steps);
        auto load_steps = [&](const float *const *from, size_t column) {
            for (size_t t = 0; t < u.memory; t++)
                copy_row(copied + t * u.features,
                         from[t] + size_t(ancestor[t]) * memory_stride + column, 1, u.width,
                         u.features);
            std::memset(copied + u.memory * u.features, 0,
                        (u.n - u.memory) * u.features * sizeof(float));
        };
        for (size_t column = 0; column < size_t(heads) * u.width; column += u.width) {
            copy_row(q, queries + size_t(row) * query_stride + column, scale, u.width, u.features);
            load_steps(keys, column);
            transpose(transposed, copied, u.n, u.features);
            u.attend(w, q, transposed);
            load_steps(values, column);
            u.weighted(result, w, copied);
            store_row(context + size_t(row) * context_stride + column, result, 1, 0, u.width);
        }
    });
}

}  // extern "C"
