// Operations on the rows of a matrix: gathering, sums, softmax, layer normalisation, top-k.
#include "simd.h"
#include "softmax.h"
#include "team.h"
#include <cmath>
#include <cstring>
#include <vector>

using seq::parallel_range;

namespace {
/// The number of rows of `width` that are worth a thread.
size_t row_grain(size_t width, size_t elements = 8192) {
    return std::max<size_t>(1, elements / std::max<size_t>(1, width));
}

SEQ_SIMD void add_to(float *__restrict y, const float *__restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] += x[i];
}
SEQ_SIMD void add_row(float *y, const float *x, const float *__restrict row, size_t rows,
                      size_t width) {
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < width; i++) y[r * width + i] = x[r * width + i] + row[i];
}
/// Sums columns [0, n) of rows with stride `width`.
SEQ_SIMD void sum_rows(float *__restrict sum, const float *__restrict x, size_t rows, size_t width,
                       size_t n) {
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < n; i++) sum[i] += x[r * width + i];
}
SEQ_SIMD float exp_minus(float *y, const float *x, float max, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0;
    for (size_t i = 0; i < n; i++) {
        float e = seq_expf(x[i] - max);
        y[i] = e;
        sum += e;
    }
    return sum;
}
SEQ_SIMD void affine(float *y, const float *x, float factor, float offset, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = x[i] * factor + offset;
}
SEQ_SIMD float dot(const float *a, const float *b, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}
SEQ_SIMD void softmax_backward(float *dx, const float *dy, const float *y, float sum, float beta,
                               size_t n) {
    for (size_t i = 0; i < n; i++) {
        float g = y[i] * (dy[i] - sum);
        dx[i] = beta == 0 ? g : dx[i] + g;
    }
}
SEQ_SIMD void log_softmax_backward(float *dx, const float *dy, const float *y, float sum,
                                   float beta, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float g = dy[i] - seq_expf(y[i]) * sum;
        dx[i] = beta == 0 ? g : dx[i] + g;
    }
}
SEQ_SIMD float sum_squared_difference(const float *x, float mean, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
    return sum;
}
SEQ_SIMD void normalize(float *y, const float *x, const float *gain, const float *bias, float mean,
                        float inverse, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = (x[i] - mean) * inverse * gain[i] + bias[i];
}
SEQ_SIMD void layer_norm_sums(const float *dy, const float *x, const float *gain, float mean,
                              float inverse, float *normalized, float *sum, float *sum_normalized,
                              size_t n) {
    SEQ_REASSOCIATE
    float s = 0, sn = 0;
    for (size_t i = 0; i < n; i++) {
        float hat = (x[i] - mean) * inverse;
        float g = dy[i] * gain[i];
        normalized[i] = dy[i] * hat;
        s += g;
        sn += g * hat;
    }
    *sum = s;
    *sum_normalized = sn;
}
SEQ_SIMD void layer_norm_dx(float *dx, const float *dy, const float *x, const float *gain,
                            float mean, float inverse, float mean_g, float mean_gn, float beta,
                            size_t n) {
    for (size_t i = 0; i < n; i++) {
        float hat = (x[i] - mean) * inverse;
        float g = inverse * (dy[i] * gain[i] - mean_g - hat * mean_gn);
        dx[i] = beta == 0 ? g : dx[i] + g;
    }
}
/// The number of elements above `threshold` is usually zero; this finds out quickly.
SEQ_SIMD int any_above(const float *x, float threshold, size_t n) {
    int any = 0;
    for (size_t i = 0; i < n; i++) any |= x[i] > threshold ? 1 : 0;
    return any;
}

/// Insertion into a sorted list of k; blocks without a candidate are skipped as a whole.
void top_k_row(int32_t *indices, float *values, const float *x, size_t width, size_t k) {
    size_t found = 0;
    constexpr size_t block = 256;
    for (size_t start = 0; start < width; start += block) {
        size_t n = std::min(block, width - start);
        if (found == k && !any_above(x + start, values[k - 1], n)) continue;
        for (size_t i = start; i < start + n; i++) {
            float v = x[i];
            if (found == k && !(v > values[k - 1])) continue;
            size_t at = found < k ? found++ : k - 1;
            while (at > 0 && v > values[at - 1]) {
                values[at] = values[at - 1];
                indices[at] = indices[at - 1];
                at--;
            }
            values[at] = v;
            indices[at] = int32_t(i);
        }
    }
}
}  // namespace

extern "C" {

void seq_gather_rows(float *y, const float *x, const int32_t *index, size_t rows, size_t width) {
    parallel_range(rows, row_grain(width), [=](size_t b, size_t e) {
        for (size_t r = b; r < e; r++)
            std::memcpy(y + r * width, x + size_t(index[r]) * width, width * sizeof(float));
    });
}

void seq_scatter_add_rows(float *y, const float *x, const int32_t *index, size_t rows,
                          size_t width) {
    // Threads share out the columns, so that repeated indices cannot collide and the order of
    // additions stays that of the rows.
    parallel_range(width, std::max<size_t>(16, 65536 / std::max<size_t>(1, rows)),
                   [=](size_t b, size_t e) {
                       for (size_t r = 0; r < rows; r++)
                           add_to(y + size_t(index[r]) * width + b, x + r * width + b, e - b);
                   });
}

void seq_scatter_rows(float *y, const float *x, const int32_t *index, float beta, size_t rows,
                      size_t width) {
    parallel_range(rows, row_grain(width), [=](size_t b, size_t e) {
        for (size_t r = b; r < e; r++) {
            float *to = y + size_t(index[r]) * width;
            if (beta == 0)
                std::memcpy(to, x + r * width, width * sizeof(float));
            else
                add_to(to, x + r * width, width);
        }
    });
}

void seq_copy_columns(float *y, size_t y_stride, const float *x, size_t x_stride, float beta,
                      size_t rows, size_t width) {
    parallel_range(rows, row_grain(width), [=](size_t b, size_t e) {
        for (size_t r = b; r < e; r++) {
            if (beta == 0)
                std::memcpy(y + r * y_stride, x + r * x_stride, width * sizeof(float));
            else
                add_to(y + r * y_stride, x + r * x_stride, width);
        }
    });
}

void seq_add_row(float *y, const float *x, const float *row, size_t rows, size_t width) {
    parallel_range(rows, row_grain(width), [=](size_t b, size_t e) {
        add_row(y + b * width, x + b * width, row, e - b, width);
    });
}

void seq_sum_rows(float *sum, const float *x, float beta, size_t rows, size_t width) {
    parallel_range(width, std::max<size_t>(64, 32768 / std::max<size_t>(1, rows)),
                   [=](size_t b, size_t e) {
                       if (beta == 0) std::memset(sum + b, 0, (e - b) * sizeof(float));
                       sum_rows(sum + b, x + b, rows, width, e - b);
                   });
}
void seq_sum_columns(float *sum, const float *x, size_t rows, size_t width) {
    parallel_range(rows, row_grain(width), [=](size_t b, size_t e) {
        for (size_t r = b; r < e; r++) sum[r] = row_sum(x + r * width, width);
    });
}

void seq_softmax(float *y, const float *x, bool logarithm, size_t rows, size_t width) {
    if (width == 0) return;
    parallel_range(rows, row_grain(width, 2048), [=](size_t b, size_t e) {
        for (size_t r = b; r < e; r++) {
            const float *from = x + r * width;
            float *to = y + r * width;
            float max = row_max(from, width);
            if (logarithm) {
                float shift = max + std::log(sum_exp_minus(from, max, width));
                affine(to, from, 1, -shift, width);
            } else {
                float sum = exp_minus(to, from, max, width);
                affine(to, to, 1 / sum, 0, width);
            }
        }
    });
}

void seq_softmax_backward(float *dx, const float *dy, const float *y, bool logarithm, float beta,
                          size_t rows, size_t width) {
    parallel_range(rows, row_grain(width, 4096), [=](size_t b, size_t e) {
        for (size_t r = b; r < e; r++) {
            size_t at = r * width;
            if (logarithm)
                log_softmax_backward(dx + at, dy + at, y + at, row_sum(dy + at, width), beta,
                                     width);
            else
                softmax_backward(dx + at, dy + at, y + at, dot(dy + at, y + at, width), beta,
                                 width);
        }
    });
}

void seq_layer_norm(float *y, float *statistics, const float *x, const float *gain,
                    const float *bias, float epsilon, size_t rows, size_t width) {
    parallel_range(rows, row_grain(width, 4096), [=](size_t b, size_t e) {
        for (size_t r = b; r < e; r++) {
            const float *from = x + r * width;
            float mean = row_sum(from, width) / float(width);
            float variance = sum_squared_difference(from, mean, width) / float(width);
            float inverse = 1.0f / std::sqrt(variance + epsilon);
            statistics[2 * r] = mean;
            statistics[2 * r + 1] = inverse;
            normalize(y + r * width, from, gain, bias, mean, inverse, width);
        }
    });
}

void seq_layer_norm_backward(float *dx, float *normalized, const float *dy, const float *x,
                             const float *statistics, const float *gain, float beta, size_t rows,
                             size_t width) {
    parallel_range(rows, row_grain(width, 4096), [=](size_t b, size_t e) {
        for (size_t r = b; r < e; r++) {
            size_t at = r * width;
            float mean = statistics[2 * r], inverse = statistics[2 * r + 1];
            float sum, sum_normalized;
            layer_norm_sums(dy + at, x + at, gain, mean, inverse, normalized + at, &sum,
                            &sum_normalized, width);
            layer_norm_dx(dx + at, dy + at, x + at, gain, mean, inverse, sum / float(width),
                          sum_normalized / float(width), beta, width);
        }
    });
}

void seq_top_k(int32_t *indices, float *values, const float *x, size_t rows, size_t width,
               size_t k) {
    if (k == 0) return;
    parallel_range(rows, row_grain(width), [=](size_t b, size_t e) {
        for (size_t r = b; r < e; r++)
            top_k_row(indices + r * k, values + r * k, x + r * width, width, k);
    });
}

void seq_log_sum_exp(float *result, const float *x, size_t rows, size_t width) {
    parallel_range(rows, row_grain(width, 2048), [=](size_t b, size_t e) {
        for (size_t r = b; r < e; r++) {
            float max = row_max(x + r * width, width);
            result[r] = max + std::log(sum_exp_minus(x + r * width, max, width));
        }
    });
}

}  // extern "C"
