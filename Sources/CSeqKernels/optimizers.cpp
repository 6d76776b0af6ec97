// Optimizer updates, each one pass over the flat parameter buffer, or over the rows of a table that
// have a gradient. `decay` is the weight decay that joins the gradient, `shrink` the share of a
// parameter that the decoupled one takes away.
#include "simd.h"
#include "team.h"
#include <cmath>

namespace {
constexpr size_t kGrain = 16384;
/// Numbers in rows that are not worth dividing among threads.
constexpr size_t kRowGrain = 4096;

/// Calls body(at, gradient at, count) for every block of parameters that `rows` selects.
template <class Body>
void over(const seq_updated_rows &rows, const Body &body) {
    if (!rows.index) {
        seq::parallel_range(rows.rows * rows.width, kGrain,
                            [&](size_t b, size_t e) { body(b, b, e - b); });
        return;
    }
    size_t grain = std::max<size_t>(1, kRowGrain / std::max<size_t>(1, rows.width));
    seq::parallel_range(rows.rows, grain, [&](size_t b, size_t e) {
        for (size_t r = b; r < e; r++)
            body(size_t(rows.index[r]) * rows.width, r * rows.width, rows.width);
    });
}

SEQ_SIMD void adam(float *__restrict w, const float *__restrict g, float *__restrict m,
                   float *__restrict v, float gradient_scale, float decay, float shrink, float step,
                   float beta1, float beta2, float epsilon, float inverse_root2, size_t n) {
    SEQ_CONTRACT
    float one_minus1 = 1.0f - beta1, one_minus2 = 1.0f - beta2;
    for (size_t i = 0; i < n; i++) {
        float gradient = g[i] * gradient_scale + decay * w[i];
        float mi = beta1 * m[i] + one_minus1 * gradient;
        float vi = beta2 * v[i] + one_minus2 * gradient * gradient;
        m[i] = mi;
        v[i] = vi;
        float root = __builtin_elementwise_sqrt(vi) * inverse_root2 + epsilon;
        w[i] = w[i] - shrink * w[i] - step * mi / root;
    }
}

SEQ_SIMD void sgd(float *__restrict w, const float *__restrict g, float gradient_scale, float decay,
                  float learning_rate, size_t n) {
    SEQ_CONTRACT
    for (size_t i = 0; i < n; i++)
        w[i] -= learning_rate * (gradient_scale * g[i] + decay * w[i]);
}

/// `moving` is the share of the velocity in a step and `direct` that of the gradient itself.
SEQ_SIMD void momentum_sgd(float *__restrict w, const float *__restrict g,
                           float *__restrict velocity, float gradient_scale, float decay,
                           float learning_rate, float momentum, float moving, float direct,
                           size_t n) {
    SEQ_CONTRACT
    for (size_t i = 0; i < n; i++) {
        float gradient = gradient_scale * g[i] + decay * w[i];
        float vi = momentum * velocity[i] + gradient;
        velocity[i] = vi;
        w[i] -= learning_rate * (moving * vi + direct * gradient);
    }
}

SEQ_SIMD void adagrad(float *__restrict w, const float *__restrict g, float *__restrict sum,
                      float gradient_scale, float decay, float learning_rate, float epsilon,
                      size_t n) {
    SEQ_CONTRACT
    for (size_t i = 0; i < n; i++) {
        float gradient = gradient_scale * g[i] + decay * w[i];
        float si = sum[i] + gradient * gradient;
        sum[i] = si;
        w[i] -= learning_rate * gradient / (__builtin_elementwise_sqrt(si) + epsilon);
    }
}

SEQ_SIMD void adadelta(float *__restrict w, const float *__restrict g, float *__restrict squares,
                       float *__restrict updates, float gradient_scale, float decay,
                       float learning_rate, float rho, float epsilon, size_t n) {
    SEQ_CONTRACT
    float one_minus = 1.0f - rho;
    for (size_t i = 0; i < n; i++) {
        float gradient = gradient_scale * g[i] + decay * w[i];
        float si = rho * squares[i] + one_minus * gradient * gradient;
        float ratio = (updates[i] + epsilon) / (si + epsilon);
        float update = __builtin_elementwise_sqrt(ratio) * gradient;
        squares[i] = si;
        updates[i] = rho * updates[i] + one_minus * update * update;
        w[i] -= learning_rate * update;
    }
}

/// The step of RMSProp from the second moment `si`, less the square of the mean `mi`.
SEQ_INLINE float rmsprop_step(float gradient, float si, float mi, float epsilon) {
    SEQ_CONTRACT
    float variance = si - mi * mi;
    // Rounding can make the difference of like numbers negative.
    variance = variance < 0.0f ? 0.0f : variance;
    return gradient / (__builtin_elementwise_sqrt(variance) + epsilon);
}

SEQ_SIMD void rmsprop(float *__restrict w, const float *__restrict g, float *__restrict squares,
                      float gradient_scale, float decay, float learning_rate, float alpha,
                      float epsilon, size_t n) {
    SEQ_CONTRACT
    float one_minus = 1.0f - alpha;
    for (size_t i = 0; i < n; i++) {
        float gradient = gradient_scale * g[i] + decay * w[i];
        float si = alpha * squares[i] + one_minus * gradient * gradient;
        squares[i] = si;
        w[i] -= learning_rate * rmsprop_step(gradient, si, 0.0f, epsilon);
    }
}

SEQ_SIMD void rmsprop_momentum(float *__restrict w, const float *__restrict g,
                               float *__restrict squares, float *__restrict velocity,
                               float gradient_scale, float decay, float learning_rate, float alpha,
                               float momentum, float epsilon, size_t n) {
    SEQ_CONTRACT
    float one_minus = 1.0f - alpha;
    for (size_t i = 0; i < n; i++) {
        float gradient = gradient_scale * g[i] + decay * w[i];
        float si = alpha * squares[i] + one_minus * gradient * gradient;
        float vi = momentum * velocity[i] + rmsprop_step(gradient, si, 0.0f, epsilon);
        squares[i] = si;
        velocity[i] = vi;
        w[i] -= learning_rate * vi;
    }
}

SEQ_SIMD void rmsprop_centered(float *__restrict w, const float *__restrict g,
                               float *__restrict squares, float *__restrict mean,
                               float gradient_scale, float decay, float learning_rate, float alpha,
                               float epsilon, size_t n) {
    SEQ_CONTRACT
    float one_minus = 1.0f - alpha;
    for (size_t i = 0; i < n; i++) {
        float gradient = gradient_scale * g[i] + decay * w[i];
        float si = alpha * squares[i] + one_minus * gradient * gradient;
        float mi = alpha * mean[i] + one_minus * gradient;
        squares[i] = si;
        mean[i] = mi;
        w[i] -= learning_rate * rmsprop_step(gradient, si, mi, epsilon);
    }
}

SEQ_SIMD void rmsprop_centered_momentum(float *__restrict w, const float *__restrict g,
                                        float *__restrict squares, float *__restrict mean,
                                        float *__restrict velocity, float gradient_scale,
                                        float decay, float learning_rate, float alpha,
                                        float momentum, float epsilon, size_t n) {
    SEQ_CONTRACT
    float one_minus = 1.0f - alpha;
    for (size_t i = 0; i < n; i++) {
        float gradient = gradient_scale * g[i] + decay * w[i];
        float si = alpha * squares[i] + one_minus * gradient * gradient;
        float mi = alpha * mean[i] + one_minus * gradient;
        float vi = momentum * velocity[i] + rmsprop_step(gradient, si, mi, epsilon);
        squares[i] = si;
        mean[i] = mi;
        velocity[i] = vi;
        w[i] -= learning_rate * vi;
    }
}

SEQ_SIMD void lion(float *__restrict w, const float *__restrict g, float *__restrict m,
                   float gradient_scale, float shrink, float learning_rate, float beta1,
                   float beta2, size_t n) {
    SEQ_CONTRACT
    float one_minus1 = 1.0f - beta1, one_minus2 = 1.0f - beta2;
    for (size_t i = 0; i < n; i++) {
        float gradient = gradient_scale * g[i];
        float c = beta1 * m[i] + one_minus1 * gradient;
        float sign = (c > 0.0f ? 1.0f : 0.0f) - (c < 0.0f ? 1.0f : 0.0f);
        m[i] = beta2 * m[i] + one_minus2 * gradient;
        w[i] = w[i] - shrink * w[i] - learning_rate * sign;
    }
}

SEQ_SIMD void average(float *__restrict a, const float *__restrict w, float rate, size_t n) {
    SEQ_CONTRACT
    for (size_t i = 0; i < n; i++) a[i] += rate * (w[i] - a[i]);
}
}  // namespace

extern "C" {

void seq_adam(seq_updated_rows rows, float *w, const float *g, float *m, float *v,
              float gradient_scale, float decay, float shrink, float learning_rate, float beta1,
              float beta2, float epsilon, float correction1, float correction2) {
    float step = learning_rate / correction1;
    float inverse_root2 = 1.0f / std::sqrt(correction2);
    over(rows, [=](size_t at, size_t from, size_t n) {
        adam(w + at, g + from, m + at, v + at, gradient_scale, decay, shrink, step, beta1, beta2,
             epsilon, inverse_root2, n);
    });
}

void seq_sgd(seq_updated_rows rows, float *w, const float *g, float *velocity, float gradient_scale,
             float decay, float learning_rate, float momentum, bool nesterov) {
    float moving = nesterov ? momentum : 1.0f, direct = nesterov ? 1.0f : 0.0f;
    over(rows, [=](size_t at, size_t from, size_t n) {
        if (!velocity) {
            sgd(w + at, g + from, gradient_scale, decay, learning_rate, n);
            return;
        }
        momentum_sgd(w + at, g + from, velocity + at, gradient_scale, decay, learning_rate,
                     momentum, moving, direct, n);
    });
}

void seq_adagrad(seq_updated_rows rows, float *w, const float *g, float *sum, float gradient_scale,
                 float decay, float learning_rate, float epsilon) {
    over(rows, [=](size_t at, size_t from, size_t n) {
        adagrad(w + at, g + from, sum + at, gradient_scale, decay, learning_rate, epsilon, n);
    });
}

void seq_adadelta(seq_updated_rows rows, float *w, const float *g, float *squares, float *updates,
                  float gradient_scale, float decay, float learning_rate, float rho,
                  float epsilon) {
    over(rows, [=](size_t at, size_t from, size_t n) {
        adadelta(w + at, g + from, squares + at, updates + at, gradient_scale, decay, learning_rate,
                 rho, epsilon, n);
    });
}

void seq_rmsprop(seq_updated_rows rows, float *w, const float *g, float *squares, float *mean,
                 float *velocity, float gradient_scale, float decay, float learning_rate,
                 float alpha, float momentum, float epsilon) {
    over(rows, [=](size_t at, size_t from, size_t n) {
        if (mean && velocity)
            rmsprop_centered_momentum(w + at, g + from, squares + at, mean + at, velocity + at,
                                      gradient_scale, decay, learning_rate, alpha, momentum,
                                      epsilon, n);
        else if (mean)
            rmsprop_centered(w + at, g + from, squares + at, mean + at, gradient_scale, decay,
                             learning_rate, alpha, epsilon, n);
        else if (velocity)
            rmsprop_momentum(w + at, g + from, squares + at, velocity + at, gradient_scale, decay,
                             learning_rate, alpha, momentum, epsilon, n);
        else
            rmsprop(w + at, g + from, squares + at, gradient_scale, decay, learning_rate, alpha,
                    epsilon, n);
    });
}

void seq_lion(seq_updated_rows rows, float *w, const float *g, float *m, float gradient_scale,
              float shrink, float learning_rate, float beta1, float beta2) {
    over(rows, [=](size_t at, size_t from, size_t n) {
        lion(w + at, g + from, m + at, gradient_scale, shrink, learning_rate, beta1, beta2, n);
    });
}

void seq_average(float *a, const float *w, float rate, size_t count) {
    seq::parallel_range(count, kGrain,
                        [=](size_t b, size_t e) { average(a + b, w + b, rate, e - b); });
}

void seq_exchange(float *a, float *b, size_t count) {
    seq::parallel_range(count, kGrain, [=](size_t begin, size_t end) {
        for (size_t i = begin; i < end; i++) {
            float moved = a[i];
            a[i] = b[i];
            b[i] = moved;
        }
    });
}

}  // extern "C"
