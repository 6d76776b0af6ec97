#pragma once
// Keeps signals away from threads that multiply.
//
// The float32 kernels that oneDNN generates point the stack pointer into their workspace on the heap while
// they run. Where a signal is delivered then to a handler without a stack of its own (sigaltstack), the
// kernel of the operating system writes the handler's frame over whatever lies below the workspace. So a
// thread takes no signals while it may be inside such a product: they stay pending, or go to another
// thread. Signals that the thread itself causes, such as SIGSEGV, are not held back.
//
// Holding back and letting go again takes half a microsecond, which is 2 % of the training of a small model
// on one thread: a program that blocks signals for good before it makes threads (seq_block_signals) pays
// nothing.
#include <atomic>
#include <initializer_list>
#include <pthread.h>
#include <signal.h>

namespace seq {

/// The signals that come from outside.
inline const sigset_t &outside_signals() {
    static const sigset_t outside = [] {
        sigset_t all;
        sigfillset(&all);
        for (int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS})
            sigdelset(&all, own);
        return all;
    }();
    return outside;
}

/// Whether a thread of this process has blocked signals for all that it makes.
inline std::atomic<bool> blocks_for_good{false};

/// Whether the calling thread was made by one that blocks signals for good, and has not undone it.
inline bool inherits_block() {
    if (!blocks_for_good.load(std::memory_order_acquire)) return false;
    sigset_t now;
    if (pthread_sigmask(SIG_BLOCK, nullptr, &now) != 0) return false;
    // Those above belong to the libraries, some of which the C library keeps for itself.
    for (int signal = 1; signal < 32; signal++) {
        if (signal == SIGKILL || signal == SIGSTOP) continue;
        if (sigismember(&outside_signals(), signal) == 1 && sigismember(&now, signal) != 1)
            return false;
    }
    return true;
}

/// Whether the calling thread takes no signals already.
inline bool &holds_signals() {
    thread_local bool holds = inherits_block();
    return holds;
}

/// Holds back signals from the calling thread while it lives; nested ones cost nothing.
class SignalHold {
  public:
    SignalHold() : is_outer(!holds_signals()) {
        if (!is_outer) return;
        pthread_sigmask(SIG_BLOCK, &outside_signals(), &before);
        holds_signals() = true;
    }
    ~SignalHold() {
        if (!is_outer) return;
        holds_signals() = false;
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
    SignalHold(const SignalHold &) = delete;
    SignalHold &operator=(const SignalHold &) = delete;

  private:
    const bool is_outer;
    sigset_t before;
};

}  // namespace seq
