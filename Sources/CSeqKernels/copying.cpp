// Output layers that copy from the source.
#include "output_rows.h"
#include "scratch.h"

namespace {

/// A word that only the source has is never taken for less probable than this.
constexpr double kLeastProbability = 1e-30;

/// log(e^a + e^b).
double log_add(double a, double b) {
    double high = std::max(a, b), low = std::min(a, b);
    return high + std::log1p(std::exp(low - high));
}

/// One row with what it may copy: p(v) = e^(x[v] + shift) + the mass of v.
struct CopyRow {
    const int32_t *token, *first;
    size_t length;
    /// `[length]`: the probability that each step is copied, and their sums, at the first step of each
    /// id.
    float *mass, *sum;
    double gate = 0, not_gate = 1, shift = 0;

    CopyRow(const seq_copy_source &source, size_t row) {
        thread_local seq::Scratch scratch;
        length = size_t(source.weight_start[row + 1] - source.weight_start[row]);
        token = source.token + source.source_start[row];
        first = source.first + source.source_start[row];
        mass = scratch.get<float>(2 * length + 1);
        sum = mass + length;
    }

    /// Takes up the weights once log Σ e^x is known: `normalizer`, for the joint kind with the scores.
    void prepare(seq_copy_kind kind, const float *weights, float z, double normalizer) {
        if (kind == SEQ_COPY_POINTER) {
            double e = std::exp(-std::fabs(double(z)));
            gate = z >= 0 ? 1 / (1 + e) : e / (1 + e);
            not_gate = z >= 0 ? e / (1 + e) : 1 / (1 + e);
            // log σ(z) without cancellation.
            shift = std::min(double(z), 0.0) - std::log1p(e) - normalizer;
            for (size_t i = 0; i < length; i++) mass[i] = float(not_gate * double(weights[i]));
        } else {
            shift = -normalizer;
            for (size_t i = 0; i < length; i++)
                mass[i] = float(std::exp(double(weights[i]) - normalizer));
        }
        for (size_t i = 0; i < length; i++) sum[i] = 0;
        for (size_t i = 0; i < length; i++) sum[first[i]] += mass[i];
    }

    /// The mass of an id.
    float mass_of(int32_t id) const {
        for (size_t i = 0; i < length; i++)
            if (token[i] == id) return sum[first[i]];
        return 0;
    }

    /// log p of an id of the vocabulary with logit x, or of one beyond it.
    double log_probability(float x, float copied, bool is_word) const {
        double copy = double(copied);
        if (!is_word) return std::log(std::max(copy, kLeastProbability));
        double generated = double(x) + shift;
        return copy > 0 ? log_add(generated, std::log(copy)) : generated;
    }
};

/// log Σ e^x, for the joint kind with the scores.
double copy_normalizer(seq_copy_kind kind, const float *x, size_t V, const float *scores,
                       size_t length) {
    double normalizer = log_sum_exp(x, V);
    if (kind == SEQ_COPY_POINTER || length == 0) return normalizer;
    return log_add(normalizer, log_sum_exp(scores, length));
}

void copy_loss(const seq_copy_source &source, float *x, const float *gate, const float *weights,
               int32_t target, float epsilon, float scale, bool gradient, double *loss,
               float *d_gate, float *d_weights, size_t r, size_t V) {
    CopyRow row(source, r);
    const float *own = weights + source.weight_start[r];
    double normalizer = copy_normalizer(source.kind, x, V, own, row.length);
    row.prepare(source.kind, own, gate ? gate[r] : 0, normalizer);
    bool is_word = size_t(target) < V;
    float logit = is_word ? x[target] : 0;
    double log_target = row.log_probability(logit, row.mass_of(target), is_word);
    loss[1] = -log_target;
    double spread = double(epsilon) / double(V), certain = 1.0 - double(epsilon);
    // r(v), the share of generation in p(v): 1 but for words of the source.
    double generated = is_word ? std::exp(double(logit) + row.shift - log_target) : 0;
    double total = certain * generated, smooth = 0;
    thread_local seq::Scratch scratch;
    double *share = scratch.get<double>(2 * row.length + 1), *log_p = share + row.length;
    if (epsilon > 0) smooth = double(row_sum(x, V)) + double(V) * row.shift;
    double copied_words = 0;
    for (size_t i = 0; i < row.length; i++) {
        if (size_t(row.first[i]) != i) continue;
        size_t id = size_t(row.token[i]);
        float from = id < V ? x[id] : 0;
        log_p[i] = row.log_probability(from, row.sum[i], id < V);
        share[i] = id < V ? std::exp(double(from) + row.shift - log_p[i]) : 0;
        if (id >= V) continue;
        smooth += log_p[i] - (double(from) + row.shift);
        copied_words += 1 - share[i];
    }
    total += spread * (double(V) - copied_words);
    loss[0] = certain * loss[1] - spread * (epsilon > 0 ? smooth : 0);
    if (!gradient) return;
    // The gradient of logit v is softmax(v) · R - q_v r_v with R = Σ q_v r_v for the pointer, and 1 for
    // the joint softmax, whose normalizer is that of the copies too.
    bool is_pointer = source.kind == SEQ_COPY_POINTER;
    softmax_scaled(x, float(-normalizer), scale * float(is_pointer ? total : 1), V);
    if (epsilon > 0) shifted(x, x, -scale * float(spread), V);
    for (size_t i = 0; i < row.length; i++) {
        size_t id = size_t(row.token[i]);
        if (size_t(row.first[i]) == i && id < V) x[id] += scale * float(spread * (1 - share[i]));
    }
    if (is_word) x[target] -= scale * float(certain * generated);
    if (is_pointer) d_gate[r] = scale * float(row.gate - total);
    float *d_own = d_weights + source.weight_start[r];
    for (size_t i = 0; i < row.length; i++) {
        double q = (row.token[i] == target ? certain : 0) + (size_t(row.token[i]) < V ? spread : 0);
        double least = std::log(kLeastProbability);
        double slope = -q * std::exp(-std::max(log_p[row.first[i]], least));
        d_own[i] = float(double(scale) * (is_pointer ? row.not_gate * slope
                                                     : double(row.mass[i]) * (1 + slope)));
    }
}

}  // namespace

extern "C" {

void seq_copy_cross_entropy(const seq_copy_source *source, float *logits, const float *gate,
                            const float *weights, const int32_t *targets,
                            const float *row_weights, float epsilon, float scale, bool gradient,
                            double *loss, float *d_gate, float *d_weights, size_t first,
                            size_t rows, size_t V) {
    const float *own_weights = row_weights ? row_weights + first : nullptr;
    add_losses(rows, row_grain(V), own_weights, loss, [=](size_t r, double *own) {
        copy_loss(*source, logits + r * V, gate, weights, targets[first + r], epsilon,
                  scale * row_weight(own_weights, r), gradient, own, d_gate, d_weights, first + r,
                  V);
    });
}

void seq_copy_log_probabilities(const seq_copy_source *source, float *y, const float *logits,
                                const float *gate, const float *weights, size_t first, size_t rows,
                                size_t V, size_t W) {
    seq::parallel_range(rows, row_grain(W), [=](size_t b, size_t e) {
        for (size_t i = b; i < e; i++) {
            size_t r = first + i;
            const float *x = logits + i * V, *own = weights + source->weight_start[r];
            float *to = y + i * W;
            CopyRow row(*source, r);
            row.prepare(source->kind, own, gate ? gate[r] : 0,
                        copy_normalizer(source->kind, x, V, own, row.length));
            for (size_t v = 0; v < V; v++) to[v] = float(row.log_probability(x[v], 0, true));
            for (size_t v = V; v < W; v++) to[v] = float(row.log_probability(0, 0, false));
            for (size_t j = 0; j < row.length; j++) {
                size_t id = size_t(row.token[j]);
                if (size_t(row.first[j]) == j && id < W)
                    to[id] =
                        float(row.log_probability(id < V ? x[id] : 0, row.sum[j], id < V));
            }
        }
    });
}

void seq_copy_target_log_probabilities(const seq_copy_source *source, float *y, const float *logits,
                                       const float *gate, const float *weights,
                                       const int32_t *targets, size_t first, size_t rows,
                                       size_t V) {
    seq::parallel_range(rows, row_grain(V), [=](size_t b, size_t e) {
        for (size_t i = b; i < e; i++) {
            size_t r = first + i, target = size_t(targets[r]);
            const float *x = logits + i * V, *own = weights + source->weight_start[r];
            CopyRow row(*source, r);
            row.prepare(source->kind, own, gate ? gate[r] : 0,
                        copy_normalizer(source->kind, x, V, own, row.length));
            y[r] = float(row.log_probability(target < V ? x[target] : 0,
                                             row.mass_of(targets[r]), target < V));
        }
    });
}

}  // extern "C"
