#include "textpin_clock.h"
#include "textpin_service.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

struct textpin_guard {
    // When progress was last made, monotonic nanoseconds.
    _Atomic int64_t progress;
    _Atomic uint32_t actions;
    _Atomic int64_t limit;
    void (*act)(void *context);
    void *context;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_mutex_t ending;
    pthread_cond_t ended;
    bool is_ending;
};

_Static_assert(sizeof(struct textpin_guard) <= TEXTPIN_GUARD_BYTES, "a guard fits the memory that its owner keeps for it");

static void *watch(void *argument)
{
    struct textpin_guard *guard = argument;
    int64_t acted_at = -1;
    pthread_mutex_lock(&guard->ending);
    while (!guard->is_ending) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        int64_t wake = (int64_t)until.tv_sec * 1000000000 + until.tv_nsec + atomic_load(&guard->limit) / 8;
        until.tv_sec = wake / 1000000000;
        until.tv_nsec = wake % 1000000000;
        pthread_cond_timedwait(&guard->ended, &guard->ending, &until);
        int64_t progress = atomic_load(&guard->progress);
        if (guard->is_ending || progress == acted_at || textpin_monotonic_nanoseconds() - progress < atomic_load(&guard->limit))
            continue;
        pthread_mutex_lock(&guard->lock);
        guard->act(guard->context);
        atomic_fetch_add(&guard->actions, 1);
        pthread_mutex_unlock(&guard->lock);
        acted_at = progress;
    }
    pthread_mutex_unlock(&guard->ending);
    return NULL;
}

int32_t textpin_guard_start(void *memory, int64_t limit, void (*act)(void *context), void *context)
{
    assert(((uintptr_t)memory & 63) == 0 && limit > 0);
    struct textpin_guard *guard = memory;
    memset(guard, 0, sizeof *guard);
    atomic_store(&guard->limit, limit);
    guard->act = act;
    guard->context = context;
    atomic_store(&guard->progress, textpin_monotonic_nanoseconds());
    pthread_mutex_init(&guard->lock, NULL);
    pthread_mutex_init(&guard->ending, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&guard->ended, &clock);
    return pthread_create(&guard->thread, NULL, watch, guard);
}

uint32_t textpin_guard_progress(struct textpin_guard *guard)
{
    atomic_store(&guard->progress, textpin_monotonic_nanoseconds());
    return atomic_load(&guard->actions);
}

void textpin_guard_extend(struct textpin_guard *guard, int64_t limit)
{
    // One thread extends it, so nothing comes between.
    if (limit > atomic_load(&guard->limit))
        atomic_store(&guard->limit, limit);
}

void textpin_guard_lock(struct textpin_guard *guard)
{
    pthread_mutex_lock(&guard->lock);
}

void textpin_guard_unlock(struct textpin_guard *guard)
{
    pthread_mutex_unlock(&guard->lock);
}

void textpin_guard_stop(struct textpin_guard *guard)
{
    pthread_mutex_lock(&guard->ending);
    guard->is_ending = true;
    pthread_cond_signal(&guard->ended);
    pthread_mutex_unlock(&guard->ending);
    pthread_join(guard->thread, NULL);
}
