// The end of a process whose memory has run out, where nothing can be thrown: no part of this may
// allocate.
#include <unistd.h>

#include <cstring>
#include <new>

#include "CSeqKernels.h"

namespace {
/// EX_OSERR of sysexits.h.
constexpr int kExitCode = 71;

void say(const char *text) {
    size_t rest = std::strlen(text);
    while (rest > 0) {
        ssize_t written = write(STDERR_FILENO, text, rest);
        if (written <= 0) return;
        text += written;
        rest -= size_t(written);
    }
}

void end_of_new() { seq_out_of_memory(0, "the library"); }
}  // namespace

extern "C" {

void seq_out_of_memory(size_t bytes, const char *purpose) {
    char digits[24];
    char *first = digits + sizeof digits;
    *--first = 0;
    size_t rest = bytes;
    do {
        *--first = char('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    say("seq2seq: error: out of memory");
    if (bytes > 0) {
        say(": ");
        say(first);
        say(" bytes");
    }
    say(" for ");
    say(purpose);
    say(" (lower the batch size, the beam size or the length of lines, or give the process more memory)\n");
    _exit(kExitCode);
}

void seq_end_when_new_fails(void) { std::set_new_handler(end_of_new); }

}  // extern "C"
