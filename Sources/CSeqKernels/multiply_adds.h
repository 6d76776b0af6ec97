// The number of multiply-adds of all matrix products of the process, for benchmarks.
#pragma once
#include <atomic>
#include <cstdint>

namespace seq {
inline std::atomic<uint64_t> multiply_adds{0};

inline void count_multiply_adds(int M, int N, int K) {
    if (M > 0 && N > 0 && K > 0)
        multiply_adds.fetch_add(uint64_t(M) * uint64_t(N) * uint64_t(K), std::memory_order_relaxed);
}
}  // namespace seq
