// What a Transformer layer has besides attention: rotary positions, feed-forward layers and residual
// connections, each in one pass over blocks of rows that stay in the cache.
#include "dropout_mask.h"
#include "scratch.h"
#include "simd.h"
#include "team.h"
#include <cmath>
#include <cstring>

namespace {

/// The most rows of a block of a feed-forward layer: enough for a product to be efficient, few enough
/// that a block of wide rows fits a second-level cache.
constexpr size_t kFeedRows = 64;
/// Rows of a block of a residual connection.
constexpr size_t kResidualRows = 16;

constexpr float kGeluRoot = 0.7978845608028654f;  // sqrt(2/pi)
constexpr float kGeluCubic = 0.044715f;

SEQ_SIMD void relu(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : 0.0f;
}
SEQ_SIMD void gelu(float *__restrict y, const float *__restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float v = x[i];
        y[i] = 0.5f * v * (1.0f + seq_tanhf(kGeluRoot * (v + kGeluCubic * v * v * v)));
    }
}
SEQ_SIMD void gated(float *__restrict y, const float *__restrict gate,
                    const float *__restrict value, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = gate[i] * seq_sigmoidf(gate[i]) * value[i];
}

/// active > 0 where neither ReLU nor dropout made it zero.
SEQ_SIMD void relu_gradient(float *d, const float *active, float keep, size_t n) {
    for (size_t i = 0; i < n; i++) d[i] = active[i] > 0 ? d[i] * keep : 0.0f;
}
SEQ_SIMD void gelu_gradient(float *__restrict d, const float *__restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float v = x[i];
        float t = seq_tanhf(kGeluRoot * (v + kGeluCubic * v * v * v));
        d[i] *= 0.5f * (1.0f + t) + 0.5f * v * (1.0f - t * t) * kGeluRoot *
                                        (1.0f + 3.0f * kGeluCubic * v * v);
    }
}
SEQ_SIMD void gated_gradient(float *__restrict d_gate, float *__restrict d_value,
                             const float *__restrict d, const float *__restrict gate,
                             const float *__restrict value, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float s = seq_sigmoidf(gate[i]);
        d_value[i] = d[i] * gate[i] * s;
        d_gate[i] = d[i] * value[i] * s * (1.0f + gate[i] * (1.0f - s));
    }
}

SEQ_SIMD void rotate(float *__restrict y, const float *__restrict x,
                     const float *__restrict cosine, const float *__restrict sine, float sign,
                     float beta, size_t half) {
    for (size_t i = 0; i < half; i++) {
        float a = x[i], b = x[i + half], s = sine[i] * sign;
        float first = a * cosine[i] - b * s, second = b * cosine[i] + a * s;
        y[i] = beta == 0 ? first : y[i] + first;
        y[i + half] = beta == 0 ? second : y[i + half] + second;
    }
}
SEQ_SIMD void copy(float *__restrict y, const float *__restrict x, float beta, size_t n) {
    if (beta == 0)
        for (size_t i = 0; i < n; i++) y[i] = x[i];
    else
        for (size_t i = 0; i < n; i++) y[i] += x[i];
}

SEQ_SIMD void add(float *y, const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = a[i] + b[i];
}

/// Mean and inverse deviation of a row, and the normalised row.
SEQ_SIMD void norm_row(float *__restrict y, float *__restrict statistics,
                       const float *__restrict x, const float *__restrict gain,
                       const float *__restrict bias, float epsilon, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    float mean = sum / float(n);
    for (size_t i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
    float inverse = 1.0f / sqrtf(squares / float(n) + epsilon);
    statistics[0] = mean;
    statistics[1] = inverse;
    for (size_t i = 0; i < n; i++) y[i] = (x[i] - mean) * inverse * gain[i] + bias[i];
}

/// The gradient of norm_row plus d_sum; adds to the gradients of gain and bias.
SEQ_SIMD void norm_gradient(float *__restrict dx, float *__restrict d_gain,
                            float *__restrict d_bias, const float *__restrict d_sum,
                            const float *__restrict dy, const float *__restrict x, float mean,
                            float inverse, const float *__restrict gain, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0, sum_hat = 0;
    for (size_t i = 0; i < n; i++) {
        float hat = (x[i] - mean) * inverse, g = dy[i] * gain[i];
        d_gain[i] += dy[i] * hat;
        d_bias[i] += dy[i];
        sum += g;
        sum_hat += g * hat;
    }
    sum /= float(n);
    sum_hat /= float(n);
    for (size_t i = 0; i < n; i++) {
        float hat = (x[i] - mean) * inverse;
        dx[i] = inverse * (dy[i] * gain[i] - sum - hat * sum_hat);
    }
    if (d_sum)
        for (size_t i = 0; i < n; i++) dx[i] += d_sum[i];
}

/// Calls body(block, first row, rows) on the team for blocks of at most `size` rows.
template <class Body>
void for_blocks(size_t rows, size_t size, const Body &body) {
    size_t blocks = (rows + size - 1) / size;
    seq::parallel_range(blocks, 1, [&](size_t begin, size_t end) {
        for (size_t block = begin; block < end; block++)
            body(block, block * size, std::min(size, rows - block * size));
    });
}

/// Rows of a block of a feed-forward layer: a multiple of four blocks, so that threads get equal
/// shares; a few rows stay together, since products then share out columns. It depends on the number of
/// rows only, as masks are drawn by block.
size_t feed_rows(size_t rows) {
    if (rows < 2 * kFeedRows) return std::max<size_t>(1, rows);
    size_t blocks = (rows + 4 * kFeedRows - 1) / (4 * kFeedRows) * 4;
    return (rows + blocks - 1) / blocks;
}

/// sum = x + dropout(update) of one block.
void add_dropped(float *sum, const float *x, const float *update, const seq_mask &mask,
                 uint64_t key, size_t block, size_t count) {
    if (mask.rate == 0) return add(sum, x, update, count);
    seq_dropout(sum, update, mask.rate, key, block, 0, count);
    add(sum, sum, x, count);
}

}  // namespace

extern "C" {

void seq_rotate(float *y, const float *x, const int32_t *position, const float *cosines,
                const float *sines, bool inverse, float beta, size_t rows, size_t columns,
                int heads, int width) {
    size_t half = size_t(width) / 2, turned = size_t(heads) * size_t(width);
    seq::parallel_range(rows, std::max<size_t>(1, 8192 / columns), [=](size_t b, size_t e) {
        for (size_t r = b; r < e; r++) {
            const float *from = x + r * columns;
            float *to = y + r * columns;
            size_t at = size_t(position[r]) * half;
            for (size_t column = 0; column < turned; column += size_t(width))
                rotate(to + column, from + column, cosines + at, sines + at, inverse ? -1 : 1,
                       beta, half);
            copy(to + turned, from + turned, beta, columns - turned);
        }
    });
}

void seq_feed_forward_run(const seq_feed_forward *a, const float *x, const seq_packed *W1,
                          const float *bias1, const seq_packed *W2, const float *bias2,
                          float *inner, float *active, float *y) {
    size_t middle = size_t(a->middle), outside = size_t(a->outside);
    size_t wide = a->function == SEQ_FEED_SWIGLU ? 2 * middle : middle;
    uint64_t key = seq::mask_key(a->mask);
    for_blocks(a->rows, feed_rows(a->rows),
               [&](size_t block, size_t row, size_t rows) {
        float *in = inner + row * wide, *act = active + row * middle;
        seq_matmul_packed(x + row * outside, int(rows), W1, 0, bias1, in);
        switch (a->function) {
            case SEQ_FEED_RELU: relu(act, in, rows * middle); break;
            case SEQ_FEED_GELU: gelu(act, in, rows * middle); break;
            case SEQ_FEED_SWIGLU:
                for (size_t r = 0; r < rows; r++)
                    gated(act + r * middle, in + r * wide, in + r * wide + middle, middle);
                break;
        }
        if (a->mask.rate > 0)
            seq_dropout(act, act, a->mask.rate, key, block, 0, rows * middle);
        seq_matmul_packed(act, int(rows), W2, 0, bias2, y + row * outside);
    });
}

void seq_feed_forward_backward(const seq_feed_forward *a, const float *d_y, const float *inner,
                               const float *active, const seq_packed *W1_transposed,
                               const seq_packed *W2_transposed, float *d_inner, float beta,
                               float *d_x) {
    size_t middle = size_t(a->middle), outside = size_t(a->outside);
    size_t wide = a->function == SEQ_FEED_SWIGLU ? 2 * middle : middle;
    uint64_t key = seq::mask_key(a->mask);
    float keep = a->mask.rate > 0 ? seq::kept_scale(a->mask.rate) : 1.0f;
    for_blocks(a->rows, feed_rows(a->rows),
               [&](size_t block, size_t row, size_t rows) {
        thread_local seq::Scratch scratch;
        size_t count = rows * middle;
        float *din = d_inner + row * wide;
        float *d = a->function == SEQ_FEED_SWIGLU ? scratch.get<float>(count) : din;
        seq_matmul_packed(d_y + row * outside, int(rows), W2_transposed, 0, nullptr, d);
        if (a->function == SEQ_FEED_RELU) {
            relu_gradient(d, active + row * middle, keep, count);
        } else {
            if (a->mask.rate > 0) seq_dropout(d, d, a->mask.rate, key, block, 0, count);
            const float *in = inner + row * wide;
            if (a->function == SEQ_FEED_GELU) {
                gelu_gradient(d, in, count);
            } else {
                for (size_t r = 0; r < rows; r++)
                    gated_gradient(din + r * wide, din + r * wide + middle, d + r * middle,
                                   in + r * wide, in + r * wide + middle, middle);
            }
        }
        if (d_x)
            seq_matmul_packed(din, int(rows), W1_transposed, beta, nullptr, d_x + row * outside);
    });
}

void seq_residual(float *sum, const float *x, const float *update, seq_mask mask, size_t rows,
                  size_t width) {
    uint64_t key = seq::mask_key(mask);
    for_blocks(rows, kResidualRows, [&](size_t block, size_t row, size_t count) {
        size_t at = row * width;
        add_dropped(sum + at, x + at, update + at, mask, key, block, count * width);
    });
}

void seq_residual_backward(float *d_update, const float *d_sum, seq_mask mask, float beta,
                           size_t rows, size_t width) {
    uint64_t key = seq::mask_key(mask);
    for_blocks(rows, kResidualRows, [&](size_t block, size_t row, size_t count) {
        size_t at = row * width;
        if (mask.rate == 0)
            copy(d_update + at, d_sum + at, beta, count * width);
        else
            seq_dropout(d_update + at, d_sum + at, mask.rate, key, block, beta, count * width);
    });
}

void seq_residual_norm(float *sum, float *normalized, float *statistics, const float *x,
                       const float *update, const float *gain, const float *bias, float epsilon,
                       seq_mask mask, size_t rows, size_t width) {
    uint64_t key = seq::mask_key(mask);
    for_blocks(rows, kResidualRows, [&](size_t block, size_t row, size_t count) {
        add_dropped(sum + row * width, x + row * width, update + row * width, mask, key, block,
                    count * width);
        for (size_t r = row; r < row + count; r++)
            norm_row(normalized + r * width, statistics + 2 * r, sum + r * width, gain, bias,
                     epsilon, width);
    });
}

size_t seq_residual_blocks(size_t rows) { return (rows + kResidualRows - 1) / kResidualRows; }

void seq_residual_norm_backward(float *d_x, float *d_update, float *partial, const float *d_sum,
                                const float *d_normalized, const float *sum,
                                const float *statistics, const float *gain, seq_mask mask,
                                size_t rows, size_t width) {
    uint64_t key = seq::mask_key(mask);
    for_blocks(rows, kResidualRows, [&](size_t block, size_t row, size_t count) {
        float *part = partial + block * 2 * width;
        std::memset(part, 0, 2 * width * sizeof(float));
        for (size_t r = row; r < row + count; r++)
            norm_gradient(d_x + r * width, part, part + width, d_sum ? d_sum + r * width : nullptr,
                          d_normalized + r * width, sum + r * width, statistics[2 * r],
                          statistics[2 * r + 1], gain, width);
        if (!d_update) return;
        size_t at = row * width;
        if (mask.rate == 0)
            copy(d_update + at, d_x + at, 0, count * width);
        else
            seq_dropout(d_update + at, d_x + at, mask.rate, key, block, 0, count * width);
    });
}

}  // extern "C"
