// The one thread team of the process, and the only file that knows about threads.
//
// Matrix libraries are called on one thread each, so the team need not share a pool with them. A
// thread that waits spins briefly, since the next piece of work is usually microseconds away, and then
// sleeps, so that a busy machine loses little to us.
#include "CSeqKernels.h"
#include "signals.h"
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

std::atomic<int> team_size{0};
thread_local bool inside_team = false;

void pause() {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// Spins until `done()` for at most some tens of microseconds; returns whether it is done.
template <class Done>
bool spin(const Done &done) {
    using Clock = std::chrono::steady_clock;
    auto limit = Clock::now() + std::chrono::microseconds(50);
    do {
        for (int i = 0; i < 64; i++) {
            if (done()) return true;
            pause();
        }
    } while (Clock::now() < limit);
    return done();
}

/// A job and the next of its tasks to be taken, in one word, so that taking a task of a finished job
/// is impossible: generation, number of tasks, next task.
struct Ticket {
    static constexpr int kBits = 20;
    static constexpr uint64_t kMask = (1u << kBits) - 1;
    uint64_t word;
    int next() const { return int(word & kMask); }
    int tasks() const { return int((word >> kBits) & kMask); }
    bool has_task() const { return next() < tasks(); }
    static Ticket make(uint64_t generation, int tasks) {
        return {generation << (2 * kBits) | uint64_t(tasks) << kBits};
    }
};

class Team {
  public:
    static Team &shared() {
        // Never destroyed: its threads may still wait when the process ends.
        static Team *team = new Team;
        return *team;
    }

    /// Runs the tasks; false when the team is busy with another caller's job.
    bool run(int tasks, void (*job_body)(void *, int), void *job_context, int threads) {
        std::unique_lock<std::mutex> guard(busy, std::try_to_lock);
        if (!guard.owns_lock()) return false;
        // A thread inherits what its maker blocks: those of the team never take a signal.
        seq::SignalHold hold;
        while (int(workers.size()) < threads - 1) workers.emplace_back([this] { work(); });
        body = job_body;
        context = job_context;
        remaining.store(tasks, std::memory_order_relaxed);
        ticket.store(Ticket::make(++generation, tasks).word, std::memory_order_seq_cst);
        if (sleepers.load(std::memory_order_seq_cst) > 0) {
            wake.fetch_add(1, std::memory_order_seq_cst);
            wake.notify_all();
        }
        inside_team = true;
        take_tasks();
        inside_team = false;
        auto finished = [this] { return remaining.load(std::memory_order_acquire) == 0; };
        if (!spin(finished)) {
            for (int left; (left = remaining.load(std::memory_order_acquire)) != 0;)
                remaining.wait(left, std::memory_order_acquire);
        }
        return true;
    }

  private:
    std::mutex busy;
    std::vector<std::thread> workers;
    void (*body)(void *, int) = nullptr;
    void *context = nullptr;
    uint64_t generation = 0;
    std::atomic<uint64_t> ticket{0};
    std::atomic<int> remaining{0}, sleepers{0}, wake{0};

    void take_tasks() {
        for (;;) {
            Ticket now{ticket.load(std::memory_order_acquire)};
            if (!now.has_task()) return;
            if (!ticket.compare_exchange_weak(now.word, now.word + 1, std::memory_order_acq_rel))
                continue;
            body(context, now.next());
            if (remaining.fetch_sub(1, std::memory_order_acq_rel) == 1) remaining.notify_all();
        }
    }

    [[noreturn]] void work() {
        inside_team = true;
        seq::holds_signals() = true;
        auto has_task = [this] {
            return Ticket{ticket.load(std::memory_order_acquire)}.has_task();
        };
        for (;;) {
            take_tasks();
            if (spin(has_task)) continue;
            int before = wake.load(std::memory_order_seq_cst);
            sleepers.fetch_add(1, std::memory_order_seq_cst);
            if (!has_task()) wake.wait(before, std::memory_order_seq_cst);
            sleepers.fetch_sub(1, std::memory_order_seq_cst);
        }
    }
};

}  // namespace

extern "C" {

void seq_threads_set(int count) {
    int cores = int(std::thread::hardware_concurrency());
    team_size.store(count >= 1 ? count : (cores >= 1 ? cores : 1), std::memory_order_relaxed);
}

int seq_threads(void) {
    if (team_size.load(std::memory_order_relaxed) == 0) seq_threads_set(0);
    return team_size.load(std::memory_order_relaxed);
}

bool seq_inside_team(void) { return inside_team; }

void seq_block_signals(void) {
    pthread_sigmask(SIG_BLOCK, &seq::outside_signals(), nullptr);
    seq::blocks_for_good.store(true, std::memory_order_release);
    seq::holds_signals() = true;
}

void seq_parallel_for(int tasks, void (*body)(void *, int), void *context) {
    int threads = seq_threads();
    if (threads > tasks) threads = tasks;
    constexpr int most = int(Ticket::kMask);
    for (int first = 0; first < tasks; first += most) {
        struct Part {
            void (*body)(void *, int);
            void *context;
            int first;
        } part{body, context, first};
        int count = tasks - first < most ? tasks - first : most;
        auto run = [](void *data, int task) {
            auto *part = static_cast<Part *>(data);
            part->body(part->context, part->first + task);
        };
        if (threads > 1 && !inside_team && Team::shared().run(count, run, &part, threads)) continue;
        for (int task = 0; task < count; task++) run(&part, task);
    }
}

}  // extern "C"
