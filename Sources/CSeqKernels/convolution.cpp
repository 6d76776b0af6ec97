// Convolution and pooling over the windows of a ragged batch, gated linear units and weight
// normalisation, forward and backward.
#include "scratch.h"
#include "simd.h"
#include "team.h"
#include <cmath>
#include <cstring>

namespace {

/// Windows that a thread gathers and multiplies at a time: as many as a product likes best, few
/// enough to stay in its cache.
constexpr size_t kBlock = 64;
/// Windows that one product for the gradient of a weight takes.
constexpr size_t kWeightBlock = 1024;

SEQ_SIMD void add_to(float *__restrict y, const float *__restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] += x[i];
}
SEQ_SIMD void add_scaled(float *__restrict y, const float *__restrict x, float factor, size_t n) {
    SEQ_CONTRACT
    for (size_t i = 0; i < n; i++) y[i] += factor * x[i];
}
SEQ_SIMD void linear_combination(float *__restrict y, float alpha, const float *a, float beta,
                                 const float *b, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = alpha * a[i] + beta * b[i];
}
SEQ_SIMD void scaled(float *y, const float *x, float factor, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = factor * x[i];
}
SEQ_SIMD void keep_larger(float *__restrict max, int32_t *__restrict row, const float *__restrict x,
                          int32_t step, size_t n) {
    for (size_t i = 0; i < n; i++) {
        bool larger = x[i] > max[i];
        max[i] = larger ? x[i] : max[i];
        row[i] = larger ? step : row[i];
    }
}
SEQ_SIMD void gated(float *__restrict y, const float *__restrict x, size_t H) {
    SEQ_CONTRACT
    for (size_t j = 0; j < H; j++) y[j] = x[j] * seq_sigmoidf(x[H + j]);
}
SEQ_SIMD void gated_residual(float *__restrict y, const float *__restrict x,
                             const float *__restrict residual, float scale, size_t H) {
    SEQ_CONTRACT
    for (size_t j = 0; j < H; j++) y[j] = scale * (x[j] * seq_sigmoidf(x[H + j]) + residual[j]);
}
SEQ_SIMD void gated_backward(float *__restrict dx, const float *__restrict dy,
                             const float *__restrict x, float scale, size_t H) {
    SEQ_CONTRACT
    for (size_t j = 0; j < H; j++) {
        float g = seq_sigmoidf(x[H + j]), d = scale * dy[j];
        dx[j] = d * g;
        dx[H + j] = d * x[j] * g * (1.0f - g);
    }
}
/// sum[i] += a[i] · b[i].
SEQ_SIMD void add_products(float *__restrict sum, const float *a, const float *b, size_t n) {
    SEQ_CONTRACT
    for (size_t i = 0; i < n; i++) sum[i] += a[i] * b[i];
}
SEQ_SIMD void multiply(float *__restrict y, const float *__restrict a, const float *__restrict b,
                       size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = a[i] * b[i];
}
/// y = beta·y + p·dw - q·v.
SEQ_SIMD void weight_norm_row(float *__restrict y, float beta, const float *__restrict dw,
                              const float *__restrict v, const float *__restrict p,
                              const float *__restrict q, size_t n) {
    SEQ_CONTRACT
    for (size_t i = 0; i < n; i++) {
        float g = p[i] * dw[i] - q[i] * v[i];
        y[i] = beta == 0 ? g : y[i] + g;
    }
}

/// The last sequence that begins at or before `row`, by its first rows; sequences without rows are
/// passed over.
int sequence_of(const int32_t *start, int B, size_t row) {
    return int(std::upper_bound(start, start + B + 1, int32_t(row)) - start) - 1;
}

/// Calls body(window, sequence, from, first, last) for windows [begin, end): the window begins at step
/// `from` of the sequence, which may not exist, and has steps [first, last) of it.
template <class Body>
void each_window(const seq_windows &w, size_t begin, size_t end, const Body &body) {
    if (begin >= end) return;
    int b = sequence_of(w.window_start, w.B, begin);
    for (size_t window = begin; window < end; window++) {
        while (int32_t(window) >= w.window_start[b + 1]) b++;
        int64_t from = int64_t(int32_t(window) - w.window_start[b]) * w.stride - w.left;
        int64_t length = w.start[b + 1] - w.start[b];
        int64_t first = std::clamp<int64_t>(from, 0, length);
        int64_t last = std::clamp<int64_t>(from + w.kernel, 0, length);
        body(window, b, from, first, last);
    }
}

/// y[0..<end-begin]: windows [begin, end).
void gather(const seq_windows &w, float *y, const float *x, size_t D, size_t begin, size_t end) {
    size_t width = size_t(w.kernel) * D;
    each_window(w, begin, end, [&](size_t window, int b, int64_t from, int64_t first, int64_t last) {
        float *to = y + (window - begin) * width;
        if (first >= last) {
            std::memset(to, 0, width * sizeof(float));
            return;
        }
        size_t before = size_t(first - from) * D, count = size_t(last - first) * D;
        std::memset(to, 0, before * sizeof(float));
        std::memcpy(to + before, x + size_t(w.start[b] + first) * D, count * sizeof(float));
        std::memset(to + before + count, 0, (width - before - count) * sizeof(float));
    });
}

/// Adds windows [begin, end), whose first stands at dy, to the steps they lie over. Each thread has
/// its own steps, and a step takes its windows in their order, whatever the division.
void fold(const seq_windows &w, float *dx, const float *dy, size_t D, size_t begin, size_t end) {
    if (begin >= end) return;
    size_t width = size_t(w.kernel) * D;
    int first_sequence = sequence_of(w.window_start, w.B, begin);
    int last_sequence = sequence_of(w.window_start, w.B, end - 1);
    size_t first_row = size_t(w.start[first_sequence]), rows = size_t(w.start[last_sequence + 1]);
    size_t grain = std::max<size_t>(1, 8192 / std::max<size_t>(1, width));
    seq::parallel_range(rows - first_row, grain, [&](size_t row_begin, size_t row_end) {
        int b = sequence_of(w.start, w.B, first_row + row_begin);
        for (size_t row = first_row + row_begin; row < first_row + row_end; row++) {
            while (int32_t(row) >= w.start[b + 1]) b++;
            int64_t place = int64_t(row) - w.start[b] + w.left;
            // Windows v with v·stride ≤ place < v·stride + kernel.
            int64_t least = place < w.kernel ? 0 : (place - w.kernel) / w.stride + 1;
            int64_t most = place / w.stride;
            int64_t low = std::max<int64_t>(least, int64_t(begin) - w.window_start[b]);
            int64_t high = std::min<int64_t>({most, int64_t(w.window_start[b + 1]) - 1 -
                                                        w.window_start[b],
                                              int64_t(end) - 1 - w.window_start[b]});
            for (int64_t v = low; v <= high; v++) {
                size_t window = size_t(w.window_start[b] + v) - begin;
                add_to(dx + row * D, dy + window * width + size_t(place - v * w.stride) * D, D);
            }
        }
    });
}

size_t window_count(const seq_windows &w) { return size_t(w.window_start[w.B]); }

/// Rows of `width` that are worth a thread.
size_t row_grain(size_t width, size_t elements = 8192) {
    return std::max<size_t>(1, elements / std::max<size_t>(1, width));
}

}  // namespace

extern "C" {

void seq_gather_windows(const seq_windows *w, float *y, const float *x, size_t D) {
    size_t width = size_t(w->kernel) * D;
    seq::parallel_range(window_count(*w), row_grain(width), [=](size_t begin, size_t end) {
        gather(*w, y + begin * width, x, D, begin, end);
    });
}

void seq_fold_windows(const seq_windows *w, float *dx, const float *dy, float beta, size_t D) {
    if (beta == 0) seq_fill(dx, 0, size_t(w->start[w->B]) * D);
    fold(*w, dx, dy, D, 0, window_count(*w));
}

void seq_convolution_forward(const seq_windows *w, float *y, const float *x, size_t D,
                             const seq_packed *weight, const float *bias, size_t H) {
    size_t windows = window_count(*w), width = size_t(w->kernel) * D;
    auto multiply_block = [=](size_t begin, size_t end) {
        thread_local seq::Scratch scratch;
        float *block = scratch.get<float>((end - begin) * width);
        gather(*w, block, x, D, begin, end);
        seq_matmul_packed(block, int(end - begin), weight, 0, bias, y + begin * H);
    };
    if (windows <= kBlock) {
        // The threads share out the columns of so small a product.
        if (windows > 0) multiply_block(0, windows);
        return;
    }
    size_t blocks = (windows + kBlock - 1) / kBlock;
    seq::parallel(int(blocks), [=](int block) {
        size_t begin = size_t(block) * kBlock;
        multiply_block(begin, std::min(windows, begin + kBlock));
    });
}

void seq_convolution_backward_input(const seq_windows *w, float *dx, float beta, size_t D,
                                    const float *dy, const seq_packed *weight_transposed,
                                    size_t H) {
    thread_local seq::Scratch scratch;
    size_t windows = window_count(*w), width = size_t(w->kernel) * D;
    if (beta == 0) seq_fill(dx, 0, size_t(w->start[w->B]) * D);
    // A block of windows for each thread exists at a time; a step that two blocks share takes its
    // windows in their order all the same.
    size_t size = kBlock * size_t(std::max(2, seq_threads()));
    for (size_t begin = 0; begin < windows; begin += size) {
        size_t end = std::min(windows, begin + size);
        float *block = scratch.get<float>((end - begin) * width);
        seq_matmul_packed(dy + begin * H, int(end - begin), weight_transposed, 0, nullptr, block);
        fold(*w, dx, block, D, begin, end);
    }
}

void seq_convolution_backward_weight(const seq_windows *w, float *d_weight, float beta,
                                     const float *x, size_t D, const float *dy, size_t H,
                                     seq_precision precision) {
    thread_local seq::Scratch scratch;
    size_t windows = window_count(*w), width = size_t(w->kernel) * D;
    if (windows == 0 && beta == 0) seq_fill(d_weight, 0, width * H);
    for (size_t first = 0; first < windows; first += kWeightBlock) {
        size_t count = std::min(windows - first, kWeightBlock);
        float *block = scratch.get<float>(count * width);
        seq::parallel_range(count, row_grain(width), [=](size_t begin, size_t end) {
            gather(*w, block + begin * width, x, D, first + begin, first + end);
        });
        seq_matmul(true, false, int(width), int(H), int(count), block, int(width), dy + first * H,
                   int(H), first == 0 ? beta : 1, d_weight, int(H), precision);
    }
}

void seq_max_pool(const seq_windows *w, float *y, int32_t *row, const float *x, size_t D) {
    seq::parallel_range(window_count(*w), row_grain(D, 4096), [=](size_t begin, size_t end) {
        each_window(*w, begin, end, [=](size_t window, int b, int64_t, int64_t first, int64_t last) {
            float *max = y + window * D;
            int32_t *from = row + window * D;
            if (first >= last) {
                std::memset(max, 0, D * sizeof(float));
                std::memset(from, 0xff, D * sizeof(int32_t));
                return;
            }
            int32_t step = w->start[b] + int32_t(first);
            std::memcpy(max, x + size_t(step) * D, D * sizeof(float));
            std::fill(from, from + D, step);
            for (int64_t s = first + 1; s < last; s++) {
                step++;
                keep_larger(max, from, x + size_t(step) * D, step, D);
            }
        });
    });
}

void seq_max_pool_backward(const seq_windows *w, float *dx, const float *dy, const int32_t *row,
                           size_t D) {
    // The windows of a sequence may share steps, so that a thread takes whole sequences.
    seq::parallel(w->B, [=](int b) {
        for (size_t window = size_t(w->window_start[b]); window < size_t(w->window_start[b + 1]);
             window++)
            for (size_t i = 0; i < D; i++) {
                int32_t step = row[window * D + i];
                if (step >= 0) dx[size_t(step) * D + i] += dy[window * D + i];
            }
    });
}

void seq_mean_pool(const seq_windows *w, float *y, const float *x, size_t D) {
    seq::parallel_range(window_count(*w), row_grain(D, 4096), [=](size_t begin, size_t end) {
        each_window(*w, begin, end, [=](size_t window, int b, int64_t, int64_t first, int64_t last) {
            float *mean = y + window * D;
            std::memset(mean, 0, D * sizeof(float));
            for (int64_t s = first; s < last; s++)
                add_to(mean, x + size_t(w->start[b] + s) * D, D);
            if (last > first) scaled(mean, mean, 1.0f / float(last - first), D);
        });
    });
}

void seq_mean_pool_backward(const seq_windows *w, float *dx, const float *dy, size_t D) {
    seq::parallel(w->B, [=](int b) {
        each_window(*w, size_t(w->window_start[b]), size_t(w->window_start[b + 1]),
                    [=](size_t window, int, int64_t, int64_t first, int64_t last) {
                        for (int64_t s = first; s < last; s++)
                            add_scaled(dx + size_t(w->start[b] + s) * D, dy + window * D,
                                       1.0f / float(last - first), D);
                    });
    });
}

void seq_gated_linear_unit(float *y, const float *x, const float *residual, float scale,
                           size_t rows, size_t H) {
    seq::parallel_range(rows, row_grain(H, 4096), [=](size_t begin, size_t end) {
        for (size_t r = begin; r < end; r++) {
            float *to = y + r * H;
            if (residual) {
                gated_residual(to, x + r * 2 * H, residual + r * H, scale, H);
            } else {
                gated(to, x + r * 2 * H, H);
                if (scale != 1) scaled(to, to, scale, H);
            }
        }
    });
}

void seq_gated_linear_unit_backward(float *dx, const float *dy, const float *x, float scale,
                                    size_t rows, size_t H) {
    seq::parallel_range(rows, row_grain(H, 4096), [=](size_t begin, size_t end) {
        for (size_t r = begin; r < end; r++)
            gated_backward(dx + r * 2 * H, dy + r * H, x + r * 2 * H, scale, H);
    });
}

void seq_linear_combination(float *y, float alpha, const float *a, float beta, const float *b,
                            size_t count) {
    seq::parallel_range(count, 16384, [=](size_t s, size_t e) {
        linear_combination(y + s, alpha, a + s, beta, b + s, e - s);
    });
}

void seq_scale_rows(float *y, const float *x, const float *factor, float beta, size_t rows,
                    size_t width) {
    seq::parallel_range(rows, row_grain(width), [=](size_t begin, size_t end) {
        for (size_t r = begin; r < end; r++) {
            if (beta == 0)
                scaled(y + r * width, x + r * width, factor[r], width);
            else
                add_scaled(y + r * width, x + r * width, factor[r], width);
        }
    });
}

void seq_weight_norm(float *w, float *inverse_norm, const float *v, const float *g, float scale,
                     size_t K, size_t H) {
    // Threads share out the columns; a column is added up in the order of its rows.
    seq::parallel_range(H, 64, [=](size_t begin, size_t end) {
        thread_local seq::Scratch scratch;
        size_t n = end - begin;
        float *factor = scratch.get<float>(n), *inverse = inverse_norm + begin;
        std::memset(inverse, 0, n * sizeof(float));
        for (size_t k = 0; k < K; k++) add_products(inverse, v + k * H + begin, v + k * H + begin, n);
        for (size_t i = 0; i < n; i++) {
            inverse[i] = inverse[i] > 0 ? 1.0f / std::sqrt(inverse[i]) : 0.0f;
            factor[i] = scale * g[begin + i] * inverse[i];
        }
        for (size_t k = 0; k < K; k++) multiply(w + k * H + begin, v + k * H + begin, factor, n);
    });
}

void seq_weight_norm_backward(float *d_v, float beta_v, float *d_g, float beta_g, const float *dw,
                              const float *v, const float *g, const float *inverse_norm,
                              float scale, size_t K, size_t H) {
    seq::parallel_range(H, 64, [=](size_t begin, size_t end) {
        thread_local seq::Scratch scratch;
        size_t n = end - begin;
        float *p = scratch.get<float>(2 * n), *q = p + n;
        std::memset(q, 0, n * sizeof(float));
        for (size_t k = 0; k < K; k++) add_products(q, dw + k * H + begin, v + k * H + begin, n);
        for (size_t i = 0; i < n; i++) {
            // The gradient along v/‖v‖, of which the direction must not feel anything.
            float along = scale * q[i] * inverse_norm[begin + i];
            if (d_g) d_g[begin + i] = (beta_g == 0 ? 0 : d_g[begin + i]) + along;
            p[i] = scale * g[begin + i] * inverse_norm[begin + i];
            q[i] = g[begin + i] * along * inverse_norm[begin + i] * inverse_norm[begin + i];
        }
        for (size_t k = 0; d_v && k < K; k++)
            weight_norm_row(d_v + k * H + begin, beta_v, dw + k * H + begin, v + k * H + begin, p,
                            q, n);
    });
}

}  // extern "C"
