// Elementwise arithmetic, activations, dropout and reductions over flat buffers.
#include "simd.h"
#include "team.h"
#include <cmath>

using seq::parallel_range;

namespace {
/// Below this many elements a loop is not worth waking the team.
constexpr size_t kGrain = 16384;

SEQ_SIMD void fill(float *__restrict y, float value, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = value;
}
SEQ_SIMD void add(float *y, const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = a[i] + b[i];
}
SEQ_SIMD void subtract(float *y, const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = a[i] - b[i];
}
SEQ_SIMD void multiply(float *y, const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = a[i] * b[i];
}
SEQ_SIMD void divide(float *y, const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = a[i] / b[i];
}
SEQ_SIMD void axpby(float *y, float alpha, const float *x, float beta, size_t n) {
    if (beta == 0) {
        for (size_t i = 0; i < n; i++) y[i] = alpha * x[i];
    } else {
        for (size_t i = 0; i < n; i++) y[i] = alpha * x[i] + beta * y[i];
    }
}
SEQ_SIMD void scale(float *x, float factor, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] *= factor;
}
SEQ_SIMD void clip(float *x, float limit, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float v = x[i];
        v = v > limit ? limit : v;
        x[i] = v < -limit ? -limit : v;
    }
}

/// √(2/π) and the cubic coefficient of the tanh form of GELU (Hendrycks & Gimpel 2016).
constexpr float kGeluRoot = 0.7978845608f, kGeluCubic = 0.044715f;

SEQ_SIMD void tanh_forward(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = seq_tanhf(x[i]);
}
SEQ_SIMD void sigmoid_forward(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = seq_sigmoidf(x[i]);
}
SEQ_SIMD void relu_forward(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : 0;
}
SEQ_SIMD void gelu_forward(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float v = x[i];
        y[i] = 0.5f * v * (1.0f + seq_tanhf(kGeluRoot * (v + kGeluCubic * v * v * v)));
    }
}
SEQ_SIMD void exp_forward(float *y, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = seq_expf(x[i]);
}

SEQ_SIMD void tanh_backward(float *dx, const float *dy, const float *y, float beta, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float g = dy[i] * (1.0f - y[i] * y[i]);
        dx[i] = beta == 0 ? g : dx[i] + g;
    }
}
SEQ_SIMD void sigmoid_backward(float *dx, const float *dy, const float *y, float beta, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float g = dy[i] * y[i] * (1.0f - y[i]);
        dx[i] = beta == 0 ? g : dx[i] + g;
    }
}
SEQ_SIMD void relu_backward(float *dx, const float *dy, const float *y, float beta, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float g = y[i] > 0 ? dy[i] : 0;
        dx[i] = beta == 0 ? g : dx[i] + g;
    }
}
SEQ_SIMD void gelu_backward(float *dx, const float *dy, const float *x, float beta, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float v = x[i];
        float t = seq_tanhf(kGeluRoot * (v + kGeluCubic * v * v * v));
        float slope = 0.5f * (1.0f + t) + 0.5f * v * (1.0f - t * t) * kGeluRoot *
                                              (1.0f + 3.0f * kGeluCubic * v * v);
        float g = dy[i] * slope;
        dx[i] = beta == 0 ? g : dx[i] + g;
    }
}
SEQ_SIMD void exp_backward(float *dx, const float *dy, const float *y, float beta, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float g = dy[i] * y[i];
        dx[i] = beta == 0 ? g : dx[i] + g;
    }
}

/// One round of Philox 4x32 on 16 counters at once.
#define PHILOX_LANES 16
constexpr int kPhiloxRounds = 7;

/// Fills `word[q][lane]` with the Philox output of counters (counter + lane, stream) under `key`.
SEQ_INLINE void philox(uint32_t word[4][PHILOX_LANES], uint64_t counter, uint64_t stream,
                       uint64_t key) {
    uint32_t c0[PHILOX_LANES], c1[PHILOX_LANES], c2[PHILOX_LANES], c3[PHILOX_LANES];
    for (int l = 0; l < PHILOX_LANES; l++) {
        uint64_t c = counter + uint64_t(l);
        c0[l] = uint32_t(c);
        c1[l] = uint32_t(c >> 32);
        c2[l] = uint32_t(stream);
        c3[l] = uint32_t(stream >> 32);
    }
    uint32_t k0 = uint32_t(key), k1 = uint32_t(key >> 32);
    for (int round = 0; round < kPhiloxRounds; round++) {
        for (int l = 0; l < PHILOX_LANES; l++) {
            uint64_t a = uint64_t(c0[l]) * 0xD2511F53u;
            uint64_t b = uint64_t(c2[l]) * 0xCD9E8D57u;
            c0[l] = uint32_t(b >> 32) ^ c1[l] ^ k0;
            c2[l] = uint32_t(a >> 32) ^ c3[l] ^ k1;
            c1[l] = uint32_t(b);
            c3[l] = uint32_t(a);
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (int l = 0; l < PHILOX_LANES; l++) {
        word[0][l] = c0[l];
        word[1][l] = c1[l];
        word[2][l] = c2[l];
        word[3][l] = c3[l];
    }
}

/// Elements that share one call of `philox`: 16 lanes of 8 sixteen-bit numbers.
constexpr size_t kDropoutChunk = PHILOX_LANES * 8;

SEQ_SIMD void dropout(float *y, const float *x, uint32_t threshold, float keep_scale, uint64_t key,
                      uint64_t stream, float beta, size_t begin, size_t end) {
    for (size_t chunk = begin; chunk < end; chunk += kDropoutChunk) {
        uint32_t word[4][PHILOX_LANES];
        philox(word, chunk / 8, stream, key);
        float factor[kDropoutChunk];
        for (int q = 0; q < 4; q++) {
            for (int l = 0; l < PHILOX_LANES; l++) {
                factor[(2 * q) * PHILOX_LANES + l] =
                    (word[q][l] & 0xFFFFu) < threshold ? 0.0f : keep_scale;
                factor[(2 * q + 1) * PHILOX_LANES + l] =
                    (word[q][l] >> 16) < threshold ? 0.0f : keep_scale;
            }
        }
        size_t n = end - chunk < kDropoutChunk ? end - chunk : kDropoutChunk;
        if (beta == 0) {
            for (size_t i = 0; i < n; i++) y[chunk + i] = x[chunk + i] * factor[i];
        } else {
            for (size_t i = 0; i < n; i++) y[chunk + i] += x[chunk + i] * factor[i];
        }
    }
}

SEQ_SIMD void random_uniform(float *x, float low, float range, uint64_t key, uint64_t stream,
                             size_t begin, size_t end) {
    constexpr size_t chunk_size = PHILOX_LANES * 4;
    for (size_t chunk = begin; chunk < end; chunk += chunk_size) {
        uint32_t word[4][PHILOX_LANES];
        philox(word, chunk / 4, stream, key);
        float value[chunk_size];
        for (int q = 0; q < 4; q++)
            for (int l = 0; l < PHILOX_LANES; l++)
                value[q * PHILOX_LANES + l] = low + range * (float(word[q][l] >> 8) * 0x1p-24f);
        size_t n = end - chunk < chunk_size ? end - chunk : chunk_size;
        for (size_t i = 0; i < n; i++) x[chunk + i] = value[i];
    }
}

/// x = scale · x + deviation · n with n from the standard normal distribution (Box & Muller 1958): two
/// words make the radius √(-2 ln u) and the angle of two numbers.
SEQ_SIMD void add_noise(float *x, float scale, float deviation, uint64_t key, uint64_t stream,
                        uint64_t first, size_t begin, size_t end) {
    SEQ_CONTRACT
    constexpr size_t chunk_size = PHILOX_LANES * 4;
    for (size_t chunk = begin; chunk < end; chunk += chunk_size) {
        uint32_t word[4][PHILOX_LANES];
        philox(word, first + chunk / 4, stream, key);
        float value[chunk_size];
        for (int q = 0; q < 4; q += 2) {
            for (int l = 0; l < PHILOX_LANES; l++) {
                float u = float((word[q][l] >> 8) + 1) * 0x1p-24f;
                float radius = deviation * __builtin_elementwise_sqrt(-2.0f * seq_logf(u));
                // The first two bits say which quarter, the others where in it.
                uint32_t quarter = word[q + 1][l] >> 30;
                float a = (float((word[q + 1][l] >> 6) & 0xFFFFFFu) * 0x1p-24f - 0.5f) *
                          1.57079632679489662f;
                float z = a * a;
                float sine = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) *
                                 z * a + a;
                float cosine = ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z +
                                4.166664568298827e-2f) * z * z - 0.5f * z + 1.0f;
                float odd = float(quarter & 1u), sign = 1.0f - float(quarter & 2u);
                float c = cosine + odd * (-sine - cosine), s = sine + odd * (cosine - sine);
                value[q * PHILOX_LANES + l] = sign * radius * c;
                value[(q + 1) * PHILOX_LANES + l] = sign * radius * s;
            }
        }
        size_t n = end - chunk < chunk_size ? end - chunk : chunk_size;
        for (size_t i = 0; i < n; i++) x[chunk + i] = scale * x[chunk + i] + value[i];
    }
}

SEQ_SIMD double sum_block(const float *x, size_t n) {
    SEQ_REASSOCIATE
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += double(x[i]);
    return sum;
}
SEQ_SIMD double sum_squares_block(const float *x, size_t n) {
    SEQ_REASSOCIATE
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += double(x[i]) * double(x[i]);
    return sum;
}
/// Nonzero exactly when some exponent is all ones.
SEQ_SIMD uint32_t any_not_finite(const float *x, size_t n) {
    uint32_t any = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        __builtin_memcpy(&bits, &x[i], 4);
        any |= (bits & 0x7F800000u) == 0x7F800000u ? 1u : 0u;
    }
    return any;
}

/// Adds up block results in block order, so that the sum does not depend on the number of threads.
template <class Block>
double blocked_sum(const float *x, size_t count, Block block) {
    constexpr size_t size = 65536;
    size_t blocks = (count + size - 1) / size;
    constexpr size_t stack = 1024;
    double total = 0;
    for (size_t first = 0; first < blocks; first += stack) {
        double partial[stack];
        size_t n = std::min(stack, blocks - first);
        parallel_range(n, 1, [&](size_t begin, size_t end) {
            for (size_t b = begin; b < end; b++) {
                size_t start = (first + b) * size;
                partial[b] = block(x + start, std::min(size, count - start));
            }
        });
        for (size_t b = 0; b < n; b++) total += partial[b];
    }
    return total;
}
}  // namespace

extern "C" {

void seq_fill(float *x, float value, size_t count) {
    parallel_range(count, kGrain, [=](size_t b, size_t e) { fill(x + b, value, e - b); });
}
void seq_add(float *y, const float *a, const float *b, size_t count) {
    parallel_range(count, kGrain, [=](size_t s, size_t e) { add(y + s, a + s, b + s, e - s); });
}
void seq_subtract(float *y, const float *a, const float *b, size_t count) {
    parallel_range(count, kGrain, [=](size_t s, size_t e) { subtract(y + s, a + s, b + s, e - s); });
}
void seq_multiply(float *y, const float *a, const float *b, size_t count) {
    parallel_range(count, kGrain, [=](size_t s, size_t e) { multiply(y + s, a + s, b + s, e - s); });
}
void seq_divide(float *y, const float *a, const float *b, size_t count) {
    parallel_range(count, kGrain, [=](size_t s, size_t e) { divide(y + s, a + s, b + s, e - s); });
}
void seq_axpby(float *y, float alpha, const float *x, float beta, size_t count) {
    parallel_range(count, kGrain,
                   [=](size_t s, size_t e) { axpby(y + s, alpha, x + s, beta, e - s); });
}
void seq_scale(float *x, float factor, size_t count) {
    parallel_range(count, kGrain, [=](size_t s, size_t e) { scale(x + s, factor, e - s); });
}
void seq_clip(float *x, float limit, size_t count) {
    parallel_range(count, kGrain, [=](size_t s, size_t e) { clip(x + s, limit, e - s); });
}

void seq_unary_forward(seq_unary f, float *y, const float *x, size_t count) {
    parallel_range(count, kGrain / 4, [=](size_t s, size_t e) {
        size_t n = e - s;
        switch (f) {
            case SEQ_TANH: tanh_forward(y + s, x + s, n); break;
            case SEQ_SIGMOID: sigmoid_forward(y + s, x + s, n); break;
            case SEQ_RELU: relu_forward(y + s, x + s, n); break;
            case SEQ_GELU: gelu_forward(y + s, x + s, n); break;
            case SEQ_EXP: exp_forward(y + s, x + s, n); break;
            case SEQ_SQUARE: multiply(y + s, x + s, x + s, n); break;
            case SEQ_LOG:
                for (size_t i = s; i < e; i++) y[i] = std::log(x[i]);
                break;
            case SEQ_SQRT:
                for (size_t i = s; i < e; i++) y[i] = std::sqrt(x[i]);
                break;
        }
    });
}

void seq_unary_backward(seq_unary f, float *dx, const float *dy, const float *x, const float *y,
                        float beta, size_t count) {
    parallel_range(count, kGrain / 4, [=](size_t s, size_t e) {
        size_t n = e - s;
        switch (f) {
            case SEQ_TANH: tanh_backward(dx + s, dy + s, y + s, beta, n); break;
            case SEQ_SIGMOID: sigmoid_backward(dx + s, dy + s, y + s, beta, n); break;
            case SEQ_RELU: relu_backward(dx + s, dy + s, y + s, beta, n); break;
            case SEQ_GELU: gelu_backward(dx + s, dy + s, x + s, beta, n); break;
            case SEQ_EXP: exp_backward(dx + s, dy + s, y + s, beta, n); break;
            case SEQ_LOG:
                for (size_t i = s; i < e; i++) dx[i] = (beta == 0 ? 0 : dx[i]) + dy[i] / x[i];
                break;
            case SEQ_SQRT:
                for (size_t i = s; i < e; i++)
                    dx[i] = (beta == 0 ? 0 : dx[i]) + dy[i] * 0.5f / y[i];
                break;
            case SEQ_SQUARE:
                for (size_t i = s; i < e; i++)
                    dx[i] = (beta == 0 ? 0 : dx[i]) + dy[i] * 2.0f * x[i];
                break;
        }
    });
}

void seq_dropout(float *y, const float *x, float rate, uint64_t key, uint64_t stream, float beta,
                 size_t count) {
    uint32_t threshold = uint32_t(rate * 65536.0f + 0.5f);
    float keep_scale = threshold >= 65536u ? 0.0f : 65536.0f / float(65536u - threshold);
    parallel_range(count, kDropoutChunk * 32, [=](size_t s, size_t e) {
        dropout(y, x, threshold, keep_scale, key, stream, beta, s, e);
    });
}

void seq_random_uniform(float *x, float low, float high, uint64_t key, uint64_t stream,
                        size_t count) {
    parallel_range(count, PHILOX_LANES * 4 * 64, [=](size_t s, size_t e) {
        random_uniform(x, low, high - low, key, stream, s, e);
    });
}

void seq_add_noise(float *x, float scale, float deviation, uint64_t key, uint64_t stream,
                   uint64_t first, size_t count) {
    parallel_range(count, PHILOX_LANES * 4 * 64, [=](size_t s, size_t e) {
        add_noise(x, scale, deviation, key, stream, first, s, e);
    });
}

double seq_sum(const float *x, size_t count) {
    return blocked_sum(x, count, [](const float *p, size_t n) { return sum_block(p, n); });
}
double seq_sum_squares(const float *x, size_t count) {
    return blocked_sum(x, count, [](const float *p, size_t n) { return sum_squares_block(p, n); });
}

int64_t seq_first_not_finite(const float *x, size_t count) {
    constexpr size_t size = 4096;
    for (size_t start = 0; start < count; start += size) {
        size_t n = std::min(size, count - start);
        if (!any_not_finite(x + start, n)) continue;
        for (size_t i = start; i < start + n; i++)
            if (!std::isfinite(x[i])) return int64_t(i);
    }
    return -1;
}

}  // extern "C"
