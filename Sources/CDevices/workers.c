#define _GNU_SOURCE
#include "textpin_workers.h"

#include <assert.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct worker_start {
    struct textpin_workers *workers;
    int32_t worker;
};

struct textpin_workers {
    // Rises by one when all workers have met; the futex that late waiters sleep on.
    _Atomic uint32_t meeting;
    _Atomic uint32_t arrived;
    // Rises by one when a body is to be run.
    _Alignas(64) _Atomic uint32_t summons;
    _Atomic bool stopping;
    textpin_worker_body body;
    void *context;
    int32_t count;
    pthread_t threads[TEXTPIN_WORKERS_MAXIMUM];
    struct worker_start starts[TEXTPIN_WORKERS_MAXIMUM];
};

_Static_assert(sizeof(struct textpin_workers) <= TEXTPIN_WORKERS_BYTES, "the pool fits the memory that the arena keeps for it");

// About 20 microseconds on the CPUs this runs on: longer than the skew between workers within a step.
enum { spins_before_sleep = 4000 };

static inline void spin_pause(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void wait_for_change(_Atomic uint32_t *word, uint32_t seen)
{
    for (int spin = 0; spin < spins_before_sleep; spin++) {
        if (atomic_load_explicit(word, memory_order_acquire) != seen)
            return;
        spin_pause();
    }
    while (atomic_load_explicit(word, memory_order_acquire) == seen)
        syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

static void change(_Atomic uint32_t *word)
{
    atomic_fetch_add_explicit(word, 1, memory_order_release);
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, TEXTPIN_WORKERS_MAXIMUM, NULL, NULL, 0);
}

void textpin_workers_meet(struct textpin_workers *workers)
{
    if (workers->count == 1)
        return;
    uint32_t seen = atomic_load_explicit(&workers->meeting, memory_order_acquire);
    if (atomic_fetch_add_explicit(&workers->arrived, 1, memory_order_acq_rel) + 1 == (uint32_t)workers->count) {
        atomic_store_explicit(&workers->arrived, 0, memory_order_relaxed);
        change(&workers->meeting);
    } else {
        wait_for_change(&workers->meeting, seen);
    }
}

static void *work(void *argument)
{
    struct worker_start *start = argument;
    struct textpin_workers *workers = start->workers;
    for (uint32_t seen = 0;; seen++) {
        wait_for_change(&workers->summons, seen);
        if (atomic_load_explicit(&workers->stopping, memory_order_acquire))
            return NULL;
        workers->body(workers->context, start->worker, workers->count);
        textpin_workers_meet(workers);
    }
}

int32_t textpin_workers_start(void *memory, int32_t count)
{
    assert(count >= 1 && count <= TEXTPIN_WORKERS_MAXIMUM && ((uintptr_t)memory & 63) == 0);
    struct textpin_workers *workers = memory;
    memset(workers, 0, sizeof *workers);
    workers->count = 1;
    for (int32_t worker = 1; worker < count; worker++) {
        workers->starts[worker] = (struct worker_start){ .workers = workers, .worker = worker };
        int error = pthread_create(&workers->threads[worker], NULL, work, &workers->starts[worker]);
        if (error != 0) {
            textpin_workers_stop(workers);
            return error;
        }
        workers->count = worker + 1;
    }
    return 0;
}

void textpin_workers_run(struct textpin_workers *workers, textpin_worker_body body, void *context)
{
    if (workers->count > 1) {
        workers->body = body;
        workers->context = context;
        change(&workers->summons);
    }
    body(context, 0, workers->count);
    textpin_workers_meet(workers);
}

void textpin_workers_stop(struct textpin_workers *workers)
{
    atomic_store_explicit(&workers->stopping, true, memory_order_release);
    change(&workers->summons);
    for (int32_t worker = 1; worker < workers->count; worker++)
        pthread_join(workers->threads[worker], NULL);
    workers->count = 1;
}
