#pragma once
/* What SeqData needs from C that Swift cannot import: zlib's initialiser, which is a macro, and the
   rename that exchanges two paths and the trimming of the heap, which the Glibc module does not show. */

#include <zlib.h>

/// Prepares `stream` to inflate gzip members; returns a zlib status.
int seq_gzip_inflate_start(z_stream *_Nonnull stream);

/// Exchanges two paths of one file system atomically. Returns 0, or -1 with errno set: ENOSYS, EINVAL
/// or ENOTSUP when the kernel or the file system cannot exchange.
int seq_rename_exchange(const char *_Nonnull first, const char *_Nonnull second);

/// Gives memory that has been freed back to the system, where the C library can be told to.
void seq_give_back_freed_memory(void);
