#pragma once
// Buffers that belong to a thread and grow to the largest size asked of them.
#include <cstddef>
#include <cstdlib>

#include "CSeqKernels.h"

namespace seq {

class Scratch {
  public:
    Scratch() = default;
    Scratch(const Scratch &) = delete;
    Scratch &operator=(const Scratch &) = delete;
    ~Scratch() { std::free(memory); }

    /// Memory of at least `bytes`, aligned to a cache line; its contents are undefined.
    void *get(size_t bytes) {
        if (bytes > size) {
            std::free(memory);
            size = (bytes + bytes / 4 + 4095) / 4096 * 4096;
            memory = std::aligned_alloc(64, size);
            if (!memory) seq_out_of_memory(size, "the workspace of a thread");
        }
        return memory;
    }
    template <class T>
    T *get(size_t count) {
        return static_cast<T *>(get(count * sizeof(T)));
    }

  private:
    void *memory = nullptr;
    size_t size = 0;
};

}  // namespace seq
