#pragma once
// Sixteen numbers side by side, for loops that the compiler does not turn into SIMD by itself.
#include <cstddef>

namespace {

constexpr size_t kLanes = 16;
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));
typedef float LanesInMemory __attribute__((vector_size(kLanes * sizeof(float)), aligned(4)));

}  // namespace
