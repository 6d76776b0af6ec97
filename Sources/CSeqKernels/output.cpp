// Output layers beyond the plain softmax: mixtures and samples.
#include "output_rows.h"
#include "scratch.h"
#include "simd.h"

namespace {

/// Words that a mixture treats together, so that their sums stay in the cache.
constexpr size_t kTile = 512;

SEQ_SIMD float dot(const float *a, const float *b, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}
SEQ_SIMD void axpy(float *__restrict y, float factor, const float *__restrict x, size_t n) {
    SEQ_CONTRACT
    for (size_t i = 0; i < n; i++) y[i] += factor * x[i];
}

// MARK: Mixtures

SEQ_SIMD void tile_max(float *max, const float *x, float shift, bool first, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float a = x[i] + shift;
        max[i] = first || a > max[i] ? a : max[i];
    }
}
SEQ_SIMD void tile_sum(float *sum, const float *x, float shift, const float *max, bool first,
                       size_t n) {
    for (size_t i = 0; i < n; i++) {
        float e = seq_expf(x[i] + shift - max[i]);
        sum[i] = first ? e : sum[i] + e;
    }
}
SEQ_SIMD void tile_log(float *y, const float *max, const float *sum, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = max[i] + seq_logf(sum[i]);
}
/// The sum of the shares of one component in the probability of each word.
SEQ_SIMD float sum_shares(const float *x, float shift, const float *log_probability, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += seq_expf(x[i] + shift - log_probability[i]);
    return sum;
}
SEQ_SIMD void smoothed_component(float *x, float normalizer, float factor, float shift,
                                 const float *log_probability, float share, size_t n) {
    for (size_t i = 0; i < n; i++)
        x[i] = seq_expf(x[i] - normalizer) * factor -
               seq_expf(x[i] + shift - log_probability[i]) * share;
}

/// y = log Σ_k e^(x[k] + shift[k]) of each word.
void mixture_row(float *y, const float *x, const float *shift, size_t K, size_t V) {
    float max[kTile], sum[kTile];
    for (size_t start = 0; start < V; start += kTile) {
        size_t n = std::min(kTile, V - start);
        for (size_t k = 0; k < K; k++) tile_max(max, x + k * V + start, shift[k], k == 0, n);
        for (size_t k = 0; k < K; k++) tile_sum(sum, x + k * V + start, shift[k], max, k == 0, n);
        tile_log(y + start, max, sum, n);
    }
}

void mixture_loss(float *x, const float *log_prior, int32_t target, float epsilon, float scale,
                  bool gradient, double *loss, float *d_log_prior, size_t K, size_t V) {
    double normalizer[SEQ_MAXIMUM_MIXTURES], term[SEQ_MAXIMUM_MIXTURES];
    float shift[SEQ_MAXIMUM_MIXTURES];
    double highest = -INFINITY;
    for (size_t k = 0; k < K; k++) {
        normalizer[k] = log_sum_exp(x + k * V, V);
        shift[k] = float(double(log_prior[k]) - normalizer[k]);
        term[k] = double(log_prior[k]) + double(x[k * V + size_t(target)]) - normalizer[k];
        highest = std::max(highest, term[k]);
    }
    double sum = 0;
    for (size_t k = 0; k < K; k++) sum += std::exp(term[k] - highest);
    double log_probability = highest + std::log(sum);
    loss[1] = -log_probability;
    loss[0] = (1.0 - double(epsilon)) * loss[1];
    float *all = nullptr;
    if (epsilon > 0) {
        thread_local seq::Scratch scratch;
        all = scratch.get<float>(V);
        mixture_row(all, x, shift, K, V);
        loss[0] -= double(epsilon) * double(row_sum(all, V)) / double(V);
    }
    if (!gradient) return;
    // With q the target distribution and r_kv the share of component k in p(v), the gradient of
    // logit kv is softmax_k(v) · Σ_u q_u r_ku - q_v r_kv, and that of log prior k is -Σ_u q_u r_ku.
    for (size_t k = 0; k < K; k++) {
        float *row = x + k * V;
        float share = float((1.0 - double(epsilon)) * std::exp(term[k] - log_probability));
        float total = share;
        if (epsilon > 0) {
            total += epsilon / float(V) * sum_shares(row, shift[k], all, V);
            smoothed_component(row, float(normalizer[k]), scale * total, shift[k], all,
                               scale * epsilon / float(V), V);
        } else {
            softmax_scaled(row, float(-normalizer[k]), scale * total, V);
        }
        row[target] -= scale * share;
        d_log_prior[k] = -scale * total;
    }
}

// MARK: Samples

void sampled_loss(float *x, float *chosen, int32_t hit, float epsilon, float scale, bool gradient,
                  double *loss, size_t S) {
    float sum_logits, target = *chosen;
    if (hit >= 0) x[hit] = target;
    float max = std::max(row_max(x, S, &sum_logits), target);
    if (hit < 0) sum_logits += target;
    float sum = exp_in_place(x, max, S);
    // In the place of the hit stands the target itself, which is then not added again.
    float own = seq_expf(target - max);
    if (hit < 0) sum += own;
    float count = float(S) + (hit < 0 ? 1.0f : 0.0f);
    double normalizer = double(max) + std::log(double(sum));
    loss[1] = normalizer - double(target);
    loss[0] = (1.0 - double(epsilon)) * loss[1] +
              double(epsilon) * (normalizer - double(sum_logits) / double(count));
    if (!gradient) return;
    float share = scale * epsilon / count;
    affine(x, scale / sum, -share, S);
    if (hit >= 0) x[hit] = 0;
    *chosen = own * scale / sum - share - scale * (1.0f - epsilon);
}

}  // namespace

extern "C" {

void seq_shift_rows(float *y, size_t y_stride, const float *x, size_t x_stride, const float *shift,
                    size_t rows, size_t width) {
    seq::parallel_range(rows, row_grain(width), [=](size_t b, size_t e) {
        for (size_t r = b; r < e; r++) shifted(y + r * y_stride, x + r * x_stride, shift[r], width);
    });
}

void seq_mixture_cross_entropy(float *logits, const float *log_prior, const int32_t *targets,
                               const float *weights, float epsilon, float scale, bool gradient,
                               double *loss, float *d_log_prior, size_t rows, size_t K, size_t V) {
    add_losses(rows, row_grain(K * V), weights, loss, [=](size_t r, double *own) {
        mixture_loss(logits + r * K * V, log_prior + r * K, targets[r], epsilon,
                     scale * row_weight(weights, r), gradient, own, d_log_prior ? d_log_prior + r * K : nullptr, K, V);
    });
}

void seq_mixture_log_probabilities(float *y, const float *logits, const float *log_prior,
                                   size_t rows, size_t K, size_t V) {
    seq::parallel_range(rows, row_grain(K * V), [=](size_t b, size_t e) {
        for (size_t r = b; r < e; r++) {
            const float *x = logits + r * K * V;
            float shift[SEQ_MAXIMUM_MIXTURES];
            for (size_t k = 0; k < K; k++)
                shift[k] = float(double(log_prior[r * K + k]) - log_sum_exp(x + k * V, V));
            mixture_row(y + r * V, x, shift, K, V);
        }
    });
}

void seq_sampled_cross_entropy(float *logits, float *chosen, const int32_t *hit,
                               const float *weights, float epsilon, float scale, bool gradient,
                               double *loss, size_t rows, size_t S) {
    add_losses(rows, row_grain(S), weights, loss, [=](size_t r, double *own) {
        sampled_loss(logits + r * S, chosen + r, hit[r], epsilon, scale * row_weight(weights, r),
                     gradient, own, S);
    });
}

void seq_gathered_dot(float *y, const float *x, const float *table, const float *bias,
                      const float *correction, const int32_t *index, size_t rows, size_t width) {
    seq::parallel_range(rows, row_grain(width), [=](size_t b, size_t e) {
        for (size_t r = b; r < e; r++) {
            size_t i = size_t(index[r]);
            y[r] = dot(x + r * width, table + i * width, width) + (bias ? bias[i] : 0) -
                   correction[r];
        }
    });
}

void seq_gathered_axpy(float *y, const float *factor, const float *table, const int32_t *index,
                       size_t rows, size_t width) {
    seq::parallel_range(rows, row_grain(width), [=](size_t b, size_t e) {
        for (size_t r = b; r < e; r++)
            axpy(y + r * width, factor[r], table + size_t(index[r]) * width, width);
    });
}

}  // extern "C"
