// The one thread team of the process, and the only file that knows about threads. oneDNN as Debian
// builds it runs on libgomp; entering the same pool through GOMP_parallel keeps one set of threads.
#include "CSeqKernels.h"
#include <thread>

#if defined(__linux__)
extern "C" {
void GOMP_parallel(void (*fn)(void *), void *data, unsigned num_threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);
int omp_in_parallel(void);
}
#else
#include <dispatch/dispatch.h>
#endif

namespace {
int team_size = 0;

int default_team_size() {
    unsigned cores = std::thread::hardware_concurrency();
    return cores == 0 ? 1 : int(cores);
}

struct Job {
    int tasks;
    void (*body)(void *, int);
    void *context;
};
}  // namespace

extern "C" void seq_threads_set(int count) { team_size = count < 1 ? default_team_size() : count; }

extern "C" int seq_threads(void) {
    if (team_size == 0) team_size = default_team_size();
    return team_size;
}

#if defined(__linux__)
extern "C" void seq_parallel_for(int tasks, void (*body)(void *, int), void *context) {
    int threads = seq_threads();
    if (threads > tasks) threads = tasks;
    if (threads <= 1 || omp_in_parallel()) {
        for (int task = 0; task < tasks; task++) body(context, task);
        return;
    }
    Job job{tasks, body, context};
    GOMP_parallel(
        [](void *data) {
            Job *job = static_cast<Job *>(data);
            int stride = omp_get_num_threads();
            for (int task = omp_get_thread_num(); task < job->tasks; task += stride)
                job->body(job->context, task);
        },
        &job, unsigned(threads), 0);
}
#else
static thread_local bool inside_team = false;

extern "C" void seq_parallel_for(int tasks, void (*body)(void *, int), void *context) {
    int threads = seq_threads();
    if (threads > tasks) threads = tasks;
    if (threads <= 1 || inside_team) {
        for (int task = 0; task < tasks; task++) body(context, task);
        return;
    }
    Job job{tasks, body, context};
    Job *reference = &job;
    dispatch_apply(size_t(threads), DISPATCH_APPLY_AUTO, ^(size_t thread) {
      inside_team = true;
      for (int task = int(thread); task < reference->tasks; task += threads)
          reference->body(reference->context, task);
      inside_team = false;
    });
}
#endif
