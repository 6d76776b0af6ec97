// The cross-entropy of two distributions of the same token with the divergence between them.
#include "output_rows.h"

namespace {

/// a and b are log-probabilities; pq = KL(e^a, e^b), qp = KL(e^b, e^a).
SEQ_SIMD void divergences(const float *a, const float *b, float *pq, float *qp, size_t n) {
    SEQ_REASSOCIATE
    float first = 0, second = 0;
    for (size_t i = 0; i < n; i++) {
        float difference = a[i] - b[i];
        first += seq_expf(a[i]) * difference;
        second -= seq_expf(b[i]) * difference;
    }
    *pq = first;
    *qp = second;
}

/// a and b become their gradients: factor · e^x - spread, as of a cross-entropy without its target, plus
/// strength times that of pq + qp.
SEQ_SIMD void consistency_gradient(float *a, float *b, float factor, float spread, float strength,
                                   float pq, float qp, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float p = seq_expf(a[i]), q = seq_expf(b[i]), difference = a[i] - b[i];
        a[i] = factor * p - spread + strength * (p * (difference - pq) + p - q);
        b[i] = factor * q - spread + strength * (q * (-difference - qp) + q - p);
    }
}

/// Half of the loss of one row of log-probabilities a: the cross-entropy with label smoothing, and the
/// negative log-likelihood.
void half_losses(const float *a, int32_t target, float epsilon, double *loss, size_t V) {
    double likelihood = -double(a[target]);
    double smooth = epsilon > 0 ? -double(row_sum(a, V)) / double(V) : 0;
    loss[0] += 0.5 * ((1.0 - double(epsilon)) * likelihood + double(epsilon) * smooth);
    loss[1] += 0.5 * likelihood;
}

}  // namespace

extern "C" {

void seq_consistent_cross_entropy(float *logits, const int32_t *targets, const float *weights,
                                  float alpha, float epsilon, float scale, bool gradient,
                                  double *loss, double *divergence, size_t rows, size_t V) {
    double own_divergence[kStack];
    for (size_t start = 0; start < rows; start += kStack) {
        size_t n = std::min(kStack, rows - start);
        const float *own_weights = weights ? weights + start : nullptr;
        add_losses(n, row_grain(V), own_weights, loss, [&](size_t r, double *own) {
            float *a = logits + 2 * (start + r) * V, *b = a + V;
            shifted(a, a, float(-log_sum_exp(a, V)), V);
            shifted(b, b, float(-log_sum_exp(b, V)), V);
            int32_t target = targets[start + r];
            own[0] = own[1] = 0;
            half_losses(a, target, epsilon, own, V);
            half_losses(b, target, epsilon, own, V);
            float pq, qp;
            divergences(a, b, &pq, &qp, V);
            own_divergence[r] = double(pq) + double(qp);
            if (!gradient) return;
            float factor = 0.5f * scale * row_weight(own_weights, r);
            consistency_gradient(a, b, factor, factor * epsilon / float(V), 0.5f * alpha * factor,
                                 pq, qp, V);
            a[target] -= factor * (1.0f - epsilon);
            b[target] -= factor * (1.0f - epsilon);
        });
        for (size_t r = 0; r < n; r++)
            *divergence += double(row_weight(own_weights, r)) * own_divergence[r];
    }
}

}  // extern "C"
