#include "multiply_adds.h"
#include "CSeqKernels.h"

extern "C" uint64_t seq_multiply_adds(void) {
    return seq::multiply_adds.load(std::memory_order_relaxed);
}
