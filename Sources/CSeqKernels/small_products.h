#pragma once
// Products and transposes of matrices of a few kilobytes whose rows are padded to whole vectors. Each
// element is a sum in the order of its index, however many rows are computed together.
#include "lanes.h"
#include "simd.h"
#include <cstddef>

namespace {

size_t padded(size_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

/// C = A·B for R rows and one vector of columns; A[r][k] stands at A[r · rs + k · ks].
template <int R>
SEQ_INLINE void product_block(float *C, size_t ldc, const float *A, size_t rs, size_t ks,
                              const float *B, size_t ldb, size_t K) {
    SEQ_CONTRACT
    Lanes sum[R] = {};
    for (size_t k = 0; k < K; k++) {
        Lanes b = *reinterpret_cast<const LanesInMemory *>(B + k * ldb);
        for (int r = 0; r < R; r++) sum[r] += A[size_t(r) * rs + k * ks] * b;
    }
    for (int r = 0; r < R; r++)
        *reinterpret_cast<LanesInMemory *>(C + size_t(r) * ldc) = sum[r];
}

/// Rows of C that are computed together: as many accumulators as AVX2 has registers for.
constexpr size_t kBlock = 6;

/// C = A·B for M ≤ kBlock rows, N columns (whole vectors) and inner size K.
SEQ_SIMD void product_rows(float *__restrict C, size_t ldc, const float *__restrict A, size_t rs,
                           size_t ks, const float *__restrict B, size_t ldb, size_t M, size_t N,
                           size_t K) {
    for (size_t n = 0; n < N; n += kLanes) {
        switch (M) {
            case 1: product_block<1>(C + n, ldc, A, rs, ks, B + n, ldb, K); break;
            case 2: product_block<2>(C + n, ldc, A, rs, ks, B + n, ldb, K); break;
            case 3: product_block<3>(C + n, ldc, A, rs, ks, B + n, ldb, K); break;
            case 4: product_block<4>(C + n, ldc, A, rs, ks, B + n, ldb, K); break;
            case 5: product_block<5>(C + n, ldc, A, rs, ks, B + n, ldb, K); break;
            default: product_block<6>(C + n, ldc, A, rs, ks, B + n, ldb, K); break;
        }
    }
}

/// Exchanges the blocks of `S` lanes off the diagonal of every square of 2S.
#define SEQ_EXCHANGE(S, LOW, HIGH)                              \
    for (int i = 0; i < int(kLanes); i++) {                     \
        if (i & S) continue;                                    \
        Lanes a = row[i], b = row[i + S];                       \
        row[i] = __builtin_shufflevector(a, b, LOW);            \
        row[i + S] = __builtin_shufflevector(a, b, HIGH);       \
    }
#define SEQ_LOW1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define SEQ_HIGH1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define SEQ_LOW2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define SEQ_HIGH2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define SEQ_LOW4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define SEQ_HIGH4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define SEQ_LOW8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define SEQ_HIGH8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31

/// y `[columns, rows]` = the transpose of x `[rows, columns]`; both sizes are whole vectors.
SEQ_SIMD void transpose(float *__restrict y, const float *__restrict x, size_t rows,
                        size_t columns) {
    for (size_t r = 0; r < rows; r += kLanes) {
        for (size_t c = 0; c < columns; c += kLanes) {
            Lanes row[kLanes];
            for (size_t i = 0; i < kLanes; i++)
                row[i] = *reinterpret_cast<const LanesInMemory *>(x + (r + i) * columns + c);
            SEQ_EXCHANGE(1, SEQ_LOW1, SEQ_HIGH1)
            SEQ_EXCHANGE(2, SEQ_LOW2, SEQ_HIGH2)
            SEQ_EXCHANGE(4, SEQ_LOW4, SEQ_HIGH4)
            SEQ_EXCHANGE(8, SEQ_LOW8, SEQ_HIGH8)
            for (size_t i = 0; i < kLanes; i++)
                *reinterpret_cast<LanesInMemory *>(y + (c + i) * rows + r) = row[i];
        }
    }
}

}  // namespace
