// Optimizer updates, each one pass over the flat parameter buffer.
#include "simd.h"
#include "team.h"
#include <cmath>

namespace {
constexpr size_t kGrain = 16384;

SEQ_SIMD void adam(float *__restrict w, const float *__restrict g, float *__restrict m,
                   float *__restrict v, float gradient_scale, float step, float beta1, float beta2,
                   float epsilon, float inverse_root2, size_t n) {
    SEQ_CONTRACT
    float one_minus1 = 1.0f - beta1, one_minus2 = 1.0f - beta2;
    for (size_t i = 0; i < n; i++) {
        float gradient = g[i] * gradient_scale;
        float mi = beta1 * m[i] + one_minus1 * gradient;
        float vi = beta2 * v[i] + one_minus2 * gradient * gradient;
        m[i] = mi;
        v[i] = vi;
        w[i] -= step * mi / (__builtin_elementwise_sqrt(vi) * inverse_root2 + epsilon);
    }
}

SEQ_SIMD void sgd(float *__restrict w, const float *__restrict g, float *__restrict velocity,
                  float gradient_scale, float learning_rate, float momentum, size_t n) {
    SEQ_CONTRACT
    if (!velocity) {
        for (size_t i = 0; i < n; i++) w[i] -= learning_rate * gradient_scale * g[i];
        return;
    }
    for (size_t i = 0; i < n; i++) {
        velocity[i] = momentum * velocity[i] + gradient_scale * g[i];
        w[i] -= learning_rate * velocity[i];
    }
}
}  // namespace

extern "C" {

void seq_adam(float *w, const float *g, float *m, float *v, float gradient_scale,
              float learning_rate, float beta1, float beta2, float epsilon, float correction1,
              float correction2, size_t count) {
    float step = learning_rate / correction1;
    float inverse_root2 = 1.0f / std::sqrt(correction2);
    seq::parallel_range(count, kGrain, [=](size_t b, size_t e) {
        adam(w + b, g + b, m + b, v + b, gradient_scale, step, beta1, beta2, epsilon, inverse_root2,
             e - b);
    });
}

void seq_sgd(float *w, const float *g, float *velocity, float gradient_scale, float learning_rate,
             float momentum, size_t count) {
    seq::parallel_range(count, kGrain, [=](size_t b, size_t e) {
        sgd(w + b, g + b, velocity ? velocity + b : nullptr, gradient_scale, learning_rate,
            momentum, e - b);
    });
}

}  // extern "C"
