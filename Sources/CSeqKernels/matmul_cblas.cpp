// Matrix products through a CBLAS: OpenBLAS on Linux, Accelerate on Apple systems. Chosen by the
// package trait CBLAS; the same functions, the same results to rounding.
#ifdef SEQ_USE_CBLAS

#include "bfloat16.h"
#include "multiply_adds.h"
#include "scratch.h"
#include "team.h"
#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>
#if defined(__APPLE__)
#include <Accelerate/Accelerate.h>
#else
#include <cblas.h>
extern "C" void openblas_set_num_threads(int);
#endif

namespace {
/// One thread a call: our own team divides the work.
void use_one_thread() {
#if !defined(__APPLE__)
    static const bool once = (openblas_set_num_threads(1), true);
    (void)once;
#endif
}

void multiply(bool ta, bool tb, int M, int N, int K, const float *A, int lda, const float *B,
              int ldb, float beta, float *C, int ldc) {
    use_one_thread();
    cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, M, N,
                K, 1, A, lda, B, ldb, beta, C, ldc);
}

const float *rounded_copy(seq::Scratch &scratch, const float *x, int rows, int columns,
                          int stride) {
    float *copy = scratch.get<float>(size_t(rows) * size_t(columns));
    for (int r = 0; r < rows; r++)
        seq::round_to_bfloat16(copy + size_t(r) * size_t(columns), x + size_t(r) * size_t(stride),
                               size_t(columns));
    return copy;
}

/// Rows that one call takes. Every call has this many, the last filled up with zero rows: libraries
/// choose another order of summation for few rows, and a row must not feel how many others there are.
/// OpenBLAS's Haswell and Zen kernels take twelve rows at a time and add up the rest in another order, its
/// Nehalem kernels four; so more than eight rows would not be alike.
constexpr int kRowBlock = 8;
/// Columns or rows of the result that one call takes otherwise, so that sums do not depend on the number of
/// threads.
constexpr int kPart = 192;
}  // namespace

struct seq_packed {
    int K, N;
    seq_precision precision;
    std::vector<float> weight;
};

extern "C" {

const char *seq_matmul_library(void) {
#if defined(__APPLE__)
    return "Accelerate";
#else
    return "CBLAS";
#endif
}

seq_packed *seq_packed_create(int K, int N, seq_precision precision) {
    auto packed = std::make_unique<seq_packed>();
    packed->K = K;
    packed->N = N;
    packed->precision = precision;
    packed->weight.resize(size_t(K) * size_t(N));
    return packed.release();
}

void seq_packed_update(seq_packed *packed, const float *weight, bool transposed) {
    size_t K = size_t(packed->K), N = size_t(packed->N);
    if (transposed) {
        for (size_t n = 0; n < N; n++)
            for (size_t k = 0; k < K; k++) packed->weight[k * N + n] = weight[n * K + k];
    } else {
        std::memcpy(packed->weight.data(), weight, K * N * sizeof(float));
    }
    if (packed->precision == SEQ_BFLOAT16)
        seq::round_to_bfloat16(packed->weight.data(), packed->weight.data(), K * N);
}

void seq_packed_free(seq_packed *packed) { delete packed; }

void seq_matmul_packed(const float *A, int M, const seq_packed *W, float beta, const float *bias,
                       float *C) {
    if (M <= 0) return;
    int K = W->K, N = W->N;
    seq::count_multiply_adds(M, N, K);
    thread_local seq::Scratch rounded;
    if (W->precision == SEQ_BFLOAT16) A = rounded_copy(rounded, A, M, K, K);
    size_t blocks = size_t((M + kRowBlock - 1) / kRowBlock);
    size_t grain = double(M) * double(N) * double(K) < 131072.0 ? blocks : 1;
    seq::parallel_range(blocks, grain, [&](size_t begin, size_t end) {
        thread_local seq::Scratch source, result;
        for (size_t block = begin; block < end; block++) {
            int row = int(block) * kRowBlock;
            int rows = std::min(kRowBlock, M - row);
            const float *a = A + size_t(row) * size_t(K);
            float *c = result.get<float>(size_t(kRowBlock) * size_t(N));
            if (rows < kRowBlock) {
                float *padded = source.get<float>(size_t(kRowBlock) * size_t(K));
                std::memcpy(padded, a, size_t(rows) * size_t(K) * sizeof(float));
                std::memset(padded + size_t(rows) * size_t(K), 0,
                            size_t(kRowBlock - rows) * size_t(K) * sizeof(float));
                a = padded;
            }
            multiply(false, false, kRowBlock, N, K, a, K, W->weight.data(), N, 0, c, N);
            for (int r = 0; r < rows; r++) {
                float *to = C + size_t(row + r) * size_t(N);
                const float *from = c + size_t(r) * size_t(N);
                for (int n = 0; n < N; n++)
                    to[n] = from[n] + (bias ? bias[n] : 0) + (beta != 0 ? to[n] : 0);
            }
        }
    });
}

void seq_matmul(bool ta, bool tb, int M, int N, int K, const float *A, int lda, const float *B,
                int ldb, float beta, float *C, int ldc, seq_precision precision) {
    if (M <= 0 || N <= 0) return;
    seq::count_multiply_adds(M, N, K);
    thread_local seq::Scratch rounded_a, rounded_b;
    if (precision == SEQ_BFLOAT16) {
        A = rounded_copy(rounded_a, A, ta ? K : M, ta ? M : K, lda);
        lda = ta ? M : K;
        B = rounded_copy(rounded_b, B, tb ? N : K, tb ? K : N, ldb);
        ldb = tb ? K : N;
    }
    double work = double(M) * double(N) * double(K);
    if (work < 131072.0) {
        multiply(ta, tb, M, N, K, A, lda, B, ldb, beta, C, ldc);
        return;
    }
    size_t size = size_t(std::max(M, N)), parts = (size + kPart - 1) / kPart;
    seq::parallel_range(parts, 1, [&](size_t begin, size_t end) {
        for (size_t part = begin; part < end; part++) {
            size_t first = part * kPart;
            int count = int(std::min(size - first, size_t(kPart)));
            if (N >= M)
                multiply(ta, tb, M, count, K, A, lda, B + (tb ? first * size_t(ldb) : first), ldb,
                         beta, C + first, ldc);
            else
                multiply(ta, tb, count, N, K, A + (ta ? first : first * size_t(lda)), lda, B, ldb,
                         beta, C + first * size_t(ldc), ldc);
        }
    });
}

}  // extern "C"

#endif
