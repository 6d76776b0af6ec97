#pragma once
// Keeps signals away from threads that multiply.
//
// The float32 kernels that oneDNN generates point the stack pointer into their workspace on the heap while
// they run. Where a signal is delivered then to a handler without a stack of its own (sigaltstack), the
// kernel of the operating system writes the handler's frame over whatever lies below the workspace. So a
// thread takes no signals while it may be inside such a product: they stay pending, or go to another
// thread. Signals that the thread itself causes, such as SIGSEGV, are not held back.
#include <initializer_list>
#include <pthread.h>
#include <signal.h>

namespace seq {

/// Whether this thread takes no signals already.
inline thread_local bool holds_signals = false;

/// Blocks all signals that come from outside, and writes which were blocked before.
inline void block_signals(sigset_t *before) {
    sigset_t outside;
    sigfillset(&outside);
    for (int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS})
        sigdelset(&outside, own);
    pthread_sigmask(SIG_BLOCK, &outside, before);
}

/// Holds back signals from the calling thread while it lives; nested ones cost nothing.
class SignalHold {
  public:
    SignalHold() : is_outer(!holds_signals) {
        if (!is_outer) return;
        block_signals(&before);
        holds_signals = true;
    }
    ~SignalHold() {
        if (!is_outer) return;
        holds_signals = false;
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
    SignalHold(const SignalHold &) = delete;
    SignalHold &operator=(const SignalHold &) = delete;

  private:
    const bool is_outer;
    sigset_t before;
};

}  // namespace seq
