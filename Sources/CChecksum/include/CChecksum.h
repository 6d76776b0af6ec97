#pragma once
/* The CRC-32C of bytes (Castagnoli and others 1993; RFC 3720, appendix B.4), by the processor's own
   instruction where it has one. */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Returns the checksum of the bytes that gave `checksum`, 0 for none, followed by `count` further ones.
uint32_t seq_crc32c(uint32_t checksum, const void *_Nullable bytes, size_t count);

/// The same without the instruction.
uint32_t seq_crc32c_portable(uint32_t checksum, const void *_Nullable bytes, size_t count);

#ifdef __cplusplus
}
#endif
