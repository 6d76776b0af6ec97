// From the scores of attention over ragged memories to its weights: softmax, sparsemax, Gaussians,
// monotonic alignments, and the losses of alignments.
#include "attention_rows.h"
#include "ragged_rows.h"
#include "simd.h"
#include <algorithm>

using seq::RaggedRow;

namespace {

/// The softmax gradient: dx = beta·dx + y · (dy - Σ y·dy).
SEQ_SIMD void softmax_backward(float *__restrict dx, const float *__restrict y,
                               const float *__restrict dy, float beta, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += y[i] * dy[i];
    if (beta == 0) {
        for (size_t i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - sum);
    } else {
        for (size_t i = 0; i < n; i++) dx[i] += y[i] * (dy[i] - sum);
    }
}

/// The projection of x onto the simplex. The support shrinks from everything to those above the
/// threshold that it implies until nothing changes (Michelot 1986), which needs no sorting and ends in
/// the support of Martins & Astudillo's algorithm 1.
SEQ_SIMD void sparsemax(float *__restrict y, const float *__restrict x, size_t n) {
    SEQ_REASSOCIATE
    if (n == 0) return;
    float max = x[0];
    for (size_t i = 1; i < n; i++) max = x[i] > max ? x[i] : max;
    // The largest weight is at most 1, so that nothing that lies 1 below the maximum is kept.
    float threshold = -1;
    size_t before = n + 1;
    for (size_t round = 0; round <= n; round++) {
        float sum = 0, count = 0;
        for (size_t i = 0; i < n; i++) {
            float d = x[i] - max;
            bool kept = d > threshold;
            sum += kept ? d : 0;
            count += kept ? 1.0f : 0.0f;
        }
        if (size_t(count) == before || count == 0) break;
        before = size_t(count);
        threshold = (sum - 1) / count;
    }
    for (size_t i = 0; i < n; i++) {
        float d = x[i] - max - threshold;
        // Written so that a NaN stays one.
        y[i] = d <= 0 ? 0 : d;
    }
}

SEQ_SIMD void sparsemax_backward(float *__restrict dx, const float *__restrict y,
                                 const float *__restrict dy, float beta, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0, count = 0;
    for (size_t i = 0; i < n; i++) {
        sum += y[i] > 0 ? dy[i] : 0;
        count += y[i] > 0 ? 1.0f : 0.0f;
    }
    float mean = count > 0 ? sum / count : 0;
    for (size_t i = 0; i < n; i++) {
        float d = y[i] > 0 ? dy[i] - mean : 0;
        dx[i] = beta == 0 ? d : dx[i] + d;
    }
}

/// y[s] = x[s] · exp(-(first + s - center)² · factor).
SEQ_SIMD void gaussian(float *__restrict y, const float *__restrict x, float first, float center,
                       float factor, size_t n) {
    SEQ_CONTRACT
    for (size_t s = 0; s < n; s++) {
        float distance = first + float(int32_t(s)) - center;
        y[s] = x[s] * seq_expf(-distance * distance * factor);
    }
}

/// Σ_s dy[s] · x[s] · the derivative of the Gaussian by its center.
SEQ_SIMD float gaussian_center(const float *__restrict dy, const float *__restrict x, float first,
                               float center, float factor, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0;
    for (size_t s = 0; s < n; s++) {
        float distance = first + float(int32_t(s)) - center;
        sum += dy[s] * x[s] * seq_expf(-distance * distance * factor) * distance;
    }
    return sum * 2 * factor;
}

SEQ_SIMD float dot(const float *__restrict a, const float *__restrict b, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

SEQ_SIMD float minimum_sum(const float *__restrict a, const float *__restrict b, size_t n) {
    SEQ_REASSOCIATE
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] < b[i] ? a[i] : b[i];
    return sum;
}

SEQ_SIMD void minimum_backward(const float *__restrict own, const float *__restrict other,
                               float scale, float beta, float *__restrict d, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float g = own[i] < other[i] ? scale : own[i] == other[i] ? 0.5f * scale : 0;
        d[i] = beta == 0 ? g : d[i] + g;
    }
}

void clear_unless_added(const RaggedRow &row, float beta, float *x) {
    if (beta == 0) row.clear_outside(x);
}

}  // namespace

extern "C" {

void seq_ragged_from_columns(const seq_ragged *r, const float *matrix, int L, float *scores) {
    seq::each_ragged_row(r, [=](size_t query, const RaggedRow &row) {
        const float *columns = matrix + query * size_t(L);
        row.clear_outside(scores);
        for (size_t s = row.begin; s < row.end; s++)
            scores[row.start + s] = s < size_t(L) ? columns[s] : 0;
    });
}

void seq_ragged_from_columns_backward(const seq_ragged *r, const float *d_scores, int L,
                                      float *d_matrix) {
    seq::each_ragged_row(r, [=](size_t query, const RaggedRow &row) {
        float *columns = d_matrix + query * size_t(L);
        for (size_t s = row.begin; s < std::min(row.end, size_t(L)); s++)
            columns[s] += d_scores[row.start + s];
    });
}

void seq_ragged_softmax(const seq_ragged *r, const float *scores, float *weights) {
    seq::each_ragged_row(r, [=](size_t, const RaggedRow &row) {
        row.clear_outside(weights);
        if (row.count() == 0) return;
        std::copy_n(row.window(scores), row.count(), row.window(weights));
        seq::row_softmax(row.window(weights), row.count());
    });
}

void seq_ragged_softmax_backward(const seq_ragged *r, const float *weights, const float *d_weights,
                                 float beta, float *d_scores) {
    seq::each_ragged_row(r, [=](size_t, const RaggedRow &row) {
        clear_unless_added(row, beta, d_scores);
        softmax_backward(row.window(d_scores), row.window(weights), row.window(d_weights), beta,
                         row.count());
    });
}

void seq_ragged_sparsemax(const seq_ragged *r, const float *scores, float *weights) {
    seq::each_ragged_row(r, [=](size_t, const RaggedRow &row) {
        row.clear_outside(weights);
        sparsemax(row.window(weights), row.window(scores), row.count());
    });
}

void seq_ragged_sparsemax_backward(const seq_ragged *r, const float *weights,
                                   const float *d_weights, float beta, float *d_scores) {
    seq::each_ragged_row(r, [=](size_t, const RaggedRow &row) {
        clear_unless_added(row, beta, d_scores);
        sparsemax_backward(row.window(d_scores), row.window(weights), row.window(d_weights), beta,
                           row.count());
    });
}

void seq_ragged_gaussian(const seq_ragged *r, const float *weights, const float *centers,
                         float deviation, float *result) {
    float factor = 0.5f / (deviation * deviation);
    seq::each_ragged_row(r, [=](size_t query, const RaggedRow &row) {
        row.clear_outside(result);
        gaussian(row.window(result), row.window(weights), float(row.begin), centers[query], factor,
                 row.count());
    });
}

void seq_ragged_gaussian_backward(const seq_ragged *r, const float *weights, const float *centers,
                                  float deviation, const float *d_result, float beta,
                                  float *d_weights, float *d_centers) {
    float factor = 0.5f / (deviation * deviation);
    seq::each_ragged_row(r, [=](size_t query, const RaggedRow &row) {
        const float *d = row.window(d_result);
        float first = float(row.begin), center = centers[query];
        if (d_centers)
            d_centers[query] =
                gaussian_center(d, row.window(weights), first, center, factor, row.count());
        if (!d_weights) return;
        if (beta == 0) {
            row.clear_outside(d_weights);
            gaussian(row.window(d_weights), d, first, center, factor, row.count());
            return;
        }
        float *destination = row.window(d_weights);
        constexpr size_t block = 64;
        float part[block];
        for (size_t s = 0; s < row.count(); s += block) {
            size_t n = std::min(block, row.count() - s);
            gaussian(part, d + s, first + float(s), center, factor, n);
            for (size_t i = 0; i < n; i++) destination[s + i] += part[i];
        }
    });
}

void seq_ragged_mix(const seq_ragged *r, const float *a, const float *b, const float *gate,
                    float *result) {
    seq::each_ragged_row(r, [=](size_t query, const RaggedRow &row) {
        float g = gate[query];
        for (size_t i = row.start; i < row.start + row.length; i++)
            result[i] = g * a[i] + (1 - g) * b[i];
    });
}

void seq_ragged_mix_backward(const seq_ragged *r, const float *a, const float *b,
                             const float *gate, const float *d_result, float *d_a, float *d_b,
                             float *d_gate) {
    seq::each_ragged_row(r, [=](size_t query, const RaggedRow &row) {
        float g = gate[query];
        const float *d = d_result + row.start;
        for (size_t i = 0; i < row.length; i++) {
            d_a[row.start + i] = g * d[i];
            d_b[row.start + i] = (1 - g) * d[i];
        }
        d_gate[query] = dot(d, a + row.start, row.length) - dot(d, b + row.start, row.length);
    });
}

void seq_ragged_scale_steps(const seq_ragged *r, const float *x, const float *factors,
                            float *result) {
    seq::each_ragged_sequence(r, [=](int b) {
        const float *factor = factors + r->memory_start[b];
        seq::each_row_of_sequence(r, b, [&](size_t, const RaggedRow &row) {
            for (size_t s = 0; s < row.length; s++)
                result[row.start + s] = x[row.start + s] * factor[s];
        });
    });
}

void seq_ragged_scale_steps_backward(const seq_ragged *r, const float *x, const float *d_result,
                                     float *d_factors) {
    seq::each_ragged_sequence(r, [=](int b) {
        float *factor = d_factors + r->memory_start[b];
        seq::each_row_of_sequence(r, b, [&](size_t, const RaggedRow &row) {
            for (size_t s = 0; s < row.length; s++)
                factor[s] += x[row.start + s] * d_result[row.start + s];
        });
    });
}

void seq_ragged_monotonic(const seq_ragged *r, const float *choice, const float *previous,
                          float *arrival, float *alignment) {
    seq::each_ragged_row(r, [=](size_t, const RaggedRow &row) {
        float passing = 0;
        for (size_t i = row.start; i < row.start + row.length; i++) {
            float here = passing + previous[i];
            arrival[i] = here;
            alignment[i] = choice[i] * here;
            passing = (1 - choice[i]) * here;
        }
    });
}

void seq_ragged_monotonic_backward(const seq_ragged *r, const float *choice, const float *arrival,
                                   const float *d_alignment, float *d_choice, float *d_previous) {
    seq::each_ragged_row(r, [=](size_t, const RaggedRow &row) {
        float d_passing = 0;
        for (size_t i = row.start + row.length; i-- > row.start;) {
            d_choice[i] = (d_alignment[i] - d_passing) * arrival[i];
            d_passing = d_alignment[i] * choice[i] + d_passing * (1 - choice[i]);
            d_previous[i] = d_passing;
        }
    });
}

void seq_ragged_monotonic_hard(const seq_ragged *r, const float *choice, const float *previous,
                               float *alignment) {
    seq::each_ragged_row(r, [=](size_t, const RaggedRow &row) {
        bool scanning = false, stopped = false;
        for (size_t i = row.start; i < row.start + row.length; i++) {
            scanning = scanning || previous[i] != 0;
            bool chosen = scanning && !stopped && choice[i] >= 0.5f;
            stopped = stopped || chosen;
            alignment[i] = chosen ? 1 : 0;
        }
    });
}

void seq_ragged_minimum(const seq_ragged *r, const float *a, const float *b, float *sums) {
    seq::each_ragged_row(r, [=](size_t query, const RaggedRow &row) {
        sums[query] = minimum_sum(a + row.start, b + row.start, row.length);
    });
}

void seq_minimum_backward(const float *a, const float *b, bool first, float scale, float beta,
                          float *d, size_t count) {
    minimum_backward(first ? a : b, first ? b : a, scale, beta, d, count);
}

}  // extern "C"
