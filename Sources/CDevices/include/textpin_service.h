// What a program that runs for months needs of the system: signals, a service manager, waiting, and a guard against its own standstill.
#ifndef TEXTPIN_SERVICE_H
#define TEXTPIN_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// From now on SIGTERM, SIGINT and SIGHUP come to a descriptor in place of interrupting, and SIGPIPE not at all. To be called before threads are
/// started. Returns the descriptor, or -1.
int32_t textpin_signals_open(void);

enum textpin_signal {
    TEXTPIN_SIGNAL_NONE = 0,
    /// SIGTERM or SIGINT.
    TEXTPIN_SIGNAL_END = 1,
    /// SIGHUP.
    TEXTPIN_SIGNAL_RELOAD = 2,
};
/// The next signal that has come, an enum textpin_signal.
int32_t textpin_signals_take(int32_t descriptor);

/// Waits until one of up to 32 descriptors can be read or `nanoseconds` have passed. Returns bits, the first descriptor's lowest; also for a
/// descriptor with an error, whose reader then finds it. Descriptors of -1 are passed over.
uint32_t textpin_wait(const int32_t *descriptors, int32_t count, int64_t nanoseconds);

/// Tells the service manager (systemd's sd_notify protocol), if there is one: "READY=1", "STATUS=…", "WATCHDOG=1".
void textpin_notify(const char *state, size_t count);
/// Within how many nanoseconds the service manager wants to hear WATCHDOG=1; 0 if it does not.
int64_t textpin_watchdog_nanoseconds(void);

/// A thread that acts when another one stands still: in a driver's call that does not return, or in a loop that does not end.
struct textpin_guard;
/// Enough on every supported system; aligned to 64 bytes.
#define TEXTPIN_GUARD_BYTES 256

/// Starts a guard in `memory`: whenever `textpin_guard_progress` was not called for `limit` nanoseconds, it calls `act` once, holding the guard's
/// lock. Returns 0 or an errno.
int32_t textpin_guard_start(void *memory, int64_t limit, void (*act)(void *context), void *context);
/// To be called by the guarded thread more often than the limit. Returns how often the guard has acted so far.
uint32_t textpin_guard_progress(struct textpin_guard *guard);
/// Makes the guard at least so patient, in nanoseconds.
void textpin_guard_extend(struct textpin_guard *guard, int64_t limit);
/// What `act` changes, others change between these.
void textpin_guard_lock(struct textpin_guard *guard);
void textpin_guard_unlock(struct textpin_guard *guard);
/// Ends and joins the thread.
void textpin_guard_stop(struct textpin_guard *guard);

#endif
