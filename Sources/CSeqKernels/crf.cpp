// The recursions of a linear-chain conditional random field (Lafferty, McCallum and Pereira 2001).
#include "seq_crf.h"
#include "simd.h"
#include "team.h"
#include <cmath>
#include <limits>
#include <vector>

namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

/// e^(value - largest) of a vector, in double precision: what is multiplied below covers 700 nats.
double exponentials(const float *values, double *result, size_t count) {
    float largest = -std::numeric_limits<float>::infinity();
    for (size_t i = 0; i < count; i++) largest = std::max(largest, values[i]);
    // Of labels that are all impossible none is.
    if (!std::isfinite(largest)) largest = 0;
    for (size_t i = 0; i < count; i++) result[i] = std::exp(double(values[i]) - double(largest));
    return double(largest);
}

/// The factors of a field that all sequences share.
struct Factors {
    std::vector<double> transitions, begin, end;
    double largestTransition, largestBegin, largestEnd;

    explicit Factors(const seq_crf &crf)
        : transitions(crf.labels * crf.labels), begin(crf.labels), end(crf.labels) {
        largestTransition =
            exponentials(crf.transitions, transitions.data(), transitions.size());
        largestBegin = exponentials(crf.begin, begin.data(), crf.labels);
        largestEnd = exponentials(crf.end, end.data(), crf.labels);
    }
};

/// sum += factor · vector.
SEQ_SIMD void add_multiple(double *sum, const double *vector, double factor, size_t L) {
    for (size_t j = 0; j < L; j++) sum[j] += factor * vector[j];
}

/// result[j] = Σ over i of vector[i] · matrix[i,j], row by row so that it runs along the columns.
void vector_times_matrix(const double *vector, const double *matrix, double *result, size_t L) {
    for (size_t j = 0; j < L; j++) result[j] = 0;
    for (size_t i = 0; i < L; i++) {
        if (vector[i] != 0) add_multiple(result, matrix + i * L, vector[i], L);
    }
}

SEQ_SIMD double dot(const double *a, const double *b, size_t L) {
    SEQ_REASSOCIATE
    double sum = 0;
    for (size_t i = 0; i < L; i++) sum += a[i] * b[i];
    return sum;
}

double normalize(double *values, size_t L) {
    double sum = 0;
    for (size_t i = 0; i < L; i++) sum += values[i];
    if (sum > 0)
        for (size_t i = 0; i < L; i++) values[i] /= sum;
    return sum;
}

/// One sequence of T steps: alpha, normalised at each step, then beta, multiplied by the emission and
/// divided by the sum of its step, so that marginals need no further division.
double recursions(const Factors &factors, size_t L, const float *emissions, size_t T,
                  double *alpha, double *beta, float *marginals) {
    std::vector<double> emitted(T * L), sums(T), next(L);
    double partition = factors.largestBegin + factors.largestEnd +
                       double(T - 1) * factors.largestTransition;
    for (size_t t = 0; t < T; t++) {
        double *here = alpha + t * L, *own = emitted.data() + t * L;
        partition += exponentials(emissions + t * L, own, L);
        if (t == 0)
            for (size_t j = 0; j < L; j++) here[j] = factors.begin[j] * own[j];
        else {
            vector_times_matrix(here - L, factors.transitions.data(), here, L);
            for (size_t j = 0; j < L; j++) here[j] *= own[j];
        }
        sums[t] = normalize(here, L);
        partition += std::log(sums[t]);
    }
    double last = dot(alpha + (T - 1) * L, factors.end.data(), L);
    partition += std::log(last);
    for (size_t j = 0; j < L; j++) next[j] = factors.end[j] / last;
    for (size_t t = T; t-- > 0;) {
        double *here = beta + t * L;
        for (size_t j = 0; j < L; j++) {
            marginals[t * L + j] = float(alpha[t * L + j] * next[j]);
            here[j] = emitted[t * L + j] * next[j] / sums[t];
        }
        if (t == 0) break;
        for (size_t i = 0; i < L; i++)
            next[i] = dot(factors.transitions.data() + i * L, here, L);
    }
    return partition;
}

double transition(const seq_crf &crf, int32_t from, int32_t to) {
    return double(crf.transitions[size_t(from) * crf.labels + size_t(to)]);
}

/// The best path of one sequence; false if none is allowed.
bool best_path(const seq_crf &crf, const float *emissions, size_t T, const uint8_t *allowed,
               int32_t *labels, double *score) {
    size_t L = crf.labels;
    auto permits = [&](size_t from, size_t to) { return !allowed || allowed[from * (L + 1) + to]; };
    std::vector<double> best(L), next(L);
    std::vector<int32_t> came(T * L);
    for (size_t j = 0; j < L; j++)
        best[j] = permits(L, j) ? double(crf.begin[j]) + double(emissions[j]) : kNever;
    for (size_t t = 1; t < T; t++) {
        for (size_t j = 0; j < L; j++) {
            next[j] = kNever;
            came[t * L + j] = 0;
            for (size_t i = 0; i < L; i++) {
                double value = best[i] + transition(crf, int32_t(i), int32_t(j));
                if (value > next[j] && permits(i, j)) {
                    next[j] = value;
                    came[t * L + j] = int32_t(i);
                }
            }
            next[j] += double(emissions[t * L + j]);
        }
        std::swap(best, next);
    }
    *score = kNever;
    int32_t label = 0;
    for (size_t j = 0; j < L; j++) {
        double value = permits(j, L) ? best[j] + double(crf.end[j]) : kNever;
        if (value > *score) {
            *score = value;
            label = int32_t(j);
        }
    }
    for (size_t t = T; t-- > 0;) {
        labels[t] = label;
        label = came[t * L + size_t(label)];
    }
    return *score > kNever;
}

}  // namespace

extern "C" {

void seq_crf_marginals(const seq_crf *crf, const float *emissions, const int32_t *starts,
                       size_t batch, double *partitions, float *marginals, double *alpha,
                       double *beta) {
    const Factors factors(*crf);
    size_t L = crf->labels;
    seq::parallel_range(batch, 1, [&](size_t first, size_t end) {
        std::vector<double> ownAlpha, ownBeta;
        for (size_t b = first; b < end; b++) {
            size_t row = size_t(starts[b]), T = size_t(starts[b + 1]) - row;
            partitions[b] = 0;
            if (T == 0) continue;
            if (!alpha) ownAlpha.resize(T * L);
            if (!beta) ownBeta.resize(T * L);
            partitions[b] = recursions(
                factors, L, emissions + row * L, T, alpha ? alpha + row * L : ownAlpha.data(),
                beta ? beta + row * L : ownBeta.data(), marginals + row * L);
        }
    });
}

void seq_crf_scores(const seq_crf *crf, const float *emissions, const int32_t *labels,
                    const int32_t *starts, size_t batch, double *scores) {
    size_t L = crf->labels;
    for (size_t b = 0; b < batch; b++) {
        size_t row = size_t(starts[b]), end = size_t(starts[b + 1]);
        scores[b] = 0;
        if (row == end) continue;
        scores[b] = double(crf->begin[labels[row]]) + double(crf->end[labels[end - 1]]);
        for (size_t r = row; r < end; r++) {
            scores[b] += double(emissions[r * L + size_t(labels[r])]);
            if (r > row) scores[b] += transition(*crf, labels[r - 1], labels[r]);
        }
    }
}

void seq_crf_gradient(const seq_crf *crf, const int32_t *labels, const int32_t *starts,
                      const float *weights, size_t batch, float *marginals, const double *alpha,
                      const double *beta, float *transitions, float *begin, float *end) {
    size_t L = crf->labels;
    auto weight = [&](size_t b) { return weights ? double(weights[b]) : 1.0; };
    // A row of the transitions belongs to one thread, which goes through all steps in order: the sum
    // does not depend on the number of threads.
    const Factors factors(*crf);
    seq::parallel_range(L, 1, [&](size_t first, size_t last) {
        std::vector<double> pairs(L), counts(L);
        for (size_t i = first; i < last; i++) {
            std::fill(pairs.begin(), pairs.end(), 0.0);
            std::fill(counts.begin(), counts.end(), 0.0);
            double atBegin = 0, atEnd = 0;
            for (size_t b = 0; b < batch; b++) {
                size_t row = size_t(starts[b]), stop = size_t(starts[b + 1]);
                if (row == stop) continue;
                double w = weight(b);
                bool isFirst = size_t(labels[row]) == i, isLast = size_t(labels[stop - 1]) == i;
                atBegin += w * (double(marginals[row * L + i]) - (isFirst ? 1 : 0));
                atEnd += w * (double(marginals[(stop - 1) * L + i]) - (isLast ? 1 : 0));
                for (size_t r = row; r + 1 < stop; r++) {
                    add_multiple(pairs.data(), beta + (r + 1) * L, w * alpha[r * L + i], L);
                    if (size_t(labels[r]) == i) counts[size_t(labels[r + 1])] += w;
                }
            }
            begin[i] = float(atBegin);
            end[i] = float(atEnd);
            const double *own = factors.transitions.data() + i * L;
            for (size_t j = 0; j < L; j++)
                transitions[i * L + j] = float(pairs[j] * own[j] - counts[j]);
        }
    });
    for (size_t b = 0; b < batch; b++) {
        for (size_t r = size_t(starts[b]); r < size_t(starts[b + 1]); r++) {
            marginals[r * L + size_t(labels[r])] -= 1;
            if (!weights) continue;
            for (size_t j = 0; j < L; j++) marginals[r * L + j] *= weights[b];
        }
    }
}

void seq_crf_best(const seq_crf *crf, const float *emissions, const int32_t *starts,
                  const uint8_t *allowed, size_t batch, int32_t *labels, double *scores) {
    size_t L = crf->labels;
    seq::parallel_range(batch, 1, [&](size_t first, size_t end) {
        for (size_t b = first; b < end; b++) {
            size_t row = size_t(starts[b]), T = size_t(starts[b + 1]) - row;
            scores[b] = 0;
            if (T == 0) continue;
            const float *own = emissions + row * L;
            if (!best_path(*crf, own, T, allowed, labels + row, &scores[b]) && allowed)
                best_path(*crf, own, T, nullptr, labels + row, &scores[b]);
        }
    });
}

}  // extern "C"
