// A fixed pool of threads that run one body together, step by step, with a barrier between steps.
//
// Waiting spins briefly, since the next step is microseconds away, and then sleeps in the kernel. Nothing is allocated: the pool lives in
// memory of the caller's.
#ifndef TEXTPIN_WORKERS_H
#define TEXTPIN_WORKERS_H

#include <stdint.h>

#define TEXTPIN_WORKERS_MAXIMUM 8
/// Enough for a pool on every supported system; its memory must be aligned to 64 bytes.
#define TEXTPIN_WORKERS_BYTES 1024

struct textpin_workers;

typedef void (*textpin_worker_body)(void *context, int32_t worker, int32_t count);

/// Starts `count` - 1 threads (1...TEXTPIN_WORKERS_MAXIMUM workers; the caller of `run` is worker 0) in `memory`.
/// Returns 0, or the errno of the thread that could not be started, and then nothing runs.
int32_t textpin_workers_start(void *memory, int32_t count);

/// Runs `body` on all workers at once and returns when all have returned. One caller at a time.
void textpin_workers_run(struct textpin_workers *workers, textpin_worker_body body, void *context);

/// To be called by every worker inside a body: returns when all have called it. What was written before is seen after.
void textpin_workers_meet(struct textpin_workers *workers);

/// Ends and joins the threads.
void textpin_workers_stop(struct textpin_workers *workers);

#endif
