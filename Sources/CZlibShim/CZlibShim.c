#define _GNU_SOURCE
#include "CZlibShim.h"

#include <errno.h>
#include <stdio.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif
#if defined(__linux__)
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

int seq_gzip_inflate_start(z_stream *stream) {
    /* 15 bits of window, and 16 to accept the gzip header and trailer only. */
    return inflateInit2(stream, 15 + 16);
}

int seq_rename_exchange(const char *first, const char *second) {
#if defined(__APPLE__)
    return renamex_np(first, second, RENAME_SWAP);
#elif defined(__linux__) && defined(SYS_renameat2)
    /* The system call itself: the wrapper is missing in older C libraries. 2 is RENAME_EXCHANGE. */
    return (int)syscall(SYS_renameat2, AT_FDCWD, first, AT_FDCWD, second, 2u);
#else
    (void)first;
    (void)second;
    errno = ENOSYS;
    return -1;
#endif
}

void seq_give_back_freed_memory(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}
